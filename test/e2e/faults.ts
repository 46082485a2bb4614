import {
  CREW_IMAGE,
  crewObjects,
  helmReleaseSecret,
  registrySecret,
  type CrewaiOptions,
  type RawObject,
} from '../fixtures/crewai.ts';
import { createClient, type ApiClient } from './api-client.ts';
import { waitFor } from './control-plane.ts';
import { accessForServiceAccount, createEvent, podStatus, setLog, setPodStatus } from './harness.ts';
import { NODE } from './kubelet.ts';

/** What breaks one organization before it is installed, and what must be found. */
export interface TenantFault {
  readonly name: string;
  readonly org: number;
  readonly change: (objects: RawObject[]) => RawObject[];
  /** What happens once it runs. */
  readonly apply?: (client: ApiClient) => Promise<void>;
  /** `check Kind/namespace/name`. */
  readonly findings: readonly string[];
}

const ns = (org: number): string => `crewai-org-${String(org)}`;
const is = (object: RawObject, kind: string, org: number, name?: string): boolean =>
  object.kind === kind &&
  object.metadata.namespace === ns(org) &&
  (name === undefined || object.metadata.name === name);
const without =
  (kind: string, org: number, name: string) =>
  (objects: RawObject[]): RawObject[] =>
    objects.filter((object) => !is(object, kind, org, name));
const replaced =
  (kind: string, org: number, name: string, change: (object: RawObject) => RawObject) =>
  (objects: RawObject[]): RawObject[] =>
    objects.map((object) => (is(object, kind, org, name) ? change(object) : object));

const web = (org: number): string => `org-${String(org)}-crew-1-sales-web`;
const SECRET = 'docker-registry';
const BINDING = 'crewai-sa-edit';

const binding = (org: number, roleRef: object, subject: object): RawObject => ({
  apiVersion: 'rbac.authorization.k8s.io/v1',
  kind: 'RoleBinding',
  metadata: { name: BINDING, namespace: ns(org) },
  roleRef: { apiGroup: 'rbac.authorization.k8s.io', ...roleRef },
  subjects: [subject],
});
const ACCOUNT = { kind: 'ServiceAccount', name: 'crewai-sa', namespace: 'crewai' };
const EDIT = { kind: 'ClusterRole', name: 'edit' };

const groupOf = (org: number): object => ({
  apiGroup: 'rbac.authorization.k8s.io',
  kind: 'Group',
  name: `system:serviceaccounts:${ns(org)}`,
});
const WIDE = 'dev-admins';

const EXPIRED = `x.${Buffer.from(JSON.stringify({ exp: 1_700_000_000 })).toString('base64url')}.x`;

interface Template {
  readonly spec: { readonly template: { readonly spec: Record<string, unknown>; readonly metadata: object } };
}

/** A Deployment with other fields in its pod spec. */
function podSpec(object: RawObject, change: (spec: Record<string, unknown>) => Record<string, unknown>): RawObject {
  const { spec } = object as unknown as Template;
  return { ...object, spec: { ...spec, template: { ...spec.template, spec: change(spec.template.spec) } } };
}

