import type { Range } from './marker.ts';
import { settle, type Span } from './spans.ts';
import type { TextScanner } from './text-scanner.ts';

const STRING = /"[^"\\]*(?:\\.[^"\\]*)*"/g;

/**
 * The last pass over a JSON text about to leave: spans of known values in it, each inside one string. `undefined` where
 * one cannot be taken out without breaking the document: then nothing of it may leave.
 */
export function knownInJson(text: string, scanner: TextScanner): readonly Span[] | undefined {
  const bytes = Buffer.from(text, 'latin1');
  const spans = scanner.scanKnown(bytes, bytes.length, text);
  if (spans.length === 0) return spans;
  const strings = [...text.matchAll(STRING)].map(({ 0: all, index }) => ({
    start: index + 1,
    end: index + all.length - 1,
  }));
  const inside = spans.map((span) => withinStrings(text, span, strings));
  return inside.every((found) => found !== undefined) ? settle(inside.flat(), []) : undefined;
}

/** A hit within one string stays as it is; one that spans several takes each of them whole, if none is a key. */
function withinStrings(text: string, span: Span, strings: readonly Range[]): readonly Span[] | undefined {
  const touched = strings.filter(({ start, end }) => start < span.end && end > span.start);
  const [only] = touched;
  if (touched.length === 1 && only && only.start <= span.start && span.end <= only.end) return [span];
  const keys = touched.some(({ end }) => /^"\s*:/.test(text.slice(end, end + 8)));
  if (keys || touched.length === 0) return undefined;
  return touched.map(({ start, end }) => ({ start, end, rule: span.rule }));
}
