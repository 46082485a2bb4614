import { createReadStream } from 'node:fs';
import { createGunzip } from 'node:zlib';
import { CrewisoError, EXIT } from '../model/error.ts';
import { drained } from './drain.ts';
import { refuseEncrypted } from './encrypted-file.ts';
import { refuse, refuseCut } from './refusal.ts';
import type { Limits } from './limits.ts';

/** Bytes in order, taken in pieces of a wanted size. */
export class ByteSource {
  readonly #chunks: AsyncIterator<Buffer>;
  #rest: Buffer = Buffer.alloc(0);
  #ended = false;

  constructor(chunks: AsyncIterable<Buffer>) {
    this.#chunks = chunks[Symbol.asyncIterator]();
  }

  /** So many bytes, or fewer at the end. */
  async take(size: number): Promise<Buffer> {
    if (this.#rest.length >= size) return this.#cut(size);
    const parts: Buffer[] = [];
    for await (const part of this.pieces(size)) parts.push(part);
    return Buffer.concat(parts);
  }

  /** The next bytes as they come, no more than `size` together; fewer at the end. */
  async *pieces(size: number): AsyncGenerator<Buffer> {
    for (let open = size; open > 0;) {
      if (this.#rest.length === 0 && !(await this.#more())) return;
      const piece = this.#cut(Math.min(open, this.#rest.length));
      open -= piece.length;
      yield piece;
    }
  }

  async #more(): Promise<boolean> {
    while (!this.#ended && this.#rest.length === 0) {
      const next = await this.#chunks.next();
      if (next.done) this.#ended = true;
      else this.#rest = next.value;
    }
    return this.#rest.length > 0;
  }

  #cut(size: number): Buffer {
    const piece = this.#rest.subarray(0, size);
    this.#rest = this.#rest.subarray(size);
    return piece;
  }

  async close(): Promise<void> {
    await this.#chunks.return?.();
  }
}

/** What unpacks to much more than it weighs is made to do harm; small files may. */
export const RATIO_FROM = 64 * 1024 * 1024;

/**
 * A file's bytes, unpacked where it is gzip, within limits.
 * @throws CrewisoError (4) for what is encrypted, for gzip that is broken, ends too early, or unpacks to too much
 */
export async function* unpacked(file: string, limits: Limits): AsyncGenerator<Buffer> {
  await refuseEncrypted(file);
  yield* unpackedBytes(bytesOf(file), limits);
}

/**
 * The bytes of a file as they are.
 * @param end how many of them; default all
 * @throws CrewisoError (4) where it cannot be read
 */
export async function* bytesOf(file: string, end?: number): AsyncGenerator<Buffer> {
  const stream = createReadStream(file, { highWaterMark: 256 * 1024, ...(end !== undefined && { end: end - 1 }) });
  try {
    yield* stream as AsyncIterable<Buffer>;
  } catch (error) {
    throw isSystem(error) ? unreadable(file, error) : error;
  } finally {
    stream.destroy();
  }
}

/** The same of bytes that come from anywhere. */
export async function* unpackedBytes(bytes: AsyncIterable<Buffer>, limits: Limits): AsyncGenerator<Buffer> {
  const packed = bytes[Symbol.asyncIterator]();
  const rest: AsyncIterable<Buffer> = { [Symbol.asyncIterator]: () => packed };
  const head = await packed.next();
  if (head.done) return;
  const first = head.value;
  if (first[0] === 0x1f && first[1] === 0x8b) {
    yield* gunzipped(first, rest, limits);
    return;
  }
  yield first;
  yield* rest;
}

async function* gunzipped(first: Buffer, packed: AsyncIterable<Buffer>, limits: Limits): AsyncGenerator<Buffer> {
  const gunzip = createGunzip({ chunkSize: 64 * 1024 });
  let taken = 0;
  let given = 0;
  const feed = async (): Promise<void> => {
    const write = async (chunk: Buffer): Promise<void> => {
      taken += chunk.length;
      if (!gunzip.destroyed && !gunzip.write(chunk)) await drained(gunzip);
    };
    await write(first);
    for await (const chunk of packed) await write(chunk);
    gunzip.end();
  };
  const fed = feed().catch((error: unknown) => gunzip.destroy(error as Error));
  try {
    for await (const chunk of gunzip as AsyncIterable<Buffer>) {
      given += chunk.length;
      if (given > limits.totalBytes) throw refuse(`it unpacks to more than ${String(limits.totalBytes)} bytes`);
      if (given > RATIO_FROM && given > taken * limits.ratio)
        throw refuse(`it unpacks to more than ${String(limits.ratio)} times its size`);
      yield chunk;
    }
  } catch (error) {
    throw isZlib(error) ? ofZlib(error.code) : error;
  } finally {
    gunzip.destroy();
    await fed;
  }
}

const ofZlib = (code: string): CrewisoError =>
  code === 'Z_BUF_ERROR'
    ? refuseCut('it ends too early: only a part of it was copied')
    : refuse(`its gzip is broken: bytes were changed or added (${code})`);

const isSystem = (error: unknown): error is NodeJS.ErrnoException => error instanceof Error && 'syscall' in error;

/** A file that the system does not let us read. */
export function unreadable(file: string, { code, message }: NodeJS.ErrnoException): CrewisoError {
  const why = code === 'ENOENT' ? 'no such file' : code === 'EISDIR' ? 'it is a folder' : message;
  return new CrewisoError(`${file}: ${why}`, { code: 'bundle-unreadable', exitCode: EXIT.unreachable });
}

const isZlib = (error: unknown): error is Error & { readonly code: string } =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' && error.code.startsWith('Z_');
