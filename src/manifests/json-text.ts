import { MAX_DEPTH, YamlFault } from './convert.ts';

export interface JsonValue {
  readonly value: unknown;
  readonly offset: number;
}

export interface JsonStream {
  readonly values: readonly JsonValue[];
  /** Why what follows the values could not be read. */
  readonly fault?: YamlFault;
}

/**
 * Reads one JSON value or several in a row, as kubectl does (YAMLOrJSONDecoder in k8s.io/apimachinery/pkg/util/yaml).
 * Of duplicate keys the last wins. Faults never quote the text, as the messages of JSON.parse do.
 */
export function parseJsonStream(text: string): JsonStream {
  const values: JsonValue[] = [];
  try {
    for (let offset = skipSpace(text, 0); offset < text.length;) {
      const end = skipValue(text, offset);
      values.push({ value: JSON.parse(text.slice(offset, end)) as unknown, offset });
      offset = skipSpace(text, end);
    }
    return { values };
  } catch (error) {
    if (error instanceof YamlFault) return { values, fault: error };
    throw error;
  }
}

const SCALAR = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][-+]?\d+)?|true|false|null/y;

function skipSpace(text: string, offset: number): number {
  const space = /[ \t\r\n]*/y;
  space.lastIndex = offset;
  space.test(text);
  return space.lastIndex;
}

const fault = (text: string, offset: number, expected: string): YamlFault =>
  offset >= text.length
    ? new YamlFault('not JSON: the text ends in the middle of a value', text.trimEnd().length)
    : new YamlFault(`not JSON: expected ${expected}`, offset);

/** The offset behind the JSON value at an offset; checks it on the way. Throws YamlFault at the first offence. */
function skipValue(text: string, start: number): number {
  const closers: string[] = [];
  let offset = start;
  for (;;) {
    const opener = text[offset];
    if (opener === '{' || opener === '[') {
      if (closers.length >= MAX_DEPTH) throw new YamlFault(`nested more than ${MAX_DEPTH} levels deep`, offset);
      const closer = opener === '{' ? '}' : ']';
      const inside = skipSpace(text, offset + 1);
      if (text[inside] !== closer) {
        closers.push(closer);
        offset = closer === '}' ? skipKey(text, inside) : inside;
        continue;
      }
      offset = inside + 1;
    } else {
      offset = skipScalar(text, offset);
    }
    const next = closeOrContinue(text, offset, closers);
    if (closers.length === 0) return next;
    offset = next;
  }
}

/** After a value: leaves every container that ends, and stands at the next value, or behind the whole. */
function closeOrContinue(text: string, from: number, closers: string[]): number {
  let offset = from;
  for (let closer = closers.at(-1); closer !== undefined; closer = closers.at(-1)) {
    offset = skipSpace(text, offset);
    if (text[offset] === closer) {
      closers.pop();
      offset += 1;
    } else if (text[offset] === ',') {
      offset = skipSpace(text, offset + 1);
      return closer === '}' ? skipKey(text, offset) : offset;
    } else {
      throw fault(text, offset, `, or ${closer}`);
    }
  }
  return offset;
}

function skipKey(text: string, offset: number): number {
  if (text[offset] !== '"') throw fault(text, offset, 'a key in double quotes');
  const colon = skipSpace(text, skipText(text, offset));
  if (text[colon] !== ':') throw fault(text, colon, ':');
  return skipSpace(text, colon + 1);
}

function skipScalar(text: string, offset: number): number {
  if (text[offset] === '"') return skipText(text, offset);
  SCALAR.lastIndex = offset;
  if (!SCALAR.test(text)) throw fault(text, offset, 'a value');
  return SCALAR.lastIndex;
}

function skipText(text: string, offset: number): number {
  let end = offset;
  let escapes: number;
  do {
    end = text.indexOf('"', end + 1);
    if (end < 0) throw fault(text, text.length, '"');
    escapes = 0;
    while (text[end - 1 - escapes] === '\\') escapes += 1;
  } while (escapes % 2 === 1);
  try {
    JSON.parse(text.slice(offset, end + 1));
  } catch {
    throw new YamlFault('not JSON: a control character or an invalid escape sequence in a text', offset);
  }
  return end + 1;
}

/** Where the elements of the array at an offset of valid JSON stand. */
export function elementOffsets(text: string, array: number): readonly number[] {
  const offsets: number[] = [];
  let offset = skipSpace(text, array + 1);
  while (text[offset] !== ']') {
    offsets.push(offset);
    offset = skipSpace(text, skipValue(text, offset));
    if (text[offset] === ',') offset = skipSpace(text, offset + 1);
  }
  return offsets;
}

/** Where the member of the object at an offset of valid JSON stands: its key and its value. */
function memberOffsets(text: string, object: number, name: string): { key: number; value: number } | undefined {
  let found: { key: number; value: number } | undefined;
  let offset = skipSpace(text, object + 1);
  while (text[offset] !== '}') {
    const value = skipKey(text, offset);
    const key: unknown = JSON.parse(text.slice(offset, skipText(text, offset)));
    if (key === name) found = { key: offset, value };
    offset = skipSpace(text, skipValue(text, value));
    if (text[offset] === ',') offset = skipSpace(text, offset + 1);
  }
  return found;
}

/** Offset of a path below the value at an offset of valid JSON: of the key in objects; as far as the path exists. */
export function locateInJson(text: string, start: number, path: readonly string[]): number {
  let shown = start;
  let at = start;
  for (const step of path) {
    if (text[at] === '{') {
      const member = memberOffsets(text, at, step);
      if (!member) return shown;
      shown = member.key;
      at = member.value;
    } else {
      const element = text[at] === '[' ? elementOffsets(text, at)[Number(step)] : undefined;
      if (element === undefined) return shown;
      shown = at = element;
    }
  }
  return shown;
}

/** Where the elements of a top-level `items` stand, for a JSON object at an offset. */
export function itemOffsets(text: string, object: number): readonly number[] | undefined {
  const items = text[object] === '{' ? memberOffsets(text, object, 'items') : undefined;
  return items && text[items.value] === '[' ? elementOffsets(text, items.value) : undefined;
}
