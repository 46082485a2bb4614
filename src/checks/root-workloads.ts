import { controllerOf } from '../kubernetes/owners.ts';
import { refOf, resourceOf } from '../kubernetes/resource-of.ts';
import type { View } from '../model/check.ts';
import type { KubeObject, ObjectRef } from '../model/object.ts';
import type { Pod } from '../model/pods.ts';
import { WORKLOADS, type Resource } from '../model/resource.ts';
import { objectKey, podsByWorkload, type PodGroup } from './workload-subjects.ts';

/** Everything that runs pods, with the ReplicaSets that lead from a pod to its Deployment. */
export const ROOT_READS = [...WORKLOADS, 'replicasets.apps'] as const satisfies readonly Resource[];
export type RootResource = (typeof ROOT_READS)[number];

/** A workload that no other workload makes: what a person would edit, idle or not. */
export interface RootWorkload {
  readonly ref: ObjectRef;
  /** Undefined for kinds that are not read (a custom resource that makes pods). */
  readonly resource?: RootResource;
  /** Undefined where only the reference of its pods to it is known. */
  readonly object?: KubeObject;
  /** Those of its pods that are not going away. */
  readonly pods: readonly Pod[];
}

/** Every root workload of one namespace, pods on their own last. What could not be listed is remembered as a gap. */
export function rootWorkloads(view: View<RootResource>, namespace: string): readonly RootWorkload[] {
  const pods = view.list('pods', namespace).filter(({ metadata }) => !metadata.deletionTimestamp);
  const groups = new Map(podsByWorkload(view, pods, namespace));
  const roots: RootWorkload[] = [];
  for (const resource of ROOT_READS) {
    if (resource === 'pods') continue;
    for (const object of view.list(resource, namespace)) {
      if (isMade(resource, object)) continue;
      const ref = refOf(resource, object);
      const own = groups.get(objectKey(ref))?.pods ?? [];
      groups.delete(objectKey(ref));
      if (!object.metadata.deletionTimestamp) roots.push({ ref, resource, object, pods: own });
    }
  }
  return [...roots, ...[...groups.values()].flatMap(withoutListedOwner)];
}

/** Pods on their own, and pods whose owner is of a kind that is not read or could not be listed. */
function withoutListedOwner(group: PodGroup): readonly RootWorkload[] {
  const [pod] = group.pods;
  // Static pods come from a file on their node; nothing in the API is to be changed about them.
  if (!pod || controllerOf(pod)?.kind === 'Node') return [];
  const resource = ROOT_READS.find((name) => name === resourceOf(group.ref.apiVersion, group.ref.kind));
  if (resource === undefined) return [group];
  return [resource === 'pods' ? { ...group, resource, object: pod } : { ...group, resource }];
}

/** Jobs of CronJobs and ReplicaSets of whatever controls them are judged with their makers. */
function isMade(resource: RootResource, object: KubeObject): boolean {
  const controller = controllerOf(object);
  return resource === 'replicasets.apps' ? controller !== undefined : controller?.kind === 'CronJob';
}
