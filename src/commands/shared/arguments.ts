import { CrewisoError, EXIT } from '../../model/error.ts';

interface FlagShape {
  readonly type?: string;
  readonly char?: string | undefined;
  readonly multiple?: boolean | undefined;
}

/**
 * kubectl habits that oclif does not know: `--flag=true|false` for booleans, and of a flag that is given twice the last
 * one counts. Everything after `--` is left alone.
 */
export function normalizeArguments(argv: readonly string[], flags: Readonly<Record<string, FlagShape>>): string[] {
  const end = argv.indexOf('--');
  const head = end < 0 ? argv : argv.slice(0, end);
  const tail = end < 0 ? [] : argv.slice(end);
  const words = head.flatMap((word) => booleanWord(word, flags));
  return [...lastOfEach(words, flags), ...tail];
}

function booleanWord(word: string, flags: Readonly<Record<string, FlagShape>>): string[] {
  if (word === '--complete=all') return ['--complete-all'];
  const match = /^(--?)([\w-]+)=(true|false)$/i.exec(word);
  if (!match) return [word];
  const [, dashes, name = '', value = ''] = match;
  const flag = dashes === '--' ? flags[name] : Object.values(flags).find(({ char }) => char === name);
  if (flag?.type !== 'boolean') return [word];
  return value.toLowerCase() === 'true' ? [`${String(dashes)}${name}`] : [];
}

function lastOfEach(words: readonly string[], flags: Readonly<Record<string, FlagShape>>): string[] {
  const spans = spansOf(words, flags);
  const last = new Map(spans.map((span) => [span.name, span.start]));
  const dropped = spans.filter(({ name, start }) => last.get(name) !== start);
  return words.filter((_, index) => !dropped.some(({ start, length }) => index >= start && index < start + length));
}

interface Span {
  readonly name: string;
  readonly start: number;
  readonly length: number;
}

/** Where each flag that may be given once stands, with its value. */
function spansOf(words: readonly string[], flags: Readonly<Record<string, FlagShape>>): readonly Span[] {
  const spans: Span[] = [];
  for (let start = 0; start < words.length; start += 1) {
    const given = flagOf(words[start] ?? '', flags);
    if (!given || given.flag.multiple) continue;
    const length = given.flag.type === 'boolean' || given.hasValue ? 1 : 2;
    spans.push({ name: given.name, start, length });
    start += length - 1;
  }
  return spans;
}

function flagOf(
  word: string,
  flags: Readonly<Record<string, FlagShape>>,
): { name: string; flag: FlagShape; hasValue: boolean } | undefined {
  const [, long, value] = /^--([\w-]+)(=.*)?$/s.exec(word) ?? [];
  const [, short, attached] = /^-(\w)(.+)?$/s.exec(word) ?? [];
  const name = long ?? Object.keys(flags).find((key) => short !== undefined && flags[key]?.char === short);
  const flag = name === undefined ? undefined : flags[name];
  // `-nfoo` and `-n=foo` carry a value; `-wq` is two boolean flags and may be repeated.
  if (name === undefined || !flag || (attached !== undefined && flag.type === 'boolean')) return undefined;
  return { name, flag, hasValue: value !== undefined || attached !== undefined };
}

const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** What Node's timers can hold: 24.8 days. */
const LONGEST = 2 ** 31 - 1;

/**
 * A duration as kubectl writes it: `0` is none, `5` is seconds, `90s`, `1m30s`, `2h`; and days, `7d`.
 * @returns milliseconds, 0 for no limit, at most 24.8 days
 * @throws CrewisoError (2) when it is none
 */
export function parseDuration(text: string, flag: string, longest = LONGEST): number {
  if (/^\d+$/.test(text)) return Math.min(longest, Number(text) * 1000);
  if (!/^(?:\d+(?:\.\d+)?(?:ms|s|m|h|d))+$/.test(text)) {
    throw new CrewisoError(`--${flag} ${text} is not a duration`, {
      code: 'usage',
      exitCode: EXIT.usage,
      suggestions: [`write it like kubectl does: --${flag} 30s, --${flag} 2m`],
    });
  }
  const parts = [...text.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h|d)/g)];
  const sum = parts.reduce((total, [, amount, unit]) => total + Number(amount) * (UNITS[unit ?? ''] ?? 0), 0);
  return Math.min(longest, Math.round(sum));
}
