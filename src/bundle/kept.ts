import type { Redacted } from './redaction/redacted.ts';

// What went in redacted comes out redacted: the places where pieces of it are handled as bytes in between.

/** A piece of redacted bytes; by default up to the end. */
export function slice(bytes: Redacted, start: number, end = bytes.length): Redacted {
  return bytes.subarray(start, end) as Redacted;
}

/**
 * Pieces one behind the other in memory that is used again and again: kept one by one, thousands of small buffers live
 * just long enough to be found by a full collection alone.
 */
export class Shelf {
  #bytes = Buffer.alloc(0);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  /** @returns where it begins */
  put(piece: Redacted): number {
    const at = this.#length;
    const end = at + piece.length;
    if (end > this.#bytes.length) {
      const larger = Buffer.allocUnsafeSlow(Math.max(end, 2 * this.#bytes.length, FIRST_SHELF));
      this.#bytes.copy(larger, 0, 0, at);
      this.#bytes = larger;
    }
    piece.copy(this.#bytes, at);
    this.#length = end;
    return at;
  }

  /** A piece, until the next one is put or all are taken off. */
  piece(at: number, length: number): Redacted {
    return this.#bytes.subarray(at, at + length) as Redacted;
  }

  clear(): void {
    this.#length = 0;
  }
}

const FIRST_SHELF = 16 * 1024;

/** A way of keeping redacted bytes, and only these, elsewhere than in memory. */
export class Keeper {
  readonly #pack: (bytes: Buffer) => Buffer;
  readonly #unpack: (packed: Buffer) => Buffer;

  constructor(pack: (bytes: Buffer) => Buffer, unpack: (packed: Buffer) => Buffer) {
    this.#pack = pack;
    this.#unpack = unpack;
  }

  pack(bytes: Redacted): Buffer {
    return this.#pack(bytes);
  }

  unpack(packed: Buffer): Redacted {
    return this.#unpack(packed) as Redacted;
  }
}
