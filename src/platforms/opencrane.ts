import {
  isOpencraneNamespace,
  opencraneComponent,
  OPENCRANE_GROUP,
  TENANT_LABEL,
} from '../kubernetes/opencrane-names.ts';
import { refOf } from '../kubernetes/resource-of.ts';
import type { AccountRef } from '../model/access.ts';
import { compareNames, groupOf, type KubeObject, type ObjectRef } from '../model/object.ts';
import type { OpencraneInstance, OpencranePlatform } from '../model/opencrane.ts';
import type { Settings } from '../model/platform.ts';
import type { Detection } from '../model/profile.ts';
import type { ReadScope } from '../model/reading.ts';
import { RESOURCES, type Resource } from '../model/resource.ts';
import type { Snapshot } from '../model/snapshot.ts';
import { findInstances } from './opencrane-instances.ts';
import { opencraneTenants, selectTenants } from './opencrane-tenants.ts';

/** Which namespaces are tenants'. */
export const OPENCRANE_SECOND = [
  'clustertenants.opencrane.io',
  'tenants.opencrane.io',
] as const satisfies readonly Resource[];

export const OPENCRANE_READS = [
  'namespaces',
  'deployments.apps',
  'configmaps',
  ...OPENCRANE_SECOND,
] as const satisfies readonly Resource[];

/** Its Deployments, or namespaces that it made. */
export function isOpencraneThere(first: Snapshot): boolean {
  return (
    first.list('deployments.apps').some((workload) => opencraneComponent(workload) !== undefined) ||
    first.list('namespaces').some(isOpencraneNamespace)
  );
}

/**
 * Finds OpenCrane by its Deployments, its namespaces or its objects. CRDs alone are no platform, as they stay behind when
 * the last instance goes, unless the user says that it is there.
 */
export function detectOpencrane(snapshot: Snapshot, settings: Settings): Detection<'opencrane'> {
  const instances = findInstances(snapshot);
  const detectedBy = [
    ...instances.flatMap(({ components }) => components.map(({ deployment }) => refOf('deployments.apps', deployment))),
    ...OPENCRANE_SECOND.flatMap((resource) =>
      snapshot.list<Resource>(resource).map((object) => refOf(resource, object)),
    ),
    ...snapshot
      .list('namespaces')
      .filter(isOpencraneNamespace)
      .map((namespace) => refOf('namespaces', namespace)),
    ...(settings.platforms?.includes('opencrane') ? definitions(snapshot) : []),
  ];
  if (detectedBy.length > 0) return { platform: describe(snapshot, settings, instances, detectedBy) };
  const none = 'no Deployment, Tenant or ClusterTenant of OpenCrane was found';
  return { none, gaps: snapshot.gaps('deployments.apps') };
}

function definitions(snapshot: Snapshot): readonly ObjectRef[] {
  const resource = 'customresourcedefinitions.apiextensions.k8s.io';
  return snapshot
    .list(resource)
    .filter(({ spec }) => spec?.group === OPENCRANE_GROUP)
    .map((definition) => refOf(resource, definition));
}

/** Enough to know it by; a fleet has hundreds. */
const SHOWN = 10;

function describe(
  snapshot: Snapshot,
  settings: Settings,
  instances: readonly OpencraneInstance[],
  detectedBy: readonly ObjectRef[],
): OpencranePlatform {
  const own = ownNamespacesOf(instances);
  const allTenants = opencraneTenants(snapshot, new Set(own));
  const tenants = selectTenants(allTenants, settings);
  const taken = new Set(allTenants.map(({ namespace }) => namespace));
  const [only, ...others] = own;
  const account = settings.account ?? accountOf(instances);
  return {
    id: 'opencrane',
    ...(only !== undefined && others.length === 0 ? { platformNamespace: only } : {}),
    ownNamespaces: own.filter((namespace) => !taken.has(namespace)),
    ...(account ? { account } : {}),
    tenants,
    allTenants,
    selection: {
      except: settings.excludeOrgs ?? [],
      ...(settings.orgs || settings.namespaces ? { only: settings.orgs ?? tenants.map(({ id }) => id) } : {}),
    },
    detectedBy: detectedBy.slice(0, SHOWN),
    overridden: settings.account ? ['account'] : [],
    instances,
  };
}

/** Where its own Deployments run. */
const ownNamespacesOf = (instances: readonly OpencraneInstance[]): readonly string[] =>
  [...new Set(instances.map(({ namespace }) => namespace))].sort(compareNames);

/** Of the one instance there is: several have an account each. */
function accountOf([only, ...others]: readonly OpencraneInstance[]): AccountRef | undefined {
  const component = only?.components[0];
  return only && component && others.length === 0 ? { namespace: only.namespace, name: component.account } : undefined;
}

/** Where to look: the namespaces of instances, and those of tenants as far as they are known. */
export function opencraneScope(seen: Snapshot, settings: Settings): ReadScope {
  const platformNamespaces = ownNamespacesOf(findInstances(seen));
  const tenants = selectTenants(opencraneTenants(seen, new Set(platformNamespaces)), settings);
  const existing = tenants.filter(({ exists }) => exists !== false).map(({ namespace }) => namespace);
  const namespaces = [...new Set([...platformNamespaces, ...existing])];
  const belongs = new Set(namespaces);
  return {
    platformNamespaces,
    namespaces,
    // Whether instances and customers are apart is seen in the whole cluster alone.
    narrow: false,
    keeps: (resource, object) =>
      object.metadata.namespace === undefined || belongs.has(object.metadata.namespace) || concerns(resource, object),
  };
}

/** Whether an object in a foreign namespace says something about OpenCrane. */
function concerns(resource: Resource, object: KubeObject): boolean {
  // Subjects of bindings may be accounts of any namespace, and accounts are small.
  if (resource === 'serviceaccounts') return true;
  if (groupOf(RESOURCES[resource].apiVersion) === OPENCRANE_GROUP) return true;
  if (resource === 'deployments.apps' && opencraneComponent(object) !== undefined) return true;
  // A tenant's workload where it does not belong.
  return object.metadata.labels?.[TENANT_LABEL] !== undefined;
}
