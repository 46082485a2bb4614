import { isRecord, sameJson } from '../kubernetes/json-value.ts';
import { type Json, type ManagedFields, type Wire } from './wire.ts';

/** A set of leaf fields: paths joined by NUL, which no field name contains. Lists are leaves. */
export type FieldSet = ReadonlySet<string>;

/** Structs that are owned as a whole (structType=atomic). */
const ATOMIC = ['roleRef'];

/** Metadata that belongs to the server and is in no field set (sigs.k8s.io/structured-merge-diff, stripMeta). */
const SERVER_METADATA = [
  'name',
  'namespace',
  'uid',
  'resourceVersion',
  'generation',
  'creationTimestamp',
  'deletionTimestamp',
  'deletionGracePeriodSeconds',
  'managedFields',
  'generateName',
];

/** Every leaf of the object with its value, but for its name, type and the server's own metadata. */
export function leavesOf(object: Wire): ReadonlyMap<string, unknown> {
  const found = new Map<string, unknown>();
  const walk = (value: unknown, path: readonly string[]): void => {
    const whole = !isRecord(value) || ATOMIC.includes(path.at(-1) ?? '');
    if (whole) found.set(path.join('\0'), value);
    else for (const [key, inner] of Object.entries(value)) walk(inner, [...path, key]);
  };
  for (const [key, value] of Object.entries(object)) {
    if (key === 'apiVersion' || key === 'kind') continue;
    if (key !== 'metadata') walk(value, [key]);
    else
      for (const [field, inner] of Object.entries(object.metadata))
        if (!SERVER_METADATA.includes(field)) walk(inner, [key, field]);
  }
  return found;
}

/** Leaves that the second object sets anew or differently. */
export function changedFields(before: Wire | undefined, after: Wire): FieldSet {
  const old = before ? leavesOf(before) : new Map<string, unknown>();
  return new Set([...leavesOf(after)].filter(([path, value]) => !sameJson(old.get(path), value)).map(([path]) => path));
}

/** A field of FieldsV1 is `f:name`; `.`, and items of lists (`k:`, `v:`), add nothing to a set of leaves. */
export function fromFieldsV1(fields: Json, path: readonly string[] = []): FieldSet {
  const inner = Object.entries(fields).filter(([key]) => key.startsWith('f:'));
  if (inner.length === 0) return new Set(path.length > 0 ? [path.join('\0')] : []);
  return new Set(
    inner.flatMap(([key, value]) => [...fromFieldsV1(isRecord(value) ? value : {}, [...path, key.slice(2)])]),
  );
}

export function toFieldsV1(fields: FieldSet): Json {
  const root: Record<string, unknown> = {};
  for (const path of [...fields].sort()) {
    let node = root;
    for (const part of path.split('\0')) node = (node[`f:${part}`] ??= {}) as Record<string, unknown>;
  }
  return root;
}

/** As conflicts print a path: every part behind a dot, so that `data` and `.dockerconfigjson` give two of them. */
export const fieldPath = (path: string): string => `.${path.split('\0').join('.')}`;

interface Writer {
  readonly manager: string;
  readonly operation: ManagedFields['operation'];
  readonly apiVersion: string;
  readonly time: string;
}

/**
 * Ownership after a write: `gained` belongs to the writer, and to nobody else unless `shared`; fields that are no longer
 * there belong to nobody. An applier's set is replaced, an updater's grows.
 */
export function ownership(
  entries: readonly ManagedFields[],
  writer: Writer,
  gained: FieldSet,
  present: ReadonlyMap<string, unknown>,
  shared: FieldSet = new Set(),
): readonly ManagedFields[] {
  const isWriter = (entry: ManagedFields): boolean =>
    entry.manager === writer.manager && entry.operation === writer.operation;
  const kept = entries.flatMap((entry) => {
    if (isWriter(entry)) return [];
    const owned = [...fromFieldsV1(entry.fieldsV1)];
    const left = owned.filter((path) => present.has(path) && (shared.has(path) || !gained.has(path)));
    if (left.length === owned.length) return [entry];
    return left.length > 0 ? [{ ...entry, fieldsV1: toFieldsV1(new Set(left)) }] : [];
  });
  const before = entries.find(isWriter);
  const own = before && writer.operation === 'Update' ? [...fromFieldsV1(before.fieldsV1)] : [];
  const fields = toFieldsV1(new Set([...own.filter((path) => present.has(path)), ...gained]));
  if (before && sameJson(before.fieldsV1, fields)) return [...kept, before];
  return [...kept, { ...writer, fieldsType: 'FieldsV1', fieldsV1: fields }];
}
