import { expect, it } from 'vitest';
import { columnLines } from '../../src/reporters/columns.ts';

const rows = (n: number): string[][] =>
  Array.from({ length: n }, (_, index) => [
    `name-${String(index)}`,
    index % 7 === 0 ? '漢字' : 'x'.repeat(index % 9),
    'end',
  ]);

it('draws columns without borders, colours or blanks at line ends', () => {
  expect(
    columnLines(
      ['a', 'long'],
      [
        ['漢字', 'x'],
        ['b', ''],
      ],
    ),
  ).toEqual(['A     LONG', '漢字  x', 'b']);
  expect(columnLines(['a', 'long'], [['1', '2']], false)).toEqual(['1  2']);
  expect(columnLines(['a'], [])).toEqual(['A']);
});

it('draws large tables in the same way, fast', () => {
  const small = columnLines(['a', 'b', 'c'], rows(499));
  const large = columnLines(['a', 'b', 'c'], rows(20_000), true);
  expect(small).toHaveLength(500);
  expect(large).toHaveLength(20_001);
  const width = (line: string | undefined): number => line?.replaceAll(/[漢字]/g, 'xx').length ?? 0;
  expect(new Set(small.slice(1).map(width)).size).toBe(1);
  expect(new Set(large.slice(1).map(width)).size).toBe(1);
  // Drawn by the table library, and plainly: the same bytes for the same rows.
  const padded = [...rows(499), ...rows(2).map(() => ['name-0', '漢字', 'end'])];
  expect(columnLines(['a', 'b', 'c'], padded).slice(0, 500)).toEqual(small);
});
