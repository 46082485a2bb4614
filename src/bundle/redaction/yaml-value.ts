import { LONGEST, matchAt } from './finder.ts';
import type { Range } from './marker.ts';

/** What container runtimes and kubectl put before a line of a log. */
const PREFIX = /\d{4}-\d\d-\d\dT[\d:.]{8,18}(?:Z|[+-]\d\d:\d\d) (?:std(?:out|err) [FP] )?/y;
const BLOCK = /[|>][+-]?\d?[+-]?[ \t]{0,16}(?:#[^\r\n\\]{0,200})?(\r?\n|(?:\\{1,15}r)?\\{1,15}n)/y;
const EMPTY = /[ \t]{0,16}(?:#[^\r\n\\]{0,200})?(\r?\n|(?:\\{1,15}r)?\\{1,15}n)/y;
const ITEM = /-[ \t]{1,16}(?![^\s:]{1,128}:(?:\s|\\|$))/y;
const NESTED = /[^\s:]{1,128}:(?:\s|\\|$)|[-\]{}[]/y;

/** Where the text of a line begins: behind the blanks and dashes of YAML, and behind what a log puts before lines. */
export interface LineLead {
  readonly start: number;
  /** Columns before the first key of the line. */
  readonly indent: number;
}

/** The lead of the line that `at` stands on if nothing else stands before `at`; quotes may. */
export function leadOf(text: string, at: number): LineLead | undefined {
  if (!canEndLead(text, at)) return undefined;
  // No further back than a lead may be long: searching for a line break costs the whole text where there is none.
  const from = Math.max(0, at - 256);
  const before = text.slice(from, at);
  const escaped = before.lastIndexOf('\\n');
  const found = Math.max(before.lastIndexOf('\n') + 1, escaped < 0 ? 0 : escaped + 2);
  if (found === 0 && from > 0) return undefined;
  const start = contentStart(text, from + found);
  const lead = text.slice(start, at);
  return /^[ \t]*(?:-[ \t]+)*(?:export[ \t]+)?["']?$/.test(lead)
    ? { start, indent: lead.replace(/(?:export[ \t]+)?["']?$/, '').length }
    : undefined;
}

/** Behind a lead there is a blank, a line break (escaped, it ends with `n`), or nothing, and perhaps a quote. */
function canEndLead(text: string, at: number): boolean {
  const quote = text.charCodeAt(at - 1);
  const code = text.charCodeAt(quote === 34 || quote === 39 ? at - 2 : at - 1);
  return code === 32 || code === 10 || code === 110 || code === 9 || Number.isNaN(code);
}

function contentStart(text: string, lineStart: number): number {
  const prefix = matchAt(PREFIX, text, lineStart);
  return lineStart + (prefix?.[0].length ?? 0);
}

interface Line {
  readonly start: number;
  readonly end: number;
  readonly next: number;
  readonly indent: number;
}

function* linesFrom(text: string, from: number, lineBreak: string): Generator<Line> {
  const limit = Math.min(text.length, from + LONGEST);
  for (let at = from; at < limit;) {
    const found = text.indexOf(lineBreak, at);
    const end = found < 0 ? text.length : found;
    const content = contentStart(text, at);
    let start = content;
    while (start < end && (text.charCodeAt(start) === 32 || text.charCodeAt(start) === 9)) start++;
    const last = lineBreak === '\n' ? end : Math.min(end, quoteBefore(text, start, end));
    yield { start, end: last, next: end + lineBreak.length, indent: start - content };
    if (last < end) return;
    at = end + lineBreak.length;
  }
}

/** The quote that ends the string in which lines are escaped. */
function quoteBefore(text: string, start: number, end: number): number {
  for (let at = start; at < end; at++) if (text.charCodeAt(at) === 34) return at;
  return end;
}

/**
 * The value of a YAML key that does not stand beside it: a block scalar (`|`, `>`), a scalar on the next line, or the
 * scalars of a list. `at`: behind the colon. Undefined where it is none of these.
 */
export function valueBelow(text: string, at: number, indent: number): readonly Range[] | undefined {
  const block = matchAt(BLOCK, text, at);
  if (block) return blockScalar(text, at + block[0].length, block[1] ?? '\n', indent);
  const empty = matchAt(EMPTY, text, at);
  return empty ? scalarsBelow(text, at + empty[0].length, empty[1] ?? '\n', indent) : undefined;
}

function blockScalar(text: string, from: number, lineBreak: string, indent: number): readonly Range[] {
  let start = -1;
  let end = -1;
  for (const line of linesFrom(text, from, lineBreak.replace(/^\r|^\\{1,15}r/, ''))) {
    if (line.start >= line.end) continue;
    if (line.indent <= indent) break;
    if (start < 0) start = line.start;
    end = line.end;
  }
  return start < 0 ? [] : [{ start, end: withoutReturn(text, end) }];
}

function scalarsBelow(text: string, from: number, lineBreak: string, indent: number): readonly Range[] {
  const found: Range[] = [];
  for (const line of linesFrom(text, from, lineBreak.replace(/^\r|^\\{1,15}r/, ''))) {
    if (line.start >= line.end) break;
    const item = line.indent >= indent ? matchAt(ITEM, text, line.start) : undefined;
    const scalar = found.length === 0 && line.indent > indent && !matchAt(NESTED, text, line.start);
    if (!item && !scalar) break;
    found.push({ start: line.start + (item?.[0].length ?? 0), end: withoutReturn(text, line.end) });
    if (scalar) break;
  }
  return found;
}

function withoutReturn(text: string, end: number): number {
  return text.charCodeAt(end - 1) === 13 ? end - 1 : end;
}
