import { groupOf, type KubeObject } from '../model/object.ts';
import type { ListTarget } from '../model/cluster-reader.ts';
import type { PlatformId } from '../model/platform.ts';
import { RESOURCES, type Resource } from '../model/resource.ts';

/** A kind of which a bundle holds the objects: of the whole cluster, or of every namespace of the platform. */
export interface Content extends ListTarget {
  /** `deployments.apps`, as ids and files name it. */
  readonly name: string;
  readonly where: 'cluster' | 'everywhere';
  /** Collected only where this platform is. */
  readonly platform?: PlatformId;
}

const row = (where: Content['where'], apiVersion: string, kind: string, plural: string): Content => {
  const group = groupOf(apiVersion);
  return { where, apiVersion, kind, plural, name: group === '' ? plural : `${plural}.${group}` };
};
const cluster = row.bind(undefined, 'cluster');
const everywhere = row.bind(undefined, 'everywhere');

/** What is only collected where one platform is. */
const only = (platform: PlatformId, content: Content): Content => ({ ...content, platform });
const OPENCRANE = 'opencrane.io/v1alpha1';

/** Every list of a bundle by default, in the order in which it is written. */
export const CONTENT: readonly Content[] = [
  everywhere('v1', 'Namespace', 'namespaces'),
  everywhere('v1', 'Pod', 'pods'),
  everywhere('v1', 'Secret', 'secrets'),
  everywhere('v1', 'ConfigMap', 'configmaps'),
  everywhere('v1', 'ServiceAccount', 'serviceaccounts'),
  everywhere('apps/v1', 'Deployment', 'deployments'),
  everywhere('apps/v1', 'ReplicaSet', 'replicasets'),
  everywhere('apps/v1', 'StatefulSet', 'statefulsets'),
  everywhere('apps/v1', 'DaemonSet', 'daemonsets'),
  everywhere('batch/v1', 'Job', 'jobs'),
  everywhere('batch/v1', 'CronJob', 'cronjobs'),
  everywhere('v1', 'Event', 'events'),
  everywhere('rbac.authorization.k8s.io/v1', 'Role', 'roles'),
  everywhere('rbac.authorization.k8s.io/v1', 'RoleBinding', 'rolebindings'),
  everywhere('v1', 'Service', 'services'),
  everywhere('discovery.k8s.io/v1', 'EndpointSlice', 'endpointslices'),
  everywhere('networking.k8s.io/v1', 'Ingress', 'ingresses'),
  everywhere('networking.k8s.io/v1', 'NetworkPolicy', 'networkpolicies'),
  everywhere('v1', 'PersistentVolumeClaim', 'persistentvolumeclaims'),
  everywhere('v1', 'ResourceQuota', 'resourcequotas'),
  everywhere('v1', 'LimitRange', 'limitranges'),
  everywhere('policy/v1', 'PodDisruptionBudget', 'poddisruptionbudgets'),
  everywhere('autoscaling/v2', 'HorizontalPodAutoscaler', 'horizontalpodautoscalers'),
  cluster('rbac.authorization.k8s.io/v1', 'ClusterRole', 'clusterroles'),
  cluster('rbac.authorization.k8s.io/v1', 'ClusterRoleBinding', 'clusterrolebindings'),
  cluster('v1', 'Node', 'nodes'),
  cluster('v1', 'PersistentVolume', 'persistentvolumes'),
  cluster('storage.k8s.io/v1', 'StorageClass', 'storageclasses'),
  cluster('scheduling.k8s.io/v1', 'PriorityClass', 'priorityclasses'),
  cluster('networking.k8s.io/v1', 'IngressClass', 'ingressclasses'),
  cluster('apiextensions.k8s.io/v1', 'CustomResourceDefinition', 'customresourcedefinitions'),
  cluster('apiregistration.k8s.io/v1', 'APIService', 'apiservices'),
  cluster('admissionregistration.k8s.io/v1', 'MutatingWebhookConfiguration', 'mutatingwebhookconfigurations'),
  cluster('admissionregistration.k8s.io/v1', 'ValidatingWebhookConfiguration', 'validatingwebhookconfigurations'),
  cluster('admissionregistration.k8s.io/v1', 'ValidatingAdmissionPolicy', 'validatingadmissionpolicies'),
  cluster('admissionregistration.k8s.io/v1', 'ValidatingAdmissionPolicyBinding', 'validatingadmissionpolicybindings'),
  only('opencrane', cluster(OPENCRANE, 'ClusterTenant', 'clustertenants')),
  only('opencrane', everywhere(OPENCRANE, 'Tenant', 'tenants')),
  only('opencrane', everywhere(OPENCRANE, 'AccessPolicy', 'accesspolicies')),
  only('opencrane', everywhere(OPENCRANE, 'MCPServer', 'mcpservers')),
  only('opencrane', everywhere(OPENCRANE, 'Schedule', 'schedules')),
  only('opencrane', everywhere(OPENCRANE, 'SkillRegistry', 'skillregistries')),
  only('opencrane', cluster('cert-manager.io/v1', 'ClusterIssuer', 'clusterissuers')),
  only('opencrane', cluster('external-secrets.io/v1', 'ClusterSecretStore', 'clustersecretstores')),
  only('flux', everywhere('kustomize.toolkit.fluxcd.io/v1', 'Kustomization', 'kustomizations')),
  only('flux', everywhere('helm.toolkit.fluxcd.io/v2', 'HelmRelease', 'helmreleases')),
  only('flux', everywhere('notification.toolkit.fluxcd.io/v1', 'Receiver', 'receivers')),
  only('flux', everywhere('notification.toolkit.fluxcd.io/v1beta3', 'Alert', 'alerts')),
  only('flux', everywhere('image.toolkit.fluxcd.io/v1', 'ImagePolicy', 'imagepolicies')),
  only('flux', everywhere('image.toolkit.fluxcd.io/v1', 'ImageUpdateAutomation', 'imageupdateautomations')),
];

export const findContent = (name: string): Content | undefined => CONTENT.find((content) => content.name === name);

/** What is collected where these platforms are. */
export const contentFor = (platforms: readonly PlatformId[]): readonly Content[] =>
  CONTENT.filter(({ platform }) => platform === undefined || platforms.includes(platform));

/** @throws Error for a name that no list has */
export function contentNamed(name: string): Content {
  const content = findContent(name);
  if (!content) throw new Error(`${name} is no list of a bundle`);
  return content;
}

/** What is made of Secrets and ConfigMaps while they are read; their data goes no further. */
export const DERIVED = [
  'registry-secrets',
  'helm-releases',
  'support-bundle-specs',
  'houston-configs',
] as const satisfies readonly Resource[];
export type Derived = (typeof DERIVED)[number];

/** The listing of a snapshot that a list of a bundle is. */
export function snapshotResource(name: string): Resource | undefined {
  return Object.hasOwn(RESOURCES, name) ? (name as Resource) : undefined;
}

/**
 * Whether objects of namespaces that are not the platform's may matter: doctor reads these kinds in the whole cluster
 * (accounts that bindings name, other installations, leftovers that carry the label of an organization).
 */
export function mattersElsewhere(name: string): boolean {
  const resource = snapshotResource(name);
  return (
    resource !== undefined &&
    (resource === 'namespaces' || RESOURCES[resource].namespaced) &&
    RESOURCES[resource].scope === 'cluster'
  );
}

/** The namespace that an object is filed under: a Namespace under its own name. */
export function namespaceOf({ kind, metadata }: KubeObject): string {
  return kind === 'Namespace' ? metadata.name : (metadata.namespace ?? '');
}
