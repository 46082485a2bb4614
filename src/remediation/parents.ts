import { atPointer } from '../kubernetes/json-patch.ts';
import type { JsonPatch } from '../model/fix.ts';
import type { KubeObject } from '../model/object.ts';

const MAPS = ['/metadata/labels', '/metadata/annotations'];

/**
 * A patch that can be applied to an object which has no labels or annotations at all: the API server leaves out empty
 * maps (ObjectMeta, `omitempty`), and a JSON patch adds nothing to what is not there. Where a map has to be made, the
 * object must still be the one that was looked at, or entries that came meanwhile would go with it.
 */
export function withParents(patch: JsonPatch, present: KubeObject): JsonPatch {
  const missing = MAPS.filter(
    (map) =>
      patch.some(({ op, path }) => op === 'add' && path.startsWith(`${map}/`)) && atPointer(present, map) === undefined,
  );
  if (missing.length === 0) return patch;
  return [
    { op: 'test', path: '/metadata/resourceVersion', value: present.metadata.resourceVersion },
    ...patch.filter(({ op }) => op === 'test'),
    ...missing.map((path) => ({ op: 'add' as const, path, value: {} })),
    ...patch.filter(({ op }) => op !== 'test'),
  ];
}
