import { fitting, values, type Json } from './crd-documents.ts';
import { createRandom, type Random } from './random.ts';

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
    let old = schemaOf(random, 2);
    // A schema that no value fits can be changed in any way without breaking anybody.
    while (!satisfiable(old)) old = schemaOf(random, 2);
    return { title: `generated ${index}`, old, now: mutate(random, old) };
  });
}

/** Whether some value fits the schema, and every schema below it. */
function satisfiable(schema: Json): boolean {
  const { properties = {}, items, additionalProperties } = schema as Readonly<Record<string, Json | undefined>>;
  const below = [...Object.values(properties), items, additionalProperties].filter((inner) => inner !== undefined);
  return below.every((inner) => satisfiable(inner as Json)) && fitting(schema)(values(schema)[0]);
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
