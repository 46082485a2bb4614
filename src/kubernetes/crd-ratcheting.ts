import type { SchemaNode } from './crd-schema.ts';
import { isRecord } from './json-value.ts';

/**
 * Ratcheting: since 1.30 (on by default; GA in 1.33) an update passes although the object breaks the schema, as long as
 * the value that breaks it stays as it is (apiextensions-apiserver `validation/ratcheting.go`, apiserver
 * `cel/common/equality.go`). It covers what the schema says about values and CEL, not embedded resources, /scale, or the
 * object as a whole, whose metadata always changes. Before 1.30 every update of such an object is refused.
 */
export interface Held {
  /** The API server can tell which old value stood here. */
  readonly found: boolean;
  /** It sees that this value, or one around it, is as it was. */
  readonly unchanged: boolean;
}

export const ROOT: Held = { found: true, unchanged: false };

/** What holds for a field of an object about which something holds, in an update that changes nothing but metadata. */
export function holdField({ found, unchanged }: Held, value: unknown, schema: SchemaNode): Held {
  return { found, unchanged: unchanged || (found && isComparable(value, schema)) };
}

/** Items are found again in lists with keys only; any other list is compared as a whole. */
export function holdItem(list: Held, item: unknown, { items, listType }: SchemaNode): Held {
  if (!items || listType !== 'map') return { found: false, unchanged: list.unchanged };
  return holdField(list, item, items);
}

/** A field that no schema describes is never found again, so that whatever holds one counts as changed. */
function isComparable(value: unknown, schema: SchemaNode): boolean {
  if (Array.isArray(value))
    return schema.listType !== 'map' || value.every((item) => !schema.items || isComparable(item, schema.items));
  if (!isRecord(value)) return true;
  return Object.entries(value).every(([name, inner]) => {
    const below = schema.properties.get(name) ?? schema.additionalProperties;
    return below !== undefined && isComparable(inner, below);
  });
}
