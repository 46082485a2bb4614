const MAX_MESSAGE = 400;

// C0 and C1 controls, DEL, line and paragraph separators, bidirectional marks, overrides and isolates, zero-width characters, BOM.
// eslint-disable-next-line no-control-regex -- these characters are exactly what must not reach a terminal
const HOSTILE = /[\u0000-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]+/g;

/** Text from a cluster or file, made harmless for any terminal: hostile characters become one blank. */
export function clean(text: string): string {
  return text.replace(HOSTILE, ' ').trim();
}

/** As `clean`, and cut to 400 characters with the original length named. */
export function cleanMessage(text: string): string {
  const cleaned = clean(text);
  return cleaned.length <= MAX_MESSAGE
    ? cleaned
    : `${cleaned.slice(0, MAX_MESSAGE).trimEnd()}… (${String(cleaned.length)} characters)`;
}

/** Order by code units, where a fixed order matters and names are not read as words: negative, zero or positive. */
export function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** `1 finding`, `2 findings`. */
export function count(n: number, singular: string, plural = `${singular}s`): string {
  return `${String(n)} ${n === 1 ? singular : plural}`;
}

/** A word for a POSIX shell, quoted only where it must be. */
export function shellQuote(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`;
}
