import { createHash } from 'node:crypto';
import { isRecord, sameJson } from '../kubernetes/json-value.ts';
import type { KubeObject, ObjectRef } from '../model/object.ts';
import { all, itemsById, objectsOfList, readBundle, readPlan, type ReadBundle } from './bundle-reader.ts';
import { isGap, type ManifestItem } from './format.ts';
import { parseListId } from './paths.ts';

/** An object that two bundles do not agree on. */
export interface ObjectDifference {
  readonly change: 'added' | 'removed' | 'changed';
  readonly object: ObjectRef;
  /** JSON pointers of fields that differ, at most 10. */
  readonly fields?: readonly string[];
}

export interface BundleDifference {
  readonly a: ReadBundle;
  readonly b: ReadBundle;
  /** By kind, namespace and name. */
  readonly objects: readonly ObjectDifference[];
  /** Lists that are not whole in one of them, and so were not compared. */
  readonly uncompared: readonly { readonly id: string; readonly a: string; readonly b: string }[];
}

/** What changes with every look, and says nothing. */
const FLEETING: ReadonlySet<string> = new Set(['resourceVersion', 'generation', 'observedGeneration']);
/** Made with the key of one bundle. */
const KEYED = /(<redacted:[^>]*):fp=[0-9a-f]{12}>/g;

/** Objects are held one by one only where they differ. */
type Digests = ReadonlyMap<string, string>;

/**
 * Compares the objects of two of our bundles.
 * @param namespaces compare only these; default all
 * @throws CrewisoError (4) for what is no bundle
 */
export async function diffBundles(
  fileA: string,
  fileB: string,
  namespaces?: ReadonlySet<string>,
): Promise<BundleDifference> {
  const keyed = await haveOneKey(fileA, fileB);
  const a = await digestsOf(fileA, namespaces, keyed);
  const b = await digestsOf(fileB, namespaces, keyed);
  const { uncompared, skip } = gapsOf(a.read, b.read, namespaces);
  const keys = [...new Set([...a.digests.keys(), ...b.digests.keys()])].filter((key) => !skip.has(listOfKey(key)));
  const differing = keys.filter((key) => a.digests.get(key) !== b.digests.get(key)).sort();
  const both = new Set(differing.filter((key) => a.digests.has(key) && b.digests.has(key)));
  const before = await objectsFor(fileA, both, keyed);
  const after = await objectsFor(fileB, both, keyed);
  const objects = differing.map((key): ObjectDifference => {
    const object = refOfKey(key);
    if (!both.has(key)) return { change: a.digests.has(key) ? 'removed' : 'added', object };
    return { change: 'changed', object, fields: changedFields(before.get(key), after.get(key)) };
  });
  return { a: a.read, b: b.read, objects, uncompared };
}

interface Digested {
  readonly read: ReadBundle;
  readonly digests: Digests;
}

/** Whether fingerprints of one can be compared with those of the other. */
async function haveOneKey(fileA: string, fileB: string): Promise<boolean> {
  const [a, b] = await Promise.all([readPlan(fileA), readPlan(fileB)]);
  return a.fingerprints !== undefined && a.fingerprints === b.fingerprints;
}

async function digestsOf(file: string, namespaces: ReadonlySet<string> | undefined, keyed: boolean): Promise<Digested> {
  const digests = new Map<string, string>();
  const read = await visitObjects(file, (key, object) => {
    const namespace = object.metadata.namespace ?? (object.kind === 'Namespace' ? object.metadata.name : '');
    if (namespaces && !namespaces.has(namespace)) return;
    digests.set(
      key,
      createHash('sha1')
        .update(JSON.stringify(comparable(object, keyed)))
        .digest('base64'),
    );
  });
  return { read, digests };
}

async function objectsFor(
  file: string,
  keys: ReadonlySet<string>,
  keyed: boolean,
): Promise<ReadonlyMap<string, unknown>> {
  const objects = new Map<string, unknown>();
  if (keys.size === 0) return objects;
  await visitObjects(file, (key, object) => {
    if (keys.has(key)) objects.set(key, comparable(object, keyed));
  });
  return objects;
}

