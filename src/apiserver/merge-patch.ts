import { isRecord } from '../kubernetes/json-value.ts';
import { notImplemented } from './status.ts';
import type { Json } from './wire.ts';

/** RFC 7386: null removes, objects merge, everything else replaces. */
export function mergePatch(target: Json, patch: Json): Json {
  return merge(target, patch, (_key, _before, after) => after);
}

/** Merge keys of the lists that a person patches (patchMergeKey in k8s.io/api); all other lists are replaced. */
const MERGE_KEYS: Readonly<Record<string, string>> = {
  containers: 'name',
  initContainers: 'name',
  env: 'name',
  volumes: 'name',
  imagePullSecrets: 'name',
  secrets: 'name',
  volumeMounts: 'mountPath',
  ownerReferences: 'uid',
  conditions: 'type',
};

const DIRECTIVES = ['$patch', '$retainKeys', '$deleteFromPrimitiveList'];

/**
 * Strategic merge patch: as a merge patch, but lists with a merge key merge item by item.
 *
 * @throws StatusError 501 for `$` directives, but for `$setElementOrder`, which is left out of account
 */
export function strategicMerge(target: Json, patch: Json): Json {
  const directive = Object.keys(patch).find((key) => DIRECTIVES.some((name) => key.startsWith(name)));
  if (directive !== undefined) throw notImplemented(`the strategic merge directive ${directive}`);
  const fields = Object.entries(patch).filter(([key]) => !key.startsWith('$setElementOrder'));
  return merge(target, Object.fromEntries(fields), mergeList, strategicMerge);
}

function mergeList(field: string, before: unknown, after: readonly unknown[]): readonly unknown[] {
  const key = MERGE_KEYS[field];
  if (key === undefined || !Array.isArray(before)) return after;
  const idOf = (item: unknown): unknown => (isRecord(item) ? item[key] : undefined);
  const merged = before.map((item: unknown) => {
    const change = after.find((candidate) => idOf(candidate) === idOf(item));
    return isRecord(item) && isRecord(change) ? strategicMerge(item, change) : item;
  });
  const known = new Set(before.map(idOf));
  return [...merged, ...after.filter((item) => !known.has(idOf(item)))];
}

function merge(
  target: Json,
  patch: Json,
  lists: (field: string, before: unknown, after: readonly unknown[]) => readonly unknown[],
  objects: (target: Json, patch: Json) => Json = mergePatch,
): Json {
  const result: Record<string, unknown> = { ...target };
  for (const [key, value] of Object.entries(patch)) {
    const before = result[key];
    if (value === null) Reflect.deleteProperty(result, key);
    else if (Array.isArray(value)) result[key] = lists(key, before, value);
    else result[key] = isRecord(value) ? objects(isRecord(before) ? before : {}, value) : value;
  }
  return result;
}
