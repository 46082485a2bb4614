import { isFinished, isReady, stuckContainers } from '../kubernetes/pod-status.ts';
import type { Condition } from '../model/object.ts';
import type { Pod } from '../model/pods.ts';
import { ageOf, MINUTE } from './drafting.ts';

/** As long as a Deployment may take by default (apps/v1 `progressDeadlineSeconds`). */
const PATIENCE = 10 * MINUTE;

/** Whether what began then has had its time. */
export function isLate(since: string, now: number): boolean {
  return (ageOf(since, now) ?? 0) > PATIENCE;
}

/** Why one pod does not do what it should. */
export interface PodTrouble {
  readonly pod: Pod;
  readonly reason: string;
  readonly container?: string;
  readonly message?: string;
  readonly since?: string;
}

/** A pull that fails may just be slow to succeed; what keeps failing has a check of its own. */
const PULLING = new Set(['ErrImagePull', 'ImagePullBackOff']);

/** A container that waits for what does not come by itself; else a pod that is pending or not ready for ten minutes. */
export function podTrouble(pod: Pod, now: number): PodTrouble | undefined {
  if (isFinished(pod)) return undefined;
  const since = notReadySince(pod);
  const late = since !== undefined && isLate(since, now);
  const trouble = stuckTrouble(pod, late) ?? (late && !isReady(pod) ? slowTrouble(pod) : undefined);
  return trouble && { pod, ...trouble, ...(since === undefined ? {} : { since }) };
}

type Told = Omit<PodTrouble, 'pod' | 'since'>;

function stuckTrouble(pod: Pod, late: boolean): Told | undefined {
  const stuck = stuckContainers(pod);
  const found = stuck.find(({ reason }) => !PULLING.has(reason)) ?? (late ? stuck[0] : undefined);
  if (!found) return undefined;
  const { container, reason, message } = found;
  return { container, reason, ...(message === undefined ? {} : { message }) };
}

function slowTrouble({ spec, status }: Pod): Told | undefined {
  const scheduled = conditionOf(status, 'PodScheduled');
  if (scheduled?.status === 'False') {
    const { reason = 'Unschedulable', message } = scheduled;
    return { reason, ...(message === undefined ? {} : { message }) };
  }
  if (status?.phase === 'Pending') return { reason: 'Pending' };
  // Where pods are run to their end, a container that is done makes its pod not ready.
  const runsForever = (spec?.restartPolicy ?? 'Always') === 'Always';
  return runsForever && status?.phase === 'Running' ? { reason: 'not ready' } : undefined;
}

function notReadySince(pod: Pod): string | undefined {
  const ready = conditionOf(pod.status, 'Ready');
  return (ready?.status === 'False' ? ready.lastTransitionTime : null) ?? pod.metadata.creationTimestamp ?? undefined;
}

/** The condition of this type, whatever it says. */
export function conditionOf(
  status: { readonly conditions?: readonly Condition[] | null } | undefined,
  type: string,
): Condition | undefined {
  return status?.conditions?.find((condition) => condition.type === type);
}
