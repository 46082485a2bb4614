import { describe, expect, test } from 'vitest';
import { readCrd, type Crd } from '../../src/kubernetes/crd.ts';
import { compareCrds, compareCrdSets } from '../../src/kubernetes/crd-compare.ts';
import { CRD_RULES, type CrdRuleId } from '../../src/kubernetes/crd-rules.ts';

type Json = Record<string, unknown>;

const version = (name: string, schema: Json, more: Json = {}): Json => ({
  name,
  served: true,
  storage: true,
  schema: { openAPIV3Schema: schema },
  ...more,
});

function crd(versions: readonly Json[], spec: Json = {}): Crd {
  const read = readCrd({
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: 'widgets.example.com' },
    spec: {
      group: 'example.com',
      names: { kind: 'Widget', plural: 'widgets' },
      scope: 'Namespaced',
      versions,
      ...spec,
    },
  } as never);
  if ('fault' in read) throw new Error(read.fault);
  return read;
}

const object = (properties: Json, more: Json = {}): Json => ({ type: 'object', properties, ...more });
/** The schema of one field, `spec.x`. */
const field = (schema: Json, spec: Json = {}): Json => object({ spec: object({ x: schema }, spec) });
const none = object({ spec: object({}) });
const string = { type: 'string' };
const list = { type: 'array', items: { type: 'object', properties: { a: string, b: string } } };
const keyed = { ...list, 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['a'] };
const preserve = { 'x-kubernetes-preserve-unknown-fields': true };

const changesOf = (old: Json, now: Json): readonly string[] =>
  compareCrds(crd([version('v1', old)]), crd([version('v1', now)])).map(({ path, rule }) => `${path} ${rule}`);

