import { readFileSync } from 'node:fs';
import { CHECKS } from '../../src/checks/index.ts';
import type { Settings } from '../../src/model/platform.ts';
import { astronomerPlatform } from '../fixtures/astronomer.ts';
import { brokenPlatform } from '../fixtures/broken.ts';
import { coreweaveNamespaces } from '../fixtures/coreweave.ts';
import { opencranePlatform } from '../fixtures/opencrane.ts';
import { crewaiPlatform, registrySecret, type RawObject } from '../fixtures/crewai.ts';
import { fluxPlatform } from '../fixtures/flux.ts';
import { examplesOf } from './page-examples.ts';
import { objectsOf, parseObjects, put } from './scenario.ts';

/** What is in one cluster, and what the user says about it. */
export interface State {
  readonly objects: readonly RawObject[];
  readonly settings?: Settings;
}

/** Every whole platform that the tests know. */
export const PLATFORMS: Readonly<Record<string, State>> = {
  'healthy, manual mode': { objects: crewaiPlatform() },
  'healthy, automatic mode': { objects: crewaiPlatform({ mode: 'auto' }) },
  'healthy, isolation off': { objects: crewaiPlatform({ isolation: 'off' }) },
  'healthy, crews in another namespace than the platform': {
    objects: crewaiPlatform({ sharedNamespace: 'crews', platformNamespace: 'crewai-system' }),
  },
  'healthy, no organization': { objects: crewaiPlatform({ orgs: [] }) },
  broken: { objects: brokenPlatform() },
  'broken, one organization': { objects: brokenPlatform(), settings: { orgs: ['4'] } },
  'broken, one namespace': { objects: brokenPlatform(), settings: { namespaces: ['crewai-org-12'] } },
  'in a cluster with others': { objects: amongOthers() },
  'OpenCrane, healthy': { objects: opencranePlatform() },
  'OpenCrane, one customer': { objects: opencranePlatform(), settings: { orgs: ['acme'] } },
  'OpenCrane, whose CRDs serve another version': { objects: inVersion('v1beta1', opencranePlatform()) },
  'OpenCrane without the CRDs of ClusterTenants': { objects: beforeClusterTenants() },
  'OpenCrane beside CrewAI Platform': { objects: [...put(crewaiPlatform(), ...opencranePlatform())] },
  'Flux, healthy': { objects: fluxPlatform() },
  'Flux without lockdown': { objects: fluxPlatform({ lockdown: false, tenants: { dev: ['one', 'two'] } }) },
  'Flux, one tenant': { objects: fluxPlatform(), settings: { namespaces: ['backend'] } },
  'Flux beside CrewAI Platform': { objects: put(crewaiPlatform(), ...fluxPlatform()) },
  'Astronomer Software, healthy': { objects: astronomerPlatform() },
  'Astronomer Software 1.0, whose list Commander has': {
    objects: astronomerPlatform({ version: '1.0.0', houston: false, by: 'chart' }),
  },
  'Astronomer Software beside Flux': { objects: put(fluxPlatform(), ...astronomerPlatform()) },
  'CoreWeave Classic, healthy': { objects: coreweaveNamespaces(), settings: { handle: 'acme' } },
  'CoreWeave Classic with CrewAI Platform in it': {
    objects: put(
      crewaiPlatform({ sharedNamespace: 'tenant-acme-dev', platformNamespace: 'tenant-acme-dev' }),
      ...coreweaveNamespaces(),
    ),
    settings: { handle: 'acme' },
  },
  'one of two installations': { objects: twoInstallations(), settings: { platformNamespace: 'crewai' } },
};

function inVersion(version: string, objects: readonly RawObject[]): RawObject[] {
  return JSON.parse(JSON.stringify(objects).replaceAll('v1alpha1', version)) as RawObject[];
}

/** As in 0.2 and 0.3. */
function beforeClusterTenants(): RawObject[] {
  return opencranePlatform({ tenants: [] }).filter(({ metadata }) => metadata.name !== 'clustertenants.opencrane.io');
}

/** Every example of every page. */
export const EXAMPLES: Readonly<Record<string, State>> = Object.fromEntries(
  CHECKS.flatMap(({ id }) =>
    examplesOf(id).map(({ kind, scenario }, index) => [
      `${id}, example ${String(index + 1)}, which ${kind}`,
      { objects: objectsOf(scenario), ...(scenario.settings && { settings: scenario.settings }) },
    ]),
  ),
);

/**
 * A platform that takes its settings from a ConfigMap, among strangers: what is theirs proves nothing, what they say
 * about the platform does, and some of it looks like the platform's own.
 */
function amongOthers(): RawObject[] {
  const broken = registrySecret('crewai-org-2', { type: 'Opaque', content: '{"auths":' });
  const own = crewaiPlatform({ sharedNamespace: 'crews', platformNamespace: 'crewai' })
    .filter(({ kind, metadata }) => kind !== 'Secret' || metadata.namespace !== 'crews-org-2')
    .map((object) => (object.metadata.namespace === 'crewai' ? fromConfigMap(object) : object));
  return [
    ...own,
    { ...broken, metadata: { ...broken.metadata, namespace: 'crews-org-2' } },
    ...parseObjects(readFileSync(new URL('../fixtures/neighbours.yaml', import.meta.url), 'utf8')),
  ];
}

function fromConfigMap(object: RawObject): RawObject {
  const text = JSON.stringify(object).replaceAll(
    '"env":[{"name":"K8S_NAMESPACE","value":"crews"}]',
    '"envFrom":[{"configMapRef":{"name":"crewai-env"}}]',
  );
  return JSON.parse(text) as RawObject;
}

function twoInstallations(): RawObject[] {
  const second = crewaiPlatform({ release: 'staging', platformNamespace: 'staging', sharedNamespace: 'staging' });
  const known = new Set(crewaiPlatform().map(({ kind, metadata }) => `${String(kind)}/${metadata.name}`));
  const added = second.filter(
    ({ kind, metadata }) => metadata.namespace !== undefined || !known.has(`${String(kind)}/${metadata.name}`),
  );
  return [...crewaiPlatform({ mode: 'auto' }), ...added];
}
