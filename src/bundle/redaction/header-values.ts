import { type Finder, matchAt, NOTHING, isWord } from './finder.ts';
import type { Range } from './marker.ts';
import { isNoValue } from './names.ts';
import type { Span } from './spans.ts';
import { closingQuote, lineEndAt, unquotedValue } from './value-end.ts';

const OPEN = /^(?:\[?(\\{0,15})(["'`])|\[)/;
const SCHEME = /^(?:[A-Za-z][\w-]{1,30})[ \t]+(?=\S)/;
const PROSE =
  /^(?:failed|failure|denied|error|header|required|missing|is|was|not|for|to|check|webhook|policy|rejected|successful)\b/i;

/** The credentials behind `Authorization:`; the scheme before them stays. */
export function authorizationValue(text: string, at: number): readonly Span[] {
  const start = at + (OPEN.exec(text.slice(at, at + 20))?.[0].length ?? 0);
  const head = text.slice(start, start + 64);
  if (PROSE.test(head)) return NOTHING;
  const scheme = SCHEME.exec(head)?.[0].length ?? 0;
  // Without a scheme the value may be one word of a longer line; with one, parameters (`Digest a=b, c=d`) belong to it.
  const end = scheme > 0 || start > at ? headerValue(text, at).end : unquotedValue(text, start, false).end;
  const harmless = end <= start + scheme || isNoValue(text.slice(start + scheme, end).trim());
  return harmless ? NOTHING : [{ start: start + scheme, end, rule: 'auth-header' }];
}

/** The value of each cookie behind `Cookie:` or `Set-Cookie:`; names and attributes stay. */
export function cookieValues(text: string, at: number): readonly Span[] {
  const { start, end } = headerValue(text, at);
  const spans: Span[] = [];
  for (const match of text.slice(start, end).matchAll(/([^=;,\s]{1,256})=([^;]{0,8192})/g)) {
    const [all, name = '', value = ''] = match;
    if (ATTRIBUTES.test(name) || isNoValue(value.trim())) continue;
    const from = start + match.index + all.length - value.length;
    spans.push({ start: from, end: from + value.trimEnd().length, rule: 'cookie' });
  }
  if (spans.length > 0 || end - start < 8 || /\s/.test(text.slice(start, end).trim())) return spans;
  return isNoValue(text.slice(start, end)) ? NOTHING : [{ start, end, rule: 'cookie' }];
}

const ATTRIBUTES = /^(?:path|domain|expires|max-age|samesite|secure|httponly|version|priority)$/i;

const LONGEST_HEADER = 16 * 1024;

/** A header's value: to the closing quote where one opened it, else to the end of the line or of what quotes the line. */
function headerValue(text: string, at: number): Range {
  const open = OPEN.exec(text.slice(at, at + 20));
  const start = at + (open?.[0].length ?? 0);
  if (open?.[2] !== undefined) {
    const close = closingQuote(text, start, open[2], (open[1] ?? '').length);
    return { start, end: close < 0 ? lineEndAt(text, start) : close };
  }
  let end = start;
  const limit = Math.min(text.length, start + LONGEST_HEADER);
  while (end < limit && !(open ? text[end] === ']' : endsHeader(text, end))) end++;
  return { start, end };
}

const HEADER_END = /[\r\n"'`]|\\{1,15}["'`nr]/y;

function endsHeader(text: string, at: number): boolean {
  const code = text.charCodeAt(at);
  return (code < 40 || code === 92 || code === 96) && matchAt(HEADER_END, text, at) !== undefined;
}

const BASIC_VALUE = /basic +([A-Za-z0-9+/_-]{8,4096}={0,2})/iy;

/** `Basic` and base64 of `user:password`, wherever it stands. */
export const BASIC: Finder = {
  keywords: ['basic '],
  find({ text }, at) {
    if (at > 0 && isWord(text.charCodeAt(at - 1))) return NOTHING;
    const [all, value] = matchAt(BASIC_VALUE, text, at) ?? [];
    if (all === undefined || value === undefined) return NOTHING;
    // "basic authentication" decodes to no text.
    if (!/^[\x20-\x7e]*:[\x20-\x7e]*$/.test(Buffer.from(value, 'base64').toString('latin1'))) return NOTHING;
    return [{ start: at + all.length - value.length, end: at + all.length, rule: 'auth-header' }];
  },
};
