import { readSchema } from '../../src/kubernetes/crd-schema.ts';
import { validate } from '../../src/kubernetes/crd-validate.ts';

export type Json = Readonly<Record<string, unknown>>;

/** Values without those that are there already, in their order. */
export const unique = (all: readonly unknown[]): readonly unknown[] => [
  ...new Map(all.map((value) => [JSON.stringify(value), value])).values(),
];

type Test = (value: unknown) => boolean;

/** Whether a value fits a schema as it stands, without what decoding would drop from it or fill in. */
export function fitting(schema: Json): Test {
  const node = readSchema(schema);
  return (value) => value !== null && value !== undefined && validate(value, node).violations.length === 0;
}

/** Values that are telling about a schema, whether or not they fit it; those that fit come first. */
export function values(schema: Json): readonly unknown[] {
  const fits = fitting(schema);
  const all = unique([...((schema.enum as unknown[] | undefined) ?? []), ...plainValues(schema), null]);
  const [good, bad]: [unknown[], unknown[]] = [[], []];
  for (const value of all) (fits(value) ? good : bad).push(value);
  return [...good, ...bad];
}

const TEXTS = [
  'a',
  'ab',
  'abcde',
  '',
  'xb',
  'a-c',
  'B-1',
  '2020-01-02',
  '2020-01-02T03:04:05Z',
  '10.0.0.1',
  'YQ==',
  '5m',
  '1.5h',
  '0',
  '00000000-0000-4000-8000-000000000000',
  '00000000-0000-0000-0000-000000000000',
  // Longer ones, and with capitals, of those formats that allow it.
  '2020-01-02T03:04:05.678Z',
  '1h30m15s',
  'YWJjZA==',
  'ABCDEF00-0000-4000-8000-000000000000',
];
const NUMBERS = [1, 0, 2, 3, 4, 5, 6, 7, 9, 12, -1, -12, 3_000_000_000, -3_000_000_000];

function plainValues(schema: Json): readonly unknown[] {
  if (schema['x-kubernetes-int-or-string'] === true) return [1, 'a'];
  switch (schema.type) {
    case 'string':
      return [...TEXTS, ...lengths(schema)];
    case 'integer':
      return [...bounds(schema), ...NUMBERS];
    case 'number':
      return [1.5, 4.5, ...bounds(schema), ...NUMBERS];
    case 'boolean':
      return [true, false];
    case 'array':
      return listValues(schema);
    case 'object':
      return objectValues(schema);
    default:
      return ['a', 1, true, { k: 1 }, ['a']];
  }
}

const numberAt = (schema: Json, key: string): readonly number[] =>
  typeof schema[key] === 'number' ? [schema[key]] : [];

const bounds = (schema: Json): readonly number[] =>
  ['minimum', 'maximum', 'multipleOf'].flatMap((key) => numberAt(schema, key).flatMap((n) => [n, n + 1, n - 1]));

const lengths = (schema: Json): readonly string[] =>
  ['minLength', 'maxLength'].flatMap((key) =>
    numberAt(schema, key).flatMap((n) => [n - 1, n, n + 1].filter((size) => size >= 0).map((size) => 'a'.repeat(size))),
  );

const SIZES = [1, 0, 2, 3, 4, 5];

/** Lists of every small size, of one item or of different ones; and each item in the smallest list that fits. */
function listValues(schema: Json): readonly unknown[] {
  const items = values(schema.items as Json);
  const sized = SIZES.map((size) => Array.from({ length: size }, () => items[0]));
  const distinct = SIZES.map((size) => items.slice(0, size));
  const least = Math.max(1, ...numberAt(schema, 'minItems'));
  return [...sized, ...distinct, ...items.map((item) => [item, ...items.slice(0, least - 1)])];
}

/** Of types that a field may not have: a schema that no longer describes it takes them. */
const STRANGE = [null, { k: 1 }, 'a', true];
/** Names of fields in the schemas, which a map may have for keys. */
const NAMES = ['a', 'b', 'c'];
const KEYS = ['k', 'a', 'm', 'n', 'o'];
const keyed = (value: unknown, size: number): Json =>
  Object.fromEntries(KEYS.slice(0, size).map((key) => [key, value]));

function objectValues(schema: Json): readonly unknown[] {
  const { properties = {}, additionalProperties } = schema as Readonly<Record<string, Json | undefined>>;
  if (!additionalProperties) return fieldValues(schema, Object.entries(properties) as [string, Json][]);
  const inner = values(additionalProperties);
  const sized = SIZES.map((size) => keyed(inner[0], size));
  return [...sized, ...['k', ...NAMES].flatMap((key) => [...inner, ...STRANGE].map((value) => ({ [key]: value })))];
}

/** With and without each field; and each value of a field, beside as much and as little else as fits. */
function fieldValues(schema: Json, properties: readonly (readonly [string, Json])[]): readonly Json[] {
  const fields = properties.map(([name, inner]) => [name, values(inner)] as const);
  const parts = subsets(fields).map((part) => Object.fromEntries(part.map(([name, [first]]) => [name, first])));
  const whole = parts.filter(fitting(schema));
  const around = (name: string): readonly Json[] => {
    const having = whole.filter((part) => Object.hasOwn(part, name));
    return having.length === 0 ? parts.slice(0, 1) : [...new Set([having[0]!, having.at(-1)!])];
  };
  const most = Math.max(0, ...fields.map(([, inner]) => inner.length));
  // By turns, so that no field is left out where only some of them are tried.
  const varied = Array.from({ length: most }, (_, at) =>
    fields.flatMap(([name, inner]) =>
      at < inner.length ? around(name).map((part) => ({ ...part, [name]: inner[at] })) : [],
    ),
  ).flat();
  const strange = fields.flatMap(([name]) =>
    around(name).flatMap((part) => STRANGE.map((value) => ({ ...part, [name]: value }))),
  );
  const unknown = [...whole.slice(0, 1), ...whole.slice(-1), parts[0]!].flatMap((part) => [
    ...SIZES.map((size) => ({ ...keyed('a', size), ...part })),
    { ...part, d: 'a' },
    { ...part, d: { k: [1] } },
  ]);
  return [...parts, ...unknown, ...strange, ...varied];
}

/** Every choice of some of the items, the largest first. */
function subsets<T>(items: readonly T[]): readonly (readonly T[])[] {
  const all = Array.from({ length: 2 ** items.length }, (_, bits) => items.filter((__, at) => (bits >> at) % 2 === 0));
  return all.sort((a, b) => b.length - a.length);
}
