import type { AccessRule } from '../model/access.ts';
import { OF_BUNDLES, RESOURCES, type Resource } from '../model/resource.ts';
import { groupOf } from '../model/object.ts';

/**
 * Where a right is needed: about what is in no namespace, in every namespace of the platform, in its own ones (R and S)
 * or in those of organizations.
 */
export type Where = 'cluster' | 'everywhere' | 'platform' | 'tenants';

/** A right that this tool needs itself. */
export interface PlacedRight extends Omit<AccessRule, 'namespace'> {
  readonly where: Where;
}

/** One place for which a role is made; `whole` is the cluster with all its namespaces. */
export type Place = 'whole' | Exclude<Where, 'everywhere'>;

/** What of these rights belongs into the role for one place. */
export function rightsIn(place: Place, rights: readonly PlacedRight[]): readonly PlacedRight[] {
  if (place === 'whole') return rights;
  return rights.filter(({ where }) => where === place || (where === 'everywhere' && place !== 'cluster'));
}

/**
 * What reading these listings takes. Nothing is ever asked for by name as long as lists are allowed: `get` is missing on
 * purpose. `/version`, discovery and SelfSubjectReview are everybody's (ClusterRoles system:public-info-viewer,
 * system:discovery and system:basic-user).
 */
export function readingRights(resources: readonly Resource[]): readonly PlacedRight[] {
  return [...new Set(resources)].filter((resource) => !NO_RIGHT.has(resource)).flatMap(rightsToRead);
}

function rightsToRead(resource: Resource): readonly PlacedRight[] {
  const where = whereRead(resource);
  const verb = VERBS[resource] ?? 'list';
  return sourcesOf(resource).map((source) => ({
    verb,
    group: groupOf(RESOURCES[source].apiVersion),
    resource: RESOURCES[source].plural,
    where,
  }));
}

/** What is read of a bundle. */
const NO_RIGHT: ReadonlySet<Resource> = new Set(OF_BUNDLES);

/** What is not read as a list of objects. */
const VERBS: Partial<Record<Resource, string>> = { 'access-reviews': 'create', refusals: 'get' };

/** The resources that are read, and must be granted, to obtain a listing. */
export function sourcesOf(resource: Resource): readonly Resource[] {
  // The vendor's specs may be in either kind.
  if (resource === 'support-bundle-specs') return ['secrets', 'configmaps'];
  return [RESOURCES[resource].from ?? resource];
}

/** The vendor's specs are not looked for in tenants' namespaces one by one, and logs are the platform's components'. */
const OF_THE_PLATFORM: ReadonlySet<Resource> = new Set(['support-bundle-specs', 'refusals']);

function whereRead(resource: Resource): Where {
  const { namespaced, scope } = RESOURCES[resource];
  if (!namespaced) return 'cluster';
  return scope === 'platform' || OF_THE_PLATFORM.has(resource) ? 'platform' : 'everywhere';
}
