import type { Range } from './marker.ts';

const SHORTEST_RUN = 24;
const LONGEST_RUN = 64 * 1024;
const BACKSLASH = 92;

/** Value of each base64 character, standard or for URLs, plus one; 0 for all others. */
const DIGIT = new Uint8Array(256);
const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
for (let value = 0; value < ALPHABET.length; value++) DIGIT[ALPHABET.charCodeAt(value)] = value + 1;
DIGIT[45] = 63;
DIGIT[95] = 64;

/**
 * The runs of at least 24 base64 characters, with their padding. Looks at every 24th byte first: most text holds no run,
 * and the regular expression for it reads 60 MB/s.
 */
export function base64Runs(bytes: Uint8Array, length: number): readonly Range[] {
  const runs: Range[] = [];
  let start = 0;
  while (start + SHORTEST_RUN <= length) {
    let probe = start + SHORTEST_RUN - 1;
    while (probe >= start && DIGIT[bytes[probe] ?? 0] !== 0) probe--;
    if (probe >= start) {
      start = probe + 1;
      continue;
    }
    const end = runEndOf(bytes, start + SHORTEST_RUN, length);
    // The letter of an escaped line break (`\n`) is not part of it.
    runs.push({ start: bytes[start - 1] === BACKSLASH ? start + 1 : start, end });
    start = end;
  }
  return runs;
}

function runEndOf(bytes: Uint8Array, from: number, length: number): number {
  let end = from;
  while (end < length && DIGIT[bytes[end] ?? 0] !== 0) end++;
  const last = end;
  while (end < length && end - last < 2 && bytes[end] === 61) end++;
  return end;
}

/** The whole run of base64 or hexadecimal digits around a part of it, with its padding. */
export function runAround(text: string, { start, end }: Range): Range {
  let first = start;
  while (first > 0 && start - first < LONGEST_RUN && DIGIT[text.charCodeAt(first - 1)] !== 0) first--;
  if (first < start && text.charCodeAt(first - 1) === BACKSLASH) first++;
  let last = end;
  while (last < text.length && last - end < LONGEST_RUN && DIGIT[text.charCodeAt(last)] !== 0) last++;
  const padded = /^={1,2}/.exec(text.slice(last, last + 2))?.[0].length ?? 0;
  return { start: first, end: last + padded };
}

/** The offset (0 to 3) from which a run decodes to readable text or to gzip; undefined where none does. */
export function readableOffset(bytes: Uint8Array, { start, end }: Range): number | undefined {
  for (let offset = 0; offset < 4; offset++) {
    if (startsReadable(bytes, start + offset, end)) return offset;
  }
  return undefined;
}

const PROBED = 12;

/** Whether the first 12 bytes that a run decodes to are text in UTF-8, or the head of a gzip stream. */
function startsReadable(bytes: Uint8Array, from: number, end: number): boolean {
  let following = 0;
  for (let index = 0, at = from; index < PROBED && at + 3 < end; at += 4, index += 3) {
    const group =
      (digitAt(bytes, at) << 18) |
      (digitAt(bytes, at + 1) << 12) |
      (digitAt(bytes, at + 2) << 6) |
      digitAt(bytes, at + 3);
    if (index === 0 && group === 0x1f8b08) return true;
    following = stillText(stillText(stillText(following, group >>> 16), (group >>> 8) & 255), group & 255);
    if (following < 0) return false;
  }
  return true;
}

function digitAt(bytes: Uint8Array, at: number): number {
  return (DIGIT[bytes[at] ?? 0] ?? 1) - 1;
}

/** How many bytes of a character must still follow after this one; -1 for what is no text in UTF-8. */
function stillText(following: number, byte: number): number {
  if (following !== 0) return following > 0 && byte >> 6 === 2 ? following - 1 : -1;
  return FOLLOWING[byte] ?? -1;
}

/** By the first byte of a character: how many follow it, -1 for none of text. */
const FOLLOWING = Int8Array.from({ length: 256 }, (_, byte) => {
  if (byte < 128) return (byte >= 32 && byte !== 127) || (byte >= 9 && byte <= 13) ? 0 : -1;
  if (byte < 0xc2 || byte > 0xf4) return -1;
  return byte < 0xe0 ? 1 : byte < 0xf0 ? 2 : 3;
});
