const SHORT: Readonly<Record<string, string>> = {
  '\u0007': '\\a',
  '\b': '\\b',
  '\f': '\\f',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\v': '\\v',
  '"': '\\"',
  '\\': '\\\\',
};
const LONG: Readonly<Record<string, string>> = { a: '\u0007', b: '\b', f: '\f', n: '\n', r: '\r', t: '\t', v: '\v' };

/** Text as Go's `%q` prints it; API server messages quote every name this way. Source: strconv.Quote. */
export function goQuote(text: string): string {
  return `"${text.replaceAll(/["\\\p{C}]|(?! )\p{Z}/gu, (char) => SHORT[char] ?? numeric(char))}"`;
}

/** Several texts as Go's `%q` prints a slice: `["a" "b"]`. */
export function goQuoteAll(texts: readonly string[]): string {
  return `[${texts.map(goQuote).join(' ')}]`;
}

/** What stood between the quotes of `%q`; unknown escapes stay as they are. */
export function goUnquote(body: string): string {
  return body.replaceAll(
    /\\(?:x([0-9a-f]{2})|u([0-9a-f]{4})|U([0-9a-f]{8})|([abfnrtv"\\]))/g,
    (whole, x?: string, u?: string, long?: string, short?: string) => {
      if (short !== undefined) return LONG[short] ?? short;
      const code = Number.parseInt(x ?? u ?? long ?? '', 16);
      return code <= 0x10ffff ? String.fromCodePoint(code) : whole;
    },
  );
}

function numeric(char: string): string {
  const code = char.codePointAt(0) ?? 0;
  if (code < 0x80) return `\\x${code.toString(16).padStart(2, '0')}`;
  return code > 0xffff ? `\\U${code.toString(16).padStart(8, '0')}` : `\\u${code.toString(16).padStart(4, '0')}`;
}
