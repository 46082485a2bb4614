import { isRecord } from '../../kubernetes/json-value.ts';

const TOKEN = /\s*(?:([{}[\],:])|("[^"\\]*(?:\\.[^"\\]*)*")|([^\s{}[\],:"]+))/y;

/**
 * A JSON text with other values in place of some, everything else (order, blanks, long numbers, repeated keys) as it
 * was. `value`: what the text parses to, with strings and numbers replaced, keys by `rename`. Throws where they differ
 * in shape.
 */
export function rewriteJson(text: string, value: unknown, rename: (key: string) => string): string {
  const rewriter = new Rewriter(text, rename);
  rewriter.value(value);
  return rewriter.finish();
}

class Rewriter {
  private readonly text: string;
  private readonly rename: (key: string) => string;
  private readonly parts: string[] = [];
  private copied = 0;
  private at = 0;

  constructor(text: string, rename: (key: string) => string) {
    this.text = text;
    this.rename = rename;
  }

  finish(): string {
    return this.parts.join('') + this.text.slice(this.copied);
  }

  value(value: unknown): void {
    const token = this.next();
    if (token.text === '{') this.record(value);
    else if (token.text === '[') this.array(value);
    else this.leaf(token, value);
  }

  private record(value: unknown): void {
    if (!isRecord(value)) throw new TypeError('shapes differ');
    for (let token = this.next(); token.text !== '}'; token = this.next()) {
      if (token.text === ',') continue;
      const key = JSON.parse(token.text) as string;
      const renamed = this.rename(key);
      if (renamed !== key) this.put(token, JSON.stringify(renamed));
      this.next();
      this.value(value[renamed]);
    }
  }

  private array(value: unknown): void {
    if (!Array.isArray(value)) throw new TypeError('shapes differ');
    let index = 0;
    while (this.peek() !== ']') {
      if (this.peek() === ',') this.next();
      else this.value(value[index++]);
    }
    this.next();
  }

  private leaf(token: Token, value: unknown): void {
    if (typeof value === 'object' && value !== null) throw new TypeError('shapes differ');
    const was = JSON.parse(token.text) as unknown;
    if (was !== value) this.put(token, JSON.stringify(value));
  }

  private put({ start, end }: Token, text: string): void {
    this.parts.push(this.text.slice(this.copied, start), text);
    this.copied = end;
  }

  private peek(): string {
    const { at } = this;
    const { text } = this.next();
    this.at = at;
    return text;
  }

  private next(): Token {
    TOKEN.lastIndex = this.at;
    const match = TOKEN.exec(this.text);
    const text = match?.[1] ?? match?.[2] ?? match?.[3];
    if (text === undefined) throw new SyntaxError('not JSON');
    this.at = TOKEN.lastIndex;
    return { text, start: this.at - text.length, end: this.at };
  }
}

interface Token {
  readonly text: string;
  readonly start: number;
  readonly end: number;
}