/** One organization each, so that one run of doctor shows all of them at once and none hides another. */
export const TENANT_FAULTS: readonly TenantFault[] = [
  {
    name: 'no RoleBinding',
    org: 1,
    change: without('RoleBinding', 1, BINDING),
    findings: [`rbac-access-missing RoleBinding/${ns(1)}/${BINDING}`],
  },
  {
    name: 'a Role that forgets Deployments',
    org: 2,
    change: (objects) => [
      ...without('RoleBinding', 2, BINDING)(objects),
      {
        apiVersion: 'rbac.authorization.k8s.io/v1',
        kind: 'Role',
        metadata: { name: 'crews', namespace: ns(2) },
        rules: [{ apiGroups: [''], resources: ['pods', 'secrets', 'services', 'configmaps'], verbs: ['*'] }],
      },
      binding(2, { kind: 'Role', name: 'crews' }, ACCOUNT),
    ],
    findings: [`rbac-access-partial RoleBinding/${ns(2)}/crewai-platform-missing`],
  },
  {
    name: 'a binding to a role that does not exist',
    org: 3,
    change: replaced('RoleBinding', 3, BINDING, () =>
      binding(3, { kind: 'ClusterRole', name: 'no-such-role' }, ACCOUNT),
    ),
    findings: [
      `rbac-binding-role-missing RoleBinding/${ns(3)}/${BINDING}`,
      `rbac-access-missing RoleBinding/${ns(3)}/${BINDING}-2`,
    ],
  },
  {
    name: 'a binding for an account of another namespace',
    org: 4,
    change: replaced('RoleBinding', 4, BINDING, () => binding(4, EDIT, { ...ACCOUNT, namespace: ns(4) })),
    findings: [
      `rbac-binding-subject-wrong RoleBinding/${ns(4)}/${BINDING}`,
      `rbac-access-missing RoleBinding/${ns(4)}/${BINDING}-2`,
    ],
  },
  {
    name: 'no registry secret',
    org: 5,
    change: without('Secret', 5, SECRET),
    findings: [
      `registry-secret-missing Secret/${ns(5)}/${SECRET}`,
      `secret-reference-missing Secret/${ns(5)}/${SECRET}`,
    ],
  },
  {
    name: 'an Opaque registry secret',
    org: 6,
    change: replaced('Secret', 6, SECRET, () => registrySecret(ns(6), { type: 'Opaque' })),
    findings: [`registry-secret-type-wrong Secret/${ns(6)}/${SECRET}`],
  },
  {
    name: 'a registry secret without entries',
    org: 7,
    change: replaced('Secret', 7, SECRET, () => registrySecret(ns(7), { content: '{"auths":{}}' })),
    findings: [`registry-secret-malformed Secret/${ns(7)}/${SECRET}`],
  },
  {
    name: 'a copy with the old password',
    org: 8,
    change: replaced('Secret', 8, SECRET, () => registrySecret(ns(8), { password: 'example-former-password' })),
    findings: [`registry-secret-stale Secret/${ns(8)}/${SECRET}`],
  },
  {
    name: 'an image of a host that no entry covers',
    org: 9,
    change: replaced('Deployment', 9, web(9), (object) =>
      podSpec(object, (spec) => ({
        ...spec,
        containers: [{ name: 'main', image: 'registry.example.net/team/crew:1' }],
      })),
    ),
    apply: (client) => failPulls(client, 9, 'registry.example.net/team/crew:1', 'pull access denied'),
    findings: [
      `registry-host-uncovered Deployment/${ns(9)}/${web(9)}`,
      `image-pull-failing Deployment/${ns(9)}/${web(9)}`,
      `workload-not-progressing Deployment/${ns(9)}/${web(9)}`,
    ],
  },
  {
    name: 'a token that has expired',
    org: 10,
    change: replaced('Secret', 10, SECRET, () => registrySecret(ns(10), { password: EXPIRED })),
    findings: [`registry-token-expired Secret/${ns(10)}/${SECRET}`, `registry-secret-stale Secret/${ns(10)}/${SECRET}`],
  },
  {
    name: 'a pod that does not name the secret',
    org: 11,
    change: replaced('Deployment', 11, web(11), (object) =>
      podSpec(object, (spec) => ({ ...spec, imagePullSecrets: undefined })),
    ),
    apply: (client) => failPulls(client, 11, CREW_IMAGE, 'no basic auth credentials'),
    findings: [
      `registry-secret-unused Deployment/${ns(11)}/${web(11)}`,
      `image-pull-failing Deployment/${ns(11)}/${web(11)}`,
      `workload-not-progressing Deployment/${ns(11)}/${web(11)}`,
    ],
  },
  {
    name: 'a copy with the marks of a Helm release that is not there',
    org: 12,
    change: replaced('Secret', 12, SECRET, (object) => ({
      ...object,
      metadata: {
        ...object.metadata,
        labels: { 'app.kubernetes.io/managed-by': 'Helm' },
        annotations: { 'meta.helm.sh/release-name': 'crewai', 'meta.helm.sh/release-namespace': ns(12) },
      },
    })),
    findings: [`registry-copy-metadata-foreign Secret/${ns(12)}/${SECRET}`],
  },
  {
    name: 'a volume from a Secret that is not there',
    org: 13,
    change: replaced('Deployment', 13, web(13), (object) =>
      podSpec(object, (spec) => ({ ...spec, volumes: [{ name: 'v', secret: { secretName: 'not-there' } }] })),
    ),
    findings: [`secret-reference-missing Secret/${ns(13)}/not-there`],
  },
  {
    name: 'a crew of another organization',
    org: 14,
    change: (objects) => [
      ...objects,
      ...crewObjects(15, ns(14), { crewsPerOrg: 1, controllers: true, nodeName: NODE }).filter(
        ({ kind, metadata }) => kind === 'Deployment' && metadata.name === web(15),
      ),
    ],
    findings: [`workload-namespace-mismatch Deployment/${ns(14)}/${web(15)}`],
  },
  {
    name: 'a namespace whose name is nearly right',
    org: 18,
    change: (objects) => [...objects, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'crewai-org-018' } }],
    findings: ['namespace-name-malformed Namespace/crewai-org-018'],
  },
];

