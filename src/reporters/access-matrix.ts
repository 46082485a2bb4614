import type { AccessRule } from '../model/access.ts';
import type { AccessMatrix, CellState, Excess, MatrixRow } from '../model/access-document.ts';
import { count } from '../model/text.ts';
import { compactNames, field, pathText, rulesText, type AccessDrawing } from './access-frame.ts';
import { columnLines } from './columns.ts';
import { widthOf } from './layout.ts';
import type { Paint } from './paint.ts';

const MARKS: Readonly<Record<CellState, string>> = { all: '+', none: '-', partial: '~', unknown: '?' };

/** Columns of a row's namespaces. */
const NAMES = 32;
/** A row with more organizations than this is "others" beside rows that need to be looked at. */
const FEW = 3;

/** Account and profile, a row per kind of namespace, what is missing in words, and what is too much. */
export function matrixLines(matrix: AccessMatrix, drawing: AccessDrawing): readonly string[] {
  const { width } = drawing.options;
  const { account, profile, columns, notes } = matrix;
  if (!account) return notes.flatMap((note) => field('UNKNOWN', note, width));
  const needs = columns.reduce((sum, { rules }) => sum + rules.length, 0);
  const head = `${account.namespace}/${account.name}, NEEDS ${count(needs, 'permission')} (profile ${profile})`;
  const rows = sorted(matrix.rows);
  return [
    ...field('ACCOUNT', head, width),
    ...tableLines(rows, matrix, drawing),
    '',
    ...rows.flatMap((row) =>
      lackLines(
        row,
        rows,
        columns.flatMap(({ rules }) => rules),
        drawing,
      ),
    ),
    ...fixLines(matrix, drawing),
    ...excessLines(matrix, drawing),
    ...matrix.left.flatMap(({ namespace, why }) => field('left out', `${namespace} ${why}`, width)),
    ...notes.flatMap((note) => field('note', note, width)),
  ];
}

/** Tenants in trouble first, then the many, then the platform's own namespaces. */
function sorted(rows: readonly MatrixRow[]): readonly MatrixRow[] {
  const weight = ({ of, missing, unknown }: MatrixRow): number =>
    of === 'tenant' ? (missing.length > 0 ? 0 : unknown.length > 0 ? 1 : 2) : of === 'shared' ? 3 : 4;
  return [...rows].sort((a, b) => weight(a) - weight(b) || a.namespaces.length - b.namespaces.length);
}

function nameOf(row: MatrixRow, rows: readonly MatrixRow[], wide: boolean): string {
  if (wide) return compactNames(row.namespaces, Infinity);
  const tenants = rows.filter(({ of }) => of === 'tenant');
  const largest = Math.max(...tenants.map(({ namespaces }) => namespaces.length));
  const many = row.of === 'tenant' && row.namespaces.length > FEW && row.namespaces.length === largest;
  if (!many) return compactNames(row.namespaces, NAMES);
  return tenants.length === 1 ? `all ${String(largest)} organizations` : `${String(largest)} others`;
}

function tableLines(rows: readonly MatrixRow[], { columns }: AccessMatrix, drawing: AccessDrawing): readonly string[] {
  const { options, paint } = drawing;
  const names = rows.map((row) => nameOf(row, rows, options.wide));
  const vias = rows.map(({ via, byServer }) => {
    const paths = via.map(pathText);
    return [...paths, ...(byServer.length > 0 ? ['another authorizer'] : [])].join(', ') || 'nothing';
  });
  const cells = rows.map((row, at) => [names[at] ?? '', ...row.cells.map(({ state }) => MARKS[state])]);
  const headers = ['namespace', ...columns.map(({ name }) => name)];
  const wide = columnLines(
    [...headers, 'via'],
    cells.map((row, at) => [...row, vias[at] ?? '']),
    options.headers,
  );
  const fits = options.wide || wide.every((line) => widthOf(line) <= options.width);
  const lines = fits ? wide : narrowLines(headers, cells, drawing);
  const below = fits
    ? []
    : rows.flatMap((_, at) => field(at === 0 ? 'via' : '', `${names[at] ?? ''}: ${vias[at] ?? ''}`, options.width));
  const legend = options.headers ? [paint.quiet('+ all that is needed  - none  ~ in part  ? could not be seen')] : [];
  const colored = lines.map((line, at) => {
    const row = rows[at - (options.headers ? 1 : 0)];
    return row ? colorOf(row, paint)(line) : line;
  });
  return [...colored, ...below, ...legend];
}

/** Without the last column, and on a narrow terminal with headers of three letters. */
function narrowLines(
  headers: readonly string[],
  cells: readonly (readonly string[])[],
  { options }: AccessDrawing,
): readonly string[] {
  const lines = columnLines(headers, cells, options.headers);
  if (lines.every((line) => widthOf(line) <= options.width)) return lines;
  const short = headers.map((header, at) => (at === 0 ? header : header.slice(0, 3)));
  return columnLines(short, cells, options.headers);
}

function colorOf({ needed, missing, unknown }: MatrixRow, paint: Paint): (text: string) => string {
  if (needed && missing.length > 0) return paint.bad;
  return unknown.length > 0 ? paint.warn : (text) => text;
}

function lackLines(
  row: MatrixRow,
  rows: readonly MatrixRow[],
  needs: readonly AccessRule[],
  { options }: AccessDrawing,
): readonly string[] {
  const { missing, unknown, byServer, needed } = row;
  const name = nameOf(row, rows, options.wide);
  const { width } = options;
  const optional = needed ? '' : ' (not needed here: crews run in namespaces of their own)';
  const what = missing.length === needs.length ? 'everything' : rulesText(missing, needs);
  const server = `${name}: the API server allows ${rulesText(byServer)} although RBAC does not: another authorizer takes part`;
  return [
    ...(missing.length > 0 ? field(needed ? 'MISSING' : 'missing', `${name}: ${what}${optional}`, width) : []),
    ...(unknown.length > 0
      ? field(
          'UNKNOWN',
          `${name}: ${unknown.length === needs.length ? 'everything' : rulesText(unknown, needs)}`,
          width,
        )
      : []),
    ...(byServer.length > 0 ? field('note', server, width) : []),
  ];
}

function fixLines({ rows }: AccessMatrix, { options, paint }: AccessDrawing): readonly string[] {
  const lacking = rows.some(({ needed, missing }) => needed && missing.length > 0);
  if (!lacking) return [];
  return [...field('fix', paint.command('kubectl crewiso doctor --area rbac'), options.width)];
}

function excessLines({ excess, excessComplete }: AccessMatrix, { options, paint }: AccessDrawing): readonly string[] {
  const { width, wide } = options;
  if (excess.length === 0) {
    const seen = 'none outside the platform, and nothing dangerous in every namespace';
    return field('TOO MUCH', excessComplete ? seen : 'could not be seen completely', width);
  }
  return excess.flatMap((item, at) =>
    field(at === 0 ? 'TOO MUCH' : '', excessText(item, wide), width).map((line) => paint.warn(line)),
  );
}

function excessText({ scope, namespaces, via, dangerous }: Excess, wide: boolean): string {
  const where = scope === 'cluster' ? 'in every namespace' : `in ${compactNames(namespaces, wide ? Infinity : 60)}`;
  const what = dangerous.length > 0 ? rulesText(dangerous) : 'rights that are not dangerous by themselves';
  return `${where}: ${what} (${pathText(via)})`;
}
