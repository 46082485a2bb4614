import { readSchema } from '../../src/kubernetes/crd-schema.ts';
import { validate } from '../../src/kubernetes/crd-validate.ts';
import { createRandom, type Random } from '../support/random.ts';

export type Json = Readonly<Record<string, unknown>>;

/** The schema of one field before and after a change. */
export interface SchemaCase {
  readonly title: string;
  readonly old: Json;
  readonly now: Json;
}

const FORMATS = ['date', 'date-time', 'uuid', 'uuid4', 'ipv4', 'byte', 'duration', 'quantity', 'password'];
const PATTERNS = ['^[a-z]+$', '^a', 'b$', '^[a-z0-9]([-a-z0-9]*[a-z0-9])?$'];
const WORDS = ['a', 'ab', 'abc', 'b', 'x-y', 'A1'];
const preserve = { 'x-kubernetes-preserve-unknown-fields': true };

/** Random changes of random schemas; each is one change, most of them small. */
export function generateCases(seed: number, many: number): readonly SchemaCase[] {
  const random = createRandom(seed);
  return Array.from({ length: many }, (_, index) => {
    const old = schemaOf(random, 2);
    return { title: `generated ${index}`, old, now: mutate(random, old) };
  });
}

function schemaOf(random: Random, depth: number): Json {
  const leaf = [stringSchema, stringSchema, integerSchema, integerSchema, numberSchema, booleanSchema, eitherSchema];
  const inner = [objectSchema, objectSchema, mapSchema, listSchema, listSchema, openSchema];
  const make = random.pick(depth > 0 ? [...leaf, ...inner, ...inner] : leaf);
  return { ...make(random, depth - 1), ...(random.chance(0.1) && { nullable: true }) };
}

const maybe = (random: Random, extra: Json, chance = 0.25): Json => (random.chance(chance) ? extra : {});

function stringSchema(random: Random): Json {
  const bounded = random.pick([
    {},
    { enum: random.some(WORDS, 4) },
    { pattern: random.pick(PATTERNS) },
    { format: random.pick(FORMATS) },
    { minLength: random.below(3) },
    { maxLength: 2 + random.below(3) },
  ]);
  return { type: 'string', ...bounded };
}

function integerSchema(random: Random): Json {
  return {
    type: 'integer',
    ...maybe(random, { minimum: random.below(4), ...maybe(random, { exclusiveMinimum: true }) }),
    ...maybe(random, { maximum: 5 + random.below(4), ...maybe(random, { exclusiveMaximum: true }) }),
    ...maybe(random, { multipleOf: 1 + random.below(3) }, 0.1),
    ...maybe(random, { format: random.pick(['int32', 'int64', 'int16']) }),
  };
}

const numberSchema = (random: Random): Json => ({
  type: 'number',
  ...maybe(random, { minimum: random.below(3) }),
  ...maybe(random, { maximum: 5 + random.below(3) }),
});
const booleanSchema = (): Json => ({ type: 'boolean' });
const eitherSchema = (): Json => ({ 'x-kubernetes-int-or-string': true });
const openSchema = (): Json => ({ type: 'object', ...preserve });
const mapSchema = (random: Random, depth: number): Json => ({
  type: 'object',
  additionalProperties: schemaOf(random, depth),
  ...maybe(random, { maxProperties: 3 }),
});

function listSchema(random: Random, depth: number): Json {
  const limits = { ...maybe(random, { minItems: 1 }), ...maybe(random, { maxItems: 2 + random.below(2) }) };
  if (random.chance(0.25))
    return { type: 'array', items: { type: 'string' }, 'x-kubernetes-list-type': 'set', ...limits };
  return { type: 'array', items: schemaOf(random, depth), ...limits };
}

function objectSchema(random: Random, depth: number): Json {
  const names = ['a', 'b', 'c'].slice(0, 1 + random.below(3));
  const properties = Object.fromEntries(names.map((name) => [name, schemaOf(random, depth)]));
  return {
    type: 'object',
    properties,
    ...maybe(random, { required: random.some(names, 2) }),
    ...maybe(random, preserve, 0.2),
  };
}

