import { readFileSync } from 'node:fs';
import { CHECKS } from '../../src/checks/index.ts';
import type { Settings } from '../../src/model/platform.ts';
import { brokenPlatform } from '../fixtures/broken.ts';
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
  'Flux, healthy': { objects: fluxPlatform() },
  'Flux without lockdown': { objects: fluxPlatform({ lockdown: false, tenants: { dev: ['one', 'two'] } }) },
  'Flux beside CrewAI Platform': { objects: put(crewaiPlatform(), ...fluxPlatform()) },
  'one of two installations': { objects: twoInstallations(), settings: { platformNamespace: 'crewai' } },
};

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
