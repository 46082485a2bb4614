import { isWide, type CollectScope } from './collect-scope.ts';
import { CONTENT, DERIVED, mattersElsewhere } from './content.ts';
import type { PlanItem } from './format.ts';
import { ELSEWHERE, listId, listPath } from './paths.ts';

/** Answers that are no lists. */
export const VERSION: PlanItem = { id: 'get:version', path: 'cluster/version.json' };
export const DISCOVERY: PlanItem = { id: 'get:discovery', path: 'cluster/discovery.json' };

/** Names of all lists that a bundle may have. */
export const LISTS: readonly string[] = CONTENT.flatMap(({ name }) =>
  name === 'configmaps' ? [name, ...DERIVED] : [name],
);

/** Every list of a bundle in the order in which it is written: one kind after the other, in all namespaces. */
export function planLists(scope: CollectScope, without: ReadonlySet<string> = new Set()): readonly PlanItem[] {
  return LISTS.filter((name) => !without.has(name)).flatMap((name) => {
    const cluster = CONTENT.some((content) => content.name === name && content.where === 'cluster');
    if (!cluster) return inNamespaces(name, scope);
    return scope.alone ? [] : [{ id: listId(name), path: listPath(name) }];
  });
}

function inNamespaces(name: string, scope: CollectScope): readonly PlanItem[] {
  const { namespaces, platformNamespaces } = scope;
  // The release is the platform's own.
  const places = namespaces.filter((place) => name !== 'helm-releases' || platformNamespaces.includes(place.name));
  const own = places.map(({ name: namespace, org }) => ({
    id: listId(name, namespace),
    path: listPath(name, namespace),
    ...(org !== undefined && { org }),
  }));
  const elsewhere = isWide(scope, name) && mattersElsewhere(name) && name !== 'helm-releases';
  return elsewhere ? [...own, { id: listId(name, ELSEWHERE), path: listPath(name, ELSEWHERE) }] : own;
}
