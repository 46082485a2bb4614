import type { Workload } from '../model/kinds.ts';
import type { KubeObject } from '../model/object.ts';
import { OPENCRANE_COMPONENTS, type OpencraneComponentName } from '../model/opencrane.ts';
import type { UserTenant } from '../model/opencrane-kinds.ts';

export const OPENCRANE_GROUP = 'opencrane.io';

/** On a Namespace: the ClusterTenant whose it is. */
export const CLUSTER_TENANT_LABEL = 'opencrane.io/cluster-tenant';
/** On workloads: the Tenant whose gateway they are. */
export const TENANT_LABEL = 'opencrane.io/tenant';
const PART_OF = 'app.kubernetes.io/part-of';

/** The namespace that the built-in provisioner makes for a ClusterTenant. */
export const namespaceOfClusterTenant = (name: string): string => `opencrane-${name}`;

export const isPartOfOpencrane = ({ metadata }: KubeObject): boolean => metadata.labels?.[PART_OF] === 'opencrane';

/** Whether a Namespace is one of OpenCrane's making. */
export const isOpencraneNamespace = (namespace: KubeObject): boolean =>
  isPartOfOpencrane(namespace) || clusterTenantOfNamespace(namespace) !== undefined;

export function clusterTenantOfNamespace({ metadata }: KubeObject): string | undefined {
  const name = metadata.labels?.[CLUSTER_TENANT_LABEL];
  return name === '' ? undefined : name;
}

/** Which component of OpenCrane's charts a Deployment is; undefined for everything else. */
export function opencraneComponent(workload: Workload): OpencraneComponentName | undefined {
  const { labels } = workload.metadata;
  const component = OPENCRANE_COMPONENTS.find((name) => name === labels?.['app.kubernetes.io/component']);
  const chart = labels?.['app.kubernetes.io/name'] ?? '';
  // Charts: opencrane, and since 0.6.0 opencrane-fleet and opencrane-silo.
  const own = isPartOfOpencrane(workload) || chart === 'opencrane' || chart.startsWith('opencrane-');
  return own ? component : undefined;
}

/** The ClusterTenant that a Tenant belongs to; undefined for one that lives in the namespace of its instance. */
export function clusterTenantRef({ spec }: UserTenant): string | undefined {
  const reference = spec?.clusterTenantRef;
  const name = typeof reference === 'object' ? reference.name : reference;
  return name === '' ? undefined : name;
}
