import type { CronJob, Job, Workload } from '../model/kinds.ts';
import { type KubeObject, type ObjectRef, type OwnerReference } from '../model/object.ts';
import type { Pod, PodSpec, PodTemplate } from '../model/pods.ts';
import { RESOURCES, type Resource } from '../model/resource.ts';
import { refOf, resourceOf } from './resource-of.ts';

/** Looks an object up: a snapshot's or a view's `find`. */
export type FindObject = (
  resource: Resource,
  name: string,
  namespace?: string,
) => KubeObject | 'absent' | 'unknown' | undefined;

export interface RootOwner {
  readonly ref: ObjectRef;
  /** Undefined where only the reference to it is known. */
  readonly object?: KubeObject;
  readonly resource?: Resource;
}

const MAX_DEPTH = 8;

/** The reference of `ownerReferences` that is the controller; at most one can be (apimachinery metav1.GetControllerOf). */
export function controllerOf(object: KubeObject): OwnerReference | undefined {
  return object.metadata.ownerReferences?.find(({ controller }) => controller === true);
}

/**
 * The object at the top of the chain of controllers: Pod → ReplicaSet → Deployment, Pod → Job → CronJob. Where a link
 * is missing, of an unknown kind, or has another uid (deleted and made anew), the reference to it is the answer. Static
 * pods are controlled by their Node and own themselves.
 */
export function rootOwner(resource: Resource, object: KubeObject, find: FindObject): RootOwner {
  let current: Found = { object, resource };
  for (let depth = 0; depth < MAX_DEPTH; depth++) {
    const controller = controllerOf(current.object);
    if (!controller || controller.kind === 'Node') break;
    const owner = lookUp(controller, current.object.metadata.namespace, find);
    if ('ref' in owner) return owner;
    current = owner;
  }
  return { ref: refOf(current.resource, current.object), ...current };
}

interface Found {
  readonly object: KubeObject;
  readonly resource: Resource;
}

/** The owner, from where the search goes on; or where it ends, because only the reference is known. */
function lookUp(controller: OwnerReference, around: string | undefined, find: FindObject): Found | RootOwner {
  const { apiVersion, kind, name, uid } = controller;
  const resource = resourceOf(apiVersion, kind);
  const namespace = resource === undefined || RESOURCES[resource].namespaced ? around : undefined;
  const found = resource && find(resource, name, namespace);
  if (resource && typeof found === 'object' && (found.metadata.uid ?? uid) === uid) return { object: found, resource };
  // One with another uid was made anew under the name: then nothing is known of the one that is meant.
  const unread = typeof found === 'object' ? undefined : deploymentOf(controller, namespace, find);
  const { object } = unread ?? {};
  if (object) return { object, resource: 'deployments.apps' };
  return { ref: { apiVersion, kind, ...(namespace === undefined ? {} : { namespace }), name } };
}

/** A ReplicaSet that was not read is taken for that of the Deployment whose name it extends. */
export function deploymentOf(
  { kind, name }: Pick<OwnerReference, 'kind' | 'name'>,
  namespace: string | undefined,
  find: FindObject,
): RootOwner | undefined {
  const found = kind === 'ReplicaSet' ? find('deployments.apps', name.replace(/-[^-]*$/, ''), namespace) : undefined;
  if (typeof found !== 'object') return undefined;
  return { ref: refOf('deployments.apps', found), object: found, resource: 'deployments.apps' };
}

/**
 * The pod template of an object of WORKLOADS (or a ReplicaSet): metadata and spec of the pods it makes; a Pod is its own.
 * Undefined for other resources and where a file left it out.
 */
export function podTemplateOf(resource: Resource, object: KubeObject): PodTemplate | undefined {
  if (resource === 'pods') {
    const { metadata, spec } = object as Pod;
    return spec ? { metadata, spec } : undefined;
  }
  if (resource === 'cronjobs.batch') return (object as CronJob).spec?.jobTemplate?.spec?.template;
  return TEMPLATED.has(resource) ? (object as Workload | Job).spec?.template : undefined;
}

const TEMPLATED: ReadonlySet<Resource> = new Set([
  'deployments.apps',
  'statefulsets.apps',
  'daemonsets.apps',
  'replicasets.apps',
  'jobs.batch',
]);

/**
 * The service account of a pod: `default` where none is named, which admission fills in
 * (plugin/pkg/admission/serviceaccount); `serviceAccount` is the deprecated alias.
 */
export function accountName(spec: PodSpec | undefined): string {
  return [spec?.serviceAccountName, spec?.serviceAccount].find(Boolean) ?? 'default';
}
