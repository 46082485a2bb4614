import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { LogSelector } from '../../bundle/log-plan.ts';
import { LISTS } from '../../bundle/plan-items.ts';
import { parseLabelSelector } from '../../kubernetes/selector-text.ts';
import { CrewisoError, EXIT } from '../../model/error.ts';
import { nearest } from './selection.ts';

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

/**
 * Labels of the pods whose logs are wanted; without any, those of all pods are.
 * @throws CrewisoError (2) for what is no selector, in the words of the API server
 */
export function parseSelector(text: string | undefined): LogSelector | undefined {
  if (text === undefined) return undefined;
  const parsed = parseLabelSelector(text);
  if ('error' in parsed)
    throw usage(
      `--selector ${text}: ${parsed.error}`,
      "write it like kubectl does: -l app=web, -l 'tier in (a,b),!old'",
    );
  return parsed.requirements.length > 0 ? { text, requirements: parsed.requirements } : undefined;
}

/**
 * The lists that `--exclude` names.
 * @throws CrewisoError (2) for one that no bundle has
 */
export function excludedLists(names: readonly string[]): ReadonlySet<string> {
  const unknown = names.find((name) => !LISTS.includes(name));
  if (unknown === undefined) return new Set(names);
  const near = nearest(unknown, LISTS);
  throw usage(
    `--exclude ${unknown}: there is no such list`,
    near.length > 0 ? `did you mean ${near.join(' or ')}?` : `lists: ${LISTS.join(', ')}`,
  );
}

/** 32 random bytes that nobody ever sees, or those of a file: then bundles can be compared. */
export function fingerprintKey(file: string | undefined): Buffer {
  if (file === undefined) return randomBytes(32);
  const key = bytesOf(file);
  if (key.length >= 32) return key;
  throw usage(`${file} holds ${String(key.length)} bytes: too few for a key`, `head -c 32 /dev/urandom > ${file}`);
}

/**
 * The passphrase in the first line of a file. No message ever quotes it.
 * @throws CrewisoError (2) for a file that cannot be read, or has none
 */
export function readPassphrase(file: string): string {
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytesOf(file));
  } catch (error) {
    if (error instanceof CrewisoError) throw error;
    throw usage(`${file} holds no text: nobody could type its passphrase`, MAKE_PASSPHRASE);
  }
  const [line = ''] = text.split(/\r?\n/, 1);
  if (line.trim() !== '') return line;
  throw usage(`${file} holds no passphrase: its first line is empty`, MAKE_PASSPHRASE);
}

const MAKE_PASSPHRASE = 'one that nobody guesses: (umask 077; head -c 24 /dev/urandom | base64 > FILE)';

function bytesOf(file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new CrewisoError(`cannot read ${file}: ${why}`, { code: 'input', exitCode: EXIT.usage, cause });
  }
}

export const usage = (message: string, ...suggestions: readonly string[]): CrewisoError =>
  new CrewisoError(message, { code: 'usage', exitCode: EXIT.usage, suggestions });
