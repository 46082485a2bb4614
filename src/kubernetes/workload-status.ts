import type { CronJob, Job, Workload } from '../model/kinds.ts';
import type { Condition, KubeObject } from '../model/object.ts';
import type { Pod } from '../model/pods.ts';
import type { Resource } from '../model/resource.ts';
import { isFinished, isReady, stuckContainers } from './pod-status.ts';

/**
 * `idle`: nothing is wanted of it (scaled to 0, paused, suspended, finished). `unknown`: it has no status, as in
 * manifests.
 */
export type WorkloadState = 'ready' | 'progressing' | 'failing' | 'idle' | 'unknown';

export interface WorkloadStatus {
  readonly state: WorkloadState;
  readonly wanted: number;
  readonly ready: number;
  /** Why it is failing or idle: a condition's or container's reason, or `paused`, `scaled to 0`, `suspended`, … */
  readonly reason?: string;
  readonly message?: string;
  /** RFC 3339: since when, where the status says so; StatefulSets and DaemonSets leave it to their pods. */
  readonly since?: string;
}

/**
 * How a workload does, by its own status alone (`kubectl rollout status`, the conditions of the Deployment and Job
 * controllers). Undefined for resources that are none.
 */
export function workloadStatus(resource: Resource, object: KubeObject): WorkloadStatus | undefined {
  return JUDGES[resource]?.(object);
}

const conditionOf = ({ status }: Workload | Job | Pod, type: string, value: 'True' | 'False'): Condition | undefined =>
  status?.conditions?.find((condition) => condition.type === type && condition.status === value);

/** The number of replicas that are wanted: 1 where none is given, as the API server defaults it. */
export function wantedReplicas(workload: Workload): number {
  return workload.spec?.replicas ?? 1;
}

function deployment(workload: Workload): WorkloadStatus {
  // A Deployment always replaces old pods; a StatefulSet may be told to keep them (OnDelete, partition).
  return replicated(workload, workload.status?.updatedReplicas ?? 0);
}

function replicated(workload: Workload, updated = Infinity): WorkloadStatus {
  const { spec, status } = workload;
  const counts = { wanted: wantedReplicas(workload), ready: status?.readyReplicas ?? 0 };
  if (counts.wanted === 0) return { state: 'idle', ...counts, reason: 'scaled to 0' };
  if (spec?.paused) return { state: 'idle', ...counts, reason: 'paused' };
  if (!status) return { state: 'unknown', ...counts };
  const failure = conditionOf(workload, 'ReplicaFailure', 'True') ?? conditionOf(workload, 'Progressing', 'False');
  if (failure) return { state: 'failing', ...counts, ...told(failure) };
  const reached = observed(workload) && Math.min(counts.ready, updated) >= counts.wanted;
  return reached ? { state: 'ready', ...counts } : { state: 'progressing', ...counts, ...unavailableSince(workload) };
}

/** The status is of the present spec; a controller that does not run leaves it behind. */
function observed({ metadata, status }: Workload): boolean {
  return (status?.observedGeneration ?? 0) >= (metadata.generation ?? 0);
}

function unavailableSince(workload: Workload): Pick<WorkloadStatus, 'since'> {
  const rolling = conditionOf(workload, 'Progressing', 'True');
  const since = conditionOf(workload, 'Available', 'False')?.lastTransitionTime ?? rolling?.lastUpdateTime;
  return since ? { since } : {};
}

function told({
  reason,
  message,
  lastTransitionTime,
}: Condition): Pick<WorkloadStatus, 'reason' | 'message' | 'since'> {
  return {
    ...(reason === undefined ? {} : { reason }),
    ...(message === undefined ? {} : { message }),
    ...(lastTransitionTime ? { since: lastTransitionTime } : {}),
  };
}

function daemonSet(workload: Workload): WorkloadStatus {
  const { status } = workload;
  const counts = { wanted: status?.desiredNumberScheduled ?? 0, ready: status?.numberReady ?? 0 };
  if (!status) return { state: 'unknown', ...counts };
  if (!observed(workload)) return { state: 'progressing', ...counts };
  if (counts.wanted === 0) return { state: 'idle', ...counts, reason: 'no node to run on' };
  return { state: counts.ready >= counts.wanted ? 'ready' : 'progressing', ...counts };
}

function job(object: Job): WorkloadStatus {
  const { spec, status } = object;
  const counts = { wanted: spec?.completions ?? 1, ready: status?.succeeded ?? 0 };
  const failed = conditionOf(object, 'Failed', 'True') ?? conditionOf(object, 'FailureTarget', 'True');
  if (failed) return { state: 'failing', ...counts, ...told(failed) };
  if (conditionOf(object, 'Complete', 'True')) return { state: 'idle', ...counts, reason: 'finished' };
  if (spec?.suspend) return { state: 'idle', ...counts, reason: 'suspended' };
  return { state: status ? 'progressing' : 'unknown', ...counts };
}

/** A CronJob has no health of its own: its Jobs do. */
function cronJob({ spec }: CronJob): WorkloadStatus {
  const none = { wanted: 0, ready: 0 };
  return spec?.suspend ? { state: 'idle', ...none, reason: 'suspended' } : { state: 'ready', ...none };
}

function pod(object: Pod): WorkloadStatus {
  const counts = { wanted: 1, ready: isReady(object) ? 1 : 0 };
  if (object.status?.phase === undefined) return { state: 'unknown', ...counts };
  if (isFinished(object)) return { ...endOf(object), ...counts };
  const [stuck] = stuckContainers(object);
  if (stuck) {
    const { reason, message } = stuck;
    return { state: 'failing', ...counts, reason, ...(message === undefined ? {} : { message }) };
  }
  if (counts.ready > 0) return { state: 'ready', ...counts };
  const since = conditionOf(object, 'Ready', 'False')?.lastTransitionTime ?? object.metadata.creationTimestamp;
  return { state: 'progressing', ...counts, ...(since ? { since } : {}) };
}

function endOf({ status }: Pod): Pick<WorkloadStatus, 'state' | 'reason' | 'message'> {
  if (status?.phase === 'Succeeded') return { state: 'idle', reason: 'finished' };
  const message = status?.message;
  return { state: 'failing', reason: status?.reason ?? 'Failed', ...(message === undefined ? {} : { message }) };
}

const JUDGES: Partial<Record<Resource, (object: KubeObject) => WorkloadStatus>> = {
  'deployments.apps': deployment,
  'statefulsets.apps': (object) => replicated(object),
  'replicasets.apps': (object) => replicated(object),
  'daemonsets.apps': daemonSet,
  'jobs.batch': job,
  'cronjobs.batch': cronJob,
  pods: pod,
};
