import { LONGEST, matchAt } from './finder.ts';
import { findMarkers } from './marker.ts';
import type { Range } from './marker.ts';

const QUOTE = /[bfru]?(\\{0,15})("""|'''|["'`])/y;
const BREAK = /\\{1,15}[nr]|[\r\n]/y;

/** A value that begins with a quote, `\"` at any depth included; undefined where no quote stands. */
export function quotedValue(text: string, at: number): Range | undefined {
  const match = matchAt(QUOTE, text, at);
  if (!match) return undefined;
  const start = at + match[0].length;
  const quote = match[2] ?? '"';
  const depth = (match[1] ?? '').length;
  const end = quote.length === 3 ? text.indexOf(quote, start) : closingQuote(text, start, quote, depth);
  if (end < 0) return { start, end: lineEndAt(text, start) };
  return { start, end: shellEnd(text, end, quote, depth) };
}

/**
 * The index of the backslashes of the quote that closes a string whose opening quote had `depth` backslashes; -1 where
 * there is none within 64 KiB. With n = depth + 1, a quote inside has an odd number of n backslashes before it.
 */
export function closingQuote(text: string, from: number, quote: string, depth: number): number {
  const limit = Math.min(text.length, from + LONGEST);
  for (let at = text.indexOf(quote, from); at >= 0 && at < limit; at = text.indexOf(quote, at + 1)) {
    let backslashes = 0;
    while (at - backslashes > from && text.charCodeAt(at - backslashes - 1) === 92) backslashes++;
    const escapes = quote !== "'" || depth > 0;
    if (!escapes || Math.floor(backslashes / (depth + 1)) % 2 === 0) return at - Math.min(backslashes, depth);
  }
  return -1;
}

/** Shells and YAML go on after a closing quote: `'it'\''s'`, `'it''s'`. */
function shellEnd(text: string, closed: number, quote: string, depth: number): number {
  if (depth > 0 || quote !== "'") return closed;
  let end = closed;
  for (;;) {
    const rest = text.slice(end, end + 4);
    const glue = rest.startsWith("'\\''") ? 4 : rest.startsWith("''") ? 2 : 0;
    const next = glue === 0 ? -1 : text.indexOf("'", end + glue);
    if (next < 0 || next - end > LONGEST) return end;
    end = next;
  }
}

/** Where the line ends, in text with or without escaped line breaks. */
export function lineEndAt(text: string, from: number, longest = LONGEST): number {
  const limit = Math.min(text.length, from + longest);
  for (let at = from; at < limit; at++) {
    const code = text.charCodeAt(at);
    if ((code === 10 || code === 13 || code === 92) && matchAt(BREAK, text, at)) return at;
  }
  return limit;
}

const NEXT_FIELD = /[,;&|][ \t]*(?:$|[\r\n"'`[{]|\\{0,15}["']?[\w.[\]-]{1,64}\\{0,15}["']?\s{0,4}[=:]|\s)/my;
const ESCAPE = /\\{1,15}(?:[nrt"'`]|u00[0-7][\da-f])/iy;
const LOGFMT = /^\S*[ \t]+(?:\S+[ \t]+){0,8}?[\w.-]{1,64}=/;

/**
 * An unquoted value: to the next blank, quote, or separator that a next field follows; `line`: to the end of its line
 * unless further fields (`name=`) stand there.
 */
export function unquotedValue(text: string, at: number, line: boolean): Range {
  const marker = afterMarker(text, at);
  if (marker !== undefined) return { start: at, end: marker };
  if (line) {
    const rest = text.slice(at, lineEndAt(text, at, 1024));
    // A marker behind the value stands for a field of its own: what was told apart once is told apart again.
    if (!LOGFMT.test(rest) && !rest.includes('<redacted:')) {
      return { start: at, end: at + text.slice(at, lineEndAt(text, at)).trimEnd().length };
    }
  }
  const limit = Math.min(text.length, at + LONGEST);
  let end = at;
  while (end < limit && !endsHere(text, end)) end = afterMarker(text, end) ?? end + 1;
  return { start: at, end: Math.max(at, withoutClosers(text, at, end)) };
}

function endsHere(text: string, at: number): boolean {
  const code = text.charCodeAt(at);
  if (code <= 32 || code === 34 || code === 39 || code === 96) return true;
  if (code === 92) return matchAt(ESCAPE, text, at) !== undefined;
  if (code === 60) return text.charCodeAt(at + 1) === 47;
  const separates = code === 44 || code === 59 || code === 38 || code === 124;
  return separates && matchAt(NEXT_FIELD, text, at) !== undefined;
}

function afterMarker(text: string, at: number): number | undefined {
  if (!text.startsWith('<redacted:', at)) return undefined;
  const [first] = findMarkers(text.slice(at, at + 160));
  return first?.start === 0 ? at + first.end : undefined;
}

const PAIRS: Readonly<Record<string, string>> = { ')': '(', ']': '[', '}': '{', '>': '<' };

const MOST_CLOSERS = 8;

/** Brackets around the value, and a separator at its end, are not part of it. */
function withoutClosers(text: string, start: number, end: number): number {
  let last = end;
  while (end - last < MOST_CLOSERS) {
    const character = text[last - 1] ?? '';
    const open = PAIRS[character];
    const value = text.slice(start, last - 1);
    if (last <= start || (open === undefined && character !== ',' && character !== ';')) return last;
    if (open !== undefined && count(value, open) > count(value, character)) return last;
    last--;
  }
  return last;
}

function count(text: string, character: string): number {
  return text.split(character).length - 1;
}

const LITERAL = /(?:-?\d[\d.eE+-]{0,64}|true|false|null|undefined|None|nil)(?=[\s,}\]]|$)/y;

/** A number or word as JSON has them, where a name was quoted and its value is not. */
export function literalValue(text: string, at: number): Range | undefined {
  const match = matchAt(LITERAL, text, at);
  return match ? { start: at, end: at + match[0].length } : undefined;
}
