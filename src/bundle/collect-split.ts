import { CrewisoError } from '../model/error.ts';
import { collectToFile, NOTHING, type Collected, type FileInput } from './collect-file.ts';
import { prepare, type CollectInput } from './collect.ts';
import { requireAbsent } from './partial-file.ts';

export interface Split {
  readonly archives: readonly Collected[];
  /** Archives that there are none of, and why. */
  readonly absent: readonly { readonly file: string; readonly why: string }[];
}

/**
 * Collects several archives, one after the other, once the Secrets of all have been read: what one holds is looked for in
 * every one.
 * @param whole what all of them are about together
 * @param parts with redactors that look for what that of the whole has learned
 * @returns those that came to be; where nothing of one may be read there are only the others
 * @throws CrewisoError as `collectToFile` does, for any of them where it is not that nothing could be read, and else where
 * there is none
 */
export async function collectSplit(whole: CollectInput, parts: readonly FileInput[]): Promise<Split> {
  for (const { file } of parts) await requireAbsent(file);
  await prepare(whole);
  const archives: Collected[] = [];
  const absent: { file: string; why: string }[] = [];
  let nothing: CrewisoError | undefined;
  for (const part of parts) {
    try {
      archives.push(await collectToFile(part));
    } catch (error) {
      if (!(error instanceof CrewisoError) || !NOTHING.has(error.code)) throw error;
      nothing = error;
      absent.push({ file: part.file, why: error.message });
    }
  }
  if (archives.length === 0 && nothing) throw nothing;
  return { archives, absent };
}
