import stringWidth from 'string-width';

/** Columns that a text takes in a terminal: wide characters count twice, combining ones not at all. */
export const widthOf = (text: string): number => (/^[\x20-\x7e]*$/.test(text) ? text.length : stringWidth(text));

/**
 * Breaks prose at blanks into lines of at most `width` columns; `hang` starts every line but the first. Words are never
 * cut: names, paths and addresses stay whole, even where they are too long.
 */
export function wrap(text: string, width: number, first = '', hang = first): readonly string[] {
  const lines: string[] = [];
  let line = first;
  let empty = true;
  for (const word of text.split(' ').filter((part) => part !== '')) {
    if (!empty && widthOf(line) + 1 + widthOf(word) > width) {
      lines.push(line);
      line = hang;
      empty = true;
    }
    line += empty ? word : ` ${word}`;
    empty = false;
  }
  lines.push(line);
  return lines.map((part) => part.trimEnd());
}

/** As `wrap`, for parts that stay whole, with a separator between them where they share a line. */
export function wrapParts(parts: readonly string[], separator: string, width: number): readonly string[] {
  const lines: string[] = [];
  let line = '';
  for (const part of parts.filter((candidate) => candidate !== '')) {
    if (line !== '' && widthOf(line) + separator.length + widthOf(part) > width) {
      lines.push(line);
      line = '';
    }
    line += line === '' ? part : separator + part;
  }
  return line === '' ? lines : [...lines, line];
}

/** Left and right text on one line, the right one at the edge; below each other where they do not fit. */
export function spread(left: string, right: string, width: number): readonly string[] {
  if (right === '') return [left];
  const gap = width - widthOf(left) - widthOf(right);
  return gap >= 2 ? [left + ' '.repeat(gap) + right] : [left, `  ${right}`];
}

/**
 * As many names as fit into the columns, then how many more there are; all of them when `columns` is Infinity.
 * `crewai-org-1, crewai-org-2 … 36 more`
 */
export function someOf(names: readonly string[], columns: number): string {
  let shown = 0;
  let used = 0;
  for (const name of names) {
    const needed = used + widthOf(name) + 2;
    if (shown > 0 && needed + (shown + 1 < names.length ? 12 : 0) > columns) break;
    used = needed;
    shown += 1;
  }
  const more = names.length - shown;
  return names.slice(0, shown).join(', ') + (more > 0 ? ` … ${more} more` : '');
}

const LABEL = 8;
export const INDENT = ' '.repeat(2 + LABEL);

/** Prose behind a label in the left column. */
export function labelled(label: string, text: string, width: number): readonly string[] {
  return wrap(text, width, `  ${label.padEnd(LABEL)}`, INDENT);
}

/** Where a command begins in advice: at its start, or behind a colon. */
const COMMAND = /(?:^|: )(?=(?:kubectl|helm|echo|flux|argocd|docker|for ns in) )/;

/**
 * Commands and advice (`# …`) as the steps of a remediation: commands are only indented, never cut or wrapped, so that
 * they can be pasted; advice is wrapped and stays a comment of the shell. A command in advice, which is for the reader
 * to decide on, has a commented line of its own and stays whole as well. What is indented in a comment is no prose but
 * something to paste elsewhere, such as YAML.
 */
export function stepLines(steps: readonly string[], width: number): readonly string[] {
  return steps.flatMap((step) =>
    step.startsWith('#') && !isVerbatim(step) ? adviceLines(step.replace(/^#+\s*/, ''), width) : [INDENT + step],
  );
}

const isVerbatim = (step: string): boolean => step.startsWith('#   ');

function adviceLines(advice: string, width: number): readonly string[] {
  const [prose, command] = splitAdvice(advice);
  return [
    ...(prose === '' ? [] : wrap(prose, width, `${INDENT}# `)),
    ...(command === undefined ? [] : [`${INDENT}# ${command}`]),
  ];
}

/** The prose of advice (ending in a colon where a command follows), and the command in it. */
export function splitAdvice(advice: string): readonly [prose: string, command?: string] {
  const found = COMMAND.exec(advice);
  if (!found) return [advice];
  const command = advice.slice(found.index + found[0].length);
  return found.index === 0 ? ['', command] : [`${advice.slice(0, found.index)}:`, command];
}

/** At most `columns` wide, with what is left out marked in the last third, where table rows hold prose. */
export function cutMiddle(text: string, columns: number): string {
  if (widthOf(text) <= columns) return text;
  const tail = Math.floor(columns / 6);
  let head = Array.from(text);
  let end = Array.from(text).slice(-tail);
  while (head.length > 0 && widthOf(head.join('')) > columns - 1 - widthOf(end.join(''))) head = head.slice(0, -1);
  while (end[0] === ' ') end = end.slice(1);
  return `${head.join('').trimEnd()}…${end.join('')}`;
}

const ASCII: Readonly<Record<string, string>> = {
  '…': '...',
  '–': '-',
  '—': '-',
  '→': '->',
  '’': "'",
  '“': '"',
  '”': '"',
};

/** Prose for a terminal without UTF-8. Not for commands: they must not change. */
export function toAscii(text: string): string {
  // eslint-disable-next-line no-control-regex -- line breaks and colours stay
  return text.replaceAll(/[^\u0000-\u007e]/gu, (character) => ASCII[character] ?? '?');
}

const COMMAND_LINE = /^ *(?:# )?(?:kubectl|for ns in) /;

/** Lines of text with their prose in ASCII where that is asked for; commands stay as they are. */
export function asciiProse(text: string, ascii: boolean): string {
  if (!ascii) return text;
  // eslint-disable-next-line no-control-regex -- the colours of commands
  const isCommand = (line: string): boolean => COMMAND_LINE.test(line.replaceAll(/\u001b\[\d+m/g, ''));
  return text
    .split('\n')
    .map((line) => (isCommand(line) ? line : toAscii(line)))
    .join('\n');
}
