import { describe, expect, it } from 'vitest';
import { renderOptions, type DisplayFlags } from '../../../src/commands/shared/terminal.ts';

const FLAGS: DisplayFlags = {
  color: 'auto',
  ascii: false,
  wide: false,
  'no-headers': false,
  'min-severity': 'info',
};
const UTF8 = { LANG: 'C.UTF-8' };
const TTY = { isTTY: true, columns: 90 };
const PIPE = {};

describe('colour: --color, then NO_COLOR, then FORCE_COLOR or CLICOLOR_FORCE, then the terminal', () => {
  it.each<[DisplayFlags['color'], 'tty' | 'pipe', NodeJS.ProcessEnv, boolean]>([
    ['auto', 'tty', {}, true],
    ['auto', 'pipe', {}, false],
    ['auto', 'tty', { TERM: 'dumb' }, false],
    ['auto', 'tty', { NO_COLOR: '1' }, false],
    ['auto', 'tty', { NO_COLOR: '' }, true],
    ['auto', 'pipe', { FORCE_COLOR: '1' }, true],
    ['auto', 'pipe', { CLICOLOR_FORCE: '1' }, true],
    ['auto', 'pipe', { FORCE_COLOR: '1', NO_COLOR: '1' }, false],
    ['auto', 'tty', { FORCE_COLOR: '1', TERM: 'dumb' }, true],
    ['always', 'pipe', { NO_COLOR: '1' }, true],
    ['never', 'tty', { FORCE_COLOR: '1' }, false],
  ])('--color %s on a %s with %j: %s', (color, stream, env, expected) => {
    expect(renderOptions({ ...FLAGS, color }, stream === 'tty' ? TTY : PIPE, env).color).toBe(expected);
  });

  // As Node reads it; https://force-color.org would have any value force colour.
  it.each(['0', 'false'])('FORCE_COLOR=%s does not force colour', (FORCE_COLOR) => {
    expect(renderOptions(FLAGS, PIPE, { FORCE_COLOR }).color).toBe(false);
    expect(renderOptions(FLAGS, TTY, { FORCE_COLOR }).color).toBe(false);
  });

  it('CLICOLOR_FORCE=0 is as if it were not set', () => {
    expect(renderOptions(FLAGS, PIPE, { CLICOLOR_FORCE: '0' }).color).toBe(false);
    expect(renderOptions(FLAGS, TTY, { CLICOLOR_FORCE: '0' }).color).toBe(true);
  });
});

describe('width', () => {
  it.each<[number | undefined, string | undefined, number]>([
    [90, undefined, 90],
    [40, undefined, 60],
    [300, undefined, 120],
    [0, '80', 80],
    [undefined, undefined, 100],
    [undefined, '80', 80],
    [undefined, '20', 60],
    [undefined, '1000', 120],
    [undefined, 'wide', 100],
    [undefined, '', 100],
    [undefined, '-5', 100],
    [undefined, '80.5', 100],
    // The terminal knows better than a variable that was exported when the window had another size.
    [90, '70', 90],
  ])('a terminal of %s columns and COLUMNS=%s: %d', (columns, COLUMNS, expected) => {
    const stream = columns === undefined ? PIPE : { isTTY: true, columns };
    expect(renderOptions(FLAGS, stream, COLUMNS === undefined ? {} : { COLUMNS }).width).toBe(expected);
  });
});

describe('characters', () => {
  it.each<[NodeJS.ProcessEnv, boolean]>([
    [UTF8, false],
    [{ LANG: 'en_US.utf8' }, false],
    [{ LANG: 'C' }, true],
    [{ LANG: 'POSIX' }, true],
    [{ LANG: 'de_DE.ISO-8859-1' }, true],
    [{ LC_ALL: 'C', LANG: 'C.UTF-8' }, true],
    [{ LC_ALL: '', LC_CTYPE: 'C.UTF-8', LANG: 'C' }, false],
    [{ LC_CTYPE: 'C', LANG: 'C.UTF-8' }, true],
  ])('%j: ASCII %s', (env, ascii) => {
    expect(renderOptions(FLAGS, PIPE, env).ascii).toBe(ascii);
  });

  it('--ascii beats the locale', () => {
    expect(renderOptions({ ...FLAGS, ascii: true }, TTY, UTF8).ascii).toBe(true);
  });
});

it('hands the display flags on', () => {
  const flags: DisplayFlags = {
    ...FLAGS,
    wide: true,
    'no-headers': true,
    show: ['passed'],
    'min-severity': 'high',
  };
  expect(renderOptions(flags, TTY, UTF8)).toEqual({
    color: true,
    width: 90,
    ascii: false,
    tty: true,
    wide: true,
    headers: false,
    show: ['passed'],
    minSeverity: 'high',
  });
});
