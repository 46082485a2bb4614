import { createHash } from 'node:crypto';
import { createGzip, gzipSync } from 'node:zlib';
import { drained } from './drain.ts';

/** Level 6 is what everybody uses; more takes long for little. */
const LEVEL = { level: 6 };
/** Up to this size one call compresses all at once. */
const SMALL = 64 * 1024;

/** No name, no time, unknown system: a gzip header that says nothing of the machine (RFC 1952). */
export const MEMBER_HEADER = Buffer.from('1f8b08000000000000ff', 'hex');

/**
 * One member of a gzip file. Members one after the other are a gzip file again, so an archive can be cut behind each.
 * @param size of all pieces; decides how they are compressed, so that the same content gives the same bytes
 */
export async function* gzipMember(pieces: AsyncIterable<Buffer>, size: number): AsyncGenerator<Buffer> {
  if (size <= SMALL) {
    const parts: Buffer[] = [];
    for await (const piece of pieces) parts.push(piece);
    yield withPlainHeader(gzipSync(Buffer.concat(parts), LEVEL));
    return;
  }
  let first = true;
  for await (const chunk of compressed(pieces)) {
    // The first chunk holds at least the header: zlib hands out 64 KiB at a time.
    yield first ? withPlainHeader(chunk) : chunk;
    first = false;
  }
}

async function* compressed(pieces: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  const gzip = createGzip({ ...LEVEL, chunkSize: 64 * 1024 });
  const feed = async (): Promise<void> => {
    for await (const piece of pieces) {
      if (gzip.destroyed) return;
      if (!gzip.write(piece)) await drained(gzip);
    }
    gzip.end();
  };
  const fed = feed().catch((error: unknown) => {
    gzip.destroy(error instanceof Error ? error : new Error(String(error)));
  });
  try {
    yield* gzip as AsyncIterable<Buffer>;
  } finally {
    gzip.destroy();
    await fed;
  }
}

function withPlainHeader(chunk: Buffer): Buffer {
  MEMBER_HEADER.copy(chunk);
  return chunk;
}

/** Length of a seal: header, comment, an empty deflate stream, checksum and size. */
export const SEAL_BYTES = MEMBER_HEADER.length + 'sha256:'.length + 64 + 1 + 2 + 8;

/**
 * An empty gzip member whose comment is the digest of all bytes before it. Every tool that reads gzip passes over it, and
 * `bundle verify` finds each changed bit by it, also one that changes nothing of what is unpacked.
 */
export function sealOf(sha256: string): Buffer {
  const header = Buffer.from(MEMBER_HEADER);
  header[3] = 0x10;
  return Buffer.concat([header, Buffer.from(`sha256:${sha256}\0`), Buffer.from('03000000000000000000', 'hex')]);
}

/** A running SHA-256, with its hex digest so far, that can be gone back to. */
export interface Digest {
  update(bytes: Buffer): void;
  hex(): string;
  copy(): Digest;
}

export function startDigest(hash = createHash('sha256')): Digest {
  return {
    update: (bytes) => void hash.update(bytes),
    hex: () => hash.copy().digest('hex'),
    copy: () => startDigest(hash.copy()),
  };
}
