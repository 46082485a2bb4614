import { childPath, META_FIELDS, type SchemaNode } from './crd-schema.ts';
import { isRecord } from './json-value.ts';

/** A value as the API server keeps it, and what it drops without an error. */
export interface Pruned {
  readonly value: unknown;
  /** Paths of dropped fields, sorted. */
  readonly dropped: readonly string[];
  /** Paths of fields that held null where the schema takes none: dropped, or replaced by the default. */
  readonly nulls: readonly string[];
  /** Paths that the schema's defaults filled in. */
  readonly defaulted: readonly string[];
}

interface Trail {
  readonly dropped: string[];
  readonly nulls: string[];
  readonly defaulted: string[];
}

/**
 * What the API server makes of an object as it decodes it, from a request or from the store: unknown fields go, then
 * nulls, then defaults come (apiextensions-apiserver `customresource_handler.go` unstructuredSchemaCoercer and
 * unstructuredDefaulter; `schema/pruning`, `schema/defaulting`). Inside embedded metadata nothing is pruned here.
 */
export function decode(object: unknown, schema: SchemaNode, options: { preserveUnknownFields?: boolean } = {}): Pruned {
  const trail: Trail = { dropped: [], nulls: [], defaulted: [] };
  const root = { ...schema, embeddedResource: true };
  let value = object;
  if (options.preserveUnknownFields !== true) {
    value = prune(value, root, '', trail);
    value = dropNulls(value, root, '', trail);
  }
  value = fill(value, root, '', trail);
  for (const paths of Object.values(trail) as string[][]) paths.sort();
  return { value, ...trail };
}

/** Index of a list in a path. */
const at = (path: string, index: number): string => `${path}[${index}]`;

function prune(value: unknown, schema: SchemaNode | undefined, path: string, trail: Trail): unknown {
  if (Array.isArray(value)) return value.map((item, index) => pruneItem(item, schema, at(path, index), trail));
  if (!isRecord(value)) return value;
  const kept: Record<string, unknown> = {};
  for (const [name, inner] of Object.entries(value)) {
    const place = childPath(path, name);
    const below = schemaOfField(schema, name);
    if (schema?.embeddedResource && META_FIELDS.has(name)) kept[name] = inner;
    else if (below) kept[name] = prune(inner, below, place, trail);
    else if (schema?.preserveUnknownFields) kept[name] = inner;
    else trail.dropped.push(place);
  }
  return kept;
}

/** A list that preserves unknown fields does so for its items too, as long as nothing says otherwise (`skipPrune`). */
function pruneItem(item: unknown, list: SchemaNode | undefined, path: string, trail: Trail): unknown {
  if (!list?.preserveUnknownFields) return prune(item, list?.items, path, trail);
  if (list.items === undefined) return item;
  return prune(item, { ...list.items, preserveUnknownFields: true }, path, trail);
}

/** A property, else what the schema says about every other key. */
export function schemaOfField(schema: SchemaNode | undefined, name: string): SchemaNode | undefined {
  return schema?.properties.get(name) ?? schema?.additionalProperties;
}

function dropNulls(value: unknown, schema: SchemaNode | undefined, path: string, trail: Trail): unknown {
  if (Array.isArray(value)) return value.map((item, index) => dropNulls(item, schema?.items, at(path, index), trail));
  if (!isRecord(value)) return value;
  const kept: Record<string, unknown> = {};
  for (const [name, inner] of Object.entries(value)) {
    const below = schemaOfField(schema, name);
    const place = childPath(path, name);
    if (inner === null && below && !below.nullable) {
      trail.nulls.push(place);
      if (below.default === undefined) continue;
    }
    kept[name] = dropNulls(inner, below, place, trail);
  }
  return kept;
}

function fill(value: unknown, schema: SchemaNode | undefined, path: string, trail: Trail): unknown {
  if (!schema) return value;
  if (Array.isArray(value)) return value.map((item, index) => fillOne(item, schema.items, at(path, index), trail));
  if (!isRecord(value)) return value;
  const filled: Record<string, unknown> = { ...value };
  for (const [name, property] of schema.properties) {
    if (property.default === undefined || Object.hasOwn(value, name)) continue;
    filled[name] = property.default;
    trail.defaulted.push(childPath(path, name));
  }
  for (const [name, inner] of Object.entries(filled))
    filled[name] = fillOne(inner, schemaOfField(schema, name), childPath(path, name), trail);
  return filled;
}

function fillOne(value: unknown, schema: SchemaNode | undefined, path: string, trail: Trail): unknown {
  if (value === null && schema && !schema.nullable && schema.default !== undefined) {
    trail.defaulted.push(path);
    return fill(schema.default, schema, path, trail);
  }
  return fill(value, schema, path, trail);
}
