import type { ContainerStatus, Pod } from '../model/pods.ts';

/** A container that waits, and in the kubelet's word why. */
export interface WaitingContainer {
  readonly container: string;
  readonly init: boolean;
  readonly reason: string;
  readonly message?: string;
}

/** On the way to running: waiting that says nothing. */
const ORDINARY: ReadonlySet<string> = new Set(['ContainerCreating', 'PodInitializing', '']);

/** Every waiting container, init containers first. A pod that is not scheduled has no container statuses yet. */
export function waitingContainers(pod: Pod): readonly WaitingContainer[] {
  const { initContainerStatuses, containerStatuses } = pod.status ?? {};
  return [
    ...(initContainerStatuses ?? []).flatMap((status) => waiting(status, true)),
    ...(containerStatuses ?? []).flatMap((status) => waiting(status, false)),
  ];
}

function waiting(status: ContainerStatus, init: boolean): readonly WaitingContainer[] {
  const state = status.state?.waiting;
  if (!state) return [];
  const { reason = '', message } = state;
  return [{ container: status.name, init, reason, ...(message === undefined ? {} : { message }) }];
}

/** Containers that wait for something that does not come by itself: CrashLoopBackOff, ImagePullBackOff, … */
export function stuckContainers(pod: Pod): readonly WaitingContainer[] {
  return waitingContainers(pod).filter(({ reason }) => !ORDINARY.has(reason));
}

/** True for pods that have ended, well or badly: they use no quota and pull no image (pkg/api/v1/pod `IsPodTerminal`). */
export function isFinished(pod: Pod): boolean {
  return pod.status?.phase === 'Succeeded' || pod.status?.phase === 'Failed';
}

/** Condition Ready: the pod serves. */
export function isReady(pod: Pod): boolean {
  return pod.status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True') ?? false;
}
