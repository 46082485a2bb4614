import { readFileSync } from 'node:fs';
import type { KubeObject } from '../../src/model/object.ts';

/** One exchange with a real kube-apiserver 1.36; `managedFields` were left out of the answers. */
export interface Recording {
  readonly name: string;
  readonly note: string;
  readonly request: {
    readonly method: string;
    readonly path: string;
    readonly accept: string;
    readonly contentType?: string;
    readonly body?: unknown;
    readonly user: string;
    readonly headers?: Readonly<Record<string, string>>;
  };
  readonly response: { readonly status: number; readonly headers: Record<string, string>; readonly body: unknown };
}

const FILE = new URL('recordings/kube-apiserver-1.36.jsonl', import.meta.url);

export const RECORDINGS: readonly Recording[] = readFileSync(FILE, 'utf8')
  .trimEnd()
  .split('\n')
  .map((line) => JSON.parse(line) as Recording);

/** Exchanges of the same series that the server does not claim to answer, and why. */
export const NOT_REPLAYED: Readonly<Record<string, string>> = {
  '075-quota-must-specify': 'no quota admission',
  '076-quota-exceeded': 'no quota admission',
  '077-pod-security': 'no Pod Security admission',
  '085-events-pod-security': 'a longer list of the same shape as 084',
  '091-cr-create': 'custom resources are read-only: no schema, no pruning',
  '092-cr-create-strict': 'custom resources are read-only',
  '093-cr-create-invalid-enum': 'custom resources are read-only',
  '095-crd-drop-stored-version': 'no validation of CustomResourceDefinitions',
  '096-cr-dry-run': 'custom resources are read-only',
  '098-watch-too-old': 'no watch',
  '099-watch': 'no watch',
};

type Body = KubeObject & { readonly items: readonly KubeObject[] };

function bodyOf(number: string): Body {
  const found = RECORDINGS.find((recording) => recording.name.startsWith(number));
  if (!found) throw new Error(`no recording ${number}`);
  return found.response.body as Body;
}

const itemsOf = (number: string, apiVersion: string, kind: string): readonly KubeObject[] =>
  bodyOf(number).items.map((item) => ({ apiVersion, kind, ...item }));

const RBAC = { apiVersion: 'rbac.authorization.k8s.io/v1' };

/** What every cluster is born with; the last rule is the vendor's. */
const BOOTSTRAP_BINDINGS: Readonly<Record<string, readonly string[]>> = {
  'system:basic-user': ['system:authenticated'],
  'system:discovery': ['system:authenticated'],
  'system:public-info-viewer': ['system:authenticated', 'system:unauthenticated'],
  'system:service-account-issuer-discovery': ['system:serviceaccounts'],
  'vendor:well-known': ['system:authenticated'],
};

/** The cluster as it was before the first recording, as far as the recordings tell. */
export function firstState(): readonly KubeObject[] {
  const namespaces = itemsOf('071', 'v1', 'Namespace').filter(({ metadata }) => metadata.name !== 'crewai-org-4');
  const roles = ['055', '056', '057', '058', '059', '060', '061', '062', '063'].map(bodyOf);
  const bindings = Object.entries(BOOTSTRAP_BINDINGS).map(([name, groups]) => ({
    ...RBAC,
    kind: 'ClusterRoleBinding',
    metadata: { name },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name },
    subjects: groups.map((group) => ({ kind: 'Group', name: group })),
  }));
  const wellKnown = {
    ...RBAC,
    kind: 'ClusterRole',
    metadata: { name: 'vendor:well-known' },
    rules: [{ verbs: ['get'], nonResourceURLs: ['/.well-known', '/.well-known/*'] }],
  };
  return [...namespaces, ...roles, wellKnown, ...bindings];
}

/** What happened unrecorded just before a recording: other people's writes, and what controllers did. */
export const BEFORE: Readonly<Record<string, () => readonly KubeObject[]>> = {
  '045': () => mayCreateBindings(),
  '064': () => [
    ...itemsOf('064', 'v1', 'ConfigMap').filter(({ metadata }) => !metadata.name.startsWith('page-')),
    ...Array.from({ length: 7 }, (_, n) => pageMap(String(n))),
  ],
  '074': () => [bodyOf('074')],
  '078': () => [bodyOf('078')],
  '080': () => [
    bodyOf('080'),
    bodyOf('083'),
    ...itemsOf('081', 'apps/v1', 'ReplicaSet'),
    ...itemsOf('082', 'v1', 'Pod'),
    ...itemsOf('084', 'v1', 'Event'),
  ],
  '090': () => [bodyOf('090')],
  '094': () => [bodyOf('094')],
};

const pageMap = (n: string): KubeObject =>
  ({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { namespace: 'crewai-org-2', name: `page-${n}`, labels: { 'org-id': `org-${n}` } },
    data: { k: n },
  }) as KubeObject;

function mayCreateBindings(): readonly KubeObject[] {
  const metadata = { namespace: 'crewai-org-2', name: 'bind' };
  const rules = [{ verbs: ['create'], apiGroups: ['rbac.authorization.k8s.io'], resources: ['rolebindings'] }];
  const roleRef = { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'bind' };
  const subjects = [{ kind: 'User', name: 'support-reader' }];
  return [
    { ...RBAC, kind: 'Role', metadata, rules } as KubeObject,
    { ...RBAC, kind: 'RoleBinding', metadata, roleRef, subjects } as KubeObject,
  ];
}
