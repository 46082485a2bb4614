import type { RenderOptions } from '../../model/report.ts';
import type { Severity } from '../../model/finding.ts';

export interface DisplayFlags {
  readonly color: 'auto' | 'always' | 'never';
  readonly ascii: boolean;
  readonly wide: boolean;
  readonly 'no-headers': boolean;
  readonly show?: readonly string[] | undefined;
  readonly 'min-severity': Severity;
}

interface Stream {
  readonly isTTY?: boolean;
  readonly columns?: number;
}

/**
 * How to draw on a stream: width of the terminal within 60–120 columns, else COLUMNS, else 100; colour by `--color`,
 * then NO_COLOR, then FORCE_COLOR or CLICOLOR_FORCE, then whether the stream is a terminal.
 */
export function renderOptions(flags: DisplayFlags, stream: Stream, env: NodeJS.ProcessEnv): RenderOptions {
  const tty = stream.isTTY === true;
  return {
    color: wantsColor(flags.color, tty, env),
    width: widthOf(stream, env),
    ascii: flags.ascii || !isUnicode(env),
    tty,
    wide: flags.wide,
    headers: !flags['no-headers'],
    show: flags.show ?? [],
    minSeverity: flags['min-severity'],
  };
}

function wantsColor(choice: DisplayFlags['color'], tty: boolean, env: NodeJS.ProcessEnv): boolean {
  if (choice !== 'auto') return choice === 'always';
  if (env.NO_COLOR) return false;
  // As Node reads it (tty.WriteStream.getColorDepth): 0 and false switch colour off.
  if (env.FORCE_COLOR) return !['0', 'false'].includes(env.FORCE_COLOR);
  if (env.CLICOLOR_FORCE && env.CLICOLOR_FORCE !== '0') return true;
  return tty && env.TERM !== 'dumb';
}

/** Columns to write prose for: those of the terminal within 60–120, else COLUMNS, else 100. */
export function widthOf(stream: Stream, env: NodeJS.ProcessEnv): number {
  const columns = stream.isTTY === true && stream.columns ? stream.columns : Number(env.COLUMNS);
  return Number.isInteger(columns) && columns > 0 ? Math.min(120, Math.max(60, columns)) : 100;
}

/** The first of LC_ALL, LC_CTYPE and LANG that is set decides; a system without any is taken for UTF-8 unless Windows. */
function isUnicode(env: NodeJS.ProcessEnv): boolean {
  const locale = [env.LC_ALL, env.LC_CTYPE, env.LANG].find((value) => value !== undefined && value !== '');
  if (locale === undefined) return process.platform !== 'win32' || Boolean(env.WT_SESSION);
  return /utf-?8/i.test(locale);
}
