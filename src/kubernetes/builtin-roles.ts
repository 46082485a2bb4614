import type { Binding, ClusterRole, PolicyRule, Subject } from '../model/kinds.ts';
import { aggregate } from './rbac-aggregation.ts';

const READ = ['get', 'list', 'watch'];
const WRITE = ['create', 'delete', 'deletecollection', 'patch', 'update'];
const ALL = ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch'];
const EVENTS = ['', 'events.k8s.io'];
const CREATE = ['create'];

const rule = (verbs: readonly string[], groups: string | readonly string[], resources: string): PolicyRule => ({
  verbs,
  apiGroups: typeof groups === 'string' ? [groups] : groups,
  resources: resources.split(' '),
});
const urls = (paths: string): PolicyRule => ({ verbs: ['get'], nonResourceURLs: paths.split(' ') });

const VIEW = (): PolicyRule[] => [
  rule(
    READ,
    '',
    'configmaps endpoints persistentvolumeclaims persistentvolumeclaims/status pods replicationcontrollers replicationcontrollers/scale serviceaccounts services services/status',
  ),
  rule(
    READ,
    '',
    'bindings limitranges namespaces/status pods/log pods/status replicationcontrollers/status resourcequotas resourcequotas/status',
  ),
  rule(READ, '', 'namespaces'),
  rule(READ, EVENTS, 'events'),
  rule(READ, 'discovery.k8s.io', 'endpointslices'),
  rule(
    READ,
    'apps',
    'controllerrevisions daemonsets daemonsets/status deployments deployments/scale deployments/status replicasets replicasets/scale replicasets/status statefulsets statefulsets/scale statefulsets/status',
  ),
  rule(READ, 'autoscaling', 'horizontalpodautoscalers horizontalpodautoscalers/status'),
  rule(READ, 'batch', 'cronjobs cronjobs/status jobs jobs/status'),
  rule(
    READ,
    'extensions',
    'daemonsets daemonsets/status deployments deployments/scale deployments/status ingresses ingresses/status networkpolicies replicasets replicasets/scale replicasets/status replicationcontrollers/scale',
  ),
  rule(READ, 'policy', 'poddisruptionbudgets poddisruptionbudgets/status'),
  rule(READ, 'networking.k8s.io', 'ingresses ingresses/status networkpolicies'),
  rule(READ, 'resource.k8s.io', 'resourceclaims resourceclaims/status resourceclaimtemplates'),
];

const EDIT = (): PolicyRule[] => [
  rule(READ, '', 'pods/attach pods/exec pods/portforward pods/proxy secrets services/proxy'),
  rule(['impersonate'], '', 'serviceaccounts'),
  rule(WRITE, '', 'pods pods/attach pods/exec pods/portforward pods/proxy'),
  rule(CREATE, '', 'pods/eviction'),
  rule(
    WRITE,
    '',
    'configmaps persistentvolumeclaims replicationcontrollers replicationcontrollers/scale secrets serviceaccounts services services/proxy',
  ),
  rule(CREATE, '', 'serviceaccounts/token'),
  rule(WRITE, EVENTS, 'events'),
  rule(
    WRITE,
    'apps',
    'daemonsets deployments deployments/rollback deployments/scale replicasets replicasets/scale statefulsets statefulsets/scale',
  ),
  rule(WRITE, 'autoscaling', 'horizontalpodautoscalers'),
  rule(WRITE, 'batch', 'cronjobs jobs'),
  rule(
    WRITE,
    'extensions',
    'daemonsets deployments deployments/rollback deployments/scale ingresses networkpolicies replicasets replicasets/scale replicationcontrollers/scale',
  ),
  rule(WRITE, 'policy', 'poddisruptionbudgets'),
  rule(WRITE, 'networking.k8s.io', 'ingresses networkpolicies'),
  rule(ALL, 'coordination.k8s.io', 'leases'),
  rule(WRITE, 'resource.k8s.io', 'resourceclaims resourceclaimtemplates'),
];

const ADMIN = (): PolicyRule[] => [
  rule(CREATE, 'authorization.k8s.io', 'localsubjectaccessreviews'),
  rule(ALL, 'rbac.authorization.k8s.io', 'rolebindings roles'),
];

