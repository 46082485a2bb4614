import { readingOnce } from './answers.ts';
import { CrewisoError } from '../model/error.ts';
import { collectToFile, NOTHING, type Collected, type FileInput } from './collect-file.ts';
import { LISTS_AHEAD, type CollectInput, type Prepared } from './collect.ts';
import { inOrder } from './in-order.ts';
import { readList, type ReadList } from './list-source.ts';
import { parseListId } from './paths.ts';
import { requireAbsent } from './partial-file.ts';
import { RedactingSink } from './redacting-sink.ts';
import { planOf, survey, type Survey } from './survey.ts';

export interface Split {
  readonly archives: readonly Collected[];
  /** Archives that there are none of, and why. */
  readonly absent: readonly { readonly file: string; readonly why: string }[];
}

/**
 * Collects several archives. Everything but logs is read once, for all of them together, so that requests do not grow with
 * organizations; the objects of a namespace are redacted for the archive that it goes into, and wait for it. What a Secret
 * of any namespace holds is looked for in every archive.
 * @param whole what all of them are about together
 * @param parts with redactors that look for what that of the whole has learned
 * @returns those that came to be; where nothing of one may be read there are only the others
 * @throws CrewisoError as `collectToFile` does, for any of them where it is not that nothing could be read, and else where
 * there is none
 */
export async function collectSplit(whole: CollectInput, parts: readonly FileInput[]): Promise<Split> {
  for (const { file } of parts) await requireAbsent(file);
  // Versions are the same for all archives.
  const reader = readingOnce(whole.reader);
  const partIn = partsByNamespace(parts);
  const surveyed = await survey({ ...whole, toolsIn: (namespace) => partIn.get(namespace)?.tools });
  const lists = await readAll({ ...whole, reader }, parts, surveyed.held, partIn);
  try {
    return await writeAll(
      parts.map((part) => ({ ...part, reader })),
      surveyed,
      lists,
    );
  } finally {
    for (const { sink } of lists.values()) await sink.close();
  }
}

type Lists = ReadonlyMap<string, ReadList>;

/** By namespace; what is in none goes where no organization is. */
function partsByNamespace(parts: readonly FileInput[]): ReadonlyMap<string, FileInput> {
  return new Map(
    parts.flatMap((part) => {
      const names = part.scope.namespaces.map(({ name }) => name);
      return [...names, ...(part.scope.alone ? [] : [''])].map((name) => [name, part] as const);
    }),
  );
}

/** Every list of any of the archives, once. */
async function readAll(
  whole: CollectInput,
  parts: readonly FileInput[],
  held: Survey['held'],
  partIn: ReadonlyMap<string, FileInput>,
): Promise<Lists> {
  const planned = parts.flatMap((part) => planOf(part, []).items);
  const names = new Set(planned.flatMap(({ id }) => parseListId(id)?.resource ?? []));
  const tasks = [...names].map((name) => ({
    bytes: 0,
    run: async () => {
      const sink = new RedactingSink((namespace) => partIn.get(namespace)?.redaction, name, whole.options.include);
      return [name, await readList(name, whole, held, sink)] as const;
    },
  }));
  const lists = new Map<string, ReadList>();
  for await (const [name, list] of inOrder(tasks, LISTS_AHEAD)) lists.set(name, list);
  return lists;
}

async function writeAll(parts: readonly FileInput[], surveyed: Survey, lists: Lists): Promise<Split> {
  const archives: Collected[] = [];
  const absent: { file: string; why: string }[] = [];
  let nothing: CrewisoError | undefined;
  for (const part of parts) {
    try {
      archives.push(await collectToFile(part, preparedFor(part, surveyed, lists)));
    } catch (error) {
      if (!(error instanceof CrewisoError) || !NOTHING.has(error.code)) throw error;
      nothing = error;
      absent.push({ file: part.file, why: error.message });
    }
  }
  if (archives.length === 0 && nothing) throw nothing;
  return { archives, absent };
}

function preparedFor(part: FileInput, { facts, runs, knownValues }: Survey, lists: Lists): Prepared {
  const own = new Set(part.scope.namespaces.map(({ name }) => name));
  return {
    plan: planOf(
      part,
      facts.filter(({ namespace }) => own.has(namespace)),
    ),
    lists: {
      read(name) {
        const list = lists.get(name);
        return list ? Promise.resolve(list) : Promise.reject(new Error(`${name} was not read`));
      },
      done: () => Promise.resolve(),
    },
    runs,
    knownValues,
  };
}
