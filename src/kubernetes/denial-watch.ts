import type { DenialOf } from './denial-explanation.ts';
import { accountOfUser } from './rbac-question.ts';

type Rbac = DenialOf<'rbac'>;
type Watchpoint = readonly [applies: (denial: Rbac) => boolean, text: (denial: Rbac) => string];

const POWERS: Readonly<Record<string, string>> = {
  'get secrets': 'whoever may get a Secret reads its values',
  'list secrets': 'whoever may list Secrets reads the values of all of them',
  'watch secrets': 'whoever may watch Secrets reads the values of all of them',
  'create pods/exec': 'whoever may exec acts as the pod and its ServiceAccount',
  'create pods': 'whoever may create pods acts as any ServiceAccount of the namespace and mounts its Secrets',
  'create serviceaccounts/token': 'whoever may make tokens acts as the ServiceAccount',
  'create rolebindings': 'binding a role needs its rights as well, or the verb bind on it',
  'create clusterrolebindings': 'binding a role needs its rights as well, or the verb bind on it',
};

/** Streams are asked for with GET over a WebSocket, and since Kubernetes 1.35 create is checked as well. */
const STREAMS = new Set(['exec', 'attach', 'portforward']);
const CLUSTER_KINDS = new Set([
  'nodes',
  'namespaces',
  'persistentvolumes',
  'clusterroles',
  'clusterrolebindings',
  'storageclasses',
  'customresourcedefinitions',
  'priorityclasses',
  'subjectaccessreviews',
  'tokenreviews',
]);

const WATCHPOINTS: readonly Watchpoint[] = [
  [
    ({ verb, subresource }) => verb === 'create' && subresource === undefined,
    () => 'a create carries no name, so resourceNames cannot narrow it',
  ],
  [
    ({ verb }) => verb === 'deletecollection',
    () => 'the verb delete does not include deletecollection, and resourceNames cannot narrow it',
  ],
  [({ verb }) => verb === 'list', () => 'list is not watch: informers and kubectl get -w need both'],
  [
    ({ verb, name }) => (verb === 'list' || verb === 'watch') && name !== undefined,
    () => 'with a name it is allowed only where the client selects metadata.name',
  ],
  [({ verb }) => verb === 'patch', () => 'kubectl apply also needs get, and create where the object is new'],
  [
    ({ subresource }) => subresource !== undefined,
    ({ resource = '', subresource = '' }) =>
      `the rule must name ${resource}/${subresource}: neither ${resource} nor ${resource}/* includes it`,
  ],
  [
    ({ resource, subresource = '' }) => resource === 'pods' && STREAMS.has(subresource),
    () => 'clients use get or create for it, and Kubernetes 1.35 and later want create: grant both',
  ],
  [
    ({ scope, resource = '' }) => scope === 'cluster' && !CLUSTER_KINDS.has(resource),
    ({ resource = 'it' }) =>
      `only a ClusterRoleBinding allows ${resource} across all namespaces; asked per namespace (-n), a Role is enough`,
  ],
  [
    ({ scope, resource = '' }) => scope === 'cluster' && CLUSTER_KINDS.has(resource),
    ({ resource = 'it' }) => `${resource} are in no namespace: only a ClusterRole by a ClusterRoleBinding allows it`,
  ],
  [({ scope }) => scope === 'path', () => 'paths are granted by a ClusterRole and a ClusterRoleBinding alone'],
  [
    ({ group, target, path, scope }) =>
      group === undefined && target === undefined && path === undefined && scope !== 'unknown',
    ({ resource = 'it' }) => `the message names no API group: ${resource} is taken for a core resource`,
  ],
  [
    ({ user }) => user !== undefined && accountOfUser(user) === undefined,
    () => "a person's groups are not in the message: a binding for one of them would do as well",
  ],
];

/** What is easily got wrong when exactly this right is granted. */
export function watchpoints(denial: Rbac): readonly string[] {
  const { verb = '', resource = '', subresource } = denial;
  const power = POWERS[`${verb} ${resource}${subresource === undefined ? '' : `/${subresource}`}`];
  return [
    ...WATCHPOINTS.filter(([applies]) => applies(denial)).map(([, text]) => text(denial)),
    ...(power === undefined ? [] : [power]),
  ];
}
