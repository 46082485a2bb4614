import { type Finder, isWord, type Looked, matchAt, NOTHING, runEnd, runStart } from './finder.ts';
import type { Range } from './marker.ts';
import { isProse, isSecretValue, type NameClass, type Names } from './names.ts';
import { BEFORE_KEY, KEYS } from './name-words.ts';
import type { Rule } from './rules.ts';
import { authorizationValue, cookieValues } from './header-values.ts';
import type { Span } from './spans.ts';
import { literalValue, quotedValue, unquotedValue } from './value-end.ts';
import { leadOf, valueBelow } from './yaml-value.ts';

/** Parts that every name of a secret contains. Two-letter words (`pw`) stand with what usually surrounds them. */
const KEYWORDS = [
  ...[
    'pass',
    'pwd',
    'pw=',
    'pw:',
    'pw"',
    '_pw',
    '-pw',
    'secret',
    'credential',
    'creds',
    'key',
    'token',
    'authorization',
  ],
  ...[
    'cookie',
    'dsn',
    'jwt',
    'bearer',
    'hmac',
    'pepper',
    'otp',
    'connstr',
    'connection',
    'dockerc',
    'netrc',
    'license',
  ],
  ...['kubeconfig', 'masterauth', 'auth', 'sig', 'salt', 'session', 'pat', 'pin', 'webhook'],
];
const LONGEST_NAME = 128;
const isName = (code: number): boolean => isWord(code) || code === 45 || code === 46;

