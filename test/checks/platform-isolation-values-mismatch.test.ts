import check from '../../src/checks/platform-isolation-values-mismatch.ts';
import { helmReleaseSecret, type RawObject } from '../fixtures/crewai.ts';
import { describeCheck } from '../support/check-table.ts';
import { put } from '../support/scenario.ts';

const release = (rbac: unknown, more: { revision?: number; status?: string } = {}): RawObject =>
  helmReleaseSecret('crewai', 'crewai', { values: { rbac }, ...more });
const withRelease =
  (...releases: RawObject[]) =>
  (objects: readonly RawObject[]): readonly RawObject[] =>
    put(objects, ...releases);
const binding =
  '{apiVersion: rbac.authorization.k8s.io/v1, kind: RoleBinding, metadata: {name: any, namespace: crewai-org-1}, roleRef: {kind: ClusterRole, name: edit}, subjects: [{kind: ServiceAccount, name: crewai-sa, namespace: crewai}]}';
const admin =
  '{apiVersion: rbac.authorization.k8s.io/v1, kind: ClusterRoleBinding, metadata: {name: own}, roleRef: {kind: ClusterRole, name: edit}, subjects: [{kind: ServiceAccount, name: crewai-sa, namespace: crewai}]}';
const object = 'ClusterRoleBinding/crewai-namespace-isolation';
const auto = { mode: 'auto' } as const;

describeCheck(check, {
  passes: {
    'manual mode': {},
    'automatic mode that the release asks for': { base: auto },
    'the user wants automatic mode': {
      base: auto,
      settings: { mode: 'auto' },
      change: withRelease(release({ create: true })),
    },
    'a failed upgrade that would not ask': {
      base: auto,
      change: withRelease(release({ create: false }, { revision: 2, status: 'failed' })),
    },
    'a ClusterRoleBinding for somebody else': { with: admin.replace('name: crewai-sa', 'name: other') },
  },
  fails: {
    'the values do not ask': {
      base: auto,
      change: withRelease(release({ create: true, namespaceIsolation: false })),
      findings: [{ object, severity: 'high', confidence: 'certain' }],
    },
    'the values ask, but create nothing': {
      base: auto,
      change: withRelease(release({ create: false, namespaceIsolation: true })),
      findings: [{ object, severity: 'high' }],
    },
    'the newest deployed revision no longer asks': {
      base: auto,
      change: withRelease(
        release({ create: true, namespaceIsolation: true }, { status: 'superseded' }),
        release({ create: true, namespaceIsolation: false }, { revision: 10 }),
        release({ create: true, namespaceIsolation: true }, { revision: 9 }),
      ),
      findings: [{ object, severity: 'high' }],
    },
    'rights of somebody’s own making': {
      with: admin,
      findings: [{ object: 'ClusterRoleBinding/own', severity: 'info' }],
    },
    'both modes at once': { base: auto, with: binding, findings: [{ object, severity: 'low' }] },
  },
  notEvaluated: {
    'a newer revision that cannot be read': {
      base: auto,
      change: withRelease(release({ create: true, namespaceIsolation: false }), {
        ...release({}, { revision: 2 }),
        data: { release: 'Z2FyYmFnZQ==' },
      }),
    },
    'releases refused': { base: auto, faults: [{ resource: 'helm-releases', namespace: 'crewai' }] },
    'ClusterRoleBindings refused': { faults: [{ resource: 'clusterrolebindings.rbac.authorization.k8s.io' }] },
    'Deployments refused': {
      settings: { platformNamespace: 'crewai' },
      faults: [{ resource: 'deployments.apps', namespace: 'crewai' }],
    },
  },
});
