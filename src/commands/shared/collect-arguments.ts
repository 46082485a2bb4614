import { CrewisoError, EXIT } from '../../model/error.ts';

const UNITS: Readonly<Record<string, number>> = { '': 1, Ki: 1024, Mi: 1024 ** 2, Gi: 1024 ** 3 };

/**
 * A number of bytes as Kubernetes writes it: `512Ki`, `2Mi`, `1Gi`, or plain.
 * @throws CrewisoError (2) when it is none
 */
export function parseBytes(text: string, flag: string): number {
  const [, number, unit = ''] = /^(\d{1,12})(Ki|Mi|Gi)?$/.exec(text) ?? [];
  if (number === undefined) throw usage(`--${flag} ${text} is no number of bytes`, 'write it like 512Ki, 2Mi or 1Gi');
  return Number(number) * (UNITS[unit] ?? 1);
}

export interface LogBytes {
  readonly newest: number;
  readonly oldest: number;
}

export const LOG_BYTES: LogBytes = { newest: 2 * 1024 ** 2, oldest: 256 * 1024 };

/**
 * What `--logs` says: how much of each log is kept, or `none`.
 * @throws CrewisoError (2) when it is neither
 */
export function parseLogBytes(text: string): LogBytes | 'none' {
  if (text === 'none') return 'none';
  let bytes = LOG_BYTES;
  for (const part of text.split(',')) {
    const [name = '', value = ''] = part.split('=');
    if (name !== 'newest' && name !== 'oldest')
      throw usage(`--logs ${text} is not understood`, 'write it like newest=2Mi,oldest=256Ki, or none');
    bytes = { ...bytes, [name]: parseBytes(value, `logs ${name}`) };
  }
  return bytes;
}

export const usage = (message: string, ...suggestions: readonly string[]): CrewisoError =>
  new CrewisoError(message, { code: 'usage', exitCode: EXIT.usage, suggestions });
