import { stringAt, valueAt } from '../kubernetes/json-value.ts';
import type { ClusterReader, ListOptions, ListPage, ListTarget, ReadTrouble } from '../model/cluster-reader.ts';
import type { KubeObject } from '../model/object.ts';
import type { LogSource } from '../model/reading.ts';
import { whyAborted } from './gaps.ts';
import { listPages } from './pages.ts';
import { listPath, secretEntries, TABLE } from './queries.ts';
import { isNotServed, type Problem } from './reply.ts';
import type { Transport } from './transport.ts';

/** A page of a list is in memory as objects, which weigh several times as much, and pages of some lists at a time. */
const PAGE_BYTES = 1024 * 1024;

/** The API server as a source of lists, answers and logs, each as it is asked for; see model/cluster-reader.ts. */
export function createClusterReader(transport: Transport, signal: AbortSignal): ClusterReader {
  return {
    list: (target, options) => list(transport, target, options, signal),
    async get(path, accept) {
      const reply = await transport.send({ purpose: 'get', path, signal, ...(accept !== undefined && { accept }) });
      return reply.ok ? { value: reply.body } : { trouble: troubleOf(reply.problem, signal) };
    },
    async log(source, { tailLines, sinceSeconds }, open) {
      const { namespace, pod, container, previous } = source;
      const reply = await transport.send({
        purpose: 'get',
        path: logPath(namespace, pod),
        query: {
          container,
          timestamps: 'true',
          // With `limitBytes` beside it the kubelet would keep the oldest bytes (pkg/kubelet/kuberuntime/logs).
          tailLines: String(tailLines),
          ...(sinceSeconds !== undefined && { sinceSeconds: String(sinceSeconds) }),
          ...(previous && { previous: 'true' }),
        },
        // Only the name of the log stream is negotiable; errors are JSON.
        accept: 'application/json, */*',
        openSink: open,
        signal,
      });
      return reply.ok ? undefined : troubleOfLog(reply.problem, signal);
    },
  };
}

const logPath = (namespace: LogSource['namespace'], pod: string): string =>
  `/api/v1/namespaces/${encodeURIComponent(namespace)}/pods/${encodeURIComponent(pod)}/log`;

async function* list(
  transport: Transport,
  target: ListTarget,
  options: ListOptions,
  signal: AbortSignal,
): AsyncGenerator<ListPage, ReadTrouble | undefined> {
  const { namespace, inventory = false, managedFields = false } = options;
  const pages = listPages(transport, {
    path: listPath(target, namespace),
    params: paramsOf(options),
    ...(inventory && { accept: TABLE }),
    reduce: managedFields ? undefined : (item) => item,
    pageBytes: PAGE_BYTES,
    signal,
  });
  for (;;) {
    const step = await pages.next();
    if (step.done) return step.value && troubleOf(step.value, signal);
    const { body, restarted } = step.value;
    const items = inventory ? attempt(() => secretEntries(body)) : objectsOf(body, target);
    if (!items) return { reason: 'failed', message: 'the server answered with something that is no list' };
    const resourceVersion = stringAt(body, 'metadata', 'resourceVersion');
    yield { items, restarted, ...(resourceVersion && { resourceVersion }) };
  }
}

function paramsOf({ fieldSelector, labelSelector, inventory }: ListOptions): Readonly<Record<string, string>> {
  return {
    ...(fieldSelector !== undefined && { fieldSelector }),
    ...(labelSelector !== undefined && { labelSelector }),
    ...(inventory && { includeObject: 'Metadata' }),
  };
}

/** List items carry neither kind nor apiVersion: both are added, nothing else is changed. */
function objectsOf(body: unknown, { apiVersion, kind }: ListTarget): readonly KubeObject[] | undefined {
  const items = valueAt(body, 'items');
  // A page without any may say null (apimachinery, TypeMeta of an empty slice).
  if (items === null) return [];
  if (!Array.isArray(items) || !items.every(isNamed)) return undefined;
  return items.map((item) => ({ apiVersion, kind, ...item }));
}

function attempt<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof Error) return undefined;
    throw error;
  }
}

function troubleOf(problem: Problem, signal: AbortSignal): ReadTrouble {
  const { status, message, kind } = problem;
  const http = status === undefined ? {} : { http: status };
  if (kind === 'interrupted')
    return { reason: whyAborted(signal) === 'timed out' ? 'timeout' : 'interrupted', message: whyAborted(signal) };
  if (status === 403) return { reason: 'forbidden', message, ...http };
  if (isNotServed(problem)) return { reason: 'not-served', message: 'the server does not serve it', ...http };
  if (status === 404) return { reason: 'not-found', message, ...http };
  return { reason: kind === 'timeout' ? 'timeout' : 'failed', message, ...http };
}

/** A container that has not run, or not before, has no log. */
function troubleOfLog(problem: Problem, signal: AbortSignal): ReadTrouble {
  const trouble = troubleOf(problem, signal);
  const none =
    trouble.http === 400 && /is waiting to start|previous terminated container|not found$/.test(problem.message);
  return none ? { ...trouble, reason: 'no-log' } : trouble;
}

function isNamed(item: unknown): item is KubeObject {
  return Boolean(stringAt(item, 'metadata', 'name'));
}
