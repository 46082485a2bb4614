import type { HoustonConfig } from './astronomer.ts';
import type {
  AccessReview,
  CollectorRefusal,
  ExposedSecrets,
  HelmRelease,
  RegistrySecret,
  ReportedRefusal,
  SupportBundleSpec,
} from './derived.ts';
import type * as flux from './flux-kinds.ts';
import type * as kinds from './kinds.ts';
import type { KubeObject } from './object.ts';
import type { ClusterTenant, UserTenant } from './opencrane-kinds.ts';
import type { Pod } from './pods.ts';

/** What a snapshot can hold, by `plural.group` as kubectl writes it. */
export interface Kinds {
  namespaces: kinds.Namespace;
  pods: Pod;
  services: kinds.Service;
  serviceaccounts: kinds.ServiceAccount;
  configmaps: kinds.ConfigMap;
  /** Inventory without data: name, type, metadata. */
  secrets: kinds.SecretEntry;
  events: kinds.Event;
  persistentvolumeclaims: KubeObject;
  resourcequotas: kinds.ResourceQuota;
  'deployments.apps': kinds.Workload;
  'statefulsets.apps': kinds.Workload;
  'daemonsets.apps': kinds.Workload;
  'replicasets.apps': kinds.Workload;
  'jobs.batch': kinds.Job;
  'cronjobs.batch': kinds.CronJob;
  'ingresses.networking.k8s.io': kinds.Ingress;
  'networkpolicies.networking.k8s.io': kinds.NetworkPolicy;
  limitranges: kinds.LimitRange;
  'customresourcedefinitions.apiextensions.k8s.io': kinds.CustomResourceDefinition;
  'horizontalpodautoscalers.autoscaling': kinds.HorizontalPodAutoscaler;
  nodes: kinds.Node;
  'clustertenants.opencrane.io': ClusterTenant;
  'tenants.opencrane.io': UserTenant;
  'accesspolicies.opencrane.io': KubeObject;
  'mcpservers.opencrane.io': KubeObject;
  'schedules.opencrane.io': KubeObject;
  'skillregistries.opencrane.io': KubeObject;
  'clusterissuers.cert-manager.io': KubeObject;
  'clustersecretstores.external-secrets.io': KubeObject;
  'roles.rbac.authorization.k8s.io': kinds.Role;
  'rolebindings.rbac.authorization.k8s.io': kinds.Binding;
  'clusterroles.rbac.authorization.k8s.io': kinds.ClusterRole;
  'clusterrolebindings.rbac.authorization.k8s.io': kinds.Binding;
  'kustomizations.kustomize.toolkit.fluxcd.io': flux.Kustomization;
  'helmreleases.helm.toolkit.fluxcd.io': flux.FluxHelmRelease;
  'receivers.notification.toolkit.fluxcd.io': flux.FluxReceiver;
  'alerts.notification.toolkit.fluxcd.io': flux.FluxAlert;
  'imagepolicies.image.toolkit.fluxcd.io': flux.FluxImagePolicy;
  'imageupdateautomations.image.toolkit.fluxcd.io': flux.FluxImageUpdateAutomation;
  /** Derived (see derived.ts): pull secrets, Helm releases, support bundle specs, Houston's pool, answers of the API server's authorizer. */
  'registry-secrets': RegistrySecret;
  'helm-releases': HelmRelease;
  'support-bundle-specs': SupportBundleSpec;
  'houston-configs': HoustonConfig;
  'access-reviews': AccessReview;
  /** From logs (`--logs`) or pasted text (`--from-error`), in the namespace of the pod or that the text names. */
  refusals: ReportedRefusal;
  /** Of a support bundle itself, not of the cluster that it shows. */
  'exposed-secrets': ExposedSecrets;
  'collector-refusals': CollectorRefusal;
}

export type Resource = keyof Kinds;

