import { createHmac, hash } from 'node:crypto';

/** What SHA-256 takes at once. */
const BLOCK = 64;
const DIGEST = 32;
const LONGEST = 1024;

/**
 * HMAC-SHA-256 (RFC 2104) of many short values under one key: two plain hashes, which take a third of the time of
 * `createHmac`. Logs may hold a secret in every line.
 */
export class ShortHmac {
  readonly #key: Uint8Array;
  readonly #inner = Buffer.alloc(BLOCK + LONGEST, 0x36);
  readonly #outer = Buffer.alloc(BLOCK + DIGEST, 0x5c);

  constructor(key: Uint8Array) {
    this.#key = key;
    // A longer key stands for its hash.
    const block = key.length > BLOCK ? hash('sha256', key, 'buffer') : key;
    for (const [index, byte] of block.entries()) {
      this.#inner[index] = byte ^ 0x36;
      this.#outer[index] = byte ^ 0x5c;
    }
  }

  /** Of a value that is given as its bytes in latin1. */
  hex(value: string): string {
    if (value.length > LONGEST) return createHmac('sha256', this.#key).update(value, 'latin1').digest('hex');
    const size = BLOCK + this.#inner.write(value, BLOCK, 'latin1');
    this.#outer.write(hash('sha256', this.#inner.subarray(0, size), 'binary'), BLOCK, 'latin1');
    return hash('sha256', this.#outer, 'hex');
  }
}
