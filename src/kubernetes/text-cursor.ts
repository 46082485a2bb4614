import { goUnquote } from './go-quote.ts';

/**
 * Reads a text from the left with sticky patterns. Every pattern is tried at one place only and none of them repeats
 * what it can match in two ways, so that reading takes time in proportion to the text.
 */
export class TextCursor {
  readonly text: string;
  position = 0;

  constructor(text: string) {
    this.text = text;
  }

  /** Reads what the pattern (with flag y) matches here, or stays. */
  take(pattern: RegExp): RegExpExecArray | undefined {
    pattern.lastIndex = this.position;
    const match = pattern.exec(this.text);
    if (match) this.position = pattern.lastIndex;
    return match ?? undefined;
  }

  /** A word in Go quotes, or without quotes as some loggers print it; undefined where neither is complete. */
  word(): string | undefined {
    const quoted = this.take(/"([^"\\]*(?:\\[\s\S][^"\\]*)*)"/y);
    if (quoted) return plain(quoted[1] ?? '');
    const bare = this.take(/[^\s"'\\,;:)\]}][^\s"'\\,;)\]}]*/y)?.[0];
    if (bare === undefined) return undefined;
    const trimmed = bare.replace(/[:.…]+$/, '');
    this.position -= bare.length - trimmed.length;
    return trimmed;
  }

  /** Whether nothing but the marks of a cut is left, or an opened quote that nothing closes. */
  get ended(): boolean {
    return /^\s*(?:"[^"]*)?(?:…|\.\.\.)?\s*$/.test(this.text.slice(this.position));
  }
}

/** A word as it was before Go quoted it, the server escaped it for HTML and a terminal wrapped it. */
function plain(body: string): string {
  return goUnquote(unescapeHtml(body.replaceAll(/\s*\n\s*/g, '')));
}

function unescapeHtml(text: string): string {
  return text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&');
}

/** The first line of free text; a line that ends within brackets or with a comma goes on in the next. */
export function firstLine(text: string): string {
  let depth = 0;
  let last = '';
  for (let index = 0; index < text.length; index++) {
    const char = text.charAt(index);
    if (char === '\n' && depth <= 0 && last !== ',') return text.slice(0, index);
    if (char === '(' || char === '[') depth++;
    if (char === ')' || char === ']') depth--;
    if (!/\s/.test(char)) last = char;
  }
  return text;
}
