import { isKnownFormat } from './crd-formats.ts';
import { childPath, typesOf, type SchemaNode } from './crd-schema.ts';
import { holdField, holdItem, ROOT, type Held } from './crd-ratcheting.ts';
import { numberFaults, stringFaults } from './crd-validate-scalars.ts';
import { isRecord, sameJson } from './json-value.ts';

/** Why the API server refuses a value. */
export interface Violation {
  /** As the API server writes it: `spec.channels[0].adapter`; empty for the object itself. */
  readonly path: string;
  readonly keyword: string;
  readonly message: string;
  /** An update that leaves the value alone is refused too, with ratcheting as without; see crd-ratcheting.ts. */
  readonly always: boolean;
}

/** What is not decided here; the API server may refuse it. */
export interface Unchecked {
  readonly path: string;
  readonly why: string;
}

export interface Validation {
  readonly violations: readonly Violation[];
  readonly unchecked: readonly Unchecked[];
}

/** Collects what is said about one value. */
export interface Findings {
  readonly violations: Violation[];
  readonly unchecked: Unchecked[];
  /** Where ratcheting stands as the values are walked. */
  readonly held: Held;
}

/**
 * Whether the API server accepts a decoded object under a schema (kube-openapi `validation/validate`, then
 * `schema/objectmeta` and `schema/listtype`). Rules in CEL are not evaluated, only named.
 */
export function validate(value: unknown, schema: SchemaNode): Validation {
  const found: Findings = { violations: [], unchecked: [], held: ROOT };
  checkNode(value, schema, '', found);
  const { violations, unchecked } = found;
  return { violations, unchecked };
}

export function refuse(
  found: Findings,
  path: string,
  keyword: string,
  message: string,
  always = !found.held.unchanged,
): void {
  found.violations.push({ path, keyword, message, always });
}

function checkNode(value: unknown, schema: SchemaNode, path: string, found: Findings): void {
  if (Object.keys(schema.unread).length > 0)
    found.unchecked.push({ path, why: `keyword ${Object.keys(schema.unread).join(', ')} is not known here` });
  checkEnum(value, schema, path, found);
  if (value === null) {
    if (typesOf(schema) && !schema.nullable) refuse(found, path, 'type', `must be ${typeText(schema)}, not null`);
    return;
  }
  checkType(value, schema, path, found);
  checkAlternatives(value, schema, path, found);
  if (typeof value === 'string') stringFaults(value, schema, path, found);
  else if (typeof value === 'number') numberFaults(value, schema, path, found);
  else if (Array.isArray(value)) checkList(value, schema, path, found);
  else if (isRecord(value)) checkObject(value, schema, path, found);
  if (schema.validations.length > 0)
    found.unchecked.push({ path, why: `${schema.validations.length} rules in CEL are not evaluated` });
}

function checkEnum(value: unknown, schema: SchemaNode, path: string, found: Findings): void {
  if (!schema.enum || schema.enum.length === 0) return;
  // basicCommonValidator converts to the type of each allowed value: null never is one, and 1.5 passes for 1.
  const whole = typeof value === 'number' ? Math.trunc(value) : value;
  if (value !== null && schema.enum.some((allowed) => sameJson(allowed, value) || sameJson(allowed, whole))) return;
  refuse(found, path, 'enum', `${JSON.stringify(value)} is not one of ${JSON.stringify(schema.enum)}`);
}

const typeText = (schema: SchemaNode): string => (typesOf(schema) ?? []).join(' or ');

function checkType(value: unknown, schema: SchemaNode, path: string, found: Findings): void {
  const types = typesOf(schema);
  const type = typeOfValue(value);
  // Any list passes for a text with a format that is known (kube-openapi typeValidator), which is a fault there.
  if (type === 'array' && schema.type === 'string' && isKnownFormat(schema.format)) return;
  if (types && !types.includes(type)) refuse(found, path, 'type', `must be ${typeText(schema)}, not ${type}`);
}

function typeOfValue(value: unknown): string {
  if (Array.isArray(value)) return 'array';
  if (typeof value === 'number') return Number.isInteger(value) ? 'integer' : 'number';
  return typeof value === 'object' ? 'object' : typeof value;
}

function checkAlternatives(value: unknown, schema: SchemaNode, path: string, found: Findings): void {
  const { allOf, anyOf, oneOf, not } = schema;
  for (const inner of allOf) checkNode(value, inner, path, found);
  choose(value, { keyword: 'anyOf', schemas: anyOf, fits: (n) => n > 0 }, path, found);
  choose(value, { keyword: 'oneOf', schemas: oneOf, fits: (n) => n === 1 }, path, found);
  choose(value, { keyword: 'not', schemas: not ? [not] : [], fits: (n) => n === 0 }, path, found);
}

