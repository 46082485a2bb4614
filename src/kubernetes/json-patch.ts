import type { JsonPatch, PatchOperation } from '../model/fix.ts';
import { isRecord, sameJson } from './json-value.ts';

/** RFC 6901: the parts of a pointer. */
function pointerParts(pointer: string): readonly string[] {
  return pointer
    .split('/')
    .slice(1)
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'));
}

function indexOf(part: string, last: number): number | undefined {
  return /^(0|[1-9]\d*)$/.test(part) && Number(part) <= last ? Number(part) : undefined;
}

/** RFC 6901: a key as one part of a pointer. */
export function pointerPart(key: string): string {
  return key.replaceAll('~', '~0').replaceAll('/', '~1');
}

/** The value at a pointer, undefined where there is none. */
export function atPointer(document: unknown, pointer: string): { readonly value: unknown } | undefined {
  let node = document;
  for (const part of pointerParts(pointer)) {
    if (Array.isArray(node)) {
      const index = indexOf(part, node.length - 1);
      if (index === undefined) return undefined;
      node = node[index] as unknown;
    } else if (isRecord(node) && Object.hasOwn(node, part)) node = node[part];
    else return undefined;
  }
  return { value: node };
}

/** Whether all preconditions of a patch hold, each on the document as it is. */
export function testsHold(document: unknown, patch: JsonPatch): boolean {
  return patch.every((operation) => {
    if (operation.op !== 'test') return true;
    const found = atPointer(document, operation.path);
    return found !== undefined && sameJson(found.value, operation.value);
  });
}

/**
 * Whether a patch has nothing left to do: its values are there and what it removes is not. Preconditions play no part,
 * so that a patch that was made before is recognised although the version has moved on.
 */
export function patchHolds(document: unknown, patch: JsonPatch): boolean {
  return patch.every((operation, at) => operation.op === 'test' || holds(document, operation, patch.slice(0, at)));
}

function holds(
  document: unknown,
  operation: Exclude<PatchOperation, { op: 'test' }> | { op: 'add' | 'replace' | 'test'; path: string; value: unknown },
  before: JsonPatch,
): boolean {
  const { path } = operation;
  const parent = atPointer(document, path.slice(0, path.lastIndexOf('/')));
  if (operation.op === 'remove') {
    if (!Array.isArray(parent?.value)) return atPointer(document, path) === undefined;
    // An index says nothing once others have moved: the element that was tested there is what must be gone.
    const tested = before.findLast((other) => other.op === 'test' && other.path === path);
    return tested?.op === 'test' && !parent.value.some((item) => sameJson(item, tested.value));
  }
  // A map is only made so that something can be put into it.
  if (isRecord(operation.value) && Object.keys(operation.value).length === 0) return true;
  if (Array.isArray(parent?.value)) return parent.value.some((item) => sameJson(item, operation.value));
  const found = atPointer(document, path);
  return found !== undefined && sameJson(found.value, operation.value);
}

/**
 * Whether an object says everything that another one asks for: more fields are fine, more or other items of a list are
 * not, and of `data` nothing may be more.
 */
export function covers(present: unknown, wanted: unknown): boolean {
  if (Array.isArray(wanted))
    return (
      Array.isArray(present) &&
      present.length === wanted.length &&
      wanted.every((item, index) => covers(present[index], item))
    );
  if (!isRecord(wanted)) return present === wanted;
  return (
    isRecord(present) &&
    Object.entries(wanted).every(
      ([key, value]) =>
        Object.hasOwn(present, key) && (key === 'data' ? sameJson(present[key], value) : covers(present[key], value)),
    )
  );
}
