import { controllerOf, podTemplateOf, rootOwner, type FindObject } from '../kubernetes/owners.ts';
import { refOf } from '../kubernetes/resource-of.ts';
import { valueAt } from '../kubernetes/json-value.ts';
import type { View } from '../model/check.ts';
import type { Job } from '../model/kinds.ts';
import { qualifiedName, type KubeObject, type ObjectRef } from '../model/object.ts';
import type { Pod, PodSpec } from '../model/pods.ts';
import { WORKLOADS, type Kinds, type Resource } from '../model/resource.ts';

/** What leads from a pod to the workload that a person would edit. */
export const POD_OWNERS = [
  'replicasets.apps',
  'deployments.apps',
  'statefulsets.apps',
  'daemonsets.apps',
  'jobs.batch',
  'cronjobs.batch',
] as const satisfies readonly Resource[];
export type PodOwner = (typeof POD_OWNERS)[number];

interface OwnerSource extends Pick<View, 'shared'> {
  known<K extends PodOwner>(resource: K, name: string, namespace?: string): Kinds[K] | undefined;
}

/** A workload (or a pod on its own) and the pods of it that exist. */
export interface PodGroup {
  readonly ref: ObjectRef;
  readonly pods: readonly Pod[];
}

/** `Deployment/crewai-org-4/org-4-crew-1-sales-web`: how findings about one workload find each other. */
export function objectKey(ref: ObjectRef): string {
  return `${ref.kind}/${qualifiedName(ref)}`;
}

/** Pods of one namespace by the workload at the top of their owners, in the order of the pods; keyed by objectKey. */
export function podsByWorkload(
  view: OwnerSource,
  pods: readonly Pod[],
  namespace: string,
): ReadonlyMap<string, PodGroup> {
  const find = ownerFinder(view, namespace);
  const known = view.shared(rootsByPod);
  const groups = new Map<string, { ref: ObjectRef; pods: Pod[] }>();
  for (const pod of pods) {
    const root = known.get(pod) ?? rootOf(pod, find);
    known.set(pod, root);
    const { ref, key } = root;
    const group = groups.get(key);
    if (group) group.pods.push(pod);
    else groups.set(key, { ref, pods: [pod] });
  }
  return groups;
}

interface Root {
  readonly ref: ObjectRef;
  readonly key: string;
}

const rootsByPod = (): Map<Pod, Root> => new Map();

function rootOf(pod: Pod, find: FindObject): Root {
  const { ref } = rootOwner('pods', pod, find);
  return { ref, key: objectKey(ref) };
}

/**
 * Finds owners among the evidence of one namespace. What a person edits ends the search: a Deployment that a custom
 * resource controls is still the Deployment.
 */
function ownerFinder(view: OwnerSource, namespace: string): FindObject {
  return (resource, name) => {
    const kind = POD_OWNERS.find((candidate) => candidate === resource);
    if (kind === undefined) return undefined;
    const owner: KubeObject | undefined = view.known(kind, name, namespace);
    return owner && ends(kind, owner) ? withoutOwners(owner) : owner;
  };
}

function ends(resource: PodOwner, object: KubeObject): boolean {
  if (resource === 'replicasets.apps') return false;
  return resource !== 'jobs.batch' || controllerOf(object)?.kind !== 'CronJob';
}

const withoutOwners = (object: KubeObject): KubeObject =>
  controllerOf(object) ? { ...object, metadata: { ...object.metadata, ownerReferences: [] } } : object;

/** Something whose pod template can be judged, with the pods it has now. */
export interface Subject extends PodGroup {
  readonly resource: Resource;
  readonly object: KubeObject;
  readonly spec: PodSpec;
}

/**
 * Everything of one namespace that runs pods or will: workloads that are not idle, and pods that none of them made.
 * Looks at all of WORKLOADS, so that what could not be listed is remembered.
 */
export function subjectsIn(
  view: View<(typeof WORKLOADS)[number] | 'replicasets.apps'>,
  namespace: string,
): readonly Subject[] {
  const groups = new Map(podsByWorkload(view, view.list('pods', namespace), namespace));
  const subjects: Subject[] = [];
  for (const resource of WORKLOADS) {
    if (resource === 'pods') continue;
    for (const object of view.list(resource, namespace)) {
      const ref = refOf(resource, object);
      const pods = groups.get(objectKey(ref))?.pods ?? [];
      groups.delete(objectKey(ref));
      const spec = podTemplateOf(resource, object)?.spec;
      if (spec && !isIdle(resource, object)) subjects.push({ ref, resource, object, spec, pods });
    }
  }
  return [...subjects, ...[...groups.values()].flatMap(withoutWorkload)];
}

/** Pods that no listed workload makes, judged by the first that still runs; static pods are the node's own matter. */
function withoutWorkload({ ref, pods }: PodGroup): readonly Subject[] {
  const pod = pods.find((candidate) => !isFinished(candidate));
  return pod?.spec ? [{ ref, resource: 'pods', object: pod, spec: pod.spec, pods }] : [];
}

export function isFinished({ status }: Pod): boolean {
  return status?.phase === 'Succeeded' || status?.phase === 'Failed';
}

/** Makes no pod now: scaled to nothing, suspended, finished, going away, or made by a CronJob that is judged itself. */
function isIdle(resource: Resource, object: KubeObject): boolean {
  if (object.metadata.deletionTimestamp) return true;
  const spec = valueAt(object, 'spec');
  if (valueAt(spec, 'replicas') === 0 || valueAt(spec, 'suspend') === true) return true;
  return resource === 'jobs.batch' && (controllerOf(object)?.kind === 'CronJob' || isOver(object));
}

function isOver({ status }: Job): boolean {
  return (status?.conditions ?? []).some(
    ({ type, status: state }) => (type === 'Complete' || type === 'Failed') && state === 'True',
  );
}
