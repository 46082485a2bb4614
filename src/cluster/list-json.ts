import { isRecord } from '../kubernetes/json-value.ts';

const MANAGED_FIELDS = Buffer.from(',"managedFields":[');
const FIELDS = ['items', 'rows'];
const QUOTE = 0x22;
const COMMA = 0x2c;
const BACKSLASH = 0x5c;
// Brackets differ from braces in this bit alone.
const CASE = 0x20;
const OPENING = 0x7b;
const CLOSING = 0x7d;
const BRACKET = 0x5d;

/**
 * Parses a list (or Table) item by item: of all items but one, only what `reduce` makes of them is in memory.
 * managedFields are not parsed at all; they are often half of an answer.
 *
 * @param json compact, in UTF-8, as API servers send it, else it is parsed as a whole; it is overwritten
 * @param reduce gets each item as it was sent, without managedFields
 * @throws SyntaxError for what is no JSON
 */
export function parseList(json: Buffer, reduce: (item: unknown) => unknown): unknown {
  const text = dropManagedFields(json);
  const list = findList(text);
  const parsed = list && parseItems(text, list.start, reduce);
  const envelope: unknown =
    parsed && JSON.parse(`${text.toString('utf8', 0, list.start)}0${text.toString('utf8', parsed.end)}`);
  // Else there was another list of this name, deeper down.
  if (parsed && isRecord(envelope) && isPlaceholder(envelope[list.field]))
    return { ...envelope, [list.field]: parsed.items };
  return reduceItems(JSON.parse(text.toString('utf8')), reduce);
}

/** What stands before the items of a list (or Table), where the text begins with it; it is not checked what follows. */
export function envelopeBefore(json: Buffer): unknown {
  const list = findList(json);
  if (!list) return undefined;
  try {
    return JSON.parse(`${json.toString('utf8', 0, list.start)}]}`);
  } catch (error) {
    // A list of this name deeper down, or no JSON at all, which parsing the whole will say.
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

const isPlaceholder = (list: unknown): boolean => Array.isArray(list) && list.length === 1 && list[0] === 0;

function reduceItems(body: unknown, reduce: (item: unknown) => unknown): unknown {
  if (!isRecord(body)) return body;
  const lists = FIELDS.filter((field) => Array.isArray(body[field]));
  return { ...body, ...Object.fromEntries(lists.map((field) => [field, (body[field] as unknown[]).map(reduce)])) };
}

/** Where a list may begin: after some other field, which may belong to the list or to something within it. */
function findList(text: Buffer): { readonly field: string; readonly start: number } | undefined {
  for (const field of FIELDS) {
    const opening = `,"${field}":[`;
    const at = text.indexOf(opening);
    if (at >= 0) return { field, start: at + opening.length };
  }
  return undefined;
}

/** The items from `start` on, and where the bracket behind them is; undefined where there is none. */
function parseItems(
  text: Buffer,
  start: number,
  reduce: (item: unknown) => unknown,
): { readonly items: readonly unknown[]; readonly end: number } | undefined {
  const items: unknown[] = [];
  let from = start;
  let depth = 0;
  for (let index = start; index < text.length; index += 1) {
    const byte = text[index] ?? 0;
    if (byte === QUOTE) index = endOfString(text, index + 1);
    else if ((byte | CASE) === OPENING) depth += 1;
    else if (depth === 0 && (byte === COMMA || byte === BRACKET)) {
      if (index > start) items.push(reduce(JSON.parse(text.toString('utf8', from, index))));
      if (byte === BRACKET) return { items, end: index };
      from = index + 1;
    } else if ((byte | CASE) === CLOSING) depth -= 1;
  }
  return undefined;
}

/**
 * JSON without managedFields. Text that is not compact is left as it is, and so is what ends too early.
 *
 * The bytes looked for can only be the name of a field: within a string its quotes would be escaped. They come after a
 * comma, because managedFields is the last field of ObjectMeta (apimachinery/pkg/apis/meta/v1/types.go).
 * @param json is overwritten: what is returned is the beginning of it
 */
export function dropManagedFields(json: Buffer): Buffer {
  let length = 0;
  let from = 0;
  for (let at = json.indexOf(MANAGED_FIELDS); at >= 0; at = json.indexOf(MANAGED_FIELDS, from)) {
    const end = endOfArray(json, at + MANAGED_FIELDS.length);
    if (end === undefined) break;
    length += json.copy(json, length, from, at);
    from = end;
  }
  return json.subarray(0, length + json.copy(json, length, from));
}

/** Behind the bracket that closes an array whose opening bracket stands before `at`. */
function endOfArray(json: Buffer, at: number): number | undefined {
  let depth = 1;
  for (let index = at; index < json.length; index += 1) {
    const byte = json[index] ?? 0;
    if (byte === QUOTE) index = endOfString(json, index + 1);
    else if ((byte | CASE) === OPENING) depth += 1;
    else if ((byte | CASE) === CLOSING) {
      depth -= 1;
      if (depth === 0) return index + 1;
    }
  }
  return undefined;
}

/** At the quote that closes a string whose opening quote stands before `at`. */
function endOfString(json: Buffer, at: number): number {
  let index = at;
  while (index < json.length && json[index] !== QUOTE) index += json[index] === BACKSLASH ? 2 : 1;
  return index;
}
