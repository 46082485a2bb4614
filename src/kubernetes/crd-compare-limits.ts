import { effectiveFormat, FORMAT_LENGTHS, hasFormat } from './crd-formats.ts';
import type { Place, SchemaChange } from './crd-compare-schema.ts';
import { isWhole } from './crd-compare-types.ts';
import { NUMBER_KEYWORDS, typesOf, type NumberKeyword, type SchemaNode } from './crd-schema.ts';
import { validate } from './crd-validate.ts';
import { sameJson } from './json-value.ts';

/** What bounds the values of one type: enum, minimum and the like, pattern, format. */
export function compareLimits(place: Place): readonly SchemaChange[] {
  const { path, old, new: now } = place;
  const changes = [
    ...compareEnum(place),
    ...NUMBER_KEYWORDS.flatMap((keyword) => compareLimit(keyword, place)),
    ...comparePattern(place),
    ...compareFormat(place),
  ];
  // Few values were allowed: what becomes of each of them is known.
  const few = fewValues(old)?.filter((value) => accepts(value, old));
  if (few?.every((value) => accepts(value, now)) !== true) return changes;
  return changes.map((change) =>
    NARROWING.has(change.rule)
      ? { path, rule: 'limit-without-effect', reason: 'every value that was accepted still is' }
      : change,
  );
}

const FEW = 1000;

/** All values that may fit, where they can be counted: those of an enum, or whole numbers between two bounds. */
function fewValues(schema: SchemaNode): readonly unknown[] | undefined {
  if (schema.enum && schema.enum.length > 0) return schema.enum;
  const { minimum, maximum } = schema.numbers;
  if (schema.type !== 'integer' || minimum === undefined || maximum === undefined) return undefined;
  const [least, most] = [Math.trunc(minimum), Math.trunc(maximum)];
  return most - least < FEW ? Array.from({ length: Math.max(0, most - least + 1) }, (_, at) => least + at) : undefined;
}

const NARROWING: ReadonlySet<string> = new Set([
  'limit-tightened',
  'limit-undecided',
  'pattern-added',
  'pattern-changed',
  'format-added',
  'format-changed',
  'format-undecided',
  'enum-narrowed',
]);

const accepts = (value: unknown, schema: SchemaNode): boolean => validate(value, schema).violations.length === 0;

function compareEnum({ path, old, new: now }: Place): readonly SchemaChange[] {
  const [before, after] = [valuesOf(old), valuesOf(now)];
  if (!before && !after) return [];
  const words = { path, before, after };
  if (!before) return [{ ...words, rule: 'enum-added' }];
  if (!after) return [{ ...words, rule: 'enum-removed' }];
  const lacks = (list: readonly unknown[], value: unknown): boolean => !list.some((item) => sameJson(item, value));
  const gone = before.filter((value) => lacks(after, value));
  const come = after.filter((value) => lacks(before, value));
  return [
    ...(gone.length > 0 ? [{ ...words, rule: 'enum-narrowed' as const, reason: `no longer: ${list(gone)}` }] : []),
    ...(come.length > 0 ? [{ ...words, rule: 'enum-widened' as const, reason: `also: ${list(come)}` }] : []),
  ];
}

const list = (values: readonly unknown[]): string => values.map((value) => JSON.stringify(value)).join(', ');

/** An enum, unless it names both values of a boolean. */
function valuesOf({ enum: values, type }: SchemaNode): readonly unknown[] | undefined {
  if (!values || values.length === 0) return undefined;
  return type === 'boolean' && values.includes(true) && values.includes(false) ? undefined : values;
}

const APPLIES: Readonly<Record<NumberKeyword, readonly string[]>> = {
  minimum: ['integer', 'number'],
  maximum: ['integer', 'number'],
  multipleOf: ['integer', 'number'],
  minLength: ['string'],
  maxLength: ['string'],
  minItems: ['array'],
  maxItems: ['array'],
  minProperties: ['object'],
  maxProperties: ['object'],
};