/** What can only be broken once the platform runs. */
export interface LaterFault {
  readonly name: string;
  readonly org: number;
  readonly apply: (client: ApiClient) => Promise<void>;
  /** Takes away what does not go with the namespaces. */
  readonly remove?: (client: ApiClient) => Promise<unknown>;
  readonly findings: readonly string[];
}

const pods = async (client: ApiClient, namespace: string, prefix: string): Promise<string[]> => {
  const { items } = (await client.demand('GET', `/api/v1/namespaces/${namespace}/pods`)) as {
    items: { metadata: { name: string } }[];
  };
  return items.map(({ metadata }) => metadata.name).filter((name) => name.startsWith(prefix));
};

const main = [{ name: 'main', image: CREW_IMAGE }];
const HOUR = 3_600_000;

/** What the kubelet reports of a web pod whose image it cannot pull. */
async function failPulls(client: ApiClient, org: number, image: string, cause: string): Promise<void> {
  const message = `Back-off pulling image "${image}": ErrImagePull: failed to pull and unpack image "${image}": ${cause}`;
  for (const pod of await pods(client, ns(org), web(org))) {
    const status = podStatus.imagePullBackOff([{ name: 'main', image }], message, new Date(Date.now() - HOUR));
    await setPodStatus(client, ns(org), pod, status);
  }
}

