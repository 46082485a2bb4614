import { type Finder, type Looked, matchAt, NOTHING, previousLine } from './finder.ts';
import { isMarker } from './marker.ts';
import type { Range } from './marker.ts';
import type { Rule } from './rules.ts';
import type { Span } from './spans.ts';
import { closingQuote, quotedValue, unquotedValue } from './value-end.ts';
import { leadOf, valueBelow } from './yaml-value.ts';

const BESIDE = /\\{0,15}["']?[ \t]{0,8}:[ \t]{0,16}/y;
const AFTER_KIND = /(?:List)?\\{0,15}["']?(?=\s|\\|,|\}|$)/y;
const KIND = /kind\\{0,15}["']?[ \t]{0,8}:[ \t]{0,16}\\{0,15}["']?$/;
const DATA = /(?:stringData|data)(?=\\{0,15}["']?[ \t]{0,8}:)/g;

/** The object that `kubectl apply` leaves in an annotation: for a Secret with all of its data. */
export const LAST_APPLIED: Finder = {
  keywords: ['last-applied-configuration'],
  find({ text }, at) {
    const end = at + 'last-applied-configuration'.length;
    const separator = matchAt(BESIDE, text, end);
    if (!separator) return NOTHING;
    const from = end + separator[0].length;
    const key = text.slice(Math.max(0, at - 40), at).lastIndexOf('kubectl');
    const lead = key < 0 ? undefined : leadOf(text, Math.max(0, at - 40) + key);
    const values = (lead && valueBelow(text, from, lead.indent)) ?? [
      quotedValue(text, from) ?? unquotedValue(text, from, true),
    ];
    return spans(text, values, 'last-applied');
  },
};

/** Fields that hold nothing but secrets or bytes wherever they stand. */
export const SECRET_FIELDS: Finder = {
  keywords: ['stringdata', 'binarydata', 'encrypteddata'],
  find({ text }, at) {
    const [field] = /^(?:stringData|binaryData|encryptedData)/.exec(text.slice(at, at + 16)) ?? [];
    if (field === undefined) return NOTHING;
    const rules: Readonly<Record<string, Rule>> = { stringData: 'secret-data', binaryData: 'config-map-binary' };
    return spans(text, entriesOf(text, at, field.length), rules[field] ?? 'sealed-data', field !== 'stringData');
  },
};

/** The data of Secrets in manifests: what stands in `data` beside `kind: Secret`, before it or after it. */
export class SecretManifestFinder implements Finder {
  readonly keywords: readonly string[] = ['secret'];
  /** What was looked through last: another `kind: Secret` in it would have it looked through again. */
  private seen: { readonly looked: Looked | undefined; readonly end: number } = { looked: undefined, end: 0 };

  find(looked: Looked, at: number): readonly Span[] {
    const { text } = looked;
    if (this.seen.looked === looked && at < this.seen.end) return NOTHING;
    const kind = KIND.exec(text.slice(Math.max(0, at - 40), at));
    if (!kind || !text.startsWith('Secret', at) || !matchAt(AFTER_KIND, text, at + 6)) return NOTHING;
    const { start, end } = objectAround(text, at - kind[0].length, at);
    this.seen = { looked, end };
    return [...text.slice(start, end).matchAll(DATA)].flatMap(({ 0: field, index }) => {
      if (/[\w-]/.test(text[start + index - 1] ?? '')) return [];
      return spans(text, entriesOf(text, start + index, field.length), 'secret-data', field === 'data');
    });
  }
}

/** The lines around that are indented as `kind` is, or deeper; on one line, up to the next `kind`. */
function objectAround(text: string, kind: number, at: number): Range {
  const lead = leadOf(text, kind);
  if (text.startsWith('List', at + 6)) {
    const end = text.indexOf('\n---', at);
    return { start: text.lastIndexOf('\n---', at) + 1, end: end < 0 ? text.length : end };
  }
  if (lead) return { start: blockStart(text, kind, lead.indent), end: blockEnd(text, at, lead.indent) };
  const lineStart = text.lastIndexOf('\n', at) + 1;
  const lineEnd = text.indexOf('\n', at);
  const next = text.indexOf('"kind', at);
  const ends = [lineEnd, next].filter((end) => end >= 0);
  return { start: Math.max(lineStart, text.lastIndexOf('"kind', kind - 2)), end: Math.min(text.length, ...ends) };
}

function blockStart(text: string, at: number, indent: number): number {
  let start = text.lastIndexOf('\n', at - 1) + 1;
  // An item of a list begins with a dash in front of its first field.
  while (start > 0 && !isDash(text, start, indent)) {
    const previous = previousLine(text, start);
    if (isLess(text, previous, indent)) return isDash(text, previous, indent) ? previous : start;
    start = previous;
  }
  return start;
}

function blockEnd(text: string, at: number, indent: number): number {
  for (let end = text.indexOf('\n', at); end >= 0; end = text.indexOf('\n', end + 1)) {
    if (isLess(text, end + 1, indent)) return end;
  }
  return text.length;
}

function columnOf(text: string, line: number): number {
  let column = 0;
  while (text.charCodeAt(line + column) === 32) column++;
  return column;
}

function isLess(text: string, line: number, indent: number): boolean {
  const column = columnOf(text, line);
  const character = text[line + column] ?? '';
  return column < indent ? !/[\r\n#]/.test(character) : text.startsWith('---', line + column);
}

function isDash(text: string, line: number, indent: number): boolean {
  const column = columnOf(text, line);
  return column < indent && text.startsWith('- ', line + column);
}

/** The values of a map of strings whose name stands at `at`, in JSON or in YAML. */
function entriesOf(text: string, at: number, length: number): readonly Range[] {
  const separator = matchAt(BESIDE, text, at + length);
  if (!separator) return [];
  const from = at + length + separator[0].length;
  if (text[from] === '{') return jsonEntries(text, from + 1);
  const lead = leadOf(text, at);
  return lead ? yamlEntries(text, from, lead.indent) : [];
}

const JSON_KEY = /[\s,]{0,4096}(?:\\{1,15}n\s{0,64}){0,4}(\\{0,15})"/y;
const JSON_COLON = /\\{0,15}"\s{0,64}:\s{0,64}/y;

function jsonEntries(text: string, from: number): readonly Range[] {
  const values: Range[] = [];
  for (let at = from; ;) {
    const key = matchAt(JSON_KEY, text, at);
    if (!key) return values;
    const keyEnd = closingQuote(text, at + key[0].length, '"', (key[1] ?? '').length);
    const colon = keyEnd < 0 ? undefined : matchAt(JSON_COLON, text, keyEnd);
    const value = colon && quotedValue(text, keyEnd + colon[0].length);
    if (!value) return values;
    values.push(value);
    at = value.end + (key[1] ?? '').length + 1;
  }
}

const YAML_KEY = /([ ]{0,128})(?:"[^"\n]{1,256}"|'[^'\n]{1,256}'|[^\s:#'"][^:\n]{0,255}):(?:[ \t]{1,16}|(?=\r?\n))/y;

function yamlEntries(text: string, from: number, indent: number): readonly Range[] {
  const values: Range[] = [];
  let at = text.indexOf('\n', from) + 1;
  if (at === 0 || text.slice(from, at).trim() !== '') return values;
  for (;;) {
    const key = matchAt(YAML_KEY, text, at);
    const column = (key?.[1] ?? '').length;
    if (!key || column <= indent) return values;
    const start = at + key[0].length;
    const below = valueBelow(text, start, column);
    const value = below?.[0] ?? quotedValue(text, start) ?? unquotedValue(text, start, true);
    values.push(value);
    const next = text.indexOf('\n', Math.max(value.end, start));
    if (next < 0) return values;
    at = next + 1;
  }
}

function spans(text: string, values: readonly Range[], rule: Rule, base64 = false): readonly Span[] {
  return values
    .filter(({ start, end }) => end > start && !isMarker(text.slice(start, end).trim()))
    .map(({ start, end }) => ({ start, end, rule, ...(base64 ? { form: 'base64' as const } : {}) }));
}
