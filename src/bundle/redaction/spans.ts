import type { Range } from './marker.ts';
import type { Rule } from './rules.ts';

/** A part of a text that must not stay. `value`: what it stands for, where that is not the text itself (encodings). */
export interface Span extends Range {
  readonly rule: Rule;
  readonly value?: string;
  /** In a field of bytes the marker is base64 too; where a bare JSON number stood it needs quotes around it. */
  readonly form?: 'base64' | { readonly around: string };
}

/** Spans in order, overlapping ones as one under the rule of the first, without the parts that are markers already. */
export function settle(spans: readonly Span[], markers: readonly Range[]): readonly Span[] {
  if (spans.length === 0) return spans;
  const sorted = [...spans].sort(compare);
  const merged: Span[] = [];
  for (const span of sorted) {
    const last = merged.at(-1);
    if (!last || span.start >= last.end) merged.push(span);
    else if (span.end > last.end) merged[merged.length - 1] = { start: last.start, end: span.end, rule: last.rule };
  }
  return markers.length === 0 ? merged : without(merged, markers);
}

/** Of equal spans the one that knows the value is kept. */
function compare(a: Span, b: Span): number {
  const known = Number(b.value !== undefined) - Number(a.value !== undefined);
  return a.start - b.start || b.end - a.end || known || (a.rule < b.rule ? -1 : 1);
}

function without(spans: readonly Span[], markers: readonly Range[]): readonly Span[] {
  const left: Span[] = [];
  let next = 0;
  for (const span of spans) {
    while ((markers[next]?.end ?? Infinity) <= span.start) next++;
    let start = span.start;
    for (let index = next; (markers[index]?.start ?? Infinity) < span.end; index++) {
      const marker = markers[index];
      if (!marker) break;
      if (marker.start > start) left.push({ start, end: marker.start, rule: span.rule });
      start = Math.max(start, marker.end);
    }
    if (start === span.start) left.push(span);
    else if (start < span.end) left.push({ start, end: span.end, rule: span.rule });
  }
  return left;
}

/** True where a position lies in one of the ranges, which are in order. */
export function isInside(ranges: readonly Range[], at: number): boolean {
  let low = 0;
  let high = ranges.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((ranges[middle]?.end ?? 0) <= at) low = middle + 1;
    else high = middle;
  }
  return (ranges[low]?.start ?? Infinity) <= at;
}
