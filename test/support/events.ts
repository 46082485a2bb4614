import type { ReportedRefusal } from '../../src/model/derived.ts';

/** A Warning event in YAML; times are within the scenario's last hour. */
export function event(namespace: string, message: string, involved = '{kind: Namespace, name: x}', more = ''): string {
  const name = `e-${String(message.length)}-${String(involved.length)}`;
  return `apiVersion: v1
kind: Event
metadata: {name: ${name}, namespace: ${namespace}}
type: Warning
reason: FailedCreate
count: 7
firstTimestamp: "2026-11-20T09:30:00Z"
lastTimestamp: "2026-11-20T09:55:00Z"
involvedObject: ${involved.replace('{', `{namespace: ${namespace}, `)}
message: ${JSON.stringify(message)}
${more}`;
}

export const replicaSet = (name: string): string => `{apiVersion: apps/v1, kind: ReplicaSet, name: ${name}-6d4cf56db6}`;

export const documents = (...parts: readonly string[]): string => parts.join('\n---\n');

/** A refusal that the log of a pod of the fixture's told, twice within the last hour. */
export function logged(message: string, workload = 'crewai-worker', namespace = 'crewai'): ReportedRefusal {
  const pod = `${workload}-6d4cf56db6-x7k2p`;
  return {
    metadata: { name: `${pod}/main/0`, namespace },
    source: 'log',
    pod,
    container: 'main',
    message,
    count: 2,
    firstAt: '2026-11-20T09:20:00.5Z',
    lastAt: '2026-11-20T09:58:00.5Z',
  };
}

/** A refusal in a text that the user handed in. */
export function pasted(message: string, namespace?: string): ReportedRefusal {
  return {
    metadata: { name: 'text/0', ...(namespace === undefined ? {} : { namespace }) },
    source: 'text',
    message,
    count: 1,
  };
}
