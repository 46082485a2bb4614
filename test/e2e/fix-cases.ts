import { crewObjects, type RawObject } from '../fixtures/crewai.ts';
import type { ApiClient } from './api-client.ts';
import { waitFor } from './control-plane.ts';
import { TENANT_FAULTS } from './faults.ts';
import { NODE } from './kubelet.ts';

/** One kind of fix on the real API server. */
export interface FixCase {
  readonly name: string;
  readonly check: string;
  readonly class: 'safe' | 'review' | 'destructive';
  readonly writes: number;
  /** Flags that say what is judged. */
  readonly scope: readonly string[];
  /** Namespace that it changes. */
  readonly place: string;
  /** Makes what cannot be installed: for the deletion of what was stopped, stops it. */
  readonly flags?: readonly string[];
  /** Changes what the fix rests on; what is returned changes it back. */
  readonly disturb: (client: ApiClient) => Promise<() => Promise<unknown>>;
}

/** One in an organization of its own. */
export interface OrgCase extends FixCase {
  readonly org: number;
  readonly change: (objects: RawObject[]) => RawObject[];
  /** What happens once it runs. */
  readonly apply?: (client: ApiClient) => Promise<void>;
}

export const scopeOf = (...orgs: readonly number[]): readonly string[] => [
  ...['--isolation', 'on', '--platform-namespace', 'crewai'],
  ...['--org', orgs.join(',')],
];

const ofOrg = (one: Omit<OrgCase, 'scope' | 'place'>): OrgCase => ({
  ...one,
  scope: scopeOf(one.org),
  place: one.check === 'workload-orphaned' ? 'crewai' : ns(one.org),
});

const ns = (org: number): string => `crewai-org-${String(org)}`;
const web = (org: number): string => `org-${String(org)}-crew-1-sales-web`;
const MERGE = 'application/merge-patch+json';

function faultOf(name: string): Pick<OrgCase, 'change' | 'apply'> {
  const found = TENANT_FAULTS.find((fault) => fault.name === name);
  if (!found) throw new Error(`no fault is named ${name}`);
  const { change, apply } = found;
  return { change, ...(apply ? { apply } : {}) };
}

/** A label on an object, and off again. */
const touch = (path: string) => async (client: ApiClient) => {
  const label = (value: string | null): Promise<unknown> =>
    client.demand('PATCH', path, { metadata: { labels: { touched: value } } }, { contentType: MERGE });
  await label('yes');
  return () => label(null);
};

/** An object in the place of one that is to be made, and gone again. */
export const occupy = (collection: string, object: RawObject) => async (client: ApiClient) => {
  await client.demand('POST', collection, object);
  return () => client.demand('DELETE', `${collection}/${object.metadata.name}`);
};

const bindings = (org: number): string => `/apis/rbac.authorization.k8s.io/v1/namespaces/${ns(org)}/rolebindings`;
const secrets = (org: number): string => `/api/v1/namespaces/${ns(org)}/secrets`;
const SECRET = 'docker-registry';
const someoneElse = (name: string): RawObject => ({
  apiVersion: 'rbac.authorization.k8s.io/v1',
  kind: 'RoleBinding',
  metadata: { name },
  roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'view' },
  subjects: [{ kind: 'User', apiGroup: 'rbac.authorization.k8s.io', name: 'someone' }],
});

const orphaned =
  (org: number) =>
  (objects: RawObject[]): RawObject[] => [
    ...objects,
    ...crewObjects(org, 'crewai', { crewsPerOrg: 1, controllers: true, nodeName: NODE }).filter(
      ({ kind, metadata }) => kind === 'Deployment' && metadata.name === web(org),
    ),
  ];

/** In another number of replicas than the plan knows, and back. */
const rescale = (path: string, before: number) => async (client: ApiClient) => {
  const scale = (replicas: number): Promise<unknown> =>
    client.demand('PATCH', path, { spec: { replicas } }, { contentType: MERGE });
  await scale(before + 2);
  return () => scale(before);
};

