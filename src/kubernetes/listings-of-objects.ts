import type { SecretTools } from '../model/derived.ts';
import type { KubeObject } from '../model/object.ts';
import { RESOURCE_NAMES, RESOURCES, UNLISTED, type Kinds, type Resource } from '../model/resource.ts';
import type { Gap, Listing, Listings } from '../model/snapshot.ts';
import { asCoreEvent } from './event.ts';
import { decodeHelmRelease, isHelmRelease } from './helm-release.ts';
import { isHoustonConfig, reduceHoustonConfig } from './houston-config.ts';
import { isRecord, stringAt, valueAt } from './json-value.ts';
import { isRegistrySecret, reduceRegistrySecret } from './registry-secret.ts';
import { resourceName, resourceOf } from './resource-of.ts';
import { secretEntry, withoutManagedFields } from './secret-entry.ts';
import { isSupportBundleSpec, reduceSupportBundleSpec } from './support-bundle-spec.ts';
import { withoutUnread } from './unread-fields.ts';

/** Whether absence may be concluded from a set of objects: for every kind, for the kinds in it, or not at all. */
export type Completeness = 'all' | 'kinds-present' | 'none';

/**
 * Raw objects (manifests, `kubectl get -o yaml`, fixtures; lists are unfolded) as listings. Secrets are reduced to
 * their inventory and the derived listings, so that no value is in the result; kinds that nothing reads are left out.
 * Of an object that appears twice the last one counts, as it would for `kubectl apply`.
 * `access-reviews` is never listed: only an API server can answer one.
 */
export function listingsOf(
  objects: readonly KubeObject[],
  tools: SecretTools,
  completeness: Completeness = 'none',
): Listings {
  const sorted = sortByResource(objects);
  const listings: Partial<Record<Resource, Listing<Kinds[Resource]>>> = {};
  for (const resource of RESOURCE_NAMES) {
    if (UNLISTED.has(resource)) continue;
    const source = RESOURCES[resource].from ?? resource;
    const raw = sorted.get(source) ?? [];
    const present = raw.length > 0;
    const { items, gaps } = itemsOf(resource, raw, sorted, tools);
    listings[resource] = { items, gaps: [...completenessGaps(resource, completeness, present), ...gaps] };
  }
  return listings as Listings;
}

/** Lists (`v1 List`, `PodList`, …) replaced by their items, which get the kind that a typed list implies. */
export function unfoldLists(objects: readonly unknown[]): readonly KubeObject[] {
  return objects.flatMap((object) => {
    const items = valueAt(object, 'items');
    const kind = stringAt(object, 'kind');
    if (!Array.isArray(items) || !kind?.endsWith('List')) return isNamed(object) ? [object] : [];
    const implied = kind === 'List' ? {} : { apiVersion: stringAt(object, 'apiVersion'), kind: kind.slice(0, -4) };
    return unfoldLists(items.map((item: unknown) => (isRecord(item) ? { ...implied, ...item } : item)));
  });
}

function isNamed(object: unknown): object is KubeObject {
  return Boolean(stringAt(object, 'metadata', 'name'));
}

type Sorted = ReadonlyMap<Resource, readonly KubeObject[]>;

function sortByResource(objects: readonly KubeObject[]): Sorted {
  const sorted = new Map<Resource, Map<string, KubeObject>>();
  for (const object of unfoldLists(objects)) {
    const resource = resourceOf(object.apiVersion ?? '', object.kind ?? '');
    if (!resource) continue;
    const kept = RESOURCES[resource].namespaced ? object : withoutNamespace(object);
    const byName = sorted.get(resource) ?? new Map<string, KubeObject>();
    byName.set(`${kept.metadata.namespace ?? ''}/${kept.metadata.name}`, kept);
    sorted.set(resource, byName);
  }
  return new Map([...sorted].map(([resource, byName]) => [resource, [...byName.values()]]));
}

/** The API server clears the namespace of cluster-scoped objects (registry/rest `BeforeCreate`). */
function withoutNamespace(object: KubeObject): KubeObject {
  const metadata = Object.entries(object.metadata).filter(([field]) => field !== 'namespace');
  return { ...object, metadata: Object.fromEntries(metadata) as unknown as KubeObject['metadata'] };
}

interface Items {
  readonly items: readonly KubeObject[];
  readonly gaps: readonly Gap[];
}

function itemsOf(resource: Resource, raw: readonly KubeObject[], sorted: Sorted, tools: SecretTools): Items {
  if (resource === 'secrets') return { items: raw.map(secretEntry), gaps: [] };
  if (resource === 'helm-releases') return helmReleases(raw.filter(isHelmRelease), tools);
  if (resource === 'registry-secrets') {
    return { items: raw.filter(isRegistrySecret).map((secret) => reduceRegistrySecret(secret, tools)), gaps: [] };
  }
  if (resource === 'support-bundle-specs') {
    const specs = [...raw, ...(sorted.get('configmaps') ?? [])].filter(isSupportBundleSpec);
    return { items: specs.map((spec) => reduceSupportBundleSpec(spec, tools)), gaps: [] };
  }
  if (resource === 'houston-configs') {
    return { items: raw.filter(isHoustonConfig).map((object) => reduceHoustonConfig(object, tools)), gaps: [] };
  }
  return { items: raw.map((object) => plainItem(resource, object)), gaps: [] };
}

/** Reduces Helm's release Secrets; each that cannot be read is a gap in its namespace. */
export function helmReleases(
  secrets: readonly KubeObject[],
  tools: Pick<SecretTools, 'gunzip'>,
): Listing<Kinds['helm-releases']> {
  const items: Kinds['helm-releases'][] = [];
  const gaps: Gap[] = [];
  for (const secret of secrets) {
    const decoded = decodeHelmRelease(secret, tools);
    if ('release' in decoded) items.push(decoded.release);
    else gaps.push(unreadable(secret, decoded.unreadable));
  }
  return { items, gaps };
}

function unreadable({ metadata }: KubeObject, why: string): Gap {
  return {
    resource: resourceName('helm-releases'),
    ...(metadata.namespace === undefined ? {} : { namespace: metadata.namespace }),
    reason: 'failed',
    detail: `the Helm release in Secret ${metadata.name} could not be read: ${why}`,
  };
}

function plainItem(resource: Resource, object: KubeObject): KubeObject {
  const item = withoutUnread(resource, { ...object, metadata: withoutManagedFields(object.metadata) });
  return resource === 'events' ? asCoreEvent(item) : item;
}

function completenessGaps(resource: Resource, completeness: Completeness, present: boolean): readonly Gap[] {
  if (completeness === 'all' || (completeness === 'kinds-present' && present)) return [];
  const { kind } = RESOURCES[resource];
  const detail =
    completeness === 'none'
      ? `the files may not hold every ${kind}: pass --complete if they are whole for the kinds in them`
      : `the files hold no ${kind}: pass --complete=all if there is none`;
  return [{ resource: resourceName(resource), reason: 'not-collected', detail }];
}
