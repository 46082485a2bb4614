import type { AccessRule } from '../model/access.ts';
import { groupOf, type KubeObject, type ObjectRef } from '../model/object.ts';
import { RESOURCE_NAMES, RESOURCES, UNLISTED, type Resource } from '../model/resource.ts';

/** Groups in which kinds were served before they moved (Kubernetes deprecation guide). */
const FORMER_GROUPS: Readonly<Record<string, string>> = {
  'extensions/Deployment': 'apps',
  'extensions/DaemonSet': 'apps',
  'extensions/ReplicaSet': 'apps',
  'extensions/Ingress': 'networking.k8s.io',
  'events.k8s.io/Event': '',
};

const LISTED = RESOURCE_NAMES.filter((resource) => RESOURCES[resource].from === undefined && !UNLISTED.has(resource));
/** No two of them are of one kind in different groups. */
const BY_KIND: ReadonlyMap<string, Resource> = new Map(LISTED.map((resource) => [RESOURCES[resource].kind, resource]));

/** The resource of an apiVersion (any version of the group, also former groups) and kind; undefined for other kinds. */
export function resourceOf(apiVersion: string, kind: string): Resource | undefined {
  const resource = BY_KIND.get(kind);
  if (resource === undefined || apiVersion === RESOURCES[resource].apiVersion) return resource;
  const group = groupOf(apiVersion);
  const present = FORMER_GROUPS[`${group}/${kind}`] ?? group;
  return present === groupOf(RESOURCES[resource].apiVersion) ? resource : undefined;
}

/** Names an object of a resource: apiVersion and kind are the resource's, since items of API lists carry neither. */
export function refOf(resource: Resource, object: KubeObject): ObjectRef {
  const { apiVersion, kind, namespaced, from } = RESOURCES[resource];
  const { name, namespace } = object.metadata;
  return {
    apiVersion,
    // A derived item may come from another kind than the one that is usual (a spec in a ConfigMap).
    kind: from === undefined ? kind : (object.kind ?? kind),
    ...(namespaced && namespace !== undefined ? { namespace } : {}),
    name,
  };
}

/** `plural.group` of a resource as permissions and gaps name it; derived resources are named by what is read for them. */
export function resourceName(resource: Resource): string {
  const { plural, apiVersion } = RESOURCES[resource];
  const group = groupOf(apiVersion);
  return group === '' ? plural : `${plural}.${group}`;
}

/** The resource that a right is about; undefined for what no listing holds. */
export function resourceOfRule({ group, resource }: Pick<AccessRule, 'group' | 'resource'>): Resource | undefined {
  return RESOURCE_NAMES.find((name) => {
    const { apiVersion, plural } = RESOURCES[name];
    return plural === resource && groupOf(apiVersion) === group;
  });
}
