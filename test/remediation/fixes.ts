import { astronomerPlatform } from '../fixtures/astronomer.ts';
import type { RawObject } from '../fixtures/crewai.ts';
import { crewObjects, registrySecret, serviceAccount, tenantBinding } from '../fixtures/crewai.ts';
import { put } from '../support/scenario.ts';
import { objectsOf, type Scenario } from '../support/scenario.ts';
import type { Served } from './served-fix.ts';

/** One kind of fix: what it repairs and how many writes it takes. */
export interface FixCase {
  readonly name: string;
  readonly checks: readonly string[];
  readonly served: Served;
  readonly class: 'safe' | 'review' | 'destructive';
  readonly writes: number;
  /** Changes what the fix rests on, between plan and apply. */
  readonly disturb: (objects: readonly RawObject[]) => RawObject;
  readonly soakMs?: number;
}

const NS = 'crewai-org-2';
const SECRET = 'docker-registry';

const serve = (scenario: Scenario): Served => ({
  objects: objectsOf(scenario),
  ...(scenario.settings ? { settings: scenario.settings } : {}),
});

export function objectIn(
  objects: readonly RawObject[],
  kind: string,
  namespace: string | undefined,
  name: string,
): RawObject {
  const found = objects.find(
    (object) => object.kind === kind && object.metadata.namespace === namespace && object.metadata.name === name,
  );
  if (!found) throw new Error(`there is no ${kind} ${namespace ?? ''}/${name}`);
  return found;
}

const touched = (object: RawObject): RawObject => ({
  ...object,
  metadata: { ...object.metadata, resourceVersion: '777', labels: { ...object.metadata.labels, touched: 'yes' } },
});

const OLD = registrySecret(NS, { password: 'example-former-password' });
const marked = (metadata: Record<string, unknown>): RawObject => {
  const secret = registrySecret(NS);
  return { ...secret, metadata: { ...secret.metadata, ...metadata } };
};

const withoutPullSecret = (object: RawObject): RawObject => {
  if (object.kind !== 'Deployment' && object.kind !== 'ReplicaSet' && object.kind !== 'Pod') return object;
  if (object.metadata.namespace !== NS) return object;
  const text = JSON.stringify(object).replaceAll('"imagePullSecrets":[{"name":"docker-registry"}],', '');
  return JSON.parse(text) as RawObject;
};
/** Only Deployments are left, whose pods nobody has made yet. */
const unused = (objects: readonly RawObject[]): readonly RawObject[] =>
  objects
    .map(withoutPullSecret)
    .filter(({ kind, metadata }) => metadata.namespace !== NS || (kind !== 'Pod' && kind !== 'ReplicaSet'));

const ORPHAN = 'org-2-crew-1-sales-web';

const orphans = (objects: readonly RawObject[]): readonly RawObject[] =>
  put(
    objects,
    ...crewObjects(2, 'crewai', { crewsPerOrg: 1, controllers: false }).filter(({ metadata }) =>
      metadata.name.startsWith(ORPHAN),
    ),
  );
const stoppedOrphan = (objects: readonly RawObject[]): readonly RawObject[] =>
  orphans(objects)
    .filter(
      ({ kind, metadata }) => metadata.namespace !== 'crewai' || kind !== 'Pod' || !metadata.name.startsWith('org-2-'),
    )
    .map((object) => {
      if (object.kind !== 'Deployment' || object.metadata.namespace !== 'crewai') return object;
      if (!object.metadata.name.startsWith('org-2-')) return object;
      const { spec } = object as RawObject & { spec: object };
      const annotations = { 'crewiso.dev/scaled-at': '2026-11-18T10:00:00Z', 'crewiso.dev/replicas-before': '1' };
      return {
        ...object,
        metadata: { ...object.metadata, annotations },
        spec: { ...spec, replicas: 0 },
        status: { observedGeneration: 1 },
      };
    });
const on = { isolation: 'on' } as const;

