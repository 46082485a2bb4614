import { resourceName } from '../kubernetes/resource-of.ts';
import type { KubeObject } from '../model/object.ts';
import { groupOf } from '../model/object.ts';
import { RESOURCES, type Kinds, type Resource } from '../model/resource.ts';
import type { Gap, GapReason, Listing } from '../model/snapshot.ts';
import { isGap, type ManifestItem, type Plan, type Status } from './format.ts';
import { ELSEWHERE, listId } from './paths.ts';

type Items = ReadonlyMap<string, ManifestItem>;
type Found = Listing<Kinds[Resource]>;

/** One listing of a snapshot out of a bundle; undefined where the bundle was not to hold it. */
export function listingOf(
  resource: Resource,
  plan: Plan,
  items: Items,
  objectsOf: (id: string) => readonly KubeObject[],
): Found | undefined {
  const { namespaced, scope } = RESOURCES[resource];
  const whole = listId(resource);
  if (!namespaced && resource !== 'namespaces') {
    const item = items.get(whole);
    return item && { items: objectsOf(whole), gaps: gapsOf(resource, item) };
  }
  const names = scope === 'platform' ? platformNamespaces(plan) : plan.namespaces.map(({ name }) => name);
  const own = names.map((name) => ({ name, id: listId(resource, name) })).filter(({ id }) => items.has(id));
  const elsewhere = listId(resource, ELSEWHERE);
  const other = scope === 'platform' ? undefined : items.get(elsewhere);
  if (own.length === 0 && !other) return undefined;
  const found = [...own.map(({ id }) => id), elsewhere].flatMap(objectsOf);
  const gaps = own.flatMap(({ name, id }) => gapsOf(resource, items.get(id), name));
  return {
    items: found,
    ...limits(
      resource,
      own.map(({ name }) => name),
      gaps,
      other,
      plan,
    ),
  };
}

function platformNamespaces({ platform, platforms = [] }: Plan): readonly string[] {
  const crewai = platform ? [platform.platformNamespace, platform.sharedNamespace] : [];
  return [...new Set([...crewai, ...platforms.flatMap(({ namespaces }) => namespaces)])];
}

/** How far the listing reaches: everywhere, or within the namespaces that were asked. */
function limits(
  resource: Resource,
  namespaces: readonly string[],
  gaps: readonly Gap[],
  other: ManifestItem | undefined,
  plan: Plan,
): Omit<Found, 'items'> {
  if (other && !isGap(other)) {
    const { dropped = [] } = other;
    return { gaps, ...(dropped.length > 0 && { dropped: new Set(dropped) }) };
  }
  const [general] = gapsOf(resource, other);
  // The one list of the whole cluster failed: that is one gap, not one in each namespace.
  if (general && general.reason !== 'forbidden' && gaps.every(({ reason }) => reason === general.reason))
    return { gaps: [general] };
  return { gaps, within: { namespaces, beyond: general ?? unasked(resource, plan) } };
}

/** Why nothing is known of other namespaces. */
const unasked = (resource: Resource, { narrow }: Plan): Gap => ({
  resource: resourceName(resource),
  reason: 'not-collected',
  detail: narrow ? 'outside of the namespaces this run is narrowed to' : 'only read where the platform lives',
});

const REASONS: Readonly<Record<Status, GapReason>> = {
  ok: 'not-collected',
  empty: 'not-collected',
  notApplicable: 'not-collected',
  truncated: 'truncated',
  forbidden: 'forbidden',
  notFound: 'not-served',
  timeout: 'failed',
  apiError: 'failed',
  redactionFailed: 'failed',
  skipped: 'not-collected',
};

const DETAILS: Partial<Record<Status, string>> = {
  notFound: 'the server does not serve it',
  redactionFailed: 'what it holds could not be redacted, and was left out',
  skipped: 'was not collected',
  timeout: 'timed out',
};

/** What a bundle says is missing, as a gap; none where nothing is. */
export function gapsOf(resource: Resource, item: ManifestItem | undefined, namespace?: string): readonly Gap[] {
  if (!item || !isGap(item)) return [];
  const { status, cause, detail, http } = item;
  const name = resourceName(resource);
  const { plural, apiVersion } = RESOURCES[resource];
  const ofNamespace = namespace === undefined || namespace === ELSEWHERE ? {} : { namespace };
  const said = status === 'redactionFailed' ? DETAILS[status] : (detail ?? DETAILS[status]);
  return [
    {
      resource: name,
      // A group that is not served is served in no namespace.
      ...(status === 'notFound' ? {} : ofNamespace),
      // What is there and cannot be read is there: nothing was cut off.
      reason: cause === 'unreadable' ? 'failed' : REASONS[status],
      detail: said ?? status,
      ...(http !== undefined && { http }),
      ...(status === 'forbidden' && {
        grant: { verb: 'list', group: groupOf(apiVersion), resource: plural, ...ofNamespace },
      }),
    },
  ];
}