describe('two schemas of one version', () => {
  const cases: readonly [string, Json, Json, readonly string[]][] = [
    ['nothing', field(string), field(string), []],
    ['a property is added', none, field(string), ['spec.x property-added']],
    ['a property is removed', field(string), none, ['spec.x property-removed']],
    ['a property is required', field(string), field(string, { required: ['x'] }), ['spec.x required-added']],
    [
      'a required property is new',
      none,
      field(string, { required: ['x'] }),
      ['spec.x required-added', 'spec.x property-added'],
    ],
    [
      'a required property has a default',
      none,
      field({ ...string, default: 'a' }, { required: ['x'] }),
      ['spec.x property-added', 'spec.x required-defaulted'],
    ],
    ['a property may be absent', field(string, { required: ['x'] }), field(string), ['spec.x required-removed']],
    ['another type', field(string), field({ type: 'integer', minimum: 1 }), ['spec.x type-changed']],
    ['integer to number', field({ type: 'integer' }), field({ type: 'number' }), ['spec.x type-widened']],
    ['number to integer', field({ type: 'number' }), field({ type: 'integer' }), ['spec.x type-changed']],
    [
      'int-or-string to integer',
      field({ 'x-kubernetes-int-or-string': true }),
      field({ type: 'integer' }),
      ['spec.x type-changed'],
    ],
    ['null no longer', field({ ...string, nullable: true }), field(string), ['spec.x nullable-removed']],
    ['null', field(string), field({ ...string, nullable: true }), ['spec.x nullable-added']],
    ['an enum', field(string), field({ ...string, enum: ['a'] }), ['spec.x enum-added']],
    [
      'a narrower enum',
      field({ ...string, enum: ['a', 'b'] }),
      field({ ...string, enum: ['a'] }),
      ['spec.x enum-narrowed'],
    ],
    [
      'a wider enum',
      field({ ...string, enum: ['a'] }),
      field({ ...string, enum: ['a', 'b'] }),
      ['spec.x enum-widened'],
    ],
    [
      'an enum of the same values in another order',
      field({ ...string, enum: ['a', 'b'] }),
      field({ ...string, enum: ['b', 'a'] }),
      [],
    ],
    ['both values of a boolean', field({ type: 'boolean' }), field({ type: 'boolean', enum: [true, false] }), []],
    ['a maximum', field({ type: 'integer' }), field({ type: 'integer', maximum: 5 }), ['spec.x limit-tightened']],
    [
      'a higher maximum',
      field({ type: 'integer', maximum: 5 }),
      field({ type: 'integer', maximum: 6 }),
      ['spec.x limit-loosened'],
    ],
    [
      'the same bound in other words',
      field({ type: 'integer', minimum: 0, exclusiveMinimum: true }),
      field({ type: 'integer', minimum: 1 }),
      ['spec.x limit-without-effect'],
    ],
    [
      'a length that every value of the enum has',
      field({ ...string, enum: ['ab', 'cd'] }),
      field({ ...string, enum: ['ab', 'cd'], maxLength: 2 }),
      ['spec.x limit-without-effect'],
    ],
    [
      'a bound that the multiples keep to anyway',
      field({ type: 'integer', minimum: 4, multipleOf: 3 }),
      field({ type: 'integer', minimum: 5, multipleOf: 3 }),
      ['spec.x limit-without-effect'],
    ],
    [
      'a bound that the multiples do not keep to',
      field({ type: 'integer', minimum: 4, multipleOf: 3 }),
      field({ type: 'integer', minimum: 7, multipleOf: 3 }),
      ['spec.x limit-tightened'],
    ],
    [
      'few whole numbers, all of them even',
      field({ type: 'integer', minimum: 4, maximum: 4 }),
      field({ type: 'integer', minimum: 4, maximum: 4, multipleOf: 2 }),
      ['spec.x limit-without-effect'],
    ],
    [
      'few whole numbers, some of them odd',
      field({ type: 'integer', minimum: 4, maximum: 5 }),
      field({ type: 'integer', minimum: 4, maximum: 5, multipleOf: 2 }),
      ['spec.x limit-tightened'],
    ],
    [
      'an int32 where no number is larger',
      field({ type: 'integer', minimum: 0, maximum: 100_000 }),
      field({ type: 'integer', minimum: 0, maximum: 100_000, format: 'int32' }),
      ['spec.x format-without-effect'],
    ],
    [
      'multiples of 1 as numbers',
      field({ type: 'integer', multipleOf: 1 }),
      field({ type: 'number', multipleOf: 1 }),
      ['spec.x limit-without-effect'],
    ],
    [
      'a pattern that a text of the format does not match',
      field({ ...string, format: 'uuid' }),
      field({ ...string, format: 'uuid', pattern: '^a' }),
      ['spec.x pattern-added'],
    ],
    [
      'a pattern that texts of the format match',
      field({ ...string, format: 'date' }),
      field({ ...string, format: 'date', pattern: '^[-0-9]+$' }),
      ['spec.x limit-undecided'],
    ],
    [
      'a list of texts becomes a text of a format that lets lists pass',
      field({ type: 'array', items: string }),
      field({ ...string, format: 'date' }),
      ['spec.x type-unchecked'],
    ],
    [
      'a list of objects becomes one, and loses their fields',
      field(list),
      field({ ...string, format: 'date' }),
      ['spec.x type-changed'],
    ],
    [
      'a list of texts becomes a text of any other format',
      field({ type: 'array', items: string }),
      field({ ...string, format: 'quantity' }),
      ['spec.x type-changed'],
    ],
    [
      'null in an enum that is optional',
      field({ ...string, enum: ['a'] }),
      field({ ...string, enum: ['a'], nullable: true }),
      ['spec.x null-refused'],
    ],
    [
      'null in an enum that is required',
      field({ ...string, enum: ['a'] }, { required: ['x'] }),
      field({ ...string, enum: ['a'], nullable: true }, { required: ['x'] }),
      ['spec.x limit-without-effect'],
    ],
    [
      'null in an enum of a list',
      field({ type: 'array', items: { ...string, enum: ['a'] } }),
      field({ type: 'array', items: { ...string, enum: ['a'], nullable: true } }),
      ['spec.x[] limit-without-effect'],
    ],
    ['a limit of another type', field(string), field({ ...string, maximum: 5 }), ['spec.x limit-without-effect']],
    [
      'multiples of 4 to multiples of 2',
      field({ type: 'integer', multipleOf: 4 }),
      field({ type: 'integer', multipleOf: 2 }),
      ['spec.x limit-loosened'],
    ],
    ['a pattern', field(string), field({ ...string, pattern: 'a' }), ['spec.x pattern-added']],
    [
      'another pattern',
      field({ ...string, pattern: 'b' }),
      field({ ...string, pattern: 'a' }),
      ['spec.x pattern-changed'],
    ],
    ['a known format', field(string), field({ ...string, format: 'date-time' }), ['spec.x format-added']],
    ['an unknown format', field(string), field({ ...string, format: 'quantity' }), ['spec.x format-without-effect']],
    [
      'a wider format',
      field({ ...string, format: 'uuid4' }),
      field({ ...string, format: 'uuid' }),
      ['spec.x format-loosened'],
    ],
    ['a default', field(string), field({ ...string, default: 'a' }), ['spec.x default-added']],
    [
      'another default',
      field({ ...string, default: 'b' }),
      field({ ...string, default: 'a' }),
      ['spec.x default-changed'],
    ],
    ['no default', field({ ...string, default: 'b' }), field(string), ['spec.x default-removed']],
    [
      'a list becomes a set',
      field({ type: 'array', items: string }),
      field({ type: 'array', items: string, 'x-kubernetes-list-type': 'set' }),
      ['spec.x list-type-restricts'],
    ],
    ['a list gets keys', field(list), field(keyed), ['spec.x list-type-changed']],
    [
      'other keys',
      field(keyed),
      field({ ...keyed, 'x-kubernetes-list-map-keys': ['b'] }),
      ['spec.x list-keys-changed'],
    ],
    [
      'an object becomes atomic',
      field(object({})),
      field(object({}, { 'x-kubernetes-map-type': 'atomic' })),
      ['spec.x map-type-changed'],
    ],
    ['unknown fields are kept', field(object({})), field(object({}, preserve)), ['spec.x unknown-fields-kept']],
    ['unknown fields are pruned', field(object({}, preserve)), field(object({})), ['spec.x unknown-fields-pruned']],
    [
      'a field where anything was kept',
      field(object({}, preserve)),
      field(object({ y: string }, preserve)),
      ['spec.x.y property-specified'],
    ],
    [
      'a field is no longer described',
      field(object({ y: string }, preserve)),
      field(object({}, preserve)),
      ['spec.x.y property-unspecified'],
    ],
    [
      'a map becomes an object',
      field({ type: 'object', additionalProperties: string }),
      field(object({ y: string })),
      ['spec.x map-closed'],
    ],
    [
      'other values in a map',
      field({ type: 'object', additionalProperties: string }),
      field({ type: 'object', additionalProperties: { type: 'integer' } }),
      ['spec.x.* type-changed'],
    ],
    [
      'other items',
      field({ type: 'array', items: string }),
      field({ type: 'array', items: { type: 'integer' } }),
      ['spec.x[] type-changed'],
    ],
    [
      'a rule in CEL',
      field(string),
      field({ ...string, 'x-kubernetes-validations': [{ rule: 'self != ""' }] }),
      ['spec.x cel-added'],
    ],
    [
      'another message',
      field({ ...string, 'x-kubernetes-validations': [{ rule: 'self != ""' }] }),
      field({ ...string, 'x-kubernetes-validations': [{ rule: 'self != ""', message: 'no' }] }),
      ['spec.x cel-message-changed'],
    ],
    [
      'another condition in anyOf',
      field({ ...string, anyOf: [{ pattern: 'a' }] }),
      field({ ...string, anyOf: [{ pattern: 'a' }, { pattern: 'b' }] }),
      ['spec.x alternatives-removed'],
    ],
    [
      'oneOf changes',
      field({ ...string, oneOf: [{ pattern: 'a' }] }),
      field({ ...string, oneOf: [{ pattern: 'b' }] }),
      ['spec.x alternatives-changed'],
    ],
    [
      'a keyword that does not exist',
      field(string),
      field({ ...string, 'x-kubernetes-newer': 1 }),
      ['spec.x keyword-unknown'],
    ],
    ['only words', field(string), field({ ...string, description: 'a' }), ['spec.x documentation-changed']],
    [
      'metadata is described',
      object({}),
      object({ apiVersion: string, kind: string, metadata: { type: 'object' } }),
      [],
    ],
    [
      'names are restricted',
      object({ metadata: { type: 'object' } }),
      object({ metadata: object({ name: { ...string, maxLength: 10 } }) }),
      ['metadata.name limit-tightened'],
    ],
  ];
  test.each(cases)('%s', (_title, old, now, expected) => {
    expect(changesOf(old, now)).toEqual(expected);
  });
});