/** `platform`: read only in the platform's own namespaces (R and S), because the objects are many or large elsewhere. */
export interface ResourceInfo {
  readonly kind: string;
  readonly apiVersion: string;
  readonly plural: string;
  readonly namespaced: boolean;
  readonly scope: 'cluster' | 'platform';
  /** For derived resources: the resource that is read, and must be granted, to obtain them. */
  readonly from?: Resource;
  /** Defined by a CRD: where no version of it is served there are no such objects, and that is no gap. */
  readonly custom?: true;
  /** Read only when the user asks for it: a snapshot without this listing has none, and that is no gap. */
  readonly onDemand?: true;
}

const core = (kind: string, plural: string, more: Partial<ResourceInfo> = {}): ResourceInfo => ({
  kind,
  plural,
  apiVersion: 'v1',
  namespaced: true,
  scope: 'cluster',
  ...more,
});
/** Kinds that CRDs define. */
const custom = (apiVersion: string, kind: string, plural: string, more: Partial<ResourceInfo> = {}): ResourceInfo =>
  core(kind, plural, { apiVersion, custom: true, ...more });
const opencrane = custom.bind(undefined, 'opencrane.io/v1alpha1');
const rbac = { apiVersion: 'rbac.authorization.k8s.io/v1' };

export const RESOURCES: Readonly<Record<Resource, ResourceInfo>> = {
  namespaces: core('Namespace', 'namespaces', { namespaced: false }),
  pods: core('Pod', 'pods'),
  services: core('Service', 'services'),
  serviceaccounts: core('ServiceAccount', 'serviceaccounts'),
  configmaps: core('ConfigMap', 'configmaps', { scope: 'platform' }),
  secrets: core('Secret', 'secrets'),
  events: core('Event', 'events'),
  persistentvolumeclaims: core('PersistentVolumeClaim', 'persistentvolumeclaims'),
  resourcequotas: core('ResourceQuota', 'resourcequotas'),
  'deployments.apps': core('Deployment', 'deployments', { apiVersion: 'apps/v1' }),
  'statefulsets.apps': core('StatefulSet', 'statefulsets', { apiVersion: 'apps/v1' }),
  'daemonsets.apps': core('DaemonSet', 'daemonsets', { apiVersion: 'apps/v1' }),
  'replicasets.apps': core('ReplicaSet', 'replicasets', { apiVersion: 'apps/v1' }),
  'jobs.batch': core('Job', 'jobs', { apiVersion: 'batch/v1' }),
  'cronjobs.batch': core('CronJob', 'cronjobs', { apiVersion: 'batch/v1' }),
  'ingresses.networking.k8s.io': core('Ingress', 'ingresses', { apiVersion: 'networking.k8s.io/v1' }),
  'networkpolicies.networking.k8s.io': core('NetworkPolicy', 'networkpolicies', { apiVersion: 'networking.k8s.io/v1' }),
  limitranges: core('LimitRange', 'limitranges'),
  'customresourcedefinitions.apiextensions.k8s.io': core('CustomResourceDefinition', 'customresourcedefinitions', {
    apiVersion: 'apiextensions.k8s.io/v1',
    namespaced: false,
  }),
  'horizontalpodautoscalers.autoscaling': core('HorizontalPodAutoscaler', 'horizontalpodautoscalers', {
    apiVersion: 'autoscaling/v2',
    scope: 'platform',
  }),
  nodes: core('Node', 'nodes', { namespaced: false }),
  'clustertenants.opencrane.io': opencrane('ClusterTenant', 'clustertenants', { namespaced: false }),
  'tenants.opencrane.io': opencrane('Tenant', 'tenants'),
  'accesspolicies.opencrane.io': opencrane('AccessPolicy', 'accesspolicies'),
  'mcpservers.opencrane.io': opencrane('MCPServer', 'mcpservers'),
  'schedules.opencrane.io': opencrane('Schedule', 'schedules'),
  'skillregistries.opencrane.io': opencrane('SkillRegistry', 'skillregistries'),
  'clusterissuers.cert-manager.io': custom('cert-manager.io/v1', 'ClusterIssuer', 'clusterissuers', {
    namespaced: false,
  }),
  'clustersecretstores.external-secrets.io': custom(
    'external-secrets.io/v1',
    'ClusterSecretStore',
    'clustersecretstores',
    { namespaced: false },
  ),
  'roles.rbac.authorization.k8s.io': core('Role', 'roles', rbac),
  'rolebindings.rbac.authorization.k8s.io': core('RoleBinding', 'rolebindings', rbac),
  'clusterroles.rbac.authorization.k8s.io': core('ClusterRole', 'clusterroles', { ...rbac, namespaced: false }),
  'clusterrolebindings.rbac.authorization.k8s.io': core('ClusterRoleBinding', 'clusterrolebindings', {
    ...rbac,
    namespaced: false,
  }),
  'kustomizations.kustomize.toolkit.fluxcd.io': custom(
    'kustomize.toolkit.fluxcd.io/v1',
    'Kustomization',
    'kustomizations',
  ),
  'helmreleases.helm.toolkit.fluxcd.io': custom('helm.toolkit.fluxcd.io/v2', 'HelmRelease', 'helmreleases'),
  'receivers.notification.toolkit.fluxcd.io': custom('notification.toolkit.fluxcd.io/v1', 'Receiver', 'receivers'),
  'alerts.notification.toolkit.fluxcd.io': custom('notification.toolkit.fluxcd.io/v1beta3', 'Alert', 'alerts'),
  'imagepolicies.image.toolkit.fluxcd.io': custom('image.toolkit.fluxcd.io/v1', 'ImagePolicy', 'imagepolicies'),
  'imageupdateautomations.image.toolkit.fluxcd.io': custom(
    'image.toolkit.fluxcd.io/v1',
    'ImageUpdateAutomation',
    'imageupdateautomations',
  ),
  'registry-secrets': core('Secret', 'secrets', { from: 'secrets' }),
  'helm-releases': core('Secret', 'secrets', { from: 'secrets', scope: 'platform' }),
  'support-bundle-specs': core('Secret', 'secrets', { from: 'secrets' }),
  'houston-configs': core('ConfigMap', 'configmaps', { from: 'configmaps', scope: 'platform' }),
  'access-reviews': core('SubjectAccessReview', 'subjectaccessreviews', {
    apiVersion: 'authorization.k8s.io/v1',
    namespaced: false,
  }),
  refusals: core('Pod', 'pods/log', { onDemand: true }),
  'exposed-secrets': core('BundleFile', 'files', { apiVersion: 'crewiso/v1', namespaced: false, onDemand: true }),
  'collector-refusals': core('Refusal', 'refusals', { apiVersion: 'crewiso/v1', onDemand: true }),
};

export const RESOURCE_NAMES = Object.keys(RESOURCES) as readonly Resource[];

/** What a support bundle says of itself. */
export const OF_BUNDLES = ['exposed-secrets', 'collector-refusals'] as const satisfies readonly Resource[];

/** What no list of objects yields: answers to questions, what is found in text, and what a bundle says of itself. */
export const UNLISTED: ReadonlySet<Resource> = new Set(['access-reviews', 'refusals', ...OF_BUNDLES]);

/** The four RBAC listings that every access question needs. */
export const RBAC = [
  'roles.rbac.authorization.k8s.io',
  'rolebindings.rbac.authorization.k8s.io',
  'clusterroles.rbac.authorization.k8s.io',
  'clusterrolebindings.rbac.authorization.k8s.io',
] as const satisfies readonly Resource[];

/** Everything that runs pods, in the order in which reports name it. */
export const WORKLOADS = [
  'deployments.apps',
  'statefulsets.apps',
  'daemonsets.apps',
  'jobs.batch',
  'cronjobs.batch',
  'pods',
] as const satisfies readonly Resource[];
