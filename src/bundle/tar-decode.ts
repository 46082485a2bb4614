import { refuse } from './refusal.ts';
import { BLOCK, checksum } from './tar-header.ts';

export interface TarHeader {
  readonly path: string;
  readonly size: number;
  readonly type: 'file' | 'link' | 'directory' | 'extension';
  readonly target: string;
  /** Seconds since the epoch; 0 where it is unreadable. */
  readonly time: number;
  /** PAX (`x`, `g`) or GNU (`L`, `K`). */
  readonly extension: 'x' | 'g' | 'L' | 'K' | undefined;
}

const TYPES: Readonly<Record<string, TarHeader['type']>> = {
  '0': 'file',
  '\0': 'file',
  '2': 'link',
  '5': 'directory',
  x: 'extension',
  g: 'extension',
  L: 'extension',
  K: 'extension',
};
const REFUSED: Readonly<Record<string, string>> = {
  '1': 'a hard link',
  '3': 'a device',
  '4': 'a device',
  '6': 'a pipe',
  S: 'a sparse file',
};

/** @throws CrewisoError (4) for what is no header, or one of a kind that no bundle has */
export function decodeHeader(block: Buffer): TarHeader {
  if (!isTar(block)) throw refuse('a header has a wrong checksum: bytes were changed');
  const letter = String.fromCharCode(block[156] ?? 0);
  const type = TYPES[letter];
  if (!type) throw refuse(`it holds ${REFUSED[letter] ?? 'an entry of an unknown kind'}, which no bundle does`);
  const size = octal(block.toString('latin1', 124, 136));
  if (size === undefined) throw refuse('a header gives a size that is no number');
  if (size > 0 && (type === 'link' || type === 'directory')) throw refuse('a link or folder in it has a content');
  return {
    path: pathOf(block),
    size,
    type,
    target: textOf(block.subarray(157, 257)),
    time: octal(block.toString('latin1', 136, 148)) ?? 0,
    extension: type === 'extension' ? (letter as 'x' | 'g' | 'L' | 'K') : undefined,
  };
}

function pathOf(block: Buffer): string {
  const name = textOf(block.subarray(0, 100));
  const ustar = block.toString('latin1', 257, 263) === 'ustar\0';
  const prefix = ustar ? textOf(block.subarray(345, 500)) : '';
  return prefix === '' ? name : `${prefix}/${name}`;
}

/** Up to the first NUL, in UTF-8. */
export function textOf(bytes: Buffer): string {
  const end = bytes.indexOf(0);
  const text = end < 0 ? bytes : bytes.subarray(0, end);
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(text);
  } catch {
    throw refuse('a name in it is no UTF-8');
  }
}

/** Octal digits between blanks and NULs; undefined for all else, negative and base-256 numbers among it. */
function octal(text: string): number | undefined {
  // eslint-disable-next-line no-control-regex -- NUL ends numbers
  const digits = /^ *([0-7]+)[ \u0000]*$/.exec(text)?.[1];
  return digits === undefined ? undefined : Number.parseInt(digits, 8);
}

/** What an extension header says about the entry behind it. */
export interface PaxFields {
  path?: string;
  target?: string;
  size?: number;
}

/**
 * The records of a PAX header that matter here.
 * @throws CrewisoError (4) where they are malformed or describe a sparse file
 */
export function paxFields(body: Buffer): PaxFields {
  const fields: PaxFields = {};
  for (let at = 0; at < body.length;) {
    const blank = body.indexOf(0x20, at);
    const length = blank < 0 ? Number.NaN : Number(body.toString('latin1', at, blank));
    const end = at + length;
    if (!Number.isSafeInteger(length) || length < 5 || end > body.length || body[end - 1] !== 0x0a)
      throw refuse('a PAX header is malformed');
    const record = body.subarray(blank + 1, end - 1);
    const equals = record.indexOf('=');
    if (equals < 0 || record.includes(0)) throw refuse('a PAX header is malformed');
    setField(fields, record.toString('latin1', 0, equals), textOf(record.subarray(equals + 1)));
    at = end;
  }
  return fields;
}

function setField(fields: PaxFields, key: string, value: string): void {
  if (key.startsWith('GNU.sparse')) throw refuse('it holds a sparse file, which no bundle does');
  if (key === 'path') fields.path = value;
  if (key === 'linkpath') fields.target = value;
  if (key === 'size') {
    if (!/^\d{1,15}$/.test(value)) throw refuse('a PAX header gives a size that is no number');
    fields.size = Number(value);
  }
}

/** Whether a block has the checksum of a tar header. */
export const isTar = (block: Buffer): boolean =>
  block.length >= BLOCK && octal(block.toString('latin1', 148, 156)) === checksum(block);