describe('two definitions', () => {
  const schema = field(string);
  const rulesOf = (old: Crd, now: Crd): readonly string[] =>
    compareCrds(old, now).map((change) => `${change.version ?? ''} ${change.path} ${change.rule}`.trim());
  const one = crd([version('v1', schema)]);

  test('a version beside another', () => {
    const now = crd([version('v1', schema), version('v2', schema, { storage: false })]);
    expect(rulesOf(one, now)).toEqual(['v2  version-added']);
    expect(rulesOf(now, one)).toEqual(['v2  version-removed']);
  });

  test('a version that the storage version cannot hold', () => {
    const now = crd([
      version('v1', schema),
      version('v2', object({ spec: object({ x: string, y: string }) }), { storage: false }),
    ]);
    expect(rulesOf(one, now)).toEqual(['v2 spec.y storage-drops-field', 'v2  version-added']);
  });

  test('a version that is no longer served', () => {
    expect(rulesOf(one, crd([version('v1', schema, { served: false })]))).toEqual(['v1  version-unserved']);
  });

  test('what the API server refuses', () => {
    expect(rulesOf(one, crd([version('v1', schema)], { scope: 'Cluster' }))).toEqual(['scope-changed']);
  });

  test('subresources', () => {
    const subresources = { status: {}, scale: { specReplicasPath: '.spec.x', statusReplicasPath: '.status.x' } };
    const now = crd([version('v1', schema, { subresources })]);
    expect(rulesOf(one, now)).toEqual(['v1  scale-restricts', 'v1 status status-subresource-unused']);
    expect(rulesOf(now, one)).toEqual(['v1  scale-removed', 'v1 status status-subresource-removed']);
  });

  test('a kind that comes and one that goes', () => {
    expect(compareCrdSets({ old: [], new: [one] }).map(({ rule }) => rule)).toEqual(['crd-added']);
    expect(compareCrdSets({ old: [one], new: [] }).map(({ rule }) => rule)).toEqual(['crd-removed']);
  });
});

test('what breaks says whom, and nothing else does', () => {
  for (const [id, rule] of Object.entries(CRD_RULES) as [CrdRuleId, (typeof CRD_RULES)[CrdRuleId]][])
    expect(rule.breaks.length > 0, id).toBe(rule.verdict === 'breaking');
});
