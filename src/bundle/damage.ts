import { stat } from 'node:fs/promises';
import { parseManifest } from './bundle-documents.ts';
import { RATIO_FROM } from './byte-source.ts';
import type { Problem } from './content-check.ts';
import { MANIFEST, PLAN, README, type Manifest } from './format.ts';
import type { Limits } from './limits.ts';
import { isAsCompressed, membersOf, type Member } from './members.ts';
import { BLOCK } from './tar-header.ts';
import { decodeHeader, paxFields } from './tar-decode.ts';

/** Headers of one file: those of PAX, what they say, and its own. */
const HEADERS = 8 * BLOCK;

/** What was unpacked of a member. */
interface Unpacked {
  readonly member: Member;
  /** Its file, below the top folder; undefined where its header cannot be read. */
  readonly path: string | undefined;
}

/**
 * Which files of an archive are not as they were written. Reads each by itself, to its end, and so knows more than who
 * reads the archive as one stream; for archives whose seal says that they were changed.
 */
export async function findDamage(file: string, limits: Limits): Promise<readonly Problem[]> {
  const { size } = await stat(file);
  const { members, manifest } = await unpack(file, Math.max(RATIO_FROM, size * limits.ratio));
  const nameOf = namesFor(members, manifest);
  const broken = members.flatMap(({ member: { fault } }, index) =>
    fault === undefined ? [] : [{ ...nameOf(index), what: fault }],
  );
  if (broken.length > 0) return broken;
  const other: number[] = [];
  for (const [index, { member }] of members.entries()) if (!(await isAsCompressed(file, member))) other.push(index);
  // All of them: they were compressed by another version of zlib, and nothing can be told from it.
  if (other.length === members.length) return [];
  return other.map((index) => ({ ...nameOf(index), what: 'is compressed in another way than when it was written' }));
}

/** @param most bytes that are unpacked: no more than an archive of ours unpacks to */
async function unpack(
  file: string,
  most: number,
): Promise<{ members: readonly Unpacked[]; manifest: Manifest | undefined }> {
  const members: Unpacked[] = [];
  let current = -1;
  let head = Buffer.alloc(0);
  let whole: Buffer[] = [];
  let given = 0;
  const take = (index: number, piece: Buffer): void => {
    given += piece.length;
    if (given > most) throw new RangeError('it unpacks to too much');
    if (index !== current) [current, head, whole] = [index, Buffer.alloc(0), []];
    if (head.length < HEADERS) head = Buffer.concat([head, piece]).subarray(0, HEADERS);
    if (pathIn(head) === MANIFEST) whole.push(piece);
  };
  let manifest: Manifest | undefined;
  for await (const member of membersOf(file, take)) {
    const read = members.length === current ? head : Buffer.alloc(0);
    const path = pathIn(read);
    members.push({ member, path });
    if (path === MANIFEST && member.fault === undefined) manifest = manifestIn(Buffer.concat(whole)) ?? manifest;
  }
  return { members, manifest };
}

function manifestIn(entry: Buffer): Manifest | undefined {
  try {
    const { size } = decodeHeader(entry.subarray(0, BLOCK));
    return parseManifest(entry.subarray(BLOCK, BLOCK + size));
  } catch {
    return undefined;
  }
}

/** The file that headers are of; undefined for what is none. */
function pathIn(bytes: Buffer): string | undefined {
  try {
    const first = decodeHeader(bytes.subarray(0, BLOCK));
    const path = first.extension === 'x' ? paxFields(bytes.subarray(BLOCK, BLOCK + first.size)).path : first.path;
    const top = path?.indexOf('/') ?? -1;
    return top < 0 ? undefined : path?.slice(top + 1);
  } catch {
    return undefined;
  }
}

/** By the manifest, which names all files in their order; without one by their own headers, or those before them. */
function namesFor(
  members: readonly Unpacked[],
  manifest: Manifest | undefined,
): (index: number) => Pick<Problem, 'path'> {
  const planned = manifest && [PLAN, README, ...manifest.items.flatMap(({ path }) => path ?? []), MANIFEST];
  const end = members.length - 1;
  return (index) => {
    if (planned?.length === end && index < end) return { path: planned[index] ?? MANIFEST };
    const { path } = members[index] ?? {};
    if (path !== undefined) return { path };
    if (index === end) return { path: 'the end of the archive' };
    if (index === 0) return { path: PLAN };
    if (index === end - 1) return { path: MANIFEST };
    return { path: `what follows ${members[index - 1]?.path ?? PLAN}` };
  };
}
