import { describe, expect, it } from 'vitest';
import { describeFailure } from '../../../src/commands/shared/failure.ts';
import { CrewisoError } from '../../../src/model/error.ts';

const parseError = (message: string, more: object = {}): Error =>
  Object.assign(new Error(`${message}\nSee more help with --help`), {
    oclif: { exit: 2 },
    parse: { input: { flags: { output: {}, out: {}, org: {} } } },
    ...more,
  });

describe('exit code and lines', () => {
  it('of trouble that was foreseen', () => {
    const error = new CrewisoError('cannot reach it\u001b[31m\nnow', {
      code: 'cluster-unreachable',
      exitCode: 4,
      suggestions: ['kubectl cluster-info', 'a\nb'],
    });
    expect(describeFailure(error, ['doctor'])).toEqual({
      code: 4,
      lines: ['error: cannot reach it now', '  kubectl cluster-info', '  a b'],
    });
  });

  it.each<[Error, string[], string[]]>([
    [
      parseError('Nonexistent flag: --outptu', { flags: ['--outptu'] }),
      ['doctor', '--outptu'],
      ['error: unknown flag --outptu', '  did you mean --output?', '  kubectl crewiso doctor --help'],
    ],
    [
      parseError('Nonexistent flag: -x', { flags: ['-x'] }),
      ['doctor', '-x'],
      ['error: unknown flag -x', '  kubectl crewiso doctor --help'],
    ],
    [
      parseError('Unexpected argument: \u001b[2mb\u001b[22m'),
      ['-x', 'b'],
      ['error: Unexpected argument: b', '  kubectl crewiso --help'],
    ],
    [
      parseError('Parsing --verbosity \n\tExpected an integer but received: x', { parse: undefined }),
      ['doctor', '-v', 'x'],
      ['error: --verbosity: expected an integer but received: x', '  kubectl crewiso doctor --help'],
    ],
  ])('of wrong usage: %s', (error, argv, lines) => {
    expect(describeFailure(error, argv)).toEqual({ code: 2, lines });
  });

  it.each<[unknown, string]>([
    [new TypeError('x is undefined'), 'error: x is undefined'],
    ['thrown text', 'error: thrown text'],
    [undefined, 'error: undefined'],
    [null, 'error: null'],
  ])('70 for anything else: %s', (error, first) => {
    const { code, lines } = describeFailure(error, ['doctor']);
    expect(code).toBe(70);
    expect(lines).toEqual([first, '  this is a bug of kubectl-crewiso; run again with -v 6 for the stack']);
  });

  it.each([
    [['-v', '6'], true],
    [['-v6'], true],
    [['-v=8'], true],
    [['--verbosity', '9'], true],
    [['--verbosity=10', '-A'], true],
    [['-v', '2'], false],
    [['-n', 'v-6'], false],
    [['-v', '60s'], false],
    [[], false],
  ])('shows the stack of a bug with %j: %s', (argv, shown) => {
    const error = new Error('oops');
    expect(
      describeFailure(error, ['doctor', ...argv])
        .lines.join('\n')
        .includes(String(error.stack)),
    ).toBe(shown);
  });

  it('says nothing where oclif only ends the program', () => {
    const exit = (code: number) => Object.assign(new Error('EEXIT'), { code: 'EEXIT', oclif: { exit: code } });
    expect(describeFailure(exit(0), [])).toEqual({ code: 0, lines: [] });
    expect(describeFailure(exit(3), [])).toEqual({ code: 3, lines: [] });
  });
});
