import { formsOf } from './needle-forms.ts';

/** Bytes that are looked up at once, at every third place: forms have at least 8, so one of three such grams is met. */
const GRAM = 6;
const STRIDE = 3;
const GRAMS = [0, 1, 2] as const;
const SHORTEST = GRAM + STRIDE - 1;
/** Bits of the filter for each needle: one byte in 64 of a text without any passes, and the filter stays in cache. */
const BITS_PER_NEEDLE = 64;
const FEWEST_BITS = 12;
const MOST_BITS = 24;

export interface Needle {
  readonly bytes: Buffer;
  readonly value: string;
  readonly run: boolean;
}

/**
 * Finds any of many needles in one pass: a hash of 6 bytes at every third place, a filter that almost all of them fail,
 * then a table, then a comparison. (A trie walks memory for every byte and is ten times slower.)
 */
export class Needles {
  private readonly needles: Needle[] = [];
  private readonly seen = new Set<string>();
  private table: GramTable | undefined;
  /** Bytes held, about. */
  size = 0;

  /** Adds every form of a value (its bytes in latin1). */
  add(value: string): void {
    for (const { text, run } of formsOf(value)) {
      if (this.seen.has(text)) continue;
      this.seen.add(text);
      this.needles.push({ bytes: Buffer.from(text, 'latin1'), value, run });
      this.size += text.length * 2 + 200;
    }
    this.table = undefined;
  }

  /** Calls back for each needle in the first `length` bytes, with where it begins. */
  each(bytes: Uint8Array, length: number, found: (needle: Needle, at: number) => void): void {
    if (this.needles.length === 0) return;
    this.table ??= new GramTable(this.needles);
    const { filter, shift } = this.table;
    let first = tripletAt(bytes, 0);
    for (let at = 0; at + GRAM <= length; at += STRIDE) {
      const second = tripletAt(bytes, at + STRIDE);
      const hash = hashOf(first, second);
      first = second;
      const bit = hash >>> shift;
      if ((((filter[bit >>> 5] ?? 0) >>> (bit & 31)) & 1) !== 0) this.table.compare(bytes, length, at, hash, found);
    }
  }
}

/** Where in which needle a gram stands: three of each needle, in chains by their hash. */
class GramTable {
  readonly filter: Uint32Array;
  /** How far to shift a hash so that its first bits are left. */
  readonly shift: number;
  private readonly needles: readonly Needle[];
  /** Of each needle, where the first of its three grams stands. */
  private readonly anchors: Int32Array;
  private readonly hashes: Int32Array;
  /** By the first bits of a hash, and by gram: the next gram of the chain, plus one. */
  private readonly heads: Int32Array;
  private readonly next: Int32Array;
  private readonly headShift: number;

  constructor(needles: readonly Needle[]) {
    const bits = Math.ceil(Math.log2(needles.length * BITS_PER_NEEDLE));
    this.shift = 32 - Math.min(MOST_BITS, Math.max(FEWEST_BITS, bits));
    this.filter = new Uint32Array(1 << (32 - this.shift - 5));
    const grams = needles.length * STRIDE;
    this.headShift = 31 - Math.ceil(Math.log2(grams));
    this.heads = new Int32Array(2 ** (32 - this.headShift));
    this.next = new Int32Array(grams);
    this.hashes = new Int32Array(grams);
    this.anchors = new Int32Array(needles.length);
    this.needles = needles;
    const lengths = new Uint32Array(this.heads.length);
    for (const [index, { bytes }] of needles.entries()) this.add(index, bytes, lengths);
  }

  /** Calls back for the needles that have the gram at a place, and stand around it. */
  compare(
    bytes: Uint8Array,
    length: number,
    at: number,
    hash: number,
    found: (needle: Needle, at: number) => void,
  ): void {
    for (let gram = this.head(hash); gram > 0; gram = this.next[gram - 1] ?? 0) {
      if (this.hashes[gram - 1] !== hash) continue;
      const index = Math.floor((gram - 1) / STRIDE);
      const needle = this.needles[index];
      const start = at - (this.anchors[index] ?? 0) - ((gram - 1) % STRIDE);
      if (needle && start >= 0 && start + needle.bytes.length <= length && equals(needle.bytes, bytes, start))
        found(needle, start);
    }
  }

  /** @param lengths of the chains */
  private add(index: number, bytes: Buffer, lengths: Uint32Array): void {
    // Many keys and tokens begin alike: of three anchors, the one whose chains are the shortest.
    const last = bytes.length - SHORTEST;
    const crowdOf = (anchor: number): number =>
      Math.max(...GRAMS.map((offset) => lengths[hashAt(bytes, anchor + offset) >>> this.headShift] ?? 0));
    let [anchor, crowd] = [0, crowdOf(0)];
    for (const other of crowd === 0 ? [] : [last >> 1, last]) {
      const otherCrowd = crowdOf(other);
      if (otherCrowd < crowd) [anchor, crowd] = [other, otherCrowd];
    }
    this.anchors[index] = anchor;
    for (const offset of GRAMS) {
      const hash = hashAt(bytes, anchor + offset);
      const gram = index * STRIDE + offset;
      this.hashes[gram] = hash;
      this.next[gram] = this.head(hash);
      const head = hash >>> this.headShift;
      this.heads[head] = gram + 1;
      lengths[head] = (lengths[head] ?? 0) + 1;
      const bit = hash >>> this.shift;
      this.filter[bit >>> 5] = (this.filter[bit >>> 5] ?? 0) | (1 << (bit & 31));
    }
  }

  private head(hash: number): number {
    return this.heads[hash >>> this.headShift] ?? 0;
  }
}

function tripletAt(bytes: Uint8Array, at: number): number {
  return (bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8) | ((bytes[at + 2] ?? 0) << 16);
}

function hashOf(first: number, second: number): number {
  return Math.imul(Math.imul(second, 0x9e3779b1) ^ first, 0x85ebca6b);
}

function hashAt(bytes: Uint8Array, at: number): number {
  return hashOf(tripletAt(bytes, at), tripletAt(bytes, at + STRIDE));
}

function equals(needle: Buffer, bytes: Uint8Array, start: number): boolean {
  for (let index = 0; index < needle.length; index++) {
    if (needle[index] !== bytes[start + index]) return false;
  }
  return true;
}
