import { RULES, type Rule } from './rules.ts';
import { ShortHmac } from './short-hmac.ts';

const REMEMBERED = 10_000;
const RULE = `(?:decoded-)?(?:${RULES.join('|')})`;
const ONE = `<redacted:${RULE}:len=(?:0-7|[1-9]\\d{0,9}):fp=[0-9a-f]{12}>`;
const WHOLE = new RegExp(`^${ONE}$`);
const PARTS = /^<redacted:([a-z0-9-]+):len=([\d-]+):fp=([0-9a-f]{12})>$/;
const AT = new RegExp(ONE, 'y');

export interface Range {
  readonly start: number;
  readonly end: number;
}

/**
 * Writes what stands in a secret's place: `<redacted:RULE:len=N:fp=12hex>`. Length in bytes, not told below 8; equal
 * fingerprints are equal values within one key, and nothing can be computed from them without it.
 */
export class Marker {
  private readonly hmac: ShortHmac;
  private readonly known = new Map<string, string>();

  constructor(key: Uint8Array) {
    this.hmac = new ShortHmac(key);
  }

  /** The marker for a value, given as its bytes in latin1. */
  of(rule: Rule, value: string): string {
    const length = value.length < 8 ? '0-7' : String(value.length);
    return `<redacted:${rule}:len=${length}:fp=${this.fingerprint(value)}>`;
  }

  private fingerprint(value: string): string {
    const known = this.known.get(value);
    if (known !== undefined) return known;
    const made = this.hmac.hex(value).slice(0, 12);
    if (this.known.size >= REMEMBERED) this.known.clear();
    if (value.length <= 1024) this.known.set(value, made);
    return made;
  }
}

/** `<redacted:` in base64, as far as it does not depend on what follows. */
const BASE64_HEAD = 'PHJlZGFjdGVkO';
const BASE64 = /[A-Za-z0-9+/]{13,256}={0,2}/y;

/** True for text that is exactly one marker of a rule we have, or the base64 of one. */
export function isMarker(text: string): boolean {
  if (text.startsWith(BASE64_HEAD)) return isMarker(Buffer.from(text, 'base64').toString('latin1'));
  return text.startsWith('<redacted:') && WHOLE.test(text);
}

/** Where the markers of a text are, those in base64 included, in order. */
export function findMarkers(text: string): readonly Range[] {
  const found = [...rangesAt(text, '<redacted:', AT), ...rangesAt(text, BASE64_HEAD, BASE64)];
  return found.length > 1 ? found.sort((a, b) => a.start - b.start) : found;
}

function rangesAt(text: string, head: string, shape: RegExp): readonly Range[] {
  const found: Range[] = [];
  for (let at = text.indexOf(head); at >= 0;) {
    shape.lastIndex = at;
    const end = shape.test(text) ? shape.lastIndex : at + 1;
    if (end > at + 1 && isMarker(text.slice(at, end))) found.push({ start: at, end });
    at = text.indexOf(head, end);
  }
  return found;
}

/** One marker of a text: on which line (from 1), and what it tells. */
export interface MarkerPlace {
  readonly line: number;
  readonly rule: string;
  /** `0-7`, or the number of bytes. */
  readonly len: string;
  readonly fp: string;
}

/** The markers in redacted bytes, those in base64 included, in order: what the report of redactions is made of. */
export function listMarkers(bytes: Buffer): readonly MarkerPlace[] {
  const text = bytes.toString('latin1');
  let line = 1;
  let at = 0;
  return findMarkers(text).map(({ start, end }) => {
    for (let next = text.indexOf('\n', at); next >= 0 && next < start; next = text.indexOf('\n', at)) {
      line += 1;
      at = next + 1;
    }
    const found = text.slice(start, end);
    const marker = found.startsWith('<') ? found : Buffer.from(found, 'base64').toString('latin1');
    const [, rule = '', len = '', fp = ''] = PARTS.exec(marker) ?? [];
    return { line, rule, len, fp };
  });
}
