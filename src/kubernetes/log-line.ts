/** What a line of a log says besides its message. */
export interface LineFacts {
  /** RFC 3339 in UTC. */
  readonly at?: string;
  /** How often, where `kubectl get events` or `describe` counts. */
  readonly count: number;
}

/** With a zone: without one nobody knows when it was, and klog's `I1120 09:41:00.123456` has not even a year. */
const RFC_3339 = /\b\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d{1,9})?(?:Z|[+-]\d\d:?\d\d)/;
/** `"ts":"…"`, `time=…`, also within JSON in JSON; zap writes seconds, others milliseconds. */
const KEYED =
  /(?:^|[\s{,])\\{0,15}"?(?:ts|time|timestamp|@timestamp|lastTimestamp|asctime|datetime)\\{0,15}"?\s?[:=]\s?\\{0,15}"?(?:(\d{4}-\d\d-\d\d[^"\\\s,}]{6,40})|(\d{9,13}(?:\.\d{1,9})?)(?![\d:-]))/;
/** `3s (x31 over 5m)`. Source: k8s.io/kubectl/pkg/cmd/events and pkg/describe, translateTimestampSince. */
const COUNTED = /\(x(\d{1,9}) over [\dydhms<>a-z ]{1,24}\)/;

/**
 * Reads the line that a message stands in.
 * @param before what stands before the message
 * @param after what stands after it
 */
export function readLine(before: string, after: string): LineFacts {
  const at = timeOf(RFC_3339.exec(before)?.[0]) ?? keyedTime(before) ?? keyedTime(after);
  const count = Number(COUNTED.exec(before)?.[1] ?? 1);
  return { count: Math.max(1, count), ...(at === undefined ? {} : { at }) };
}

function keyedTime(text: string): string | undefined {
  const [, written, number] = KEYED.exec(text) ?? [];
  if (number === undefined) return RFC_3339.test(written ?? '') ? timeOf(written) : undefined;
  const value = Number(number);
  return instant(value > 100_000_000_000 ? value : value * 1000);
}

function timeOf(text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  return instant(Date.parse(text.replace(' ', 'T').replace(',', '.')));
}

function instant(at: number): string | undefined {
  return Number.isFinite(at) && Math.abs(at) < 8.64e15 ? new Date(at).toISOString().replace('.000Z', 'Z') : undefined;
}
