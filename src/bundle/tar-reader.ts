import { ByteSource } from './byte-source.ts';
import type { Limits } from './limits.ts';
import { NameGuard } from './name-guard.ts';
import { refuse, refuseCut } from './refusal.ts';
import { BLOCK } from './tar-header.ts';
import { decodeHeader, paxFields, textOf, type PaxFields, type TarHeader } from './tar-decode.ts';

/** A file or a symbolic link in an archive; folders are passed over. */
export interface ArchiveEntry {
  readonly path: string;
  readonly size: number;
  /** Seconds since the epoch. */
  readonly time: number;
  /** Of a symbolic link: what it points to, as written. */
  readonly target?: string;
  /** Once, before the next entry is asked for; what is not taken is passed over. */
  content(): AsyncGenerator<Buffer>;
}

/**
 * The entries of a tar, in order, each header checked: nothing is ever written to a disk, and no name leads outside.
 * @throws CrewisoError (4) for an archive that no tool of good faith makes
 */
export async function* readTar(chunks: AsyncIterable<Buffer>, limits: Limits): AsyncGenerator<ArchiveEntry> {
  const source = new ByteSource(chunks);
  const names = new NameGuard(limits);
  try {
    for (;;) {
      const header = await nextHeader(source, limits);
      if (!header) break;
      const path = names.check(header.path, header.type);
      let open = header.size;
      const content = async function* (): AsyncGenerator<Buffer> {
        for await (const piece of source.pieces(open)) {
          open -= piece.length;
          yield piece;
        }
        if (open > 0) throw refuseCut('it ends too early: only a part of it was copied');
      };
      if (header.type !== 'directory')
        yield {
          path,
          size: header.size,
          time: header.time,
          ...(header.type === 'link' && { target: header.target }),
          content,
        };
      await passOver(content());
      await source.take((BLOCK - (header.size % BLOCK)) % BLOCK);
    }
    await requireEnd(source);
  } finally {
    await source.close();
  }
}

async function passOver(pieces: AsyncGenerator<Buffer>): Promise<void> {
  let step = await pieces.next();
  while (!step.done) step = await pieces.next();
}

/** The header of the next file, with what extension headers say before it. */
async function nextHeader(source: ByteSource, limits: Limits): Promise<TarHeader | undefined> {
  let more: PaxFields = {};
  for (;;) {
    const block = await takeBlock(source);
    if (!block) return undefined;
    const header = decodeHeader(block);
    if (header.type !== 'extension') return withMore(header, more, limits);
    if (header.size > limits.headerBytes) throw refuse(`a header has more than ${String(limits.headerBytes)} bytes`);
    const body = await source.take(header.size);
    await source.take((BLOCK - (header.size % BLOCK)) % BLOCK);
    more = { ...more, ...fieldsOf(header, body) };
  }
}

/** Undefined at the end of the archive. */
async function takeBlock(source: ByteSource): Promise<Buffer | undefined> {
  const block = await source.take(BLOCK);
  if (block.length === 0) throw refuseCut('it has no end: only a part of it was copied');
  if (block.length < BLOCK) throw refuse('it ends too early, or is no tar archive');
  return block.every((byte) => byte === 0) ? undefined : block;
}

function withMore(header: TarHeader, more: PaxFields, limits: Limits): TarHeader {
  const { path = header.path, target = header.target, size = header.size } = more;
  if (size !== header.size) throw refuse('a PAX header gives a file another size than its own header');
  if (size > limits.entryBytes) throw refuse(`a file in it has more than ${String(limits.entryBytes)} bytes`);
  return { ...header, path, target };
}

function fieldsOf({ extension }: TarHeader, body: Buffer): PaxFields {
  switch (extension) {
    case 'x':
      return paxFields(body);
    case 'L':
      return { path: textOf(body) };
    case 'K':
      return { target: textOf(body) };
    // What is said for all files (`g`) is of no use here: comments, times.
    case 'g':
    case undefined:
      return {};
  }
}

/** Behind the end only zeros may follow: GNU tar fills up to 10 KiB. Anything else would be read by some tools alone. */
async function requireEnd(source: ByteSource): Promise<void> {
  for await (const piece of source.pieces(Number.MAX_SAFE_INTEGER))
    if (piece.some((byte) => byte !== 0)) throw refuse('there is more behind its end');
}