const BASIC_USER = (): PolicyRule[] => [
  rule(CREATE, 'authorization.k8s.io', 'selfsubjectaccessreviews selfsubjectrulesreviews'),
  rule(CREATE, 'authentication.k8s.io', 'selfsubjectreviews'),
];

const PUBLIC_URLS = '/healthz /livez /readyz /version /version/';

/**
 * The ClusterRoles that every cluster has and that matter to tenants, as Kubernetes 1.36 ships them: cluster-admin,
 * admin, edit, view (with the parts they are aggregated from), system:basic-user, system:discovery and
 * system:public-info-viewer. Older minors differ (`edit` got leases in 1.25, resource claims in 1.34) and add-ons
 * widen them, so conclusions from these are never certain.
 * Source: plugin/pkg/auth/authorizer/rbac/bootstrappolicy/policy.go.
 */
export function builtinClusterRoles(): readonly ClusterRole[] {
  return aggregate(declared());
}

/**
 * A cluster's roles for manifests, which rarely bring the built-in ones: what is missing by name is added, and roles
 * that wait for a controller get the rules it would write.
 *
 * @returns the given roles, then the added ones
 */
export function withBuiltinRoles(clusterRoles: readonly ClusterRole[]): readonly ClusterRole[] {
  const names = new Set(clusterRoles.map((role) => role.metadata.name));
  return aggregate([...clusterRoles, ...declared().filter((role) => !names.has(role.metadata.name))]);
}

/** The bindings that the API server creates for these roles at its start. */
export function builtinClusterRoleBindings(): readonly Binding[] {
  const everybody = ['system:authenticated', 'system:unauthenticated'];
  return [
    binding('cluster-admin', ['system:masters']),
    binding('system:basic-user', ['system:authenticated']),
    binding('system:discovery', ['system:authenticated']),
    binding('system:public-info-viewer', everybody),
  ];
}

function declared(): readonly ClusterRole[] {
  return [
    role('cluster-admin', [
      { verbs: ['*'], apiGroups: ['*'], resources: ['*'] },
      { verbs: ['*'], nonResourceURLs: ['*'] },
    ]),
    aggregated('admin'),
    aggregated('edit', 'admin'),
    aggregated('view', 'edit'),
    role('system:aggregate-to-admin', ADMIN(), 'admin'),
    role('system:aggregate-to-edit', EDIT(), 'edit'),
    role('system:aggregate-to-view', VIEW(), 'view'),
    role('system:basic-user', BASIC_USER()),
    role('system:discovery', [
      urls(`/api /api/* /apis /apis/* /healthz /livez /openapi /openapi/* /readyz /version /version/`),
    ]),
    role('system:public-info-viewer', [urls(PUBLIC_URLS)]),
  ];
}

function role(name: string, rules: readonly PolicyRule[] | null, aggregatesTo?: string): ClusterRole {
  const labels = {
    'kubernetes.io/bootstrapping': 'rbac-defaults',
    ...(aggregatesTo ? { [aggregationLabel(aggregatesTo)]: 'true' } : {}),
  };
  return { ...typeOf('ClusterRole'), metadata: { name, labels }, rules };
}

function aggregated(name: string, aggregatesTo?: string): ClusterRole {
  const selector = { matchLabels: { [aggregationLabel(name)]: 'true' } };
  return { ...role(name, null, aggregatesTo), aggregationRule: { clusterRoleSelectors: [selector] } };
}

function binding(name: string, groups: readonly string[]): Binding {
  const apiGroup = 'rbac.authorization.k8s.io';
  const subjects: Subject[] = groups.map((group) => ({ kind: 'Group', apiGroup, name: group }));
  const labels = { 'kubernetes.io/bootstrapping': 'rbac-defaults' };
  return {
    ...typeOf('ClusterRoleBinding'),
    metadata: { name, labels },
    roleRef: { apiGroup, kind: 'ClusterRole', name },
    subjects,
  };
}

function aggregationLabel(name: string): string {
  return `rbac.authorization.k8s.io/aggregate-to-${name}`;
}

function typeOf(kind: string): { readonly apiVersion: string; readonly kind: string } {
  return { apiVersion: 'rbac.authorization.k8s.io/v1', kind };
}
