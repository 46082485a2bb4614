import { isFinished } from '../kubernetes/pod-status.ts';
import { workloadStatus, type WorkloadStatus } from '../kubernetes/workload-status.ts';
import type { CronJob, Job, Workload } from '../model/kinds.ts';
import type { Pod } from '../model/pods.ts';
import { conditionOf, isLate, podTrouble, type PodTrouble } from './pod-trouble.ts';
import type { RootWorkload } from './root-workloads.ts';

/** Why a workload is not as it should be: by its own status, by its pods, or both. */
export interface Trouble {
  readonly reason: string;
  readonly message?: string;
  readonly since?: string;
  readonly status?: WorkloadStatus;
  readonly pods: readonly PodTrouble[];
}

export interface TroubleContext {
  readonly now: number;
  /** Whether every pod of the namespace is known. */
  readonly podsKnown: boolean;
  /** Jobs of CronJobs, by the CronJob's name. */
  readonly jobs: ReadonlyMap<string, readonly Job[]>;
}

/** Undefined where a workload is well, idle, or has not had its time yet; `unknown` where it has no status. */
export function troubleOf(root: RootWorkload, context: TroubleContext): Trouble | 'unknown' | undefined {
  const { object, resource } = root;
  if (resource === 'pods' && object) return troubleOfPod(object, context);
  const status = object && resource ? workloadStatus(resource, object) : undefined;
  if (status?.state === 'idle') return undefined;
  const pods = root.pods.flatMap((pod) => podTrouble(pod, context.now) ?? []);
  if (object && resource === 'cronjobs.batch') return troubleOfCronJob(object, pods, context);
  if (!status) return pods.length > 0 ? troubleOfPods(pods) : undefined;
  return troubleByStatus(root, status, pods, context);
}

function troubleByStatus(
  root: RootWorkload,
  status: WorkloadStatus,
  pods: readonly PodTrouble[],
  context: TroubleContext,
): Trouble | 'unknown' | undefined {
  if (status.state === 'failing') return told(status, pods);
  if (pods.length > 0) return { ...troubleOfPods(pods), status };
  if (status.state === 'unknown') return 'unknown';
  return status.state === 'progressing' ? late(root, status, context) : undefined;
}

function troubleOfPods(pods: readonly PodTrouble[]): Trouble {
  return { reason: pods[0]?.reason ?? '', ...sinceOf(pods), pods };
}

/** What runs now, else how its newest Job ended: an older failure is history. */
function troubleOfCronJob(
  { metadata }: CronJob,
  pods: readonly PodTrouble[],
  { jobs }: TroubleContext,
): Trouble | undefined {
  if (pods.length > 0) return troubleOfPods(pods);
  const made = [...(jobs.get(metadata.name) ?? [])].sort((a, b) => (createdAt(a) < createdAt(b) ? 1 : -1));
  const status = made[0] && workloadStatus('jobs.batch', made[0]);
  return status?.state === 'failing' ? told(status, []) : undefined;
}

const createdAt = ({ metadata }: Job): string => metadata.creationTimestamp ?? '';

function told(status: WorkloadStatus, pods: readonly PodTrouble[]): Trouble {
  const { message, since } = status;
  return {
    reason: status.reason ?? 'failed',
    ...(message === undefined ? {} : { message }),
    ...(since === undefined ? sinceOf(pods) : { since }),
    status,
    pods,
  };
}

function sinceOf(pods: readonly PodTrouble[]): { since?: string } {
  const [since] = pods.flatMap((trouble) => trouble.since ?? []).sort();
  return since === undefined ? {} : { since };
}

/** A pod that nothing makes again: it is lost once it has failed. */
function troubleOfPod(pod: Pod, { now }: TroubleContext): Trouble | 'unknown' | undefined {
  const status = workloadStatus('pods', pod);
  if (status?.state === 'unknown') return 'unknown';
  if (isFinished(pod)) return status?.state === 'failing' ? told(status, []) : undefined;
  const trouble = podTrouble(pod, now);
  return trouble && { reason: trouble.reason, ...sinceOf([trouble]), pods: [trouble] };
}

/**
 * Fewer pods than wanted, and no pod that tells why. A Deployment's condition Progressing keeps its time when it is only
 * scaled, so it counts just where pods are missing altogether.
 */
function late(root: RootWorkload, status: WorkloadStatus, { now, podsKnown }: TroubleContext): Trouble | undefined {
  const { object, pods, resource } = root;
  const alive = pods.filter((pod) => !isFinished(pod)).length;
  // Between two attempts of a Job there is no pod, but the failed ones stay.
  const missing = resource === 'jobs.batch' ? pods.length === 0 : alive < status.wanted;
  const begun = podsKnown && missing ? (status.since ?? object?.metadata.creationTimestamp) : undefined;
  const since = unavailableSince(object) ?? begun ?? undefined;
  if (since === undefined || !isLate(since, now)) return undefined;
  return { reason: missing ? 'pods are missing' : 'pods are not ready', since, status, pods: [] };
}

function unavailableSince(workload: Workload | undefined): string | undefined {
  const available = conditionOf(workload?.status, 'Available');
  return available?.status === 'False' ? (available.lastTransitionTime ?? undefined) : undefined;
}