async function visitObjects(file: string, visit: (key: string, object: KubeObject) => void): Promise<ReadBundle> {
  let ids: ReadonlyMap<string, string> | undefined;
  return readBundle(file, async (entry, plan) => {
    ids ??= new Map(plan.items.map(({ id, path }) => [path, id]));
    const id = ids.get(entry.path);
    // What happened is not what is.
    const list = id === undefined ? undefined : parseListId(id);
    if (id === undefined || !list || list.resource === 'events') return;
    for (const object of objectsOfList(await all(entry), entry.path)) visit(keyOf(id, object), object);
  });
}

function keyOf(id: string, { apiVersion = '', kind = '', metadata }: KubeObject): string {
  return JSON.stringify([kind, metadata.namespace ?? '', metadata.name, apiVersion, id]);
}

const partsOf = (key: string): readonly string[] => JSON.parse(key) as readonly string[];
const listOfKey = (key: string): string => partsOf(key)[4] ?? '';

function refOfKey(key: string): ObjectRef {
  const [kind = '', namespace = '', name = '', apiVersion = ''] = partsOf(key);
  return { apiVersion, kind, name, ...(namespace !== '' && { namespace }) };
}

/** Without what differs anyway: versions, and fingerprints under two keys. Keys in order. */
function comparable(value: unknown, keyed: boolean): unknown {
  if (typeof value === 'string') return keyed ? value : withoutFingerprint(value);
  if (Array.isArray(value)) return value.map((item) => comparable(item, keyed));
  if (!isRecord(value)) return value;
  const entries = Object.entries(value).filter(([key]) => !FLEETING.has(key) && (keyed || key !== 'fingerprint'));
  entries.sort(([x], [y]) => (x < y ? -1 : 1));
  return Object.fromEntries(entries.map(([key, inner]) => [key, comparable(inner, keyed)]));
}

const withoutFingerprint = (text: string): string =>
  /^fp:[0-9a-f]{12}$/.test(text) ? 'fp' : text.replaceAll(KEYED, '$1>');

function gapsOf(
  a: ReadBundle,
  b: ReadBundle,
  namespaces: ReadonlySet<string> | undefined,
): { readonly uncompared: BundleDifference['uncompared']; readonly skip: ReadonlySet<string> } {
  const inA = itemsById(a.manifest);
  const inB = itemsById(b.manifest);
  const uncompared = [...new Set([...inA.keys(), ...inB.keys()])].flatMap((id) => {
    const list = parseListId(id);
    if (!list || (namespaces && !namespaces.has(list.namespace ?? ''))) return [];
    const [x, y] = [inA.get(id), inB.get(id)];
    return isWhole(x) && isWhole(y) ? [] : [{ id, a: statusOf(x), b: statusOf(y) }];
  });
  return { uncompared, skip: new Set(uncompared.map(({ id }) => id)) };
}

const isWhole = (item: ManifestItem | undefined): boolean => item !== undefined && !isGap(item);
const statusOf = (item: ManifestItem | undefined): string => item?.status ?? 'not planned';

const MAX_FIELDS = 10;

/** Pointers of the smallest values that differ. */
function changedFields(before: unknown, after: unknown): readonly string[] {
  const fields: string[] = [];
  const walk = (x: unknown, y: unknown, pointer: string): void => {
    if (fields.length >= MAX_FIELDS || sameJson(x, y)) return;
    const [left, right] = [childrenOf(x), childrenOf(y)];
    if (!left || !right) {
      fields.push(pointer);
      return;
    }
    for (const key of [...new Set([...Object.keys(left), ...Object.keys(right)])])
      walk(left[key], right[key], `${pointer}/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`);
  };
  walk(before, after, '');
  return fields;
}

function childrenOf(value: unknown): Readonly<Record<string, unknown>> | undefined {
  if (Array.isArray(value)) return Object.fromEntries(value.map((item: unknown, index) => [String(index), item]));
  return isRecord(value) ? value : undefined;
}
