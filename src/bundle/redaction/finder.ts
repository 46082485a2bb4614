import type { Range } from './marker.ts';
import type { Rule } from './rules.ts';
import type { Span } from './spans.ts';

/** What a finder may look at: the bytes of a text as latin1, one character each, and the markers already in it. */
export interface Looked {
  readonly text: string;
  readonly markers: readonly Range[];
}

/** Finds secrets at a place where one of its keywords stands. */
export interface Finder {
  readonly keywords: readonly string[];
  find(looked: Looked, at: number): readonly Span[];
}

export const NOTHING: readonly Span[] = [];

/** Multi-line values and tokens longer than this are not looked at as a whole; streams keep as much together. */
export const LONGEST = 64 * 1024;

/** The match of a sticky pattern at a place. */
export function matchAt(pattern: RegExp, text: string, at: number): RegExpExecArray | undefined {
  pattern.lastIndex = at;
  return pattern.exec(text) ?? undefined;
}

/** The span of a match, or of its group 1, which must be at its end. */
export function spanOf(rule: Rule, match: RegExpExecArray): Span {
  const end = match.index + match[0].length;
  return { start: match[1] === undefined ? match.index : end - match[1].length, end, rule };
}

/** True for letters, digits and `_`, as `\w`. */
export function isWord(code: number): boolean {
  return (code >= 48 && code <= 57) || (code >= 65 && code <= 90) || (code >= 97 && code <= 122) || code === 95;
}

/** Where a run of characters that `belongs` accepts begins, going back from `at`, at most `limit` characters. */
export function runStart(text: string, at: number, limit: number, belongs: (code: number) => boolean): number {
  let start = at;
  while (start > 0 && at - start < limit && belongs(text.charCodeAt(start - 1))) start--;
  return start;
}

/** Where a run of characters that `belongs` accepts ends, at most `limit` characters on. */
export function runEnd(text: string, at: number, limit: number, belongs: (code: number) => boolean): number {
  const last = Math.min(text.length, at + limit);
  let end = at;
  while (end < last && belongs(text.charCodeAt(end))) end++;
  return end;
}

/** Where the line before the one that begins at `start` begins; `start` must not be 0. */
export function previousLine(text: string, start: number): number {
  // lastIndexOf takes a negative position for 0.
  return start < 2 ? 0 : text.lastIndexOf('\n', start - 2) + 1;
}