export const LATER_FAULTS: readonly LaterFault[] = [
  {
    name: 'a container that crashes again and again',
    org: 16,
    apply: async (client) => {
      for (const pod of await pods(client, ns(16), web(16))) {
        await setPodStatus(client, ns(16), pod, podStatus.crashLoopBackOff(main, new Date(Date.now() - HOUR)));
      }
    },
    findings: [`workload-not-progressing Deployment/${ns(16)}/${web(16)}`],
  },
  {
    name: 'a namespace that cannot finish its deletion',
    org: 17,
    apply: async (client) => {
      await client.demand('POST', `/api/v1/namespaces/${ns(17)}/configmaps`, {
        apiVersion: 'v1',
        kind: 'ConfigMap',
        metadata: { name: 'held', namespace: ns(17), finalizers: ['example.com/hold'] },
      });
      await client.demand('DELETE', `/api/v1/namespaces/${ns(17)}`);
      // Who cannot see that the namespace is going would take a Deployment that is deleted last for one that fails.
      await waitFor(`only what is held is left in ${ns(17)}`, async () => {
        const left = await Promise.all(
          [`/apis/apps/v1/namespaces/${ns(17)}/deployments`, `/api/v1/namespaces/${ns(17)}/pods`].map((path) =>
            client.demand('GET', path),
          ),
        );
        return (left as { items: unknown[] }[]).every(({ items }) => items.length === 0);
      });
    },
    findings: [`namespace-terminating Namespace/${ns(17)}`],
  },
  {
    name: 'an image that cannot be pulled',
    org: 19,
    apply: (client) => failPulls(client, 19, CREW_IMAGE, `${CREW_IMAGE}: not found`),
    findings: [
      `image-pull-failing Deployment/${ns(19)}/${web(19)}`,
      `workload-not-progressing Deployment/${ns(19)}/${web(19)}`,
    ],
  },
  {
    name: 'a real denial of the API server, written down as an Event',
    org: 20,
    apply: async (client) => {
      const account = await accessForServiceAccount(client, 'crewai', 'crewai-sa');
      const { body } = await createClient(account).send('POST', `/api/v1/namespaces/${ns(20)}/resourcequotas`, {
        apiVersion: 'v1',
        kind: 'ResourceQuota',
        metadata: { name: 'q' },
        spec: { hard: { pods: '1' } },
      });
      await tell(client, 20, (body as { message: string }).message);
    },
    findings: [`forbidden-by-rbac Namespace/${ns(20)}`],
  },
  {
    name: 'a real escalation refused by the API server',
    org: 21,
    apply: async (client) => {
      await client.demand('POST', `/apis/rbac.authorization.k8s.io/v1/namespaces/${ns(21)}/rolebindings`, {
        ...binding(21, { kind: 'ClusterRole', name: 'admin' }, ACCOUNT),
        metadata: { name: 'admin', namespace: ns(21) },
      });
      const account = await accessForServiceAccount(client, 'crewai', 'crewai-sa');
      const { body } = await createClient(account).send(
        'POST',
        `/apis/rbac.authorization.k8s.io/v1/namespaces/${ns(21)}/rolebindings`,
        {
          ...binding(21, { kind: 'ClusterRole', name: 'cluster-admin' }, ACCOUNT),
          metadata: { name: 'up', namespace: ns(21) },
        },
      );
      await tell(client, 21, (body as { message: string }).message);
    },
    findings: [`forbidden-by-escalation Namespace/${ns(21)}`],
  },
  {
    name: 'a quota that is used up',
    org: 22,
    apply: async (client) => {
      await client.demand('POST', `/api/v1/namespaces/${ns(22)}/resourcequotas`, {
        apiVersion: 'v1',
        kind: 'ResourceQuota',
        metadata: { name: 'org-quota', namespace: ns(22) },
        spec: { hard: { pods: '3' } },
      });
      await waitFor('the quota is counted', async () => {
        const quota = (await client.demand('GET', `/api/v1/namespaces/${ns(22)}/resourcequotas/org-quota`)) as {
          status?: { used?: { pods?: string } };
        };
        return quota.status?.used?.pods === '3';
      });
      await client.demand(
        'PATCH',
        `/apis/apps/v1/namespaces/${ns(22)}/deployments/${web(22)}/scale`,
        { spec: { replicas: 2 } },
        { contentType: 'application/merge-patch+json' },
      );
      await waitFor('the ReplicaSet is refused', async () => {
        const { items } = (await client.demand('GET', `/api/v1/namespaces/${ns(22)}/events`)) as {
          items: { reason?: string }[];
        };
        return items.some(({ reason }) => reason === 'FailedCreate');
      });
    },
    findings: [
      `quota-exhausted ResourceQuota/${ns(22)}/org-quota`,
      `forbidden-by-admission Deployment/${ns(22)}/${web(22)}`,
      `workload-not-progressing Deployment/${ns(22)}/${web(22)}`,
    ],
  },
  {
    name: 'an organization without a namespace, named by a refused deployment',
    org: 24,
    apply: (client) =>
      createEvent(
        client,
        { apiVersion: 'apps/v1', kind: 'Deployment', namespace: 'crewai', name: 'crewai-worker' },
        { reason: 'ProvisioningFailed', message: `namespaces "${ns(24)}" not found` },
      ),
    findings: [`namespace-missing Namespace/${ns(24)}`],
  },
  {
    name: 'an organization that others reach into',
    org: 25,
    apply: async (client) => {
      await client.demand('POST', `/apis/rbac.authorization.k8s.io/v1/namespaces/${ns(25)}/rolebindings`, {
        ...binding(25, EDIT, groupOf(26)),
        metadata: { name: 'helpers', namespace: ns(25) },
      });
    },
    findings: [`rbac-cross-tenant-access RoleBinding/${ns(25)}/helpers`],
  },
  {
    name: 'an organization with cluster-wide rights',
    org: 26,
    apply: async (client) => {
      await client.demand('POST', '/apis/rbac.authorization.k8s.io/v1/clusterrolebindings', {
        ...binding(
          26,
          { kind: 'ClusterRole', name: 'cluster-admin' },
          { ...ACCOUNT, name: 'default', namespace: ns(26) },
        ),
        kind: 'ClusterRoleBinding',
        metadata: { name: WIDE },
      });
    },
    remove: (client) => client.demand('DELETE', `/apis/rbac.authorization.k8s.io/v1/clusterrolebindings/${WIDE}`),
    findings: [
      `rbac-tenant-cluster-wide ClusterRoleBinding/${WIDE}`,
      `rbac-cross-tenant-access ClusterRoleBinding/${WIDE}`,
    ],
  },
  {
    name: 'a real denial of the API server, written to the log of the platform',
    org: 27,
    apply: async (client) => {
      const account = await accessForServiceAccount(client, 'crewai', 'crewai-sa');
      const path = `/apis/rbac.authorization.k8s.io/v1/namespaces/${ns(27)}/roles`;
      const { body } = await createClient(account).send('GET', path);
      const [pod = ''] = await pods(client, 'crewai', 'crewai-worker');
      const at = new Date(Date.now() - HOUR / 2).toISOString();
      const { message } = body as { message: string };
      setLog({ namespace: 'crewai', pod, container: 'main' }, [
        { at, text: 'DATABASE_URL=postgres://app:example-password@db/x' },
        {
          at,
          text: `fatal: ${JSON.stringify({ msg: `Failed to list roles: ${message}`, password: 'example-password' })}`,
        },
      ]);
    },
    findings: [`forbidden-by-rbac Namespace/${ns(27)}`],
  },
  {
    name: 'a platform that the API server does not know',
    org: 0,
    apply: (client) =>
      createEvent(
        client,
        { apiVersion: 'apps/v1', kind: 'Deployment', namespace: 'crewai', name: 'crewai-worker' },
        {
          reason: 'ProvisioningFailed',
          message: `Failed to retrieve requested object: b'{"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","message":"Unauthorized","reason":"Unauthorized","code":401}\n'`,
        },
      ),
    findings: ['forbidden-unauthenticated Deployment/crewai/crewai-worker'],
  },
];