// Colours of a terminal may stand around the separator.
const SEPARATOR =
  // eslint-disable-next-line no-control-regex -- ESC begins a colour
  /(\\{0,15}["'`])?\]?(?:(?:\x1b|\\u001b)\[[\d;]{0,16}m){0,2}[ \t]{0,8}(?:=>|:=|=|:)(?:[ \t]|\\{1,15}t|(?:\x1b|\\u001b)\[[\d;]{0,16}m){0,64}/y;
const SIBLING =
  /\\{0,15}["']?[ \t]{0,8},?(?:\s|\\{1,15}[nrt]){0,64}(?:-[ \t]+)?\\{0,15}["']?value\\{0,15}["']?[ \t]{0,8}[:=]>?[ \t]{0,16}/iy;
const SIBLING_BEFORE =
  /value\\{0,15}["']?[ \t]{0,8}[:=][ \t]{0,16}(\S.{0,2000}?)\\{0,15}["']?[ \t]{0,8}(?:,|\n|\\{1,15}n)[\s-]{0,64}\\{0,15}["']?name\\{0,15}["']?[ \t]{0,8}[:=][ \t]{0,16}\\{0,15}["']?$/is;
const NAME_FIELD = /name\\{0,15}["']?[ \t]{0,8}[:=][ \t]{0,16}\\{0,15}["']?$/i;
const ELEMENT = />([^<\s][^<]{0,4096})</y;
const FLAG_VALUE = /\\{0,15}["']?(?:[ \t]{0,8},(?:\s|\\{1,15}n){0,64}|[ \t]{1,8}|(?:\s|\\{1,15}n){1,64}-[ \t]+)(?!-)/y;
const FLAG_PROSE =
  /(?:is|was|are|flag|option|must|and|or|not|to|from|for|in|of|as|on|with|the|a|an|parameter|argument|instead|requires?|required|cannot|can|will|has|needs?|should)(?![\w-])/iy;
/** Kinds of values as help texts write them behind flags (spf13/pflag, UnquoteUsage): `--kubeconfig string   The path`. */
const FLAG_TYPE =
  /(?:strings?|stringArray|stringSlice|stringToString|mapStringString|duration|bytes(?:Hex|Base64)?|u?int\d*|file|path)[ \t]{2}/y;
/** client-go logs `Failed to watch *v1.Secret: failed to list *v1.Secret: secrets is forbidden: …`. */
const GO_TYPE = /^v\d\w*\.[A-Z]\w*$/;
const SQL_VALUE = /[ \t]{1,8}(?=['"])/y;

interface Named {
  readonly text: string;
  readonly name: string;
  /** Of the name, with the dashes before it, and its end. */
  readonly start: number;
  readonly end: number;
  readonly nameClass: NameClass;
}

/** Finds values under the names of secrets, in every notation that text has: see the forms below. */
export class NamedFinder implements Finder {
  readonly keywords: readonly string[] = KEYWORDS;
  private readonly names: Names;
  /** A name with several keywords in it is looked at once. */
  private seen: { readonly looked: Looked | undefined; readonly end: number } = { looked: undefined, end: 0 };

  constructor(names: Names) {
    this.names = names;
  }

  find(looked: Looked, at: number): readonly Span[] {
    if (this.seen.looked === looked && at < this.seen.end) return NOTHING;
    const named = this.nameAt(looked.text, at);
    this.seen = { looked, end: named.end };
    if (named.nameClass === 'plain') return NOTHING;
    return assigned(named) ?? element(named) ?? sibling(named) ?? flag(named) ?? NOTHING;
  }

  private nameAt(text: string, at: number): Named {
    let start = runStart(text, at, LONGEST_NAME, isName);
    const end = runEnd(text, at, LONGEST_NAME, isName);
    start += escapeLength(text, start);
    const name = text.slice(start, end).replace(/^[-.]+|[-.]+$/g, '');
    let nameClass = this.names.classify(name);
    if (nameClass === 'plain' && KEYS.has(name.toLowerCase()) && BEFORE_KEY.has(wordBefore(text, start))) {
      nameClass = 'strong';
    }
    return { text, name, start, end, nameClass };
  }
}

/** The `n` of an escaped line break, or the `u0026` of an escaped ampersand, is not the beginning of a name. */
function escapeLength(text: string, start: number): number {
  if (text.charCodeAt(start - 1) !== 92) return 0;
  return /^(?:u[\da-f]{4}|[nrtbf])/i.exec(text.slice(start, start + 5))?.[0].length ?? 0;
}

function wordBefore(text: string, start: number): string {
  return /([A-Za-z]+)[ \t]$/.exec(text.slice(Math.max(0, start - 24), start))?.[1]?.toLowerCase() ?? '';
}

/** `name=value`, `name: value`, `"name":"value"`, `name => 'value'`, and what YAML puts below the name. */
function assigned(named: Named): readonly Span[] | undefined {
  const { text, end } = named;
  const separator = matchAt(SEPARATOR, text, end);
  if (!separator) return undefined;
  const at = end + separator[0].length;
  if (text.startsWith('//', at) || isImageOrPort(named, separator[0], at)) return NOTHING;
  return header(named, at) ?? below(named, separator[0], at) ?? beside(named, separator[0], at, separator[1]);
}

function header({ text, name }: Named, at: number): readonly Span[] | undefined {
  if (/authorization$/i.test(name)) return authorizationValue(text, at);
  return /(?:^|[^a-z])cookies?$/i.test(name) ? cookieValues(text, at) : undefined;
}

/** What YAML puts below a key; and lists and objects, which may go on below in any notation. */
function below(named: Named, separator: string, at: number): readonly Span[] | undefined {
  const { text } = named;
  const lead = separator.includes(':') ? leadOf(text, named.start) : undefined;
  const values = lead && valueBelow(text, at, lead.indent);
  if (values) return secretsOf(named, values, 'key-value');
  if (text[at] === '[') return listed(named, at);
  return text[at] === '{' && text[at + 1] !== '{' ? NOTHING : undefined;
}

function beside(named: Named, separator: string, at: number, quote: string | undefined): readonly Span[] {
  const { text } = named;
  const inQuotes = quotedValue(text, at);
  const literal = quote !== undefined && !inQuotes ? literalValue(text, at) : undefined;
  if (literal) {
    return secretsOf(named, [literal], 'key-value').map((span) => ({ ...span, form: { around: quote ?? '' } }));
  }
  const value = inQuotes ?? unquotedValue(text, at, leadOf(text, named.start) !== undefined);
  // A quoted name has a quoted value beside it; where it has none, this is prose: `volume "token-1" : not found`.
  const guarded = !inQuotes && (quote !== undefined || isGuarded(named, separator, at));
  return secretsOf(named, [value], 'key-value', guarded);
}

/** The tag of an image (`org/secret-store:1.2`) and the port of a host (`secret-store:8080`) are no values. */
function isImageOrPort({ text, start, name }: Named, separator: string, at: number): boolean {
  if (separator !== ':') return false;
  if (text[start - 1] === '/') return true;
  return /[-.]/.test(name) && /^\d{1,5}(?![\w.-])/.test(text.slice(at, at + 6));
}

/** In prose a bare word before `: ` needs a value that looks like one. */
function isGuarded({ text, start, name }: Named, separator: string, at: number): boolean {
  const inProse = separator.startsWith(':') && /[\s\\]/.test(text[at - 1] ?? '');
  return inProse && (isProse(name) || text[start - 1] === '/' || GO_TYPE.test(name));
}

function secretsOf(named: Named, values: readonly Range[], rule: Rule, guarded = false): readonly Span[] {
  return values.flatMap(({ start, end }) => {
    const value = named.text.slice(start, end);
    if (!isSecretValue(named.nameClass, value)) return [];
    return guarded && !looksRandom(value) ? [] : [{ start, end, rule }];
  });
}

/** At least 8 characters and a digit, not counting markers; no word is as long as 64. */
function looksRandom(value: string): boolean {
  const text = value.replace(/<redacted:[^>]{0,100}>/g, '');
  return text.length >= 64 || (text.length >= 8 && /\d/.test(text));
}

/** `name: ["a", "b"]`: each string; of objects in a list, the names in them decide. */
function listed(named: Named, at: number): readonly Span[] {
  const { text } = named;
  const close = text.indexOf(']', at);
  const end = close < 0 || close - at > 8192 ? Math.min(text.length, at + 8192) : close;
  if (/^\[\s*[{\]]/.test(text.slice(at, end + 1))) return NOTHING;
  const found: Range[] = [];
  for (let next = at + 1; next < end;) {
    const value = quotedValue(text, next);
    if (value) found.push(value);
    next = Math.max(next, value?.end ?? next) + 1;
  }
  return secretsOf(named, found.length > 0 ? found : [{ start: at + 1, end }], 'key-value');
}

/** `<password>value</password>`. */
function element(named: Named): readonly Span[] | undefined {
  const match = named.text[named.start - 1] === '<' ? matchAt(ELEMENT, named.text, named.end) : undefined;
  if (!match) return undefined;
  const start = named.end + 1;
  return secretsOf(named, [{ start, end: start + (match[1] ?? '').length }], 'key-value');
}

/** `name: DB_PASSWORD` beside `value: …`, as Kubernetes writes environments: in JSON, YAML and attributes. */
function sibling(named: Named): readonly Span[] | undefined {
  const { text, start, end } = named;
  const match = matchAt(SIBLING, text, end);
  if (match) return siblingValue(named, end + match[0].search(/value/i), end + match[0].length);
  if (!NAME_FIELD.test(text.slice(Math.max(0, start - 40), start))) return undefined;
  const near = text.slice(Math.max(0, start - 2200), start);
  const from = start - near.length + near.lastIndexOf('value');
  const before = near.includes('value') ? SIBLING_BEFORE.exec(text.slice(from, start)) : null;
  return before ? siblingValue(named, from, from + before[0].indexOf(before[1] ?? '')) : undefined;
}

function siblingValue(named: Named, key: number, at: number): readonly Span[] {
  const lead = leadOf(named.text, key);
  const below = lead ? valueBelow(named.text, at, lead.indent) : undefined;
  const value = quotedValue(named.text, at) ?? unquotedValue(named.text, at, lead !== undefined);
  return secretsOf(named, below ?? [value], 'env-name');
}

/** `--name value`, `["--name","value"]`, a list of YAML; and `PASSWORD 'value'` of SQL. */
function flag(named: Named): readonly Span[] | undefined {
  const { text, start, end, name } = named;
  const dashed = text[start] === '-' && isFlagStart(text.charCodeAt(start - 1));
  const sql = /passw(?:or)?d$|passphrase$/i.test(name);
  const match = dashed ? matchAt(FLAG_VALUE, text, end) : sql ? matchAt(SQL_VALUE, text, end) : undefined;
  if (!match) return undefined;
  const at = end + match[0].length;
  if (matchAt(FLAG_PROSE, text, at) ?? matchAt(FLAG_TYPE, text, at)) return NOTHING;
  return secretsOf(named, [quotedValue(text, at) ?? unquotedValue(text, at, false)], dashed ? 'argument' : 'key-value');
}

function isFlagStart(before: number): boolean {
  return Number.isNaN(before) || !isWord(before);
}
