import { settle, type Span } from './spans.ts';

/** Shorter lines are never cut by a container runtime. */
const LONG_LINE = 4096;
const STAMP = /(?<!^)\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d) /g;

/**
 * Spans found in long lines once the timestamps inside are taken out. Kubelets without kubernetes/kubernetes#113481 put
 * one before every 16 KiB of a line (#77603), which can cut any secret in half.
 */
export function inlineTimestampSpans(
  text: string,
  scan: (bytes: Buffer, text: string) => readonly Span[],
): readonly Span[] {
  const found: Span[] = [];
  for (let start = 0; start < text.length;) {
    const next = text.indexOf('\n', start);
    const end = next < 0 ? text.length : next;
    if (end - start > LONG_LINE) found.push(...spansOfLine(text.slice(start, end), start, scan));
    start = end + 1;
  }
  return settle(found, []);
}

function spansOfLine(
  line: string,
  offset: number,
  scan: (bytes: Buffer, text: string) => readonly Span[],
): readonly Span[] {
  const stamps = [...line.matchAll(STAMP)].map(({ 0: stamp, index }) => ({ start: index, length: stamp.length }));
  if (stamps.length === 0) return [];
  const plain = line.replace(STAMP, '');
  const original = (at: number): number => {
    let mapped = at;
    for (const { start, length } of stamps) {
      if (start > mapped) break;
      mapped += length;
    }
    return mapped;
  };
  return scan(Buffer.from(plain, 'latin1'), plain).map((span) => ({
    start: offset + original(span.start),
    end: offset + original(span.end - 1) + 1,
    rule: span.rule,
    ...(span.value === undefined ? {} : { value: span.value }),
  }));
}
