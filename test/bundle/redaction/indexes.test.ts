import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { KeywordIndex } from '../../../src/bundle/redaction/keyword-index.ts';
import { formsOf } from '../../../src/bundle/redaction/needle-forms.ts';
import { Needles } from '../../../src/bundle/redaction/needles.ts';

/** Few letters, so that parts of what is looked for stand everywhere, also over each other. */
const letters = (min: number, max: number): fc.Arbitrary<string> =>
  fc.string({ unit: fc.constantFrom('a', 'b', '-'), minLength: min, maxLength: max });

function placesOf(text: string, part: string): readonly number[] {
  const places: number[] = [];
  for (let at = text.indexOf(part); at >= 0; at = text.indexOf(part, at + 1)) places.push(at);
  return places;
}

describe('the index of keywords', () => {
  it('finds every keyword at every place, in either case, from left to right, and none twice', () => {
    const text = fc.array(fc.constantFrom('a', 'b', '-', 'A', 'B'), { maxLength: 60 }).map((parts) => parts.join(''));
    fc.assert(
      fc.property(
        fc.uniqueArray(letters(3, 6), { minLength: 1, maxLength: 8 }),
        text,
        fc.nat(3),
        (keywords, whole, cut) => {
          const index = new KeywordIndex(keywords.map((keyword) => [keyword, keyword] as const));
          const length = Math.max(0, whole.length - cut);
          const found: [string, number][] = [];
          index.each(Buffer.from(whole), length, (keyword, at) => found.push([keyword, at]));
          const expected = keywords.flatMap((keyword) =>
            placesOf(whole.slice(0, length).toLowerCase(), keyword).map((at): [string, number] => [keyword, at]),
          );
          expect([...found].sort()).toEqual(expected.sort());
          expect(found.map(([, at]) => at)).toEqual(found.map(([, at]) => at).sort((a, b) => a - b));
        },
      ),
      { numRuns: 2000 },
    );
  });
});

describe('the index of known values', () => {
  it('finds every form of every value at every place, and none twice', () => {
    const values = fc.uniqueArray(letters(8, 14), { minLength: 1, maxLength: 12 });
    const parts = fc.array(fc.oneof(letters(0, 5), fc.nat()), { maxLength: 12 });
    fc.assert(
      fc.property(values, parts, fc.nat(3), (known, pieces, cut) => {
        const forms = [...new Set(known.flatMap((value) => formsOf(value).map(({ text }) => text)))];
        const whole = pieces.map((piece) => (typeof piece === 'number' ? forms[piece % forms.length] : piece)).join('');
        const length = Math.max(0, whole.length - cut);
        const needles = new Needles();
        for (const value of known) needles.add(value);
        const found: string[] = [];
        needles.each(Buffer.from(whole, 'latin1'), length, ({ bytes }, at) =>
          found.push(`${String(at)} ${bytes.toString('latin1')}`),
        );
        const expected = forms.flatMap((form) =>
          placesOf(whole.slice(0, length), form).map((at) => `${String(at)} ${form}`),
        );
        expect(found.sort()).toEqual(expected.sort());
      }),
      { numRuns: 1000 },
    );
  });

  it('finds each of many values that begin and end alike', () => {
    const values = Array.from({ length: 3000 }, (_, index) => `sk-proj-${String(index).padStart(6, '0')}-T3BlbkFJ`);
    const needles = new Needles();
    for (const value of values) needles.add(value);
    const text = Buffer.from(values.join('\n'), 'latin1');
    const found = new Set<string>();
    needles.each(text, text.length, ({ value }) => found.add(value));
    expect(found.size).toBe(values.length);
  });
});
