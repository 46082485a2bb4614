import { createHash } from 'node:crypto';

/** Tar counts in blocks of this many bytes. */
export const BLOCK = 512;

/** Of a path in the old header: the part behind a slash, and the part before it. */
const NAME_BYTES = 100;
const PREFIX_BYTES = 155;
/** Eleven octal digits. */
const MAX_SIZE = 8 ** 11 - 1;

/**
 * The header of a regular file (POSIX ustar), the same bytes on every machine: no owner, one mode, one time. A path that
 * does not fit comes in a PAX header before it.
 * @param time seconds since the epoch
 * @throws RangeError for 8 GiB and more
 */
export function encodeHeader(path: string, size: number, time: number): Buffer {
  if (size > MAX_SIZE) throw new RangeError(`${path} is larger than a tar header can say`);
  const split = splitPath(path);
  if (split) return block({ ...split, size, time, type: '0' });
  return Buffer.concat([
    paxHeader(path, paxRecord('path', path), time),
    block({ name: shortDigest(path), prefix: '', size, time, type: '0' }),
  ]);
}

/** The header of a symbolic link; names of both ends come in a PAX header. */
export function encodeLink(path: string, target: string, time: number): Buffer {
  const records = Buffer.concat([paxRecord('path', path), paxRecord('linkpath', target)]);
  return Buffer.concat([
    paxHeader(path, records, time),
    block({ name: shortDigest(path), prefix: '', size: 0, time, type: '2' }),
  ]);
}

function paxHeader(path: string, records: Buffer, time: number): Buffer {
  const name = `PaxHeaders/${shortDigest(path)}`;
  const header = block({ name, prefix: '', size: records.length, time, type: 'x' });
  return Buffer.concat([header, records, padding(records.length)]);
}

/** What fills the last block of a content of this size. */
export function padding(size: number): Buffer {
  return Buffer.alloc((BLOCK - (size % BLOCK)) % BLOCK);
}

/** What ends an archive. */
export const END_OF_ARCHIVE = Buffer.alloc(2 * BLOCK);

function splitPath(path: string): { readonly name: string; readonly prefix: string } | undefined {
  if (Buffer.byteLength(path) !== path.length) return undefined;
  if (path.length <= NAME_BYTES) return { name: path, prefix: '' };
  for (let at = path.indexOf('/'); at >= 0 && at <= PREFIX_BYTES; at = path.indexOf('/', at + 1)) {
    const name = path.slice(at + 1);
    if (name !== '' && name.length <= NAME_BYTES) return { name, prefix: path.slice(0, at) };
  }
  return undefined;
}

/** Tells names apart that do not fit. */
function shortDigest(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 12);
}

/** `LENGTH path=…\n`, where the length counts itself. */
function paxRecord(key: string, value: string): Buffer {
  const rest = Buffer.byteLength(` ${key}=${value}\n`);
  let length = rest + 1;
  while (String(length).length + rest !== length) length = String(length).length + rest;
  return Buffer.from(`${String(length)} ${key}=${value}\n`);
}

interface Fields {
  readonly name: string;
  readonly prefix: string;
  readonly size: number;
  readonly time: number;
  readonly type: '0' | '2' | 'x';
}

function block({ name, prefix, size, time, type }: Fields): Buffer {
  const header = Buffer.alloc(BLOCK);
  header.write(name, 0, NAME_BYTES, 'ascii');
  header.write('0000600\0' + '0000000\0' + '0000000\0', 100, 'ascii');
  header.write(`${octal(size, 11)}\0${octal(time, 11)}\0`, 124, 'ascii');
  header.write(`        ${type}`, 148, 'ascii');
  header.write('ustar\u000000', 257, 'ascii');
  header.write(prefix, 345, PREFIX_BYTES, 'ascii');
  header.write(`${octal(checksum(header), 6)}\0 `, 148, 'ascii');
  return header;
}

const octal = (value: number, digits: number): string => value.toString(8).padStart(digits, '0');

/** Sum of all bytes, those of the sum itself taken as blanks. */
export function checksum(header: Buffer): number {
  let sum = 0;
  for (let at = 0; at < BLOCK; at += 1) sum += at >= 148 && at < 156 ? 0x20 : (header[at] ?? 0);
  return sum;
}
