const TABLE = 1 << 15;
const LOWER = Uint8Array.from({ length: 256 }, (_, byte) => (byte >= 65 && byte <= 90 ? byte + 32 : byte));
/** A pair of bytes with which a keyword begins, and one that stands behind the first byte of one. */
const FIRST = 1;
const SECOND = 2;

interface Entry<T> {
  readonly keyword: Buffer;
  readonly value: T;
}

/**
 * Finds keywords (ASCII, at least 3 bytes, without regard to case) in one pass over bytes, two at a time: whether a
 * keyword begins with them or before them, a table says; then three bytes, hashed, lead to the few that begin so. So
 * detectors cost where their keyword stands, and nothing elsewhere.
 */
export class KeywordIndex<T> {
  private readonly pairs = new Uint8Array(1 << 16);
  private readonly table = new Uint8Array(TABLE);
  private readonly buckets: Entry<T>[][] = [[]];

  constructor(entries: Iterable<readonly [keyword: string, value: T]>) {
    for (const [keyword, value] of entries) this.add(keyword.toLowerCase(), value);
  }

  private add(text: string, value: T): void {
    const keyword = Buffer.from(text, 'latin1');
    if (keyword.length < 3) throw new RangeError(`keyword too short: ${text}`);
    this.addPair(text.slice(0, 2), FIRST);
    this.addPair(text.slice(1, 3), SECOND);
    const slot = slotAt(keyword, 0);
    if (this.table[slot] === 0) {
      // More keywords than buckets share the last bucket, which is then only longer.
      this.table[slot] = Math.min(this.buckets.length, 255);
      this.buckets[this.table[slot] ?? 0] ??= [];
    }
    this.buckets[this.table[slot] ?? 0]?.push({ keyword, value });
  }

  private addPair(pair: string, place: number): void {
    const [first = '', second = ''] = pair;
    for (const a of [first, first.toUpperCase()]) {
      for (const b of [second, second.toUpperCase()]) {
        const index = a.charCodeAt(0) | (b.charCodeAt(0) << 8);
        this.pairs[index] = (this.pairs[index] ?? 0) | place;
      }
    }
  }

  /** Calls back for each keyword in the first `length` bytes, from left to right. */
  each(bytes: Uint8Array, length: number, found: (value: T, at: number) => void): void {
    const { pairs } = this;
    for (let index = 0; index + 1 < length; index += 2) {
      const pair = pairs[(bytes[index] ?? 0) | ((bytes[index + 1] ?? 0) << 8)] ?? 0;
      if (pair === 0) continue;
      if ((pair & SECOND) !== 0 && index > 0) this.compare(bytes, length, index - 1, found);
      if ((pair & FIRST) !== 0) this.compare(bytes, length, index, found);
    }
  }

  private compare(bytes: Uint8Array, length: number, at: number, found: (value: T, at: number) => void): void {
    const bucket = this.table[slotAt(bytes, at)] ?? 0;
    if (bucket === 0) return;
    for (const { keyword, value } of this.buckets[bucket] ?? []) {
      if (matches(keyword, bytes, length, at)) found(value, at);
    }
  }
}

/** Of the three bytes at a place. */
function slotAt(bytes: Uint8Array, at: number): number {
  const window = (lower(bytes, at) << 16) | (lower(bytes, at + 1) << 8) | lower(bytes, at + 2);
  return Math.imul(window, 0x9e3779b1) >>> 17;
}

function lower(bytes: Uint8Array, at: number): number {
  return LOWER[bytes[at] ?? 0] ?? 0;
}

function matches(keyword: Buffer, bytes: Uint8Array, length: number, at: number): boolean {
  if (at + keyword.length > length) return false;
  for (let index = 0; index < keyword.length; index++) {
    if (lower(bytes, at + index) !== keyword[index]) return false;
  }
  return true;
}
