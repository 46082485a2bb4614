import { createHash } from 'node:crypto';
import { SEAL_BYTES, sealOf } from './gzip-member.ts';

/** `touched`: only the seal itself was changed · `none`: there is nothing like a seal at the end. */
export type Seal = 'right' | 'wrong' | 'touched' | 'none';

/** Bytes of a seal that may differ while it is still that of these bytes. */
const TOUCHED = 8;

function differing(a: Buffer, b: Buffer): number {
  return a.length === b.length ? a.filter((byte, index) => byte !== b[index]).length : Infinity;
}

/** The bytes of the file: their digest, and the seal behind them. */
export class OuterBytes {
  size = 0;
  readonly #whole = createHash('sha256');
  readonly #body = createHash('sha256');
  #tail = Buffer.alloc(0);
  #rest: AsyncIterator<Buffer> | undefined;

  async *tee(stream: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
    const chunks = stream[Symbol.asyncIterator]();
    this.#rest = chunks;
    for (let next = await chunks.next(); !next.done; next = await chunks.next()) {
      this.#take(next.value);
      yield next.value;
    }
  }

  /** What nobody wanted any more: the digest is over all of it. */
  async readRest(): Promise<void> {
    const chunks = this.#rest;
    if (!chunks) return;
    for (let next = await chunks.next(); !next.done; next = await chunks.next()) this.#take(next.value);
  }

  sha256(): string {
    return this.#whole.copy().digest('hex');
  }

  seal(): Seal {
    const expected = sealOf(this.#body.copy().digest('hex'));
    if (this.#tail.equals(expected)) return 'right';
    // Other bytes before it would have another digest, of which hardly a digit is the same.
    if (differing(this.#tail, expected) <= TOUCHED) return 'touched';
    return this.#tail.includes('sha256:') || this.#tail.subarray(0, 4).equals(sealOf('').subarray(0, 4))
      ? 'wrong'
      : 'none';
  }

  #take(chunk: Buffer): void {
    this.size += chunk.length;
    this.#whole.update(chunk);
    const joined = Buffer.concat([this.#tail, chunk]);
    const body = joined.subarray(0, Math.max(0, joined.length - SEAL_BYTES));
    this.#body.update(body);
    this.#tail = Buffer.from(joined.subarray(body.length));
  }
}