/** One change somewhere in the schema. */
function mutate(random: Random, schema: Json): Json {
  const { properties, items, additionalProperties } = schema as {
    properties?: Json;
    items?: Json;
    additionalProperties?: Json;
  };
  if (properties && random.chance(0.5)) {
    const name = random.pick(Object.keys(properties));
    return { ...schema, properties: { ...properties, [name]: mutate(random, properties[name] as Json) } };
  }
  if (items && random.chance(0.4)) return { ...schema, items: mutate(random, items) };
  if (additionalProperties && random.chance(0.4))
    return { ...schema, additionalProperties: mutate(random, additionalProperties) };
  return random.pick(changesFor(random, schema))();
}

function changesFor(random: Random, schema: Json): readonly (() => Json)[] {
  const set =
    (extra: () => Json): (() => Json) =>
    () => ({ ...schema, ...extra() });
  const drop = (key: string) => (): Json => Object.fromEntries(Object.entries(schema).filter(([name]) => name !== key));
  const general = [
    set(() => ({ nullable: schema.nullable !== true })),
    () => schemaOf(random, 1),
    ...Object.keys(schema)
      .filter(
        (key) => !['type', 'items', 'properties', 'additionalProperties', 'x-kubernetes-int-or-string'].includes(key),
      )
      .map(drop),
  ];
  if (schema.type === 'string')
    return [
      ...general,
      set(() => ({ enum: random.some(WORDS, 4) })),
      set(() => ({ pattern: random.pick(PATTERNS) })),
      set(() => ({ format: random.pick(FORMATS) })),
      set(() => ({ minLength: random.below(4) })),
      set(() => ({ maxLength: 1 + random.below(5) })),
    ];
  if (schema.type === 'integer' || schema.type === 'number')
    return [
      ...general,
      set(() => ({ minimum: random.below(5) })),
      set(() => ({ maximum: 4 + random.below(6) })),
      set(() => ({ multipleOf: 1 + random.below(4) })),
      set(() => ({ type: schema.type === 'integer' ? 'number' : 'integer' })),
      set(() => ({ enum: [1, 2, 5].slice(random.below(3)) })),
      () => ({ 'x-kubernetes-int-or-string': true }),
    ];
  if (schema.type === 'array')
    return [
      ...general,
      set(() => ({ minItems: random.below(3) })),
      set(() => ({ maxItems: 1 + random.below(4) })),
      set(() => ({ 'x-kubernetes-list-type': random.pick(['atomic', 'set']) })),
    ];
  return schema.type === 'object' ? [...general, ...objectChanges(random, schema)] : general;
}

function objectChanges(random: Random, schema: Json): readonly (() => Json)[] {
  const { properties = {}, additionalProperties } = schema as { properties?: Json; additionalProperties?: Json };
  if (additionalProperties)
    return [
      () => ({ ...schema, maxProperties: 1 + random.below(3) }),
      () => ({ type: 'object', properties: { a: additionalProperties } }),
      () => ({ type: 'object', ...preserve }),
    ];
  const names = Object.keys(properties);
  const rest = (name: string): Json => Object.fromEntries(Object.entries(properties).filter(([key]) => key !== name));
  const withDefault = (name: string): Json => {
    const property = properties[name] as Json;
    return { ...properties, [name]: { ...property, default: defaultFor(property) } };
  };
  return [
    () => ({ ...schema, properties: { ...properties, d: schemaOf(random, 1) } }),
    () => ({ ...schema, ...preserve }),
    () => ({ ...schema, minProperties: 1 + random.below(2) }),
    () => ({ ...schema, maxProperties: 1 + random.below(3) }),
    ...(names.length === 0
      ? []
      : [
          () => ({ ...schema, properties: rest(random.pick(names)) }),
          () => ({ ...schema, properties: rest(random.pick(names)) }),
          () => ({ ...schema, required: random.some(names, 3) }),
          () => ({ ...schema, required: random.some(names, 3) }),
          () => ({ ...schema, properties: withDefault(random.pick(names)) }),
          () => {
            const name = random.pick(names);
            return { ...schema, properties: withDefault(name), required: [name] };
          },
        ]),
  ];
}

