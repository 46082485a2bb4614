import type { Redacted } from './redaction/redacted.ts';

// What went in redacted comes out redacted: the two places where pieces of it are handled as bytes in between.

/** A piece of redacted bytes; by default up to the end. */
export function slice(bytes: Redacted, start: number, end = bytes.length): Redacted {
  return bytes.subarray(start, end) as Redacted;
}

/** A way of keeping redacted bytes, and only these, elsewhere than in memory. */
export class Keeper {
  readonly #pack: (bytes: Buffer) => Buffer;
  readonly #unpack: (packed: Buffer) => Buffer;

  constructor(pack: (bytes: Buffer) => Buffer, unpack: (packed: Buffer) => Buffer) {
    this.#pack = pack;
    this.#unpack = unpack;
  }

  pack(bytes: readonly Redacted[]): Buffer {
    return this.#pack(Buffer.concat(bytes));
  }

  unpack(packed: Buffer): Redacted {
    return this.#unpack(packed) as Redacted;
  }
}
