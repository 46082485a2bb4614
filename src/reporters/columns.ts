import Table from 'cli-table3';
import { widthOf } from './layout.ts';

/** cli-table3 compares every cell with every row: chunks of common widths keep it linear. */
const CHUNK = 100;
/** Beyond this the plain renderer draws the same bytes faster. */
const MAX_DRAWN = 500;

const NO_BORDERS = Object.fromEntries(
  [
    ...['top', 'bottom', 'left', 'right'].flatMap((side) => [side, `${side}-mid`, `${side}-left`, `${side}-right`]),
    'mid',
    'mid-mid',
  ].map((name) => [name, '']),
);

/**
 * Rows in columns: two blanks between them, headers in upper case or none, no borders, nothing cut, no blanks at line
 * ends. Every row must have as many cells as there are headers.
 */
export function columnLines(
  headers: readonly string[],
  rows: readonly (readonly string[])[],
  withHeaders = true,
): readonly string[] {
  const all = withHeaders ? [headers.map((header) => header.toUpperCase()), ...rows] : rows;
  const widths = headers.map((_, column) => Math.max(0, ...all.map((row) => widthOf(row[column] ?? ''))));
  const lines = all.length > MAX_DRAWN ? plainLines(all, widths) : drawnLines(all, widths);
  return lines.map((line) => line.trimEnd());
}

function plainLines(rows: readonly (readonly string[])[], widths: readonly number[]): readonly string[] {
  return rows.map((row) =>
    row.map((cell, column) => cell + ' '.repeat((widths[column] ?? 0) - widthOf(cell))).join('  '),
  );
}

function drawnLines(rows: readonly (readonly string[])[], widths: readonly number[]): readonly string[] {
  const lines: string[] = [];
  for (let start = 0; start < rows.length; start += CHUNK) {
    const table = new Table({
      chars: { ...NO_BORDERS, middle: '  ' },
      // Without these it colours borders and heads, even where NO_COLOR is set.
      style: { head: [], border: [], 'padding-left': 0, 'padding-right': 0 },
      colWidths: [...widths],
      wordWrap: false,
    });
    table.push(...rows.slice(start, start + CHUNK).map((row) => [...row]));
    lines.push(...table.toString().split('\n'));
  }
  return lines;
}