export const FIXES: readonly FixCase[] = [
  {
    name: 'a missing RoleBinding',
    checks: ['rbac-access-missing'],
    served: serve({ without: [`RoleBinding/${NS}/crewai-sa-edit`] }),
    class: 'safe',
    writes: 1,
    disturb: () => ({ ...tenantBinding(NS, { account: 'someone', platformNamespace: 'crewai' }) }),
  },
  {
    name: 'a RoleBinding for an account of another namespace',
    checks: ['rbac-binding-subject-wrong'],
    served: serve({
      change: (objects) => put(objects, tenantBinding(NS, { account: 'crewai-sa', platformNamespace: NS })),
    }),
    class: 'safe',
    writes: 1,
    disturb: () => {
      const binding = tenantBinding(NS, { account: 'someone', platformNamespace: 'crewai' });
      return { ...binding, metadata: { ...binding.metadata, name: 'crewai-sa-edit-2' } };
    },
  },
  {
    name: 'a missing registry secret',
    checks: ['registry-secret-missing'],
    served: serve({ without: [`Secret/${NS}/${SECRET}`] }),
    class: 'safe',
    writes: 1,
    disturb: () => registrySecret('crewai', { password: 'example-rotated-password' }),
  },
  {
    name: 'a stale registry secret',
    checks: ['registry-secret-stale'],
    served: serve({ change: (objects) => put(objects, OLD) }),
    class: 'review',
    writes: 2,
    disturb: () => touched(OLD),
  },
  {
    name: 'a registry secret without entries',
    checks: ['registry-secret-malformed'],
    served: serve({ change: (objects) => put(objects, registrySecret(NS, { content: '{"auths":{}}' })) }),
    class: 'review',
    writes: 2,
    disturb: () => touched(registrySecret(NS, { content: '{"auths":{}}' })),
  },
  {
    name: 'a registry secret that no account names',
    checks: ['registry-secret-unused'],
    served: serve({ change: unused }),
    class: 'review',
    writes: 1,
    disturb: () => touched(serviceAccount(NS, 'default')),
  },
  {
    name: 'a copy with the owner of its source',
    checks: ['registry-copy-metadata-foreign'],
    served: serve({
      change: (objects) => {
        const owner = [
          { apiVersion: 'external-secrets.io/v1', kind: 'ExternalSecret', name: 'registry', uid: 'uid-es' },
        ];
        const source = registrySecret('crewai');
        return put(
          objects,
          { ...source, metadata: { ...source.metadata, ownerReferences: owner } },
          marked({ ownerReferences: owner }),
        );
      },
    }),
    class: 'review',
    writes: 1,
    disturb: (objects) => touched(objectIn(objects, 'Secret', NS, SECRET)),
  },
  {
    name: 'a copy with the marks of a release that is not there',
    checks: ['registry-copy-metadata-foreign'],
    served: serve({
      change: (objects) =>
        put(
          objects,
          marked({
            labels: { 'app.kubernetes.io/managed-by': 'Helm' },
            annotations: { 'meta.helm.sh/release-name': 'crewai', 'meta.helm.sh/release-namespace': NS },
          }),
        ),
    }),
    class: 'review',
    writes: 1,
    disturb: (objects) => touched(objectIn(objects, 'Secret', NS, SECRET)),
  },
  {
    name: 'a missing namespace',
    checks: ['namespace-missing'],
    served: serve({
      settings: { orgs: ['1', '2', '42'], ...on },
      change: (objects) =>
        objects.map((object) =>
          object.kind === 'Namespace' && object.metadata.name.startsWith('crewai-org-')
            ? {
                ...object,
                metadata: {
                  ...object.metadata,
                  labels: { ...object.metadata.labels, 'pod-security.kubernetes.io/enforce': 'baseline' },
                },
              }
            : object,
        ),
    }),
    class: 'review',
    writes: 3,
    disturb: () => registrySecret('crewai', { password: 'example-rotated-password' }),
  },
  {
    name: 'a wrong label',
    checks: ['workload-namespace-mismatch'],
    served: serve({
      change: (objects) => {
        const deployment = objectIn(objects, 'Deployment', NS, ORPHAN);
        return put(objects, {
          ...deployment,
          metadata: { ...deployment.metadata, labels: { ...deployment.metadata.labels, 'org-id': 'org-1' } },
        });
      },
    }),
    class: 'review',
    writes: 1,
    disturb: (objects) => {
      const deployment = objectIn(objects, 'Deployment', NS, ORPHAN);
      return { ...deployment, metadata: { ...deployment.metadata, labels: { 'org-id': 'org-3' } } };
    },
  },
  {
    name: 'crews that still run in the shared namespace',
    checks: ['workload-orphaned'],
    served: serve({ settings: on, change: orphans }),
    class: 'review',
    writes: 1,
    disturb: (objects) => {
      const deployment = objectIn(objects, 'Deployment', 'crewai', ORPHAN) as RawObject & { spec: object };
      return { ...deployment, spec: { ...deployment.spec, replicas: 5 } };
    },
  },
  {
    name: 'crews that were stopped in the shared namespace two days ago',
    checks: ['workload-orphaned'],
    served: serve({ settings: on, change: stoppedOrphan }),
    class: 'destructive',
    writes: 2,
    // Somebody lets it run again.
    disturb: (objects) => {
      const deployment = objectIn(objects, 'Deployment', 'crewai', ORPHAN) as RawObject & { spec: object };
      return { ...deployment, spec: { ...deployment.spec, replicas: 2 } };
    },
  },
  {
    name: 'a Role of Commander that an older version of Astronomer Software was content with',
    checks: ['astronomer-role-outdated'],
    served: {
      objects: put(
        astronomerPlatform({ version: '0.37.1', pool: ['airflow-one'] }),
        ...astronomerPlatform({ pool: ['airflow-one'] }).filter(({ kind }) => kind === 'Role'),
      ),
    },
    class: 'review',
    writes: 2,
    disturb: () => ({
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'Role',
      metadata: { name: 'astronomer-commander-0.37.1', namespace: 'airflow-one' },
      rules: [],
    }),
  },
  {
    name: "a missing namespace of Astronomer Software's pool",
    checks: ['astronomer-pool-namespace-missing'],
    served: serve({
      base: astronomerPlatform(),
      without: [
        'Namespace/airflow-two',
        'Role/airflow-two*',
        'RoleBinding/airflow-two*',
        'ServiceAccount/airflow-two*',
      ],
    }),
    class: 'review',
    writes: 3,
    disturb: () => ({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'airflow-two' } }),
  },
];
