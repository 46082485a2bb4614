import { documentFile } from './answers.ts';
import { findContent } from './content.ts';
import type { Plan, PlanItem } from './format.ts';
import { parseViewId, type View } from './layout.ts';
import type { Outcome } from './list-collector.ts';
import type { ReadList } from './list-source.ts';
import type { CollectedFile } from './log-collector.ts';
import { ELSEWHERE, parseListId } from './paths.ts';
import type { Redaction } from './redaction-counts.ts';

/** What is made of lists, for the items of one plan. */
export class ListFiles {
  readonly #namespaces: readonly string[];
  readonly #redaction: Pick<Redaction, 'object'>;

  constructor({ namespaces }: Pick<Plan, 'namespaces'>, redaction: Pick<Redaction, 'object'>) {
    this.#namespaces = namespaces.map(({ name }) => name);
    this.#redaction = redaction;
  }

  /** The file of an item, and what became of it. */
  of({ id }: PlanItem, list: ReadList): CollectedFile {
    const view = parseViewId(id);
    if (view) return this.#view(view, list);
    const { namespace } = parseListId(id) ?? {};
    const { listed } = list;
    const outcome = listed.outcome(namespace);
    if (!hasObjects(outcome)) return { item: outcome };
    const { item, content } = contentOf([namespace ?? ''], list, outcome);
    const dropped = namespace === ELSEWHERE && listed.dropped.length > 0 ? { dropped: listed.dropped } : {};
    return { item: { ...item, ...dropped }, ...(content && { content }) };
  }

  #view({ of, shows }: View, list: ReadList): CollectedFile {
    const places = findContent(of)?.where === 'cluster' ? [''] : this.#namespaces;
    const outcomes = places.map((place) => [place, list.listed.outcome(place === '' ? undefined : place)] as const);
    if (shows === 'all') {
      const [, seen] = outcomes.find(([, outcome]) => hasObjects(outcome)) ?? [];
      if (!seen) return { item: { status: 'notApplicable' } };
      return contentOf([...this.#namespaces, ELSEWHERE], list, { status: 'ok' });
    }
    const errors = outcomes.flatMap(([place, { status, detail, cause }]) =>
      status === 'ok' || status === 'notApplicable' ? [] : [[place, detail ?? cause ?? status] as const],
    );
    if (errors.length === 0) return { item: { status: 'notApplicable' } };
    const cluster = places.includes('') || of === 'namespaces';
    const messages = [...new Set(errors.map(([, message]) => message))];
    return documentFile(this.#redaction, cluster ? messages : Object.fromEntries(errors));
  }
}

const hasObjects = ({ status }: Outcome): boolean => status === 'ok' || status === 'truncated';

function contentOf(places: readonly string[], { sink, head }: ReadList, outcome: Outcome): CollectedFile {
  const { resourceVersion } = outcome;
  const content = sink.content(places, {
    apiVersion: head.apiVersion,
    kind: `${head.kind}List`,
    metadata: resourceVersion === undefined ? {} : { resourceVersion },
  });
  const result = sink.result(places);
  if (!content) return { item: { status: 'redactionFailed', detail: 'the head of the list' } };
  if ('withheld' in result) return { item: { status: 'redactionFailed', detail: result.withheld } };
  // What came before trouble, or before there were too many.
  return { item: outcome.status === 'ok' ? { ...outcome, ...result } : { ...result, ...outcome }, content };
}
