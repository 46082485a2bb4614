import { goQuote } from './go-quote.ts';
import { int64, type Requirement } from './selector.ts';

/** A parsed selector, or what is wrong with the text, in the words of the API server (names and values apart). */
export type ParsedSelector = { readonly requirements: readonly Requirement[] } | { readonly error: string };

class Refused extends Error {}

const unparsed = (why: string): Refused => new Refused(`unable to parse requirement: ${why}`);

const TOKEN = /[ \t\r\n]*(?:(!=|==|[=!(),<>])|([^ \t\r\n=!(),<>]+)|$)/gy;

/**
 * Parses the text form of a label selector (`app=web,tier notin (a, b),!old`), by the grammar of the API server
 * (apimachinery pkg/labels `Parse`). The empty text selects everything.
 */
export function parseLabelSelector(text: string): ParsedSelector {
  try {
    return { requirements: new LabelSelectorParser(tokens(text)).parse() };
  } catch (error) {
    if (error instanceof Refused) return { error: error.message };
    throw error;
  }
}

interface Token {
  readonly text: string;
  readonly type: 'symbol' | 'word' | 'end';
}

function tokens(text: string): readonly Token[] {
  return [...text.matchAll(TOKEN)].map(([, symbol, word]) => {
    if (symbol !== undefined) return { text: symbol, type: 'symbol' };
    return word === undefined ? { text: '', type: 'end' } : { text: word, type: 'word' };
  });
}

const COMPARISONS: Readonly<Record<string, Requirement['operator']>> = {
  '=': 'in',
  '==': 'in',
  '!=': 'not-in',
  '>': 'greater',
  '<': 'less',
};

class LabelSelectorParser {
  readonly #tokens: readonly Token[];
  #position = 0;

  constructor(list: readonly Token[]) {
    this.#tokens = list;
  }

  parse(): readonly Requirement[] {
    const requirements: Requirement[] = [];
    if (this.#peek().type === 'end') return requirements;
    this.#expectStart("!, identifier, or 'end of string'");
    for (;;) {
      requirements.push(this.#requirement());
      const next = this.#next();
      if (next.type === 'end') return requirements;
      if (next.text !== ',') throw new Refused(`found '${next.text}', expected: ',' or 'end of string'`);
      this.#expectStart("identifier after ','");
    }
  }

  #expectStart(expected: string): void {
    const { type, text } = this.#peek();
    if (type !== 'word' && text !== '!') throw new Refused(`found '${text}', expected: ${expected}`);
  }

  #peek(): Token {
    return this.#tokens[this.#position] ?? { text: '', type: 'end' };
  }

  #next(): Token {
    const token = this.#peek();
    this.#position++;
    return token;
  }

  #requirement(): Requirement {
    const negated = this.#peek().text === '!';
    if (negated) this.#next();
    const name = this.#next();
    if (name.type !== 'word') throw unparsed(`found '${name.text}', expected: identifier`);
    const key = validKey(name.text);
    if (negated) return { key, operator: 'not-exists', values: [] };
    const next = this.#peek();
    if (next.type === 'end' || next.text === ',') return { key, operator: 'exists', values: [] };
    return this.#comparison(key);
  }

  #comparison(key: string): Requirement {
    const { text, type } = this.#next();
    if (type === 'word' && (text === 'in' || text === 'notin')) {
      return { key, operator: text === 'in' ? 'in' : 'not-in', values: this.#set().map(validValue) };
    }
    const operator = Object.hasOwn(COMPARISONS, text) ? COMPARISONS[text] : undefined;
    if (type !== 'symbol' || !operator) throw unparsed(`found '${text}', expected: in, notin, =, ==, !=, gt, lt`);
    const value = validValue(this.#value());
    if ((operator === 'greater' || operator === 'less') && int64(value) === undefined) {
      const why = "for 'Gt', 'Lt' operators, the value must be an integer";
      throw unparsed(`values[0]: Invalid value: ${goQuote(value)}: ${why}`);
    }
    return { key, operator, values: [value] };
  }

  #value(): string {
    const next = this.#peek();
    if (next.type === 'end' || next.text === ',') return '';
    if (next.type !== 'word') throw unparsed(`found '${next.text}', expected: identifier`);
    return this.#next().text;
  }

  /** `(a, b)`; an empty place between commas is the empty value. */
  #set(): readonly string[] {
    const open = this.#next();
    if (open.text !== '(') throw unparsed(`found '${open.text}' expected: '('`);
    const values = new Set<string>();
    for (;;) {
      const { type } = this.#peek();
      values.add(type === 'word' ? this.#next().text : '');
      const end = this.#next();
      if (end.text === ')') return [...values];
      if (end.text !== ',') throw unparsed(`found '${end.text}', expected: ',' or ')'`);
    }
  }
}

const NAME = /^[A-Za-z0-9](?:[-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$/;
const PREFIX = /^[a-z0-9](?:[-a-z0-9]*[a-z0-9])?(?:\.[a-z0-9](?:[-a-z0-9]*[a-z0-9])?)*$/;

function validKey(key: string): string {
  const slash = key.indexOf('/');
  const [prefix, name] = slash < 0 ? [undefined, key] : [key.slice(0, slash), key.slice(slash + 1)];
  if (!NAME.test(name) || (prefix !== undefined && (!PREFIX.test(prefix) || prefix.length > 253))) {
    throw unparsed(`${goQuote(key)} is not a label name`);
  }
  return key;
}

function validValue(value: string): string {
  if (value !== '' && !NAME.test(value)) throw unparsed(`${goQuote(value)} is not a label value`);
  return value;
}

/**
 * Parses the text form of a field selector (`metadata.name=a,status.phase!=Running`; apimachinery pkg/fields
 * `ParseSelector`): `\` escapes `,`, `=` and itself in values, and terms are sorted. Which fields a resource has is not looked at.
 */
export function parseFieldSelector(text: string): ParsedSelector {
  const requirements: Requirement[] = [];
  for (const term of (text.match(/(?:\\.|[^,\\]|\\$)+/gs) ?? []).sort()) {
    const [, key = '', operator, written = ''] = /^(.*?)(!=|==|=)(.*)$/s.exec(term) ?? [];
    if (operator === undefined) return { error: `invalid selector: '${text}'; can't understand '${term}'` };
    const value = unescapeValue(written);
    if (value === undefined) return { error: `invalid field selector: invalid value '${written}'` };
    // A term that names neither a field nor a value is dropped (`Transform`), whatever its operator.
    if (key === '' && value === '') continue;
    requirements.push({ key, operator: operator === '!=' ? 'not-in' : 'in', values: [value] });
  }
  return { requirements };
}

/** `UnescapeValue`: a bare `=` or an escape of anything else is refused. */
function unescapeValue(value: string): string | undefined {
  if (/(?:^|[^\\])(?:\\\\)*=/.test(value) || !/^(?:[^\\]|\\[\\,=])*$/s.test(value)) return undefined;
  return value.replace(/\\(.)/gs, '$1');
}