const CASES: readonly Omit<OrgCase, 'scope' | 'place'>[] = [
  {
    name: 'a missing RoleBinding',
    org: 1,
    check: 'rbac-access-missing',
    class: 'safe',
    writes: 1,
    ...faultOf('no RoleBinding'),
    disturb: occupy(bindings(1), someoneElse('crewai-sa-edit')),
  },
  {
    name: 'a RoleBinding for an account of another namespace',
    org: 4,
    check: 'rbac-binding-subject-wrong',
    class: 'safe',
    writes: 1,
    ...faultOf('a binding for an account of another namespace'),
    disturb: occupy(bindings(4), someoneElse('crewai-sa-edit-2')),
  },
  {
    name: 'a missing registry secret',
    org: 5,
    check: 'registry-secret-missing',
    class: 'safe',
    writes: 1,
    ...faultOf('no registry secret'),
    disturb: occupy(secrets(5), { apiVersion: 'v1', kind: 'Secret', metadata: { name: SECRET } }),
  },
  {
    name: 'a registry secret without entries',
    org: 7,
    check: 'registry-secret-malformed',
    class: 'review',
    writes: 2,
    ...faultOf('a registry secret without entries'),
    disturb: touch(`${secrets(7)}/${SECRET}`),
  },
  {
    name: 'a stale registry secret',
    org: 8,
    check: 'registry-secret-stale',
    class: 'review',
    writes: 2,
    ...faultOf('a copy with the old password'),
    disturb: touch(`${secrets(8)}/${SECRET}`),
  },
  {
    name: 'a registry secret that nothing names',
    org: 11,
    check: 'registry-secret-unused',
    class: 'review',
    writes: 1,
    ...faultOf('a pod that does not name the secret'),
    disturb: touch(`/api/v1/namespaces/${ns(11)}/serviceaccounts/default`),
  },
  {
    name: 'a copy with the marks of a Helm release that is not there',
    org: 12,
    check: 'registry-copy-metadata-foreign',
    class: 'review',
    writes: 1,
    ...faultOf('a copy with the marks of a Helm release that is not there'),
    disturb: touch(`${secrets(12)}/${SECRET}`),
  },
  {
    name: 'a label of another organization',
    org: 14,
    check: 'workload-namespace-mismatch',
    class: 'review',
    writes: 1,
    change: (objects) =>
      objects.map((object) =>
        object.kind === 'Deployment' && object.metadata.namespace === ns(14) && object.metadata.name === web(14)
          ? { ...object, metadata: { ...object.metadata, labels: { ...object.metadata.labels, 'org-id': 'org-1' } } }
          : object,
      ),
    disturb: async (client) => {
      const path = `/apis/apps/v1/namespaces/${ns(14)}/deployments/${web(14)}`;
      const label = (value: string): Promise<unknown> =>
        client.demand('PATCH', path, { metadata: { labels: { 'org-id': value } } }, { contentType: MERGE });
      await label('org-3');
      return () => label('org-1');
    },
  },
  {
    name: 'a crew that still runs in the shared namespace',
    org: 30,
    check: 'workload-orphaned',
    class: 'review',
    writes: 1,
    change: orphaned(30),
    disturb: rescale(`/apis/apps/v1/namespaces/crewai/deployments/${web(30)}`, 1),
  },
  {
    name: 'a missing namespace',
    org: 43,
    check: 'namespace-missing',
    class: 'review',
    writes: 3,
    change: (objects) => objects,
    disturb: async (client) => {
      const path = `/api/v1/namespaces/${ns(43)}`;
      await client.demand('POST', '/api/v1/namespaces', { metadata: { name: ns(43) } });
      return async () => {
        await client.demand('DELETE', path);
        await waitFor(`${ns(43)} is gone`, async () => (await client.send('GET', path)).status === 404);
      };
    },
  },
];

export const FIX_CASES: readonly OrgCase[] = CASES.map(ofOrg);

/**
 * Crews that were stopped by a fix, and may be deleted once they have been for a while. One for each try: what undo has
 * put back is newer than its replacement, and then no program may say which of the two is the orphan.
 */
export const STOPPED: readonly OrgCase[] = Array.from({ length: 9 }, (_, index) => 31 + index).map((org) =>
  ofOrg({
    name: `a crew that was stopped in the shared namespace (${String(org)})`,
    org,
    check: 'workload-orphaned',
    class: 'destructive',
    writes: 2,
    change: orphaned(org),
    flags: ['--soak', '0s'],
    disturb: rescale(`/apis/apps/v1/namespaces/crewai/deployments/${web(org)}`, 0),
  }),
);
