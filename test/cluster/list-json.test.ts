import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { dropManagedFields, parseList } from '../../src/cluster/list-json.ts';

const drop = (text: string): string => dropManagedFields(Buffer.from(text)).toString('utf8');

describe('managedFields are dropped from the text of an answer', () => {
  it.each([
    ['{"metadata":{"name":"a","managedFields":[]}}', '{"metadata":{"name":"a"}}'],
    ['{"name":"a","managedFields":[{"f":{"k:{\\"x\\":1}":{}}}],"z":1}', '{"name":"a","z":1}'],
    ['[{"n":1,"managedFields":[[]]},{"n":2,"managedFields":["]\\\\"]}]', '[{"n":1},{"n":2}]'],
    ['{"é":"ü","managedFields":["ö"]}', '{"é":"ü"}'],
  ])('%s', (text, rest) => {
    expect(drop(text)).toBe(rest);
  });

  it.each([
    ['nothing to drop', '{"items":[]}'],
    ['a value that reads like it', '{"a":["x","managedFields"],"b":",\\"managedFields\\":[1]"}'],
    ['a field of this name that is no list', '{"a":1,"managedFields":"[1]"}'],
    ['an answer that ends too early', '{"a":1,"managedFields":[{"b":'],
    ['an answer that ends within a string', '{"a":1,"managedFields":["b\\'],
  ])('%s stays as it is', (_, text) => {
    expect(drop(text)).toBe(text);
  });

  it('whatever else the answer holds', () => {
    const text = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.constantFrom('managedFields', ',"managedFields":[', '\\"', ']'),
    );
    const { value } = fc.letrec((tie) => ({
      value: fc.oneof(
        { depthSize: 'small' },
        text,
        fc.integer(),
        fc.constant(null),
        fc.array(tie('value')),
        fc.dictionary(text, tie('value')),
        fc.record({ name: text, managedFields: fc.array(tie('value')), kind: text }),
      ),
    }));
    fc.assert(
      fc.property(value, (any) => {
        const json = JSON.stringify(any);
        expect(JSON.parse(drop(json))).toEqual(withoutLists(JSON.parse(json)));
      }),
      { numRuns: 500 },
    );
  });
});

describe('a list is parsed item by item', () => {
  const name = (item: unknown): unknown => (item as { name?: unknown }).name ?? item;
  const parse = (text: string): unknown => parseList(Buffer.from(text), name);

  it.each([
    ['{"kind":"List","items":[]}', { kind: 'List', items: [] }],
    ['{"kind":"List","items":[{"name":"a"}]}', { kind: 'List', items: ['a'] }],
    ['{"kind":"L","items":[{"name":"a","x":[1,{}]},{"name":"]},{"},3]}', { kind: 'L', items: ['a', ']},{', 3] }],
    ['{"kind":"L","items":[{"name":"ü\\\\"},{"name":"\\""}],"z":1}', { kind: 'L', items: ['ü\\', '"'], z: 1 }],
    ['{"kind":"Table","c":[1],"rows":[{"name":"a"}]}', { kind: 'Table', c: [1], rows: ['a'] }],
    ['{"a":1,"items":[{"name":"a","managedFields":[{"f":{}}]},{"name":"b"}]}', { a: 1, items: ['a', 'b'] }],
    ['{"items":[{"name":"first"}]}', { items: ['first'] }],
    ['{ "kind": "L", "items": [ {"name": "spaced"} ] }', { kind: 'L', items: ['spaced'] }],
    ['{"m":{"x":1,"items":[0]},"items":[{"name":"a"}]}', { m: { x: 1, items: [0] }, items: ['a'] }],
    ['{"kind":"L","items":null}', { kind: 'L', items: null }],
    ['{"kind":"Status","code":1}', { kind: 'Status', code: 1 }],
    ['[1]', [1]],
  ])('%s', (text, value) => {
    expect(parse(text)).toEqual(value);
  });

  it.each([
    '',
    'x',
    '{"a":1,"items":[',
    '{"a":1,"items":[{]}',
    '{"a":1,"items":[1,]}',
    '{"a":1,"items":[1]}}',
    '{"a":1,"items":[1',
  ])('and %s is no JSON', (text) => {
    expect(() => parse(text)).toThrow(SyntaxError);
  });

  it('into what JSON.parse makes of it', () => {
    const text = fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom('items', ',"items":[', '\\"', ']', '\\'));
    const item = fc.oneof(text, fc.double(), fc.dictionary(text, fc.array(text)), fc.array(fc.array(text)));
    const list = fc.record({ kind: text, metadata: fc.dictionary(text, item), items: fc.array(item), end: text });
    fc.assert(
      fc.property(list, (value) => {
        const json = JSON.stringify(value);
        expect(parseList(Buffer.from(json), (one) => one)).toEqual(JSON.parse(json));
      }),
      { numRuns: 500 },
    );
  });
});

/** The same on values: a list under this name that is not the first field. */
function withoutLists(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutLists);
  if (typeof value !== 'object' || value === null) return value;
  const fields = Object.entries(value).filter(
    ([name, field], index) => !(index > 0 && name === 'managedFields' && Array.isArray(field)),
  );
  return Object.fromEntries(fields.map(([name, field]) => [name, withoutLists(field)]));
}
