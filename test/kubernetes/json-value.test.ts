import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { jsonErrorIndex, stringAt, valueAt } from '../../src/kubernetes/json-value.ts';

describe('jsonErrorIndex', () => {
  it.each([
    ['', 0],
    ['  ', 2],
    ['{"a":1,}', 7],
    ['{"a":1', 6],
    ['{"a" 1}', 5],
    ['{a:1}', 1],
    ["{'a':1}", 1],
    ['[1,]', 3],
    ['[1 2]', 3],
    ['[1}', 2],
    ['{"a":[}', 6],
    ['{} x', 3],
    ['{}}', 2],
    ['01', 1],
    ['-', 0],
    ['tru', 0],
    ['"a', 0],
    ['"\\x"', 0],
    ['"\t"', 0],
    ['\uFEFF{}', 0],
    ['{"auths": {"h": {"auth": eA==}}}', 25],
    ['{}', undefined],
    [' {"a":[1,-2.5e+3,true,null,"\\u00e9\\n",{}],"b":[]} \n', undefined],
    ['"x"', undefined],
  ])('%j fails at %j', (text, index) => {
    expect(jsonErrorIndex(text)).toBe(index);
  });

  it('agrees with JSON.parse on every mutation of JSON', () => {
    const mutated = fc
      .tuple(fc.json(), fc.nat(), fc.constantFrom('', ',', ':', '{', '}', '[', ']', '"', '1', ' ', '\\', 'e'))
      .map(([text, at, insert]) => {
        const index = at % (text.length + 1);
        return text.slice(0, index) + insert + text.slice(index + 1);
      });
    fc.assert(
      fc.property(mutated, (text) => {
        expect(jsonErrorIndex(text) === undefined).toBe(parses(text));
      }),
      { numRuns: 500 },
    );
  });

  it('takes deep nesting without recursion', () => {
    expect(jsonErrorIndex('['.repeat(200_000))).toBe(200_000);
  });
});

function parses(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

it('looks at own keys only', () => {
  expect(valueAt({}, 'constructor')).toBeUndefined();
  expect(valueAt({ a: [1] }, 'a', '0')).toBeUndefined();
  expect(stringAt({ a: { b: 'c' } }, 'a', 'b')).toBe('c');
  expect(stringAt({ a: 1 }, 'a')).toBeUndefined();
});
