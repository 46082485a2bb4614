import { isRecord } from '../kubernetes/json-value.ts';
import { plain, type Answer } from './answer.ts';
import type { Call } from './call.ts';
import { badRequest, notFound, notImplemented } from './status.ts';
import { child, text, type Json, type Wire } from './wire.ts';

const UNSUPPORTED = ['follow', 'stream'];

/** As container runtimes write logs; lines without a time count as new. */
const STAMP = /^(\d{4}-\d\d-\d\dT[\d:.]+(?:Z|[+-]\d\d:\d\d)) /;

/**
 * A container's log, from what the server was given, with the errors of pkg/registry/core/pod/strategy.go and of the
 * kubelet. `limitBytes` keeps the oldest bytes of the tail, as the kubelet does.
 *
 * @throws StatusError 404 without the pod, 400 without such a container or log
 */
export function podLog(call: Call): Answer {
  const { question, query, type, backend } = call;
  const name = question.name ?? '';
  const pod = backend.store.get(type, question.namespace, name);
  if (!pod) throw notFound(type, name);
  const container = containerOf(pod, query.get('container'));
  const asked = UNSUPPORTED.find((option) => query.has(option) && query.get(option) !== 'false');
  if (asked) throw notImplemented(`the log option ${asked}`);
  if (!text(child(pod, 'spec'), 'nodeName')) return { code: 204, contentType: '', body: '' };
  const previous = query.get('previous') === 'true';
  const key = [question.namespace, name, container, ...(previous ? ['previous'] : [])].join('/');
  const log = backend.options.logs?.[key];
  if (log === undefined) throw badRequest(absent(pod, container, previous));
  return plain(200, cut(log, query, backend.options.now?.() ?? new Date()));
}

const listAt = (parent: Json, key: string): readonly Json[] => {
  const found = parent[key];
  return Array.isArray(found) ? found.filter(isRecord) : [];
};

function containerOf(pod: Wire, asked: string | null): string {
  const spec = child(pod, 'spec');
  const containers = listAt(spec, 'containers').map((container) => text(container, 'name'));
  const init = listAt(spec, 'initContainers').map((container) => text(container, 'name'));
  const { name } = pod.metadata;
  if (asked) {
    if ([...init, ...containers].includes(asked)) return asked;
    throw badRequest(`container ${asked} is not valid for pod ${name}`);
  }
  const [only] = containers;
  if (only !== undefined && containers.length === 1) return only;
  const choices = `choose one of: [${containers.join(' ')}]`;
  const more = init.length > 0 ? ` or one of the init containers: [${init.join(' ')}]` : '';
  throw badRequest(`a container name must be specified for pod ${name}, ${choices}${more}`);
}

function absent(pod: Wire, container: string, previous: boolean): string {
  const { name } = pod.metadata;
  if (previous)
    return `previous terminated container ${JSON.stringify(container)} in pod ${JSON.stringify(name)} not found`;
  const statuses = listAt(child(pod, 'status'), 'containerStatuses');
  const waiting = child(
    child(
      statuses.find((status) => text(status, 'name') === container),
      'state',
    ),
    'waiting',
  );
  const reason = text(waiting, 'reason') || 'ContainerCreating';
  const pulling = reason === 'ErrImagePull' || reason === 'ImagePullBackOff';
  const why = pulling ? 'trying and failing to pull image' : reason;
  return `container ${JSON.stringify(container)} in pod ${JSON.stringify(name)} is waiting to start: ${why}`;
}

function cut(log: string, query: URLSearchParams, now: Date): string {
  const tail = query.get('tailLines');
  const since = sinceOf(query, now);
  const stamped = query.get('timestamps') === 'true';
  const lines = log.split(/(?<=\n)/).filter((line) => !(Date.parse(STAMP.exec(line)?.[1] ?? '') < since));
  const last = tail === null ? lines : Number(tail) === 0 ? [] : lines.slice(-Number(tail));
  const kept = last.map((line) => (stamped ? line : line.replace(STAMP, ''))).join('');
  const limit = query.get('limitBytes');
  return limit === null ? kept : Buffer.from(kept).subarray(0, Number(limit)).toString('utf8');
}

function sinceOf(query: URLSearchParams, now: Date): number {
  const [seconds, time] = [query.get('sinceSeconds'), query.get('sinceTime')];
  if (time !== null) return Date.parse(time);
  return seconds === null ? -Infinity : now.getTime() - Number(seconds) * 1000;
}
