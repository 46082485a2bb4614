/** True for JSON objects: neither null nor an array. */
export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The value at a path of own keys, or undefined where any step is missing or not an object. */
export function valueAt(value: unknown, ...path: readonly string[]): unknown {
  let current: unknown = value;
  for (const key of path) {
    if (!isRecord(current) || !Object.hasOwn(current, key)) return undefined;
    current = current[key];
  }
  return current;
}

/** As `valueAt`, and undefined unless it is a string. */
export function stringAt(value: unknown, ...path: readonly string[]): string | undefined {
  const found = valueAt(value, ...path);
  return typeof found === 'string' ? found : undefined;
}

/** Deep equality of JSON values; key order does not count. */
export function sameJson(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (Array.isArray(a) && Array.isArray(b)) return a.length === b.length && a.every((item, i) => sameJson(item, b[i]));
  if (!isRecord(a) || !isRecord(b)) return false;
  const keys = Object.keys(a);
  return (
    keys.length === Object.keys(b).length && keys.every((key) => Object.hasOwn(b, key) && sameJson(a[key], b[key]))
  );
}

// Space, then one token: punctuation, a string, or a literal.
const TOKEN =
  // eslint-disable-next-line no-control-regex -- JSON strings may not hold control characters unescaped
  /[ \t\n\r]*(?:([{}[\],:])|("[^"\\\u0000-\u001f]*(?:\\(?:["\\/bfnrt]|u[\da-fA-F]{4})[^"\\\u0000-\u001f]*)*")|(?:-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null))/y;
const BLANK = /[ \t\n\r]*/y;

type Expected = 'value' | 'first-item' | 'first-key' | 'key' | 'colon' | 'next' | 'end';

/**
 * Where a text stops being JSON (RFC 8259): the index of the first character that does not fit, its length when it ends
 * too early, undefined when it is JSON. JSON.parse says it only in some messages, which quote the text.
 */
export function jsonErrorIndex(text: string): number | undefined {
  const open: string[] = [];
  let expected: Expected = 'value';
  let index = 0;
  while (expected !== 'end') {
    BLANK.lastIndex = index;
    BLANK.test(text);
    const start = BLANK.lastIndex;
    TOKEN.lastIndex = index;
    const token = TOKEN.exec(text);
    const next: Expected | undefined = token
      ? step(expected, token[1] ?? (token[2] === undefined ? 'literal' : 'string'), open)
      : undefined;
    if (!next) return start;
    index = TOKEN.lastIndex;
    expected = next;
  }
  BLANK.lastIndex = index;
  BLANK.test(text);
  return BLANK.lastIndex === text.length ? undefined : BLANK.lastIndex;
}

/** The state after one token, undefined where the token may not stand; `open` holds the brackets around it. */
function step(expected: Expected, token: string, open: string[]): Expected | undefined {
  const closes = open.at(-1) === '{' ? '}' : ']';
  if (token === closes && ['next', 'first-item', 'first-key'].includes(expected)) {
    open.pop();
    return afterValue(open);
  }
  if (expected === 'value' || expected === 'first-item') return startValue(token, open);
  if (expected === 'next') return token === ',' ? (closes === '}' ? 'key' : 'value') : undefined;
  if (expected === 'colon') return token === ':' ? 'value' : undefined;
  return token === 'string' ? 'colon' : undefined;
}

const afterValue = (open: readonly string[]): Expected => (open.length > 0 ? 'next' : 'end');

function startValue(token: string, open: string[]): Expected | undefined {
  if (token === 'string' || token === 'literal') return afterValue(open);
  if (token !== '{' && token !== '[') return undefined;
  open.push(token);
  return token === '{' ? 'first-key' : 'first-item';
}