function compareLimit(keyword: NumberKeyword, { path, old, new: now }: Place): readonly SchemaChange[] {
  const [before, after] = [limitOf(keyword, old), limitOf(keyword, now)].map((limit) =>
    effective(keyword, limit, old, now),
  );
  if (before === after) return rawDiffers(keyword, old, now) ? [{ path, rule: 'limit-without-effect' }] : [];
  const words = { path, before: { [keyword]: old.numbers[keyword] }, after: { [keyword]: now.numbers[keyword] } };
  if (after !== undefined && !looser(keyword, before, after))
    return [{ ...words, rule: tighterRule(keyword, after, old) }];
  return [{ ...words, rule: 'limit-loosened' }];
}

function rawDiffers(keyword: NumberKeyword, old: SchemaNode, now: SchemaNode): boolean {
  const exclusive = keyword === 'minimum' ? 'exclusiveMinimum' : keyword === 'maximum' ? 'exclusiveMaximum' : undefined;
  return (
    old.numbers[keyword] !== now.numbers[keyword] || (exclusive !== undefined && old[exclusive] !== now[exclusive])
  );
}

/** A limit as far as it matters for what fits the old schema. */
function effective(
  keyword: NumberKeyword,
  limit: number | undefined,
  old: SchemaNode,
  now: SchemaNode,
): number | undefined {
  // A whole number is a multiple of 1 anyway.
  if (keyword === 'multipleOf') return limit === 1 && isWhole(old) && isWhole(now) ? undefined : limit;
  const { multipleOf = 0 } = old.numbers;
  if (limit === undefined || old.type !== 'integer' || multipleOf <= 0 || !Number.isInteger(multipleOf)) return limit;
  if (keyword === 'minimum') return Math.ceil(limit / multipleOf) * multipleOf;
  return keyword === 'maximum' ? Math.floor(limit / multipleOf) * multipleOf : limit;
}

/** Whether a limit that is tighter refuses anything: what must be there, or may be there, can keep to it anyway. */
function tighterRule(
  keyword: NumberKeyword,
  limit: number,
  old: SchemaNode,
): 'limit-tightened' | 'limit-without-effect' | 'limit-undecided' {
  const open = old.additionalProperties !== undefined || old.preserveUnknownFields;
  if (keyword === 'minProperties' && old.required.length >= limit) return 'limit-without-effect';
  if (keyword === 'maxProperties' && !open && old.properties.size <= limit) return 'limit-without-effect';
  if (keyword !== 'minLength' && keyword !== 'maxLength') return 'limit-tightened';
  return lengthRule(keyword, limit, old);
}

function lengthRule(
  keyword: 'minLength' | 'maxLength',
  limit: number,
  old: SchemaNode,
): ReturnType<typeof tighterRule> {
  const format = effectiveFormat(old.format, old.intOrString ? undefined : old.type);
  const lengths = format === undefined ? undefined : FORMAT_LENGTHS[format];
  const [least, most] = lengths ?? [0, Infinity];
  if (keyword === 'minLength' ? limit <= least : limit >= most) return 'limit-without-effect';
  const undecided = old.pattern !== undefined || (format !== undefined && !lengths);
  return undecided ? 'limit-undecided' : 'limit-tightened';
}

/** The limit as a number that can be compared; undefined where it limits nothing. */
function limitOf(keyword: NumberKeyword, schema: SchemaNode): number | undefined {
  const limit = schema.numbers[keyword];
  const types = typesOf(schema);
  if (limit === undefined || (types && !APPLIES[keyword].some((type) => types.includes(type)))) return undefined;
  if (keyword === 'minimum' || keyword === 'maximum') return bound(keyword, limit, schema);
  return limit === 0 && keyword.startsWith('min') ? undefined : limit;
}

