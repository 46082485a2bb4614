import { expect, it } from 'vitest';
import { shiftTimes } from '../../../src/commands/shared/shift-times.ts';

const HOUR = 3_600_000;

it.each<[unknown, unknown]>([
  ['2026-11-20T10:00:00Z', '2026-11-20T11:00:00Z'],
  ['2026-12-31T23:30:00.123456Z', '2027-01-01T00:30:00Z'],
  // Only what is a time as a whole: a sentence, a date or a version that contains one is not.
  ['at 2026-11-20T10:00:00Z', 'at 2026-11-20T10:00:00Z'],
  ['2026-11-20', '2026-11-20'],
  ['2026-11-20T10:00:00+02:00', '2026-11-20T10:00:00+02:00'],
  [5, 5],
  [null, null],
  [true, true],
  [
    { a: ['2026-11-20T10:00:00Z', { b: '2026-11-20T10:00:00Z', c: 'x' }] },
    { a: ['2026-11-20T11:00:00Z', { b: '2026-11-20T11:00:00Z', c: 'x' }] },
  ],
])('moves %j to %j', (value, expected) => {
  expect(shiftTimes(value, HOUR)).toEqual(expected);
});

it('leaves its input as it was', () => {
  const value = Object.freeze({ at: '2026-11-20T10:00:00Z' });
  expect(shiftTimes(value, -HOUR)).toEqual({ at: '2026-11-20T09:00:00Z' });
  expect(value.at).toBe('2026-11-20T10:00:00Z');
});
