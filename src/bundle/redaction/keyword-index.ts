const TABLE = 1 << 15;
const LOWER = Uint8Array.from({ length: 256 }, (_, byte) => (byte >= 65 && byte <= 90 ? byte + 32 : byte));

interface Entry<T> {
  readonly keyword: Buffer;
  readonly value: T;
}

/**
 * Finds keywords (ASCII, at least 3 bytes, without regard to case) in one pass over bytes: the last three bytes, hashed,
 * lead to the few keywords that begin with them. So detectors cost where their keyword stands, and nothing elsewhere.
 */
export class KeywordIndex<T> {
  private readonly table = new Uint8Array(TABLE);
  private readonly buckets: Entry<T>[][] = [[]];

  constructor(entries: Iterable<readonly [keyword: string, value: T]>) {
    for (const [keyword, value] of entries) this.add(keyword.toLowerCase(), value);
  }

  private add(text: string, value: T): void {
    const keyword = Buffer.from(text, 'latin1');
    if (keyword.length < 3) throw new RangeError(`keyword too short: ${text}`);
    const slot = slotOf(((keyword[0] ?? 0) << 16) | ((keyword[1] ?? 0) << 8) | (keyword[2] ?? 0));
    if (this.table[slot] === 0) {
      // More keywords than buckets share the last bucket, which is then only longer.
      this.table[slot] = Math.min(this.buckets.length, 255);
      this.buckets[this.table[slot] ?? 0] ??= [];
    }
    this.buckets[this.table[slot] ?? 0]?.push({ keyword, value });
  }

  /** Calls back for each keyword in the first `length` bytes, from left to right. */
  each(bytes: Uint8Array, length: number, found: (value: T, at: number) => void): void {
    const { table } = this;
    let window = 0;
    for (let index = 0; index < length; index++) {
      window = ((window << 8) | (LOWER[bytes[index] ?? 0] ?? 0)) & 0xffffff;
      const bucket = table[Math.imul(window, 0x9e3779b1) >>> 17] ?? 0;
      if (bucket !== 0 && index >= 2) this.compare(bucket, bytes, length, index - 2, found);
    }
  }

  private compare(
    bucket: number,
    bytes: Uint8Array,
    length: number,
    at: number,
    found: (value: T, at: number) => void,
  ): void {
    for (const { keyword, value } of this.buckets[bucket] ?? []) {
      if (matches(keyword, bytes, length, at)) found(value, at);
    }
  }
}

function slotOf(window: number): number {
  return Math.imul(window, 0x9e3779b1) >>> 17;
}

function matches(keyword: Buffer, bytes: Uint8Array, length: number, at: number): boolean {
  if (at + keyword.length > length) return false;
  for (let index = 0; index < keyword.length; index++) {
    if (LOWER[bytes[at + index] ?? 0] !== keyword[index]) return false;
  }
  return true;
}
