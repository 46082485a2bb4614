import { minutesAgo } from './scenario.ts';
import { document } from './registry.ts';

/** An event about a pod, as a YAML document for a scenario's `with`. */
export function podEvent(namespace: string, pod: string, reason: string, message: string): string {
  return document({
    apiVersion: 'v1',
    kind: 'Event',
    metadata: { name: `${pod}.${reason.toLowerCase()}`, namespace },
    type: 'Warning',
    reason,
    message,
    count: 3,
    lastTimestamp: minutesAgo(2),
    involvedObject: { apiVersion: 'v1', kind: 'Pod', namespace, name: pod },
  });
}
