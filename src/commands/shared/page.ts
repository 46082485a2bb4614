import { wrap } from '../../reporters/layout.ts';

/**
 * A Markdown page for a terminal: paragraphs and list items are broken into lines; headings, tables and code stay as
 * they are, so that what is to be copied can be.
 */
export function wrapPage(markdown: string, width: number): string {
  let inCode = false;
  return markdown
    .split('\n')
    .flatMap((line) => {
      if (line.startsWith('```')) inCode = !inCode;
      return inCode || /^(```|[#|]|$)/.test(line) ? [line] : wrapProse(line, width);
    })
    .join('\n');
}

function wrapProse(line: string, width: number): readonly string[] {
  const [bullet = ''] = /^ *(?:[-*]|\d+\.) +/.exec(line) ?? [];
  return wrap(line.slice(bullet.length), width, bullet, ' '.repeat(bullet.length));
}

interface Entry {
  readonly id: string;
  readonly area: string;
  readonly severity: string;
  readonly title: string;
}

/** The checks of each area under its name: letter of the severity, id, title; long titles go on below themselves. */
export function listChecks(checks: readonly Entry[], areas: readonly string[], width: number): string {
  const column = 6 + Math.max(0, ...checks.map(({ id }) => id.length));
  const lines = areas.flatMap((area) => {
    const members = checks.filter((check) => check.area === area);
    if (members.length === 0) return [];
    return [area.toUpperCase(), ...members.flatMap((check) => entryLines(check, column, width)), ''];
  });
  const legend = 'kubectl crewiso explain ID shows the page of a check; C H M L I = critical high medium low info';
  return [...lines, ...wrap(legend, width)].map((line) => `${line}\n`).join('');
}

function entryLines({ id, severity, title }: Entry, column: number, width: number): readonly string[] {
  const head = `  ${severity.charAt(0).toUpperCase()} ${id}`.padEnd(column);
  return wrap(title, width, head, ' '.repeat(column));
}
