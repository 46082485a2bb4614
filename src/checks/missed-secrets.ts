import { eventCount, eventTime } from '../kubernetes/event.ts';
import type { Evidence } from '../model/finding.ts';
import type { Event } from '../model/kinds.ts';
import type { Pod } from '../model/pods.ts';
import { refOf } from '../kubernetes/resource-of.ts';

const RETRIEVE = /^Unable to retrieve some image pull secrets \(([^)]*)\)/;
const NOT_FOUND = /\bsecret "([^"]+)" not found/;

/**
 * The Secrets that the kubelet says it did not find: for a volume (then the pod does not start), or to pull with (a
 * warning that healthy pods get as well). Texts of pkg/kubelet/kubelet_pods.go and pkg/volume/secret.
 */
export function secretsNotFound({ reason, message = '' }: Event): readonly string[] {
  if (reason === 'FailedToRetrieveImagePullSecret')
    return (RETRIEVE.exec(message)?.[1] ?? '').split(/,\s*/).filter(Boolean);
  if (reason !== 'FailedMount') return [];
  const name = NOT_FOUND.exec(message)?.[1];
  return name === undefined ? [] : [name];
}

/** The events of a namespace in which the kubelet did not find one Secret. */
export function eventsOnMissingSecret(events: readonly Event[], secret: string): readonly Event[] {
  return events.filter((event) => secretsNotFound(event).includes(secret));
}

export function eventEvidence(event: Event): Evidence {
  const { involvedObject, message, reason } = event;
  const lastAt = eventTime(event);
  const { kind, name } = involvedObject ?? {};
  const namespace = involvedObject?.namespace ?? event.metadata.namespace;
  return {
    type: 'event',
    ...(kind === undefined || name === undefined
      ? {}
      : {
          object: {
            apiVersion: involvedObject?.apiVersion ?? 'v1',
            kind,
            ...(namespace === undefined ? {} : { namespace }),
            name,
          },
        }),
    ...(reason === undefined ? {} : { observed: reason }),
    ...(message === undefined ? {} : { message }),
    count: eventCount(event),
    ...(lastAt === undefined ? {} : { lastAt }),
  };
}

/** A Secret, or a key of it, that the kubelet does not find for a pod. */
export interface Missed {
  readonly secret: string;
  readonly key?: string;
  /** A container waits for it now; events may be out of date. */
  readonly current: boolean;
  readonly evidence: Evidence;
}

const NO_KEY = /couldn't find key (\S+) in Secret \S+\/(\S+)/;

/**
 * What the kubelet says it does not find for these pods, for a volume or a variable: in containers that wait
 * (pkg/kubelet/kubelet_pods.go `makeEnvironmentVariables`), and in events about pods that have not started.
 */
export function secretsTheKubeletMisses(pods: readonly Pod[], events: readonly Event[]): readonly Missed[] {
  const waiting = new Map(
    pods.filter(({ status }) => status?.phase === 'Pending').map((pod) => [pod.metadata.name, pod]),
  );
  const inEvents = events
    .filter(({ reason, involvedObject }) => reason === 'FailedMount' && waiting.has(involvedObject?.name ?? ''))
    .flatMap((event) =>
      secretsNotFound(event).map((secret) => ({ secret, current: false, evidence: eventEvidence(event) })),
    );
  return [...pods.flatMap(missedByContainers), ...inEvents];
}

function missedByContainers(pod: Pod): readonly Missed[] {
  const statuses = [...(pod.status?.initContainerStatuses ?? []), ...(pod.status?.containerStatuses ?? [])];
  return statuses.flatMap(({ state }) => {
    const { reason, message = '' } = state?.waiting ?? {};
    if (reason !== 'CreateContainerConfigError') return [];
    const [, key, keyed] = NO_KEY.exec(message) ?? [];
    const secret = keyed ?? NOT_FOUND.exec(message)?.[1];
    if (secret === undefined) return [];
    const evidence: Evidence = { type: 'condition', object: refOf('pods', pod), observed: reason, message };
    return [{ secret, ...(key === undefined ? {} : { key }), current: true, evidence }];
  });
}