const tell = (client: ApiClient, org: number, message: string): Promise<void> =>
  createEvent(
    client,
    { apiVersion: 'v1', kind: 'Namespace', namespace: ns(org), name: ns(org) },
    { reason: 'ProvisioningFailed', message },
  );

/** A platform of its own with something wrong in it, in a namespace of its own so that all of them stand side by side. */
export interface PlatformFault {
  readonly name: string;
  /** Shared namespace, and release. */
  readonly at: string;
  readonly options?: CrewaiOptions;
  readonly change?: (objects: RawObject[]) => RawObject[];
  readonly apply?: (client: ApiClient) => Promise<void>;
  /** More flags of doctor. */
  readonly flags?: readonly string[];
  readonly findings: readonly string[];
}

const each =
  (match: (object: RawObject) => boolean, change: (object: RawObject) => RawObject | undefined) =>
  (objects: RawObject[]): RawObject[] =>
    objects.flatMap((object) => (match(object) ? (change(object) ?? []) : object));
const named =
  (kind: string, name: string) =>
  (object: RawObject): boolean =>
    object.kind === kind && object.metadata.name === name;
const drop = (kind: string, name: string) => each(named(kind, name), () => undefined);

const env = (object: RawObject, value: string): RawObject =>
  podSpec(object, (spec) => ({
    ...spec,
    containers: (spec.containers as object[]).map((container) => ({
      ...container,
      env: [{ name: 'K8S_NAMESPACE', value }],
    })),
  }));

