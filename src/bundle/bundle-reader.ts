import { createHash } from 'node:crypto';
import type { KubeObject } from '../model/object.ts';
import { isRecord, valueAt } from '../kubernetes/json-value.ts';
import { metadataFault, withoutNulls } from '../kubernetes/metadata-fault.ts';
import { unpacked } from './byte-source.ts';
import { parseJson, parseManifest, parsePlan } from './bundle-documents.ts';
import { hasFile, MANIFEST, PLAN, type Manifest, type ManifestItem, type Plan } from './format.ts';
import { LIMITS, type Limits } from './limits.ts';
import { refuse, refuseCut } from './refusal.ts';
import { readTar, type ArchiveEntry } from './tar-reader.ts';

/** A file of a bundle, by its path below the top folder. */
export interface BundleFile {
  readonly path: string;
  readonly size: number;
  content(): AsyncGenerator<Buffer>;
}

/** What was read of a bundle, in one pass and without unpacking it. */
export interface ReadBundle {
  readonly plan: Plan;
  readonly manifest: Manifest;
}

/**
 * Reads one of our own bundles from the beginning to its end.
 * @param visit is given each file between plan and manifest; what it does not take is passed over
 * @throws CrewisoError (4) for what is no such bundle, is cut, or was changed where `visit` looked
 */
export async function readBundle(
  file: string,
  visit: (entry: BundleFile, plan: Plan) => Promise<void>,
  limits: Limits = LIMITS,
): Promise<ReadBundle> {
  const entries = readTar(unpacked(file, limits), limits);
  const first = await entries.next();
  const top = first.done ? undefined : topOf(first.value);
  if (first.done || top === undefined) throw refuse(`it does not begin with ${PLAN}`);
  const plan = parsePlan(await all(first.value));
  const digests = new Map<string, string>();
  let manifest: Manifest | undefined;
  for await (const entry of entries) {
    const path = pathBelow(entry, top);
    if (manifest) throw refuse(`there is a file behind ${MANIFEST}`);
    if (path === MANIFEST) manifest = parseManifest(await all(entry));
    else await visit(hashed(entry, path, digests), plan);
  }
  if (!manifest) throw refuseCut(`it has no ${MANIFEST}: only a part of it was written`);
  requireAsRecorded(manifest, digests);
  return { plan, manifest };
}

/** The plan of a bundle alone. @throws CrewisoError (4) for what is no bundle of ours */
export async function readPlan(file: string, limits: Limits = LIMITS): Promise<Plan> {
  for await (const entry of readTar(unpacked(file, limits), limits)) {
    if (topOf(entry) === undefined) break;
    return parsePlan(await all(entry));
  }
  throw refuse(`it does not begin with ${PLAN}`);
}

function topOf({ path, target }: ArchiveEntry): string | undefined {
  const parts = path.split('/');
  return target === undefined && parts.length === 2 && parts[1] === PLAN ? parts[0] : undefined;
}

function pathBelow({ path, target }: ArchiveEntry, top: string): string {
  if (target !== undefined) throw refuse('there is a symbolic link in it, which our bundles have none of');
  if (!path.startsWith(`${top}/`)) throw refuse('there are several folders in it');
  return path.slice(top.length + 1);
}

/** All of a file, which is small enough for that (Limits.entryBytes). */
export async function all(entry: Pick<ArchiveEntry, 'content'>): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const part of entry.content()) parts.push(Buffer.from(part));
  return Buffer.concat(parts);
}

/** The same file; once its content was taken its digest is known. */
function hashed(entry: ArchiveEntry, path: string, digests: Map<string, string>): BundleFile {
  return {
    path,
    size: entry.size,
    async *content() {
      const hash = createHash('sha256');
      for await (const piece of entry.content()) {
        hash.update(piece);
        yield piece;
      }
      digests.set(path, hash.digest('hex'));
    },
  };
}

function requireAsRecorded({ items, readme }: Manifest, digests: ReadonlyMap<string, string>): void {
  const recorded = new Map<string, string>([['README.txt', readme.sha256]]);
  for (const { path, sha256 } of items) if (path !== undefined && sha256 !== undefined) recorded.set(path, sha256);
  for (const [path, digest] of digests) {
    if (recorded.get(path) !== digest)
      throw refuse(`${path} is not what ${MANIFEST} says`, 'kubectl crewiso bundle verify FILE tells more');
  }
}

/** The objects of a list as our bundles hold it. @throws CrewisoError (4) for anything else */
export function objectsOfList(bytes: Buffer, path: string): readonly KubeObject[] {
  const list = parseJson(bytes, path);
  if (!isRecord(list) || !Array.isArray(list.items)) throw refuse(`${path} is no list`);
  return list.items.map((item: unknown) => {
    const metadata = valueAt(item, 'metadata');
    const fault = isRecord(metadata) ? metadataFault(metadata) : { message: 'no metadata.name' };
    if (!isRecord(item) || !isRecord(metadata) || fault) throw refuse(`${path}: ${fault?.message ?? 'no object'}`);
    return { ...item, metadata: withoutNulls(metadata) } as unknown as KubeObject;
  });
}

/** What became of each item, by its id. */
export function itemsById({ items }: Manifest): ReadonlyMap<string, ManifestItem> {
  return new Map(items.map((item) => [item.id, item]));
}

export const fileOf = (item: ManifestItem | undefined): string | undefined =>
  item && hasFile(item) ? item.path : undefined;
