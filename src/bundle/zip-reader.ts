import { open, type FileHandle } from 'node:fs/promises';
import { inflateRawSync } from 'node:zlib';
import type { Limits } from './limits.ts';
import { NameGuard } from './name-guard.ts';
import { refuse } from './refusal.ts';
import type { ArchiveEntry } from './tar-reader.ts';

const END = 0x06054b50;
const CENTRAL = 0x02014b50;
const LOCAL = 0x04034b50;
const END_BYTES = 22;
const MAX_COMMENT = 65_535;
const STORED = 0;
const DEFLATED = 8;
/** Unix mode in the upper half of the external attributes. */
const S_IFMT = 0xf000;
const S_IFLNK = 0xa000;

interface Listed {
  readonly path: string;
  readonly method: number;
  readonly packed: number;
  readonly size: number;
  readonly offset: number;
  readonly time: number;
}

/**
 * The files of a zip, by its central directory, each compared with its own header.
 * @throws CrewisoError (4) for what no tool of good faith makes
 */
export async function* readZip(file: string, limits: Limits): AsyncGenerator<ArchiveEntry> {
  const handle = await open(file, 'r');
  try {
    const { size } = await handle.stat();
    const listed = await directoryOf(handle, size, limits);
    refuseOverlaps(listed);
    for (const entry of listed) {
      const bytes = await contentOf(handle, entry, limits);
      yield {
        path: entry.path,
        size: bytes.length,
        time: entry.time,
        // eslint-disable-next-line @typescript-eslint/require-await -- as every archive's
        async *content() {
          yield bytes;
        },
      };
    }
  } finally {
    await handle.close();
  }
}

async function read(handle: FileHandle, position: number, length: number): Promise<Buffer> {
  const bytes = Buffer.alloc(length);
  const { bytesRead } = await handle.read(bytes, 0, length, position);
  if (bytesRead < length) throw refuse('its zip is broken: it ends too early');
  return bytes;
}

async function directoryOf(handle: FileHandle, size: number, limits: Limits): Promise<readonly Listed[]> {
  const tail = Math.min(size, END_BYTES + MAX_COMMENT);
  const bytes = await read(handle, size - tail, tail);
  const at = bytes.lastIndexOf(Buffer.from([0x50, 0x4b, 5, 6]));
  if (at < 0 || bytes.length - at < END_BYTES || bytes.readUInt32LE(at) !== END) throw refuse('its zip has no end');
  const count = bytes.readUInt16LE(at + 10);
  const length = bytes.readUInt32LE(at + 12);
  const start = bytes.readUInt32LE(at + 16);
  if (count === 0xffff || start === 0xffffffff) throw refuse('it is a zip64, which is not read');
  if (count > limits.entries || length > limits.entryBytes || start + length > size)
    throw refuse('its zip is broken: the directory is not where it should be');
  return entriesOf(await read(handle, start, length), count, limits);
}

function entriesOf(directory: Buffer, count: number, limits: Limits): readonly Listed[] {
  const names = new NameGuard(limits);
  const listed: Listed[] = [];
  for (let at = 0, n = 0; n < count; n += 1) {
    if (at + 46 > directory.length || directory.readUInt32LE(at) !== CENTRAL)
      throw refuse('its zip is broken: the directory is');
    const nameLength = directory.readUInt16LE(at + 28);
    const name = directory.toString('utf8', at + 46, at + 46 + nameLength);
    const mode = directory.readUInt32LE(at + 38) >>> 16;
    if ((mode & S_IFMT) === S_IFLNK) throw refuse('its zip holds a link');
    const folder = name.endsWith('/');
    const path = names.check(name, folder ? 'directory' : 'file');
    const entry = {
      path,
      method: directory.readUInt16LE(at + 10),
      packed: directory.readUInt32LE(at + 20),
      size: directory.readUInt32LE(at + 24),
      offset: directory.readUInt32LE(at + 42),
      time: timeOf(directory.readUInt16LE(at + 14), directory.readUInt16LE(at + 12)),
    };
    if (!folder) listed.push(entry);
    at += 46 + nameLength + directory.readUInt16LE(at + 30) + directory.readUInt16LE(at + 32);
  }
  return listed;
}

/** MS-DOS date and time, which know no time zone. */
function timeOf(date: number, time: number): number {
  const moment = Date.UTC(
    1980 + (date >>> 9),
    ((date >>> 5) & 15) - 1,
    date & 31,
    time >>> 11,
    (time >>> 5) & 63,
    (time & 31) * 2,
  );
  return moment / 1000;
}

/** Files that share bytes unpack to far more than they weigh. */
function refuseOverlaps(listed: readonly Listed[]): void {
  const sorted = [...listed].sort((a, b) => a.offset - b.offset);
  let end = 0;
  for (const { offset, packed } of sorted) {
    if (offset < end) throw refuse('two files in its zip share bytes');
    end = offset + packed;
  }
}

async function contentOf(handle: FileHandle, entry: Listed, limits: Limits): Promise<Buffer> {
  const local = await read(handle, entry.offset, 30);
  if (local.readUInt32LE(0) !== LOCAL) throw refuse('its zip is broken: a file is not where it should be');
  const nameLength = local.readUInt16LE(26);
  const name = (await read(handle, entry.offset + 30, nameLength)).toString('utf8');
  const path = name.replace(/^(?:\.?\/)+/, '');
  if (path !== entry.path || local.readUInt16LE(8) !== entry.method)
    throw refuse('a file in its zip has two names or forms');
  if ((local.readUInt16LE(6) & 1) !== 0) throw refuse('its zip is encrypted');
  if (entry.size > limits.entryBytes || entry.packed > limits.entryBytes)
    throw refuse(`a file in it has more than ${String(limits.entryBytes)} bytes`);
  const start = entry.offset + 30 + nameLength + local.readUInt16LE(28);
  const packed = await read(handle, start, entry.packed);
  if (entry.method === STORED) return packed;
  if (entry.method !== DEFLATED) throw refuse('its zip is compressed in a way that is not read');
  return inflate(packed, entry.size);
}

function inflate(packed: Buffer, size: number): Buffer {
  try {
    const bytes = inflateRawSync(packed, { maxOutputLength: Math.max(size, 1) });
    if (bytes.length === size) return bytes;
  } catch {
    // Broken, or longer than it says.
  }
  throw refuse('its zip is broken: a file is not what its directory says');
}
