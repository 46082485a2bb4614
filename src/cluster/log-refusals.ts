import pLimit from 'p-limit';
import type { ReportedRefusal } from '../model/derived.ts';
import type { LogSource } from '../model/reading.ts';
import type { Gap, Listing } from '../model/snapshot.ts';
import { gapOf, whyAborted } from './gaps.ts';
import { LogRefusals } from './refusals-in-log.ts';
import type { Problem } from './reply.ts';
import type { Transport } from './transport.ts';

const MAX_LOGS = 40;
/** Logs are long: of all connections only some are for them. */
const CONCURRENCY = 4;
const MAX_BYTES = 32 * 1024 * 1024;

/**
 * The kubelet counts `tailLines` from the end; with `limitBytes` beside it, it would keep the oldest bytes of these
 * lines and leave the newest out, so bytes are counted here (kubernetes/pkg/kubelet/kuberuntime/logs).
 */
const QUERY = { sinceSeconds: '3600', tailLines: '20000', timestamps: 'true' };

/** Only the name of the log stream is negotiable; errors are JSON. */
const ACCEPT = 'application/json, */*';

interface Outcome {
  readonly items: readonly ReportedRefusal[];
  readonly gap?: Gap;
}

/**
 * The refusals in the last hour (and the last 20,000 lines) of these logs, reduced while they arrive. The first log is
 * asked for alone: where the right to read logs is missing, the others are not asked for.
 */
export async function readRefusals(
  transport: Transport,
  sources: readonly LogSource[],
  signal: AbortSignal | undefined,
): Promise<Listing<ReportedRefusal>> {
  const [first, ...rest] = sources.slice(0, MAX_LOGS);
  if (!first) return { items: [], gaps: [] };
  const limit = pLimit(CONCURRENCY);
  const outcomes = [await readLog(transport, first, signal)];
  if (outcomes[0]?.gap?.reason !== 'forbidden')
    outcomes.push(...(await Promise.all(rest.map((source) => limit(() => readLog(transport, source, signal))))));
  const unread = sources.length - MAX_LOGS;
  const gaps = outcomes.flatMap(({ gap }) => gap ?? []);
  if (unread > 0) gaps.push(truncated(first, `${String(unread)} more logs were not read`));
  return { items: outcomes.flatMap(({ items }) => items), gaps };
}

async function readLog(transport: Transport, source: LogSource, signal: AbortSignal | undefined): Promise<Outcome> {
  const { namespace, pod, container, previous } = source;
  let refusals = new LogRefusals();
  let bytes = 0;
  const openSink = (): ((chunk: Buffer) => boolean) => {
    refusals = new LogRefusals();
    bytes = 0;
    return (chunk) => {
      bytes += chunk.length;
      if (bytes <= MAX_BYTES) refusals.push(chunk);
      return bytes <= MAX_BYTES;
    };
  };
  const reply = await transport.send({
    purpose: 'get',
    path: `/api/v1/namespaces/${encodeURIComponent(namespace)}/pods/${encodeURIComponent(pod)}/log`,
    query: { ...QUERY, container, ...(previous && { previous: 'true' }) },
    accept: ACCEPT,
    openSink,
    signal,
  });
  if (!reply.ok) return { items: [], ...gapOfLog(reply.problem, source, signal) };
  const items = refusals.end().map((found, index) => itemOf(source, found, index));
  if (bytes > MAX_BYTES)
    return { items, gap: truncated(source, `the log of ${pod} is longer than what is read of it`) };
  return refusals.overflown
    ? { items, gap: truncated(source, `the log of ${pod} holds too many refusals`) }
    : { items };
}

function itemOf(
  { namespace, pod, container, previous }: LogSource,
  found: Pick<ReportedRefusal, 'message' | 'count' | 'firstAt' | 'lastAt'>,
  index: number,
): ReportedRefusal {
  const name = `${pod}/${container}${previous ? '/previous' : ''}/${String(index)}`;
  return { apiVersion: 'v1', kind: 'Pod', metadata: { name, namespace }, source: 'log', pod, container, ...found };
}

/** A container that has not run, or not before, has no log; nor has a pod that is gone. */
function gapOfLog(problem: Problem, { namespace, pod, container }: LogSource, signal: AbortSignal | undefined) {
  const { status, message } = problem;
  if (status === 404 || (status === 400 && /is waiting to start|previous terminated container/.test(message)))
    return {};
  const grant = { verb: 'get', group: '', resource: 'pods/log', namespace };
  const gap = gapOf(problem, { name: 'pods/log', grant, aborted: whyAborted(signal) });
  // One gap for all logs of a namespace where that is the reason; what else went wrong is told with whose log it was.
  return {
    gap:
      status === 403 || problem.kind === 'interrupted' ? gap : { ...gap, detail: `${pod}/${container}: ${gap.detail}` },
  };
}

function truncated({ namespace }: LogSource, detail: string): Gap {
  return { resource: 'pods/log', namespace, reason: 'truncated', detail };
}
