/** An escalation message about the role `admin` is a quarter of this. */
export const MAX_AFTER = 32_768;
const MAX_BEFORE = 700;

/** A place in a text where a denial may be, with what stands around it, freed of the quoting of whoever logged it. */
export interface Sighting {
  readonly kind: 'forbidden' | 'user' | 'webhook' | 'quota' | 'registry' | 'unauthorized' | 'credentials';
  /** What stands before `forbidden:`; empty for all other kinds. */
  readonly before: string;
  /** For `forbidden` what follows the colon, else the text from the place on. */
  readonly after: string;
  /** Offsets in the prepared text: where it starts, and where the string that holds it ends. */
  readonly start: number;
  readonly end: number;
}

const ANCHOR =
  /(?<forbidden>forbidden:)(?=\s)(?:\s{1,20}[Uu]ser(?=\s))?|(?<user>\bUser\s{1,20}(?:\\{0,63}"|system:))|(?<webhook>\badmission webhook\s{1,20}\\{0,63}"|\bfailed calling (?:admission )?webhook\s{1,20}\\{0,63}")|(?<quota>\binsufficient quota to\s)|(?<registry>\bFailed to pull image\b|\bBack-off pulling image\b|\bpull access denied\b|\bunexpected status\b)|(?<unauthorized>\bUnauthorized\b)|(?<credentials>\bthe server has asked for the client to provide credentials\b)/g;
const ANY_ANCHOR = new RegExp(ANCHOR, '');

// eslint-disable-next-line no-control-regex -- colours of a terminal would stand within words
const COLOURS = /\u001b\[[0-9;]{0,20}m/g;

/** No anchor is longer than this, with what must stand around it. */
const MAX_ANCHOR = 200;

/** Where a denial may be: what its kind is, and where in the prepared text. */
export interface Anchor {
  readonly kind: Sighting['kind'];
  readonly start: number;
}

/**
 * The anchors in a text from an offset on.
 * @param ended whether nothing follows the text; else an anchor that may go on beyond its end is left for later
 * @returns also where to go on
 */
export function anchorsFrom(
  text: string,
  from: number,
  ended: boolean,
): { readonly anchors: readonly Anchor[]; readonly next: number } {
  const until = ended ? text.length : text.length - MAX_ANCHOR;
  const pattern = new RegExp(ANCHOR);
  const anchors: Anchor[] = [];
  let next = from;
  pattern.lastIndex = from;
  for (let match = pattern.exec(text); match && match.index < until; match = pattern.exec(text)) {
    anchors.push({ kind: kindOf(match), start: match.index });
    next = pattern.lastIndex;
  }
  return { anchors, next: Math.max(next, until) };
}

/** False where it is certain that a whole text holds no anchor. */
export function mayHoldAnchor(text: string): boolean {
  return text.includes('\u001b') || text.includes('&') || ANY_ANCHOR.test(text);
}

function kindOf(match: RegExpMatchArray): Sighting['kind'] {
  const groups = match.groups ?? {};
  const kinds = ['forbidden', 'user', 'webhook', 'quota', 'registry', 'unauthorized'] as const;
  return kinds.find((kind) => groups[kind] !== undefined) ?? 'credentials';
}

/**
 * What stands around an anchor.
 * @param floor where the anchor before it of kind `forbidden` ends
 * @param limit where the next anchor is: the next one of kind `forbidden` for one of that kind, else of any kind
 */
export function sightingAt(text: string, { kind, start }: Anchor, floor: number, limit = text.length): Sighting {
  const ceiling = Math.min(kind === 'registry' ? text.length : limit, start + MAX_AFTER);
  const from = kind === 'forbidden' ? start + 'forbidden:'.length : start;
  const before = kind === 'forbidden' ? text.slice(Math.max(floor, start - MAX_BEFORE), start) : '';
  const raw = text.slice(from, kind === 'registry' ? Math.min(ceiling, from + 1000) : ceiling);
  const slashes = escapesOf(kind, before, raw);
  const length = slashes === 0 ? raw.length : closingQuote(raw, slashes);
  const levels = levelsOf(slashes);
  return {
    kind,
    before: unescape(before, levels),
    after: unescape(raw.slice(0, length), levels),
    start,
    end: from + (slashes === 0 ? 0 : length),
  };
}

/**
 * How many backslashes stand before the quotes that belong to the message itself. An opening quote tells; before a
 * closing one the name's own last backslash might stand.
 */
function escapesOf(kind: Sighting['kind'], before: string, after: string): number {
  return (OPENING_QUOTE[kind]?.exec(after) ?? TARGET_QUOTE.exec(before.slice(-400)))?.[1]?.length ?? 0;
}

const OPENING_QUOTE: Partial<Record<Sighting['kind'], RegExp>> = {
  forbidden: /^\s{1,20}[Uu]ser\s{1,20}(\\*)"/,
  user: /^User\s{1,20}(\\*)"/,
  webhook: /^[a-z ]{0,40}\s{1,20}(\\*)"/,
};
const TARGET_QUOTE = /\s(\\*)"[^"]{0,300}"\s{1,20}is\s{1,20}$/;

/** Where the string that holds the message ends: at the first quote that is escaped less often than the message's. */
function closingQuote(raw: string, slashes: number): number {
  for (const match of raw.matchAll(/(?<!\\)(\\*)"/g)) if ((match[1]?.length ?? 0) < slashes) return match.index;
  return raw.length;
}

/** JSON doubles the backslashes of JSON, Python those of bytes: n of them are undone in as many passes as halve n to 0. */
function levelsOf(slashes: number): number {
  let levels = 0;
  for (let left = slashes; left > 0; left = Math.floor(left / 2)) levels++;
  return levels;
}

const NAMED: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '' };

function unescape(text: string, levels: number): string {
  let plain = text;
  for (let level = 0; level < levels; level++)
    plain = plain.replaceAll(
      /\\(?:u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2})|([\s\S]))/g,
      (_whole, u?: string, x?: string, char?: string) =>
        char === undefined ? String.fromCharCode(Number.parseInt(u ?? x ?? '', 16)) : (NAMED[char] ?? char),
    );
  return plain;
}

/**
 * Takes terminal colours out of a text that comes in pieces and makes the quotes of HTML pages quotes. What may be the
 * beginning of a colour or of a quote waits for the next piece.
 */
export class Preparation {
  #colour = '';
  #entity = '';

  push(piece: string): string {
    const [text, colour] = withoutTail(this.#colour + piece, '\u001b', COLOUR_BEGUN);
    this.#colour = colour;
    const [plain, entity] = withoutTail(this.#entity + uncoloured(text), '&', ENTITY_BEGUN);
    this.#entity = entity;
    return unquoted(plain);
  }

  end(): string {
    return unquoted(this.#entity + this.#colour);
  }
}

// eslint-disable-next-line no-control-regex -- as above
const COLOUR_BEGUN = /^\u001b(?:\[[0-9;]{0,20})?$/;
const ENTITY_BEGUN = /^&[#a-z0-9]{0,4}$/;

/** Splits off the end of a text from its last mark on, where it may be the beginning of something. */
function withoutTail(text: string, mark: string, begun: RegExp): readonly [text: string, tail: string] {
  const at = text.lastIndexOf(mark);
  const tail = at < 0 ? '' : text.slice(at, at + 30);
  return at >= 0 && at + tail.length === text.length && begun.test(tail) ? [text.slice(0, at), tail] : [text, ''];
}

function uncoloured(text: string): string {
  return text.includes('\u001b') ? text.replaceAll(COLOURS, '') : text;
}

function unquoted(text: string): string {
  return text.includes('&') ? text.replaceAll(/&quot;|&#34;/g, '"').replaceAll('&#39;', "'") : text;
}
