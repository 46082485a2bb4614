import { isWide, type CollectScope } from './collect-scope.ts';
import { CONTENT, contentFor, DERIVED, mattersElsewhere } from './content.ts';
import type { PlanItem } from './format.ts';
import { pathsOf, TROUBLESHOOT_ANSWERS, withViews, type Layout, type Paths } from './layout.ts';
import { ELSEWHERE, listId } from './paths.ts';

/** Answers that are no lists. */
const VERSION: PlanItem = { id: 'get:version', path: 'cluster/version.json' };
const DISCOVERY: PlanItem = { id: 'get:discovery', path: 'cluster/discovery.json' };

export const planAnswers = (layout: Layout): readonly PlanItem[] =>
  layout === 'crewiso' ? [VERSION, DISCOVERY] : [...TROUBLESHOOT_ANSWERS, VERSION, DISCOVERY];

/** Names of all lists that a bundle may have. */
export const LISTS: readonly string[] = CONTENT.flatMap(({ name }) =>
  name === 'configmaps' ? [name, ...DERIVED] : [name],
);

/** Every list of a bundle in the order in which it is written: one kind after the other, in all namespaces. */
export function planLists(
  scope: CollectScope,
  layout: Layout,
  without: ReadonlySet<string> = new Set(),
): readonly PlanItem[] {
  const paths = pathsOf(layout);
  const contents = contentFor(scope.platforms);
  const names = contents.flatMap(({ name }) => (name === 'configmaps' ? [name, ...DERIVED] : [name]));
  const lists = names
    .filter((name) => !without.has(name))
    .flatMap((name) => {
      const cluster = contents.some((content) => content.name === name && content.where === 'cluster');
      if (!cluster) return inNamespaces(name, scope, paths);
      return scope.alone ? [] : [{ id: listId(name), path: paths.list(name) }];
    });
  return layout === 'crewiso' ? lists : withViews(lists);
}

function inNamespaces(name: string, scope: CollectScope, paths: Paths): readonly PlanItem[] {
  const { namespaces, platformNamespaces } = scope;
  // The release is the platform's own.
  const places = namespaces.filter((place) => name !== 'helm-releases' || platformNamespaces.includes(place.name));
  const own = places.map(({ name: namespace, org }) => ({
    id: listId(name, namespace),
    path: paths.list(name, namespace),
    ...(org !== undefined && { org }),
  }));
  const elsewhere = isWide(scope, name) && mattersElsewhere(name) && name !== 'helm-releases';
  return elsewhere ? [...own, { id: listId(name, ELSEWHERE), path: paths.list(name, ELSEWHERE) }] : own;
}
