import { formsOf } from './needle-forms.ts';

const WINDOW = 8;
/** Bits of the filter for each needle: one position in 64 that holds no needle passes, and the filter stays in cache. */
const BITS_PER_NEEDLE = 64;
const FEWEST_BITS = 12;
const MOST_BITS = 24;

export interface Needle {
  readonly bytes: Buffer;
  /** Where in it the 8 bytes stand by which it is found. */
  readonly anchor: number;
  readonly value: string;
  readonly run: boolean;
}

/**
 * Finds any of many needles in one pass: a hash of the last 8 bytes, a filter that almost every position fails,
 * then a table, then a comparison. (A trie walks memory for every byte and is ten times slower.)
 */
export class Needles {
  private filter: Filter | undefined;
  private readonly table = new Map<number, Needle[]>();
  private readonly seen = new Set<string>();
  /** Bytes held, about. */
  size = 0;
  count = 0;

  /** Adds every form of a value (its bytes in latin1). */
  add(value: string): void {
    for (const { text, run } of formsOf(value)) {
      if (this.seen.has(text)) continue;
      this.seen.add(text);
      this.insert(Buffer.from(text, 'latin1'), value, run);
    }
  }

  private insert(bytes: Buffer, value: string, run: boolean): void {
    // Many keys and tokens begin alike: the rarest of three anchors keeps the rows of the table short.
    const anchors = [0, (bytes.length - WINDOW) >> 1, bytes.length - WINDOW].map((anchor) => ({
      anchor,
      hash: hashAt(bytes, anchor),
    }));
    anchors.sort((a, b) => (this.table.get(a.hash)?.length ?? 0) - (this.table.get(b.hash)?.length ?? 0));
    const [{ anchor, hash } = { anchor: 0, hash: 0 }] = anchors;
    const row = this.table.get(hash);
    const needle = { bytes, anchor, value, run };
    if (row) row.push(needle);
    else this.table.set(hash, [needle]);
    this.filter = undefined;
    this.size += bytes.length * 2 + 200;
    this.count += 1;
  }

  /** Calls back for each needle in the first `length` bytes, with where it begins. */
  each(bytes: Uint8Array, length: number, found: (needle: Needle, at: number) => void): void {
    if (this.count === 0) return;
    this.filter ??= filterOf(this.table.keys(), this.count);
    const { words, shift } = this.filter;
    let high = 0;
    let low = 0;
    for (let index = 0; index < length; index++) {
      high = (high << 8) | (low >>> 24);
      low = (low << 8) | (bytes[index] ?? 0);
      const hash = Math.imul(Math.imul(high, 0x9e3779b1) ^ low, 0x85ebca6b);
      const bit = hash >>> shift;
      if ((((words[bit >>> 5] ?? 0) >>> (bit & 31)) & 1) !== 0 && index >= WINDOW - 1) {
        this.compare(bytes, length, index - WINDOW + 1, hash, found);
      }
    }
  }

  private compare(
    bytes: Uint8Array,
    length: number,
    at: number,
    hash: number,
    found: (needle: Needle, at: number) => void,
  ): void {
    for (const needle of this.table.get(hash) ?? []) {
      const start = at - needle.anchor;
      if (start >= 0 && start + needle.bytes.length <= length && equals(needle.bytes, bytes, start))
        found(needle, start);
    }
  }
}

interface Filter {
  readonly words: Uint32Array;
  /** How far to shift a hash so that its first bits are left. */
  readonly shift: number;
}

function filterOf(hashes: Iterable<number>, count: number): Filter {
  const bits = Math.min(MOST_BITS, Math.max(FEWEST_BITS, Math.ceil(Math.log2(count * BITS_PER_NEEDLE))));
  const words = new Uint32Array(1 << (bits - 5));
  for (const hash of hashes) {
    const bit = hash >>> (32 - bits);
    words[bit >>> 5] = (words[bit >>> 5] ?? 0) | (1 << (bit & 31));
  }
  return { words, shift: 32 - bits };
}

function hashAt(bytes: Buffer, at: number): number {
  const high = bytes.readInt32BE(at);
  const low = bytes.readInt32BE(at + 4);
  return Math.imul(Math.imul(high, 0x9e3779b1) ^ low, 0x85ebca6b);
}

function equals(needle: Buffer, bytes: Uint8Array, start: number): boolean {
  for (let index = 0; index < needle.length; index++) {
    if (needle[index] !== bytes[start + index]) return false;
  }
  return true;
}
