import type { Limits } from './limits.ts';
import { refuse } from './refusal.ts';

/** Refuses names that lead outside, that some system cannot hold, or that two entries share. */
export class NameGuard {
  readonly #limits: Limits;
  readonly #seen = new Map<string, string>();

  constructor(limits: Limits) {
    this.#limits = limits;
  }

  /** The path in its plain form, without `./` and a slash at the end. */
  check(written: string, type: 'file' | 'link' | 'directory' | 'extension'): string {
    const fault = faultOf(written, this.#limits);
    if (fault) throw refuse(`a name in it ${fault}`);
    const path = written
      .split('/')
      .filter((part) => part !== '' && part !== '.')
      .join('/');
    if (type === 'directory') {
      if (this.#seen.get(fold(path)) === 'file') throw refuse('a file and a folder in it have one name');
      this.#seen.set(fold(path), 'directory');
      return path;
    }
    if (path === '') throw refuse('a file in it has no name');
    if (this.#seen.has(fold(path))) throw refuse(`two of its files have one name: ${printable(path)}`);
    this.#seen.set(fold(path), 'file');
    if (this.#seen.size > this.#limits.entries)
      throw refuse(`it has more than ${String(this.#limits.entries)} entries`);
    return path;
  }
}

/** Names that differ only in this are one file on some systems. */
const fold = (path: string): string => path.normalize('NFC').toLowerCase();

// eslint-disable-next-line no-control-regex -- exactly these are refused
const CONTROL = /[\u0000-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/;

const printable = (path: string): string => path.replaceAll(new RegExp(CONTROL, 'g'), '?').slice(0, 120);

function faultOf(path: string, limits: Limits): string | undefined {
  if (path.length > limits.pathLength) return `has more than ${String(limits.pathLength)} characters`;
  if (CONTROL.test(path)) return 'holds a control character';
  if (path.startsWith('/')) return 'starts at the root of the disk';
  if (/^[A-Za-z]:/.test(path)) return 'starts with a drive';
  if (path.includes('\\')) return 'holds a backslash';
  const parts = path.split('/');
  if (parts.includes('..')) return 'leads outside (..)';
  return parts.length > limits.pathDepth ? `is more than ${String(limits.pathDepth)} folders deep` : undefined;
}
