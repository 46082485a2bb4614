import { CrewisoError, EXIT } from '../model/error.ts';

/** An archive that is not read, in one sentence. */
export function refuse(why: string, ...suggestions: readonly string[]): CrewisoError {
  return refusal('bundle-refused', why, suggestions);
}

/** One that ends too early: only a part of it was written or copied. */
export function refuseCut(why: string): CrewisoError {
  return refusal(CUT, why, ['copy it again, or go on with collecting it: bundle collect --resume']);
}

const CUT = 'bundle-cut';
const PREFIX = 'this archive is not read: ';

const refusal = (code: string, why: string, suggestions: readonly string[]): CrewisoError =>
  new CrewisoError(`${PREFIX}${why}`, { code, exitCode: EXIT.unreachable, suggestions });

/** Why an archive was refused; undefined for all other errors. */
export function refusalOf(error: unknown): { readonly why: string; readonly cut: boolean } | undefined {
  if (!(error instanceof CrewisoError) || !error.message.startsWith(PREFIX)) return undefined;
  return { why: error.message.slice(PREFIX.length), cut: error.code === CUT };
}
