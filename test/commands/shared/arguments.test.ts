import { describe, expect, it } from 'vitest';
import { normalizeArguments, parseDuration } from '../../../src/commands/shared/arguments.ts';
import type { CrewisoError } from '../../../src/model/error.ts';

const FLAGS = {
  namespace: { type: 'option', char: 'n' },
  output: { type: 'option', char: 'o' },
  'all-namespaces': { type: 'boolean', char: 'A' },
  'insecure-skip-tls-verify': { type: 'boolean' },
  wide: { type: 'boolean', char: 'w' },
  filename: { type: 'option', char: 'f', multiple: true },
  'complete-all': { type: 'boolean' },
};

describe('kubectl habits', () => {
  it.each<[string, string]>([
    ['--insecure-skip-tls-verify=true', '--insecure-skip-tls-verify'],
    ['--insecure-skip-tls-verify=TRUE', '--insecure-skip-tls-verify'],
    ['--insecure-skip-tls-verify=false', ''],
    ['-A=true', '-A'],
    ['-A=false --wide', '--wide'],
    ['--complete=all', '--complete-all'],
    // A value that looks like a boolean stays one.
    ['--namespace=true', '--namespace=true'],
    ['--unknown=true', '--unknown=true'],
    ['-n a -n b', '-n b'],
    ['-n a --namespace=b', '--namespace=b'],
    ['--namespace a -nb', '-nb'],
    ['-n=a -n b', '-n b'],
    ['-na -nb -ojson', '-nb -ojson'],
    ['-A -A', '-A'],
    ['-n a -A -n b -o json', '-A -n b -o json'],
    ['-f a -f b', '-f a -f b'],
    ['-wA -w', '-wA -w'],
    ['-n a -- -n b', '-n a -- -n b'],
    ['-- --insecure-skip-tls-verify=true', '-- --insecure-skip-tls-verify=true'],
    ['ID -n a', 'ID -n a'],
    ['', ''],
  ])('%s becomes %s', (given, expected) => {
    expect(normalizeArguments(words(given), FLAGS)).toEqual(words(expected));
  });

  it('leaves a command without flags alone', () => {
    expect(normalizeArguments(['a', '--b', '-c'], {})).toEqual(['a', '--b', '-c']);
  });

  it('takes the last of a flag whose value is missing', () => {
    expect(normalizeArguments(['-n', 'a', '-n'], FLAGS)).toEqual(['-n']);
  });

  it('keeps line breaks in values', () => {
    expect(normalizeArguments(['--namespace=a\nb', '--namespace=c\nd'], FLAGS)).toEqual(['--namespace=c\nd']);
  });
});

describe('durations', () => {
  it.each<[string, number]>([
    ['0', 0],
    ['0s', 0],
    ['5', 5000],
    ['5s', 5000],
    ['250ms', 250],
    ['1.5s', 1500],
    ['2m', 120_000],
    ['1m30s', 90_000],
    ['1h', 3_600_000],
    ['7d', 604_800_000],
    // A timer of Node that is longer than this fires at once.
    ['600h', 2 ** 31 - 1],
    ['99999999', 2 ** 31 - 1],
  ])('%s is %d ms', (text, milliseconds) => {
    expect(parseDuration(text, 'timeout')).toBe(milliseconds);
  });

  it.each(['', 'abc', '-1', '5x', 's', '1 s', '1s2', '1w', '1e3', 'NaN', '٥'])('%j is none', (text) => {
    expect(() => parseDuration(text, 'timeout')).toThrow(
      expect.objectContaining({ exitCode: 2, message: expect.stringContaining('--timeout') as string }) as CrewisoError,
    );
  });
});

function words(line: string): string[] {
  return line === '' ? [] : line.split(' ');
}
