import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import { crc32, createInflateRaw } from 'node:zlib';
import { gzipMember, MEMBER_HEADER, SEAL_BYTES } from './gzip-member.ts';

/** One gzip member of an archive, which holds one file. */
export interface Member {
  readonly start: number;
  readonly end: number;
  /** Of what it holds. */
  readonly size: number;
  /** The part of it that is not as our writer writes it. */
  readonly fault?: string;
}

const TRAILER = 8;

/**
 * The members of an archive up to the seal, each unpacked by itself: where one is damaged the next can still be read.
 * @param visit is given what each holds, as far as it can be unpacked
 */
export async function* membersOf(file: string, visit: (index: number, piece: Buffer) => void): AsyncGenerator<Member> {
  const handle = await open(file, 'r');
  try {
    const end = (await handle.stat()).size - SEAL_BYTES;
    for (let start = 0, index = 0; start < end; index += 1) {
      const number = index;
      const member = await memberAt(file, handle, start, end, (piece) => {
        visit(number, piece);
      });
      yield member;
      start = member.end;
    }
  } finally {
    await handle.close();
  }
}

async function memberAt(
  file: string,
  handle: FileHandle,
  start: number,
  end: number,
  visit: (piece: Buffer) => void,
): Promise<Member> {
  const header = await bytesAt(handle, start, MEMBER_HEADER.length);
  const inflate = createInflateRaw();
  let size = 0;
  let sum = 0;
  try {
    for await (const piece of unpackedFrom(file, start + MEMBER_HEADER.length, end, inflate)) {
      size += piece.length;
      sum = crc32(piece, sum);
      visit(piece);
    }
  } catch {
    return { start, size, end: await nextHeader(handle, start + 1, end), fault: 'its compressed content was changed' };
  }
  const trailer = start + MEMBER_HEADER.length + inflate.bytesWritten;
  const expected = Buffer.alloc(TRAILER);
  expected.writeUInt32LE(sum, 0);
  expected.writeUInt32LE(size % 2 ** 32, 4);
  if (!(await bytesAt(handle, trailer, TRAILER)).equals(expected)) {
    // What was changed may read as an early end.
    const next = await nextHeader(handle, start + 1, end);
    return { start, size, end: next, fault: 'its content, or the checksum behind it, was changed' };
  }
  const whole = { start, size, end: trailer + TRAILER };
  return header.equals(MEMBER_HEADER) ? whole : { ...whole, fault: 'its gzip header was changed' };
}

async function* unpackedFrom(
  file: string,
  start: number,
  end: number,
  inflate: ReturnType<typeof createInflateRaw>,
): AsyncGenerator<Buffer> {
  const packed = createReadStream(file, { start, end: end - 1, highWaterMark: 16 * 1024 });
  packed.on('error', (error) => inflate.destroy(error));
  packed.pipe(inflate);
  try {
    yield* inflate as AsyncIterable<Buffer>;
  } finally {
    packed.destroy();
    inflate.destroy();
  }
}

async function bytesAt(handle: FileHandle, at: number, length: number): Promise<Buffer> {
  const { buffer, bytesRead } = await handle.read(Buffer.alloc(length), 0, length, at);
  return buffer.subarray(0, bytesRead);
}

const SEARCHED = 64 * 1024;

/** Where the next member begins: its header is ten bytes that nothing else has. */
async function nextHeader(handle: FileHandle, from: number, end: number): Promise<number> {
  for (let at = from; at < end; at += SEARCHED) {
    const found = (await bytesAt(handle, at, SEARCHED + MEMBER_HEADER.length)).indexOf(MEMBER_HEADER);
    if (found >= 0 && at + found < end) return at + found;
  }
  return end;
}

/**
 * Whether compressing anew what a member holds gives the same bytes: it may have been changed where nothing depends on it,
 * such as the bits behind its last block. Another zlib than the writer's gives others for every member.
 */
export async function isAsCompressed(file: string, { start, end, size }: Member): Promise<boolean> {
  const content = unpackedFrom(file, start + MEMBER_HEADER.length, end, createInflateRaw());
  const [anew, stored] = [createHash('sha256'), createHash('sha256')];
  for await (const piece of gzipMember(content, size)) anew.update(piece);
  for await (const piece of createReadStream(file, { start, end: end - 1 })) stored.update(piece as Buffer);
  return anew.digest('hex') === stored.digest('hex');
}