function bound(keyword: 'minimum' | 'maximum', limit: number, schema: SchemaNode): number {
  const exclusive = keyword === 'minimum' ? schema.exclusiveMinimum : schema.exclusiveMaximum;
  const step = keyword === 'minimum' ? 1 : -1;
  // Bounds of integers are cut to integers (kube-openapi MaximumNativeType).
  if (schema.type === 'integer') return Math.trunc(limit) + (exclusive ? step : 0);
  return exclusive ? limit + step * Number.EPSILON * Math.max(1, Math.abs(limit)) : limit;
}

function looser(keyword: NumberKeyword, before: number | undefined, after: number | undefined): boolean {
  if (after === undefined) return true;
  if (before === undefined) return false;
  if (keyword === 'multipleOf') return Number.isInteger(before / after);
  return keyword.startsWith('min') ? after < before : after > before;
}

function comparePattern({ path, old, new: now }: Place): readonly SchemaChange[] {
  if (old.pattern === now.pattern) return [];
  const words = { path, before: old.pattern, after: now.pattern };
  const types = typesOf(now);
  if (types && !types.includes('string')) return [{ ...words, rule: 'limit-without-effect' }];
  if (old.pattern === undefined)
    return [{ ...words, rule: formatKeepsTo(old, now) ? 'limit-undecided' : 'pattern-added' }];
  return [{ ...words, rule: now.pattern === undefined ? 'pattern-removed' : 'pattern-changed' }];
}

/** Formats whose values all have the other format too. */
const WITHIN: readonly string[] = [
  'uuid3 uuid',
  'uuid4 uuid',
  'uuid5 uuid',
  'isbn10 isbn',
  'isbn13 isbn',
  'k8sshortname k8slongname',
  'int32 int64',
];

/** Whether it may be that all texts of the old format match the new pattern: no text is known that does not. */
function formatKeepsTo(old: SchemaNode, now: SchemaNode): boolean {
  const format = effectiveFormat(old.format, old.intOrString ? undefined : old.type);
  if (format === undefined) return false;
  const sample = SAMPLES[format];
  return sample === undefined || !accepts(sample, old) || accepts(sample, now);
}

/** A value of a format. */
const SAMPLES: Readonly<Record<string, string>> = {
  date: '2020-01-02',
  datetime: '2020-01-02T03:04:05Z',
  duration: '5m',
  uuid: '00000000-0000-0000-0000-000000000000',
  ipv4: '10.0.0.1',
  cidr: '10.0.0.0/8',
  byte: 'YQ==',
  hexcolor: '#ff00ff',
  k8slongname: 'a.b',
  k8sshortname: 'a-b',
};

function compareFormat({ path, old, new: now }: Place): readonly SchemaChange[] {
  if (old.format === now.format) return [];
  const words = { path, before: old.format, after: now.format };
  const [before, after] = [formatOf(old), formatOf(now)];
  if (before === after) return [{ ...words, rule: 'format-without-effect' }];
  if (after === undefined || WITHIN.includes(`${before ?? ''} ${after}`))
    return [{ ...words, rule: 'format-loosened' }];
  if (before === undefined)
    return [{ ...words, rule: isInt32(old) && after === 'int32' ? 'format-without-effect' : 'format-added' }];
  const sample = SAMPLES[before];
  const numeric = now.type === 'integer';
  const breaks = numeric || (sample !== undefined && hasFormat(sample, after) === false);
  return [{ ...words, rule: breaks ? 'format-changed' : 'format-undecided' }];
}

/** Every integer is an int64, and every number a double: only int32 refuses any. */
function formatOf({ format, type, intOrString }: SchemaNode): string | undefined {
  const effective = effectiveFormat(format, intOrString ? undefined : type);
  return effective === 'int64' || effective === 'double' || effective === 'float' ? undefined : effective;
}

const INT32 = 2 ** 31;
const isInt32 = ({ type, numbers: { minimum = -Infinity, maximum = Infinity } }: SchemaNode): boolean =>
  type === 'integer' && minimum >= -INT32 && maximum < INT32;
