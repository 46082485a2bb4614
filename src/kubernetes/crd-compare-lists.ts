import type { Place, SchemaChange } from './crd-compare-schema.ts';
import { typesOf, type SchemaNode } from './crd-schema.ts';
import { sameJson } from './json-value.ts';

/** How lists and objects are merged by apply, and which items they may hold. */
export function compareLists({ path, old, new: now }: Place): readonly SchemaChange[] {
  return [...compareListType(path, old, now), ...compareMapType(path, old, now)];
}

function compareListType(path: string, old: SchemaNode, now: SchemaNode): readonly SchemaChange[] {
  const [before, after] = [listType(old), listType(now)];
  if (before === after) {
    if (after !== 'map' || sameJson([...old.listMapKeys].sort(), [...now.listMapKeys].sort())) return [];
    return [{ path, rule: 'list-keys-changed', before: old.listMapKeys, after: now.listMapKeys }];
  }
  const words = { path, before, after };
  return [{ ...words, rule: before === 'atomic' && after === 'set' ? 'list-type-restricts' : 'list-type-changed' }];
}

/** Only lists have one, and without the mark they are replaced as a whole. */
const listType = (node: SchemaNode): string => (node.type === 'array' ? (node.listType ?? 'atomic') : 'atomic');

function compareMapType(path: string, old: SchemaNode, now: SchemaNode): readonly SchemaChange[] {
  const [before, after] = [mapType(old), mapType(now)];
  return before === after ? [] : [{ path, rule: 'map-type-changed', before, after }];
}

function mapType(node: SchemaNode): string {
  const types = typesOf(node);
  return types && !types.includes('object') ? 'granular' : (node.mapType ?? 'granular');
}