interface Choice {
  readonly keyword: string;
  readonly schemas: readonly SchemaNode[];
  readonly fits: (accepting: number) => boolean;
}

function choose(value: unknown, { keyword, schemas, fits }: Choice, path: string, found: Findings): void {
  if (schemas.length === 0) return;
  const results = schemas.map((schema) => {
    const inner: Findings = { violations: [], unchecked: [], held: found.held };
    checkNode(value, schema, path, inner);
    return inner;
  });
  const accepting = results.filter(({ violations }) => violations.length === 0);
  if (accepting.some(({ unchecked }) => unchecked.length > 0))
    found.unchecked.push({ path, why: `${keyword} depends on what is not decided here` });
  else if (!fits(accepting.length)) refuse(found, path, keyword, `${accepting.length} of ${keyword} match`);
}

function checkObject(
  value: Readonly<Record<string, unknown>>,
  schema: SchemaNode,
  path: string,
  found: Findings,
): void {
  const { minProperties = 0, maxProperties = Infinity } = schema.numbers;
  const size = Object.keys(value).length;
  if (size < minProperties) refuse(found, path, 'minProperties', `has ${size} fields, fewer than ${minProperties}`);
  if (size > maxProperties) refuse(found, path, 'maxProperties', `has ${size} fields, more than ${maxProperties}`);
  for (const name of schema.required)
    if (!Object.hasOwn(value, name)) refuse(found, childPath(path, name), 'required', 'is missing');
  if (schema.embeddedResource) checkEmbedded(value, path, found);
  for (const [name, inner] of Object.entries(value)) {
    const below = schema.properties.get(name) ?? schema.additionalProperties;
    if (below) checkNode(inner, below, childPath(path, name), { ...found, held: holdField(found.held, inner, below) });
  }
}

/** schema/objectmeta/validation.go; the old object is not looked at, and metadata is left to the API server. */
function checkEmbedded(value: Readonly<Record<string, unknown>>, path: string, found: Findings): void {
  for (const name of ['apiVersion', 'kind']) {
    const inner = value[name];
    if (typeof inner !== 'string' || inner === '')
      refuse(found, childPath(path, name), 'embedded-resource', 'must be a text that is not empty', true);
  }
  if (value.metadata !== undefined)
    found.unchecked.push({ path: childPath(path, 'metadata'), why: 'metadata of an embedded resource' });
}

function checkList(value: readonly unknown[], schema: SchemaNode, path: string, found: Findings): void {
  const { minItems = 0, maxItems = Infinity } = schema.numbers;
  if (value.length < minItems) refuse(found, path, 'minItems', `has ${value.length} items, fewer than ${minItems}`);
  if (value.length > maxItems) refuse(found, path, 'maxItems', `has ${value.length} items, more than ${maxItems}`);
  const { items } = schema;
  if (items)
    value.forEach((item, index) => {
      checkNode(item, items, `${path}[${index}]`, { ...found, held: holdItem(found.held, item, schema) });
    });
  if (schema.listType === 'set') checkUnique(value, path, found);
  if (schema.listType === 'map') checkMapList(value, schema, path, found);
}

/** schema/listtype/validation.go is not asked on updates of an object that it would refuse already (strategy.go). */
function checkMapList(value: readonly unknown[], schema: SchemaNode, path: string, found: Findings): void {
  const wrong = value.findIndex((item) => item !== null && !isRecord(item));
  if (wrong >= 0) refuse(found, `${path}[${wrong}]`, 'list-type', 'must be an object', false);
  else
    checkUnique(
      value.map((item) => keyOf(item, schema.listMapKeys)),
      path,
      found,
    );
}

function keyOf(item: unknown, keys: readonly string[]): unknown {
  if (!isRecord(item)) return {};
  return Object.fromEntries(keys.filter((key) => Object.hasOwn(item, key)).map((key) => [key, item[key]]));
}

function checkUnique(values: readonly unknown[], path: string, found: Findings): void {
  const seen = new Set<string>();
  values.forEach((value, index) => {
    const text = canonical(value);
    if (seen.has(text)) refuse(found, `${path}[${index}]`, 'list-type', 'is there twice', false);
    seen.add(text);
  });
}

function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (!isRecord(value)) return JSON.stringify(value);
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${entries.map(([name, inner]) => `${JSON.stringify(name)}:${canonical(inner)}`).join(',')}}`;
}
