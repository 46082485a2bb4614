import { posix } from 'node:path';
import { valueAt } from '../kubernetes/json-value.ts';
import { CrewisoError, EXIT } from '../model/error.ts';
import { all } from './bundle-reader.ts';
import { bytesOf, unpacked } from './byte-source.ts';
import { PLAN, README } from './format.ts';
import { findLeaks } from './leak-scan.ts';
import type { Limits } from './limits.ts';
import { learnFrom, learnNames } from './redact-content.ts';
import type { Redaction } from './redaction-counts.ts';
import { PSEUDONYM_KINDS } from './redaction/learned-names.ts';
import type { Pseudonyms } from './redaction/pseudonyms.ts';
import { refuse } from './refusal.ts';
import { readTar } from './tar-reader.ts';

/** In a bundle of another tool: what was taken out of it. */
export const SUMMARY = 'crewiso-redactions.json';

export interface Learned {
  /** The folder that all is in, where it is one of our bundles. */
  readonly own?: string;
  /** Of a bundle of another tool: of what the names were changed before. */
  readonly pseudonyms: readonly string[];
}

/**
 * Looks at everything once before anything is written: Secrets in a bundle give away what to look for in its logs.
 * @throws CrewisoError (4) for what cannot be read, and where there are names that cannot have others
 */
export async function learnArchive(
  input: string,
  redaction: Redaction,
  pseudonyms: Pseudonyms | undefined,
  limits: Limits,
): Promise<Learned> {
  try {
    const learned = await learnEntries(input, redaction, pseudonyms, limits);
    pseudonyms?.settle();
    return learned;
  } catch (error) {
    if (error instanceof RangeError) throw refuse(error.message);
    throw error;
  }
}

async function learnEntries(
  input: string,
  redaction: Redaction,
  pseudonyms: Pseudonyms | undefined,
  limits: Limits,
): Promise<Learned> {
  let own: string | undefined;
  let before: readonly string[] = [];
  let first = true;
  for await (const entry of readTar(unpacked(input, limits), limits)) {
    const [top = '', name, ...rest] = entry.path.split('/');
    if (first && name === PLAN && rest.length === 0) own = top;
    first = false;
    if (posix.basename(entry.path) === SUMMARY && entry.target === undefined) before = kindsIn(await all(entry));
    else if (pseudonyms) await learnNames(entry, redaction, pseudonyms);
    else if (entry.target === undefined) await learnFrom(entry, redaction);
  }
  if (first) throw refuse('there is no file in it');
  return { ...(own !== undefined && { own }), pseudonyms: before };
}

function kindsIn(summary: Buffer): readonly string[] {
  try {
    const kinds = valueAt(JSON.parse(summary.toString('utf8')), 'pseudonyms');
    return PSEUDONYM_KINDS.filter((kind) => Array.isArray(kinds) && kinds.includes(kind));
  } catch {
    // A file of that name that somebody else wrote says nothing.
    return [];
  }
}

/** Reads what was written once more. A hit is a bug, and nothing of it stays. */
export async function requireNoneLeft(partial: string, redaction: Redaction, own: boolean): Promise<void> {
  const found = await findLeaks(bytesOf(partial), redaction);
  // That of ours is the same in all bundles, whatever anything is called.
  const left = found.filter(({ path }) => !own || posix.basename(path) !== README);
  if (left.length === 0) return;
  throw new CrewisoError('a name that was to be changed is left in one of the files: nothing was written', {
    code: 'leak',
    exitCode: EXIT.bug,
    suggestions: ['this is a bug of kubectl-crewiso'],
  });
}
