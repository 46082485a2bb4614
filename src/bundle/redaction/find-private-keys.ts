import { type Finder, isWord, LONGEST, matchAt, NOTHING, runEnd, runStart, previousLine } from './finder.ts';
import type { Span } from './spans.ts';

const BEGIN = /-----BEGIN[ A-Z0-9_-]{0,100}PRIVATE KEY(?: BLOCK)?-----/y;
const END = /-----END[ A-Z0-9_-]{0,100}PRIVATE KEY(?: BLOCK)?-----/y;
const ANY_END = /-----END[ A-Z0-9_-]{0,100}PRIVATE KEY(?: BLOCK)?-----/;

/** A line of a key: nothing but base64 behind what a log puts before lines, a header, or ending with much base64. */
const BODY =
  /^(?:\d{4}-\d\d-\d\dT[\d:.]{8,18}(?:Z|[+-]\d\d:\d\d) )?[\s"'|>]{0,64}(?:[A-Za-z0-9+/]{1,128}={0,2}["',\\\s]{0,8}$|(?:Proc-Type|DEK-Info|Version|Comment): )/;
const FULL_BODY = /(?:^|[\s"'|>\]])[A-Za-z0-9+/]{60,128}={0,2}["',\\\s]{0,8}$/;
/** Base64 and the backslashes of escaped line breaks. */
const isEscapedBody = (code: number): boolean =>
  (isWord(code) && code !== 95) || code === 43 || code === 47 || code === 61 || code === 92;

/** Private keys in PEM: whole, without their end, or without their beginning, on one line (`\n`) or many. */
export const PRIVATE_KEY: Finder = {
  keywords: ['-----begin', '-----end'],
  find({ text }, at) {
    const begin = matchAt(BEGIN, text, at);
    if (begin) return [{ start: at, end: keyEnd(text, at + begin[0].length), rule: 'private-key' }];
    const end = matchAt(END, text, at);
    return end ? headless(text, at, at + end[0].length) : NOTHING;
  },
};

function keyEnd(text: string, from: number): number {
  const next = text.indexOf('-----BEGIN', from);
  const limit = Math.min(from + LONGEST, next < 0 ? text.length : next);
  const end = ANY_END.exec(text.slice(from, limit));
  if (end) return from + end.index + end[0].length;
  return Math.max(runEnd(text, from, limit - from, isEscapedBody), linesEnd(text, from));
}

/** Where the lines after a header stop looking like those of a key. */
function linesEnd(text: string, from: number): number {
  let end = text.indexOf('\n', from);
  if (end < 0) return from;
  let blanks = 0;
  for (let next = lineEnd(text, end + 1); end < text.length && next - from < LONGEST; next = lineEnd(text, end + 1)) {
    const line = text.slice(end + 1, next);
    if (line.trim() === '') blanks++;
    else if (!isBody(line)) break;
    if (blanks > 1) break;
    end = next;
  }
  return end;
}

function lineEnd(text: string, from: number): number {
  const end = text.indexOf('\n', from);
  return end < 0 ? text.length : end;
}

/** What may stand before the end of a key, on its line: never looked through to the beginning of an endless one. */
const LONGEST_LINE = 8192;

/** A log whose oldest bytes are cut off may begin in the middle of a key. */
function headless(text: string, at: number, end: number): readonly Span[] {
  const run = runStart(text, at, LONGEST_LINE, isEscapedBody);
  if (at - run >= 20) return [{ start: run, end, rule: 'private-key' }];
  const near = Math.max(0, at - LONGEST_LINE);
  const line = text.slice(near, at).lastIndexOf('\n') + 1;
  // No line begins in what was looked at.
  if (line === 0) return NOTHING;
  let start = near + line;
  let lines = 0;
  while (start > 0 && at - start < LONGEST) {
    const previous = previousLine(text, start);
    const line = text.slice(previous, start - 1);
    // Only full lines are sure to be a key's where its header is missing; the last one is short.
    if (!(lines === 0 ? isBody(line) : FULL_BODY.test(line.slice(-512)))) break;
    start = previous;
    lines++;
  }
  return lines === 0 ? NOTHING : [{ start, end, rule: 'private-key' }];
}

function isBody(line: string): boolean {
  return BODY.test(line.slice(0, 512)) || FULL_BODY.test(line.slice(-512));
}