function defaultFor(schema: Json): unknown {
  return values(schema).find((value) => value !== null && value !== undefined) ?? 'a';
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
  '00000000-0000-4000-8000-000000000000',
];

/** Values that are telling about a schema, whether or not they fit it; the first ones are the most likely to fit. */
export function values(schema: Json): readonly unknown[] {
  const listed = [...((schema.enum as unknown[] | undefined) ?? [])];
  const all = [...listed, ...plainValues(schema), null];
  const node = readSchema(schema);
  const fits = (value: unknown): boolean => value !== null && validate(value, node).violations.length === 0;
  return [...all.filter(fits), ...all.filter((value) => !fits(value))];
}

function plainValues(schema: Json): readonly unknown[] {
  if (schema['x-kubernetes-int-or-string'] === true) return [1, 'a'];
  switch (schema.type) {
    case 'string':
      return [...TEXTS, ...lengths(schema)];
    case 'integer':
    case 'number':
      return [
        ...(schema.type === 'number' ? [1.5, 4.5] : []),
        ...bounds(schema),
        1,
        0,
        2,
        3,
        4,
        6,
        12,
        -1,
        3_000_000_000,
      ];
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

function listValues(schema: Json): readonly unknown[] {
  const items = values(schema.items as Json);
  const [first, second = first] = items;
  const sized = [2, 3, 4, 5].map((size) => Array.from({ length: size }, () => first));
  const distinct = [2, 3, 4, 5].map((size) => items.slice(0, size));
  return [[first], [], [first, second], ...sized, ...distinct, [null], ...items.slice(1).map((item) => [item])];
}

const KEYS = ['k', 'a', 'm', 'n'];

function objectValues(schema: Json): readonly unknown[] {
  const { properties = {}, additionalProperties } = schema as { properties?: Json; additionalProperties?: Json };
  const sized = (value: unknown, sizes: readonly number[]): readonly Json[] =>
    sizes.map((size) => Object.fromEntries(KEYS.slice(0, size).map((key) => [key, value])));
  if (additionalProperties) {
    const inner = values(additionalProperties);
    return [...sized(inner[0], [1, 0, 2, 3, 4]), { k: null }, ...inner.slice(1).map((value) => ({ k: value }))];
  }
  const fields = Object.entries(properties).map(([name, inner]) => [name, values(inner as Json)] as const);
  const whole = Object.fromEntries(fields.map(([name, inner]) => [name, inner[0]]));
  const without = fields.map(([name]) => Object.fromEntries(Object.entries(whole).filter(([key]) => key !== name)));
  const most = Math.max(0, ...fields.map(([, inner]) => inner.length));
  // By turns, so that no field is left out where only some of them are tried.
  const varied = Array.from({ length: most }, (_, at) =>
    fields.flatMap(([name, inner]) => (at === 0 || at >= inner.length ? [] : [{ ...whole, [name]: inner[at] }])),
  ).flat();
  const nulls = fields.map(([name]) => ({ ...whole, [name]: null }));
  // Of types that the field does not have: a schema that no longer describes it takes them.
  const strange = fields.flatMap(([name]) => [
    { ...whole, [name]: { k: 1 } },
    { ...whole, [name]: 'a' },
  ]);
  const more = sized('a', [1, 2, 3, 4]).map((extra) => ({ ...extra, ...whole }));
  return [
    whole,
    ...without,
    {},
    ...nulls,
    ...more,
    { ...whole, d: 'a' },
    { ...whole, d: { k: [1] } },
    ...strange,
    ...varied,
  ];
}
