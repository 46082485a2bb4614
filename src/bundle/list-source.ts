import type { CollectInput } from './collect.ts';
import { contentNamed, findContent, type Content } from './content.ts';
import { listInto, type Listed } from './list-collector.ts';
import { RedactingSink } from './redacting-sink.ts';
import type { HeldList } from './secret-collector.ts';

/** One list as it was read: what is in it, redacted, and what became of it where. */
export interface ReadList {
  readonly sink: RedactingSink;
  readonly listed: Listed;
  readonly head: Pick<Content, 'apiVersion' | 'kind'>;
}

/** Where the lists of an archive come from. */
export interface ListSource {
  read(name: string): Promise<ReadList>;
  /** It has been written. */
  done(list: ReadList): Promise<void>;
}

/** Lists of the cluster, each when its turn comes, and those that were read before. */
export function listsOf(input: CollectInput, held: ReadonlyMap<string, HeldList>): ListSource {
  return {
    read: (name) => readList(name, input, held, new RedactingSink(() => input.redaction, name, input.options.include)),
    done: ({ sink }) => sink.close(),
  };
}

export async function readList(
  name: string,
  { reader, scope }: CollectInput,
  held: ReadonlyMap<string, HeldList>,
  sink: RedactingSink,
): Promise<ReadList> {
  const before = held.get(name);
  if (before) {
    await before.objects.moveTo(sink);
    return { sink, listed: before.listed, head: findContent(name) ?? { apiVersion: 'v1', kind: 'Secret' } };
  }
  const content = contentNamed(name);
  return { sink, listed: await listInto(reader, content, scope, {}, sink), head: content };
}