export const PLATFORM_FAULTS: readonly PlatformFault[] = [
  {
    name: 'web and worker disagree about K8S_NAMESPACE',
    at: 'pa',
    change: each(named('Deployment', 'pa-worker'), (object) => env(object, 'elsewhere')),
    findings: [
      'platform-namespace-inconsistent Deployment/pa/pa-worker',
      'platform-namespace-inconsistent Namespace/elsewhere',
    ],
  },
  {
    name: 'isolation was enabled late: the same crew runs in both namespaces',
    at: 'pb',
    change: (objects) => [...objects, ...crewObjects(1, 'pb', { crewsPerOrg: 1, controllers: true, nodeName: NODE })],
    findings: [
      'platform-isolation-flag-late Namespace/pb',
      ...['redis', 'web', 'worker'].map((part) => `workload-orphaned Deployment/pb/org-1-crew-1-sales-${part}`),
      'workload-orphan-leftovers Namespace/pb',
      'bundle-namespaces-outdated Namespace/pb',
    ],
  },
  {
    name: 'cluster-wide rights are left over although the values do not ask for them',
    at: 'pc',
    options: { mode: 'auto' },
    change: each(named('Secret', 'sh.helm.release.v1.pc.v1'), () =>
      helmReleaseSecret('pc', 'pc', {
        values: {
          rbac: { create: true, namespaceIsolation: false },
          supportBundle: { crewLogNamespaces: ['pc-org-1'] },
        },
      }),
    ),
    findings: ['platform-isolation-values-mismatch ClusterRoleBinding/pc-namespace-isolation'],
  },
  {
    name: 'the platform runs as the default account',
    at: 'pd',
    options: { account: 'default' },
    change: each(
      (object) => object.kind === 'ServiceAccount',
      () => undefined,
    ),
    findings: [
      'platform-service-account-missing Deployment/pd/pd-web',
      'platform-service-account-missing Deployment/pd/pd-worker',
    ],
  },
  {
    name: 'no token is mounted',
    at: 'pe',
    change: each(named('ServiceAccount', 'pe-sa'), (object) => ({ ...object, automountServiceAccountToken: false })),
    findings: ['platform-token-not-mounted Deployment/pe/pe-web', 'platform-token-not-mounted Deployment/pe/pe-worker'],
  },
  {
    name: 'the last upgrade failed',
    at: 'pf',
    change: (objects) => [
      ...objects.filter((object) => !named('Secret', 'sh.helm.release.v1.pf.v1')(object)),
      helmReleaseSecret('pf', 'pf', { revision: 1, status: 'superseded' }),
      helmReleaseSecret('pf', 'pf', { revision: 2, status: 'failed' }),
    ],
    findings: ['platform-release-unhealthy Secret/pf/sh.helm.release.v1.pf.v2'],
  },
  {
    name: 'automatic mode without its ClusterRoleBinding',
    at: 'pg',
    options: { mode: 'auto' },
    change: drop('ClusterRoleBinding', 'pg-namespace-isolation'),
    findings: [
      'rbac-isolation-binding-missing ClusterRoleBinding/pg-namespace-isolation',
      'rbac-access-missing RoleBinding/pg-org-1/crewai-sa-edit',
    ],
  },
  {
    name: 'the source of the registry secret is gone',
    at: 'ph',
    change: each(
      (object) => named('Secret', SECRET)(object) && object.metadata.namespace === 'ph',
      () => undefined,
    ),
    findings: [
      'registry-source-secret-broken Secret/ph/docker-registry',
      'secret-reference-missing Secret/ph/docker-registry',
    ],
  },
  {
    name: 'a K8S_NAMESPACE that is too long for its next organizations',
    at: 'p'.repeat(57),
    options: { release: 'long' },
    findings: [`namespace-name-too-long Namespace/${'p'.repeat(57)}`],
  },
  {
    name: 'two installations with one K8S_NAMESPACE',
    at: 'pj',
    change: (objects) => [
      ...objects,
      { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'pj-other' } },
      ...objects
        .filter((object) => object.kind === 'Deployment' && object.metadata.namespace === 'pj')
        .map((object) => ({
          ...podSpec(object, (spec) => ({ ...spec, serviceAccountName: 'default' })),
          metadata: {
            ...object.metadata,
            namespace: 'pj-other',
            labels: { ...object.metadata.labels, 'app.kubernetes.io/instance': 'other' },
          },
        })),
    ],
    findings: ['namespace-claimed-twice Namespace/pj'],
  },
  {
    name: 'the support bundle leaves an organization out',
    at: 'pk',
    options: { orgs: [1, 2] },
    change: each(named('Secret', 'sh.helm.release.v1.pk.v1'), () =>
      helmReleaseSecret('pk', 'pk', {
        values: {
          rbac: { create: true, namespaceIsolation: false },
          supportBundle: { crewLogNamespaces: ['pk-org-1', 'pk-org-3'] },
        },
      }),
    ),
    findings: ['bundle-namespaces-outdated Namespace/pk-org-2', 'bundle-namespaces-outdated Namespace/pk-org-3'],
  },
];
