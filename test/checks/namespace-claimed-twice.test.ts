import check from '../../src/checks/namespace-claimed-twice.ts';
import { crewaiPlatform, type CrewaiOptions, type RawObject } from '../fixtures/crewai.ts';
import { describeCheck } from '../support/check-table.ts';
import { keyOf, type Scenario } from '../support/scenario.ts';

/** A second installation beside the base one; its namespaces may be the same. */
const beside =
  (
    options: CrewaiOptions,
    edit: (object: RawObject) => RawObject = (object) => object,
  ): NonNullable<Scenario['change']> =>
  (objects) => {
    const added = crewaiPlatform({ orgs: [], release: 'second', platformNamespace: 'second', ...options }).map(edit);
    return [...new Map([...added, ...objects].map((object) => [keyOf(object), object])).values()];
  };
const first = { platformNamespace: 'crewai' } as const;
const web = (more: string, image = 'registry.corp/crewai-platform:1'): string =>
  `{apiVersion: apps/v1, kind: Deployment, metadata: {name: x-web, namespace: second}, spec: {replicas: 1, template: {spec: {containers: [{name: web, image: "${image}", ${more}}]}}}}`;
const configMap =
  '{apiVersion: v1, kind: ConfigMap, metadata: {name: settings, namespace: second}, data: {K8S_NAMESPACE: crewai-org-2}}';
const fromConfigMap = web('envFrom: [{configMapRef: {name: settings}}]');

describeCheck(check, {
  passes: {
    'one installation': {},
    'two, each with its own namespaces': { change: beside({ sharedNamespace: 'crewai-dev' }), settings: first },
    'names that only look like it': { change: beside({ sharedNamespace: 'crewai-organic-1' }), settings: first },
    'web and worker of another chart': { with: web('env: []', 'registry.corp/shop:1') },
    'another one that is scaled to nothing': {
      settings: first,
      change: beside({ sharedNamespace: 'crewai' }, (object) =>
        object.kind === 'Deployment' ? { ...object, spec: { ...(object.spec as object), replicas: 0 } } : object,
      ),
    },
  },
  fails: {
    'two releases with one shared namespace': {
      change: beside({ sharedNamespace: 'crewai' }),
      settings: first,
      findings: [{ object: 'Namespace/crewai', severity: 'high', confidence: 'certain' }],
    },
    'two releases in one namespace': {
      change: beside({ platformNamespace: 'crewai', sharedNamespace: 'crewai' }),
      settings: { release: 'crewai' },
      findings: [{ object: 'Namespace/crewai' }],
    },
    "another's shared namespace is an organization's here": {
      change: beside({ sharedNamespace: 'crewai-org-2' }),
      settings: first,
      findings: [{ object: 'Namespace/crewai-org-2', confidence: 'certain' }],
    },
    "the shared namespace here is an organization's there": {
      base: { sharedNamespace: 'crewai-org-4', platformNamespace: 'crewai' },
      change: beside({ sharedNamespace: 'crewai' }),
      settings: first,
      findings: [{ object: 'Namespace/crewai-org-4' }],
    },
    'by a ConfigMap, in an image that says what it is': {
      with: `${fromConfigMap}\n---\n${configMap}`,
      settings: first,
      findings: [{ object: 'Namespace/crewai-org-2' }],
    },
    'an image that does not say what it is': {
      with: web('env: [{name: K8S_NAMESPACE, value: crewai}]', 'registry.corp/a:1'),
      settings: first,
      findings: [{ object: 'Namespace/crewai', confidence: 'likely' }],
    },
    'three of them': {
      change: (objects) =>
        beside({ sharedNamespace: 'crewai', platformNamespace: 'third' })(
          beside({ sharedNamespace: 'crewai' })(objects),
        ),
      settings: first,
      findings: [{ object: 'Namespace/crewai' }, { object: 'Namespace/crewai' }],
    },
  },
  notEvaluated: {
    'Deployments refused elsewhere': { faults: [{ resource: 'deployments.apps', namespace: 'second' }] },
    "the other's ConfigMap refused": {
      with: fromConfigMap,
      settings: first,
      faults: [{ resource: 'configmaps', namespace: 'second' }],
    },
    "the other's variable is in a Secret": {
      with: web('env: [{name: K8S_NAMESPACE, valueFrom: {secretKeyRef: {name: s, key: k}}}]'),
      settings: first,
    },
  },
});
