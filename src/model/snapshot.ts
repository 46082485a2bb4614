import type { AccessRule } from './access.ts';
import { compareNames, type ObjectRef } from './object.ts';
import { RESOURCES, type Kinds, type Resource } from './resource.ts';

export type GapReason = 'forbidden' | 'not-served' | 'not-collected' | 'failed' | 'truncated';

/** Something that could not be seen, and what would let us see it. Without `namespace`: the whole listing. */
export interface Gap {
  readonly resource: string;
  readonly namespace?: string;
  readonly reason: GapReason;
  readonly detail: string;
  readonly http?: number;
  readonly grant?: AccessRule;
}

/**
 * Items of one resource and what is missing from them. `within` limits what was asked for: outside of its namespaces
 * nothing is known, for the reason that `beyond` gives. Complete for a namespace = no gap touches it.
 */
export interface Listing<T> {
  readonly items: readonly T[];
  readonly gaps: readonly Gap[];
  readonly within?: { readonly namespaces: readonly string[]; readonly beyond: Gap };
  /** Foreign namespaces whose items were read and not kept: absence there may not be concluded. */
  readonly dropped?: ReadonlySet<string>;
}

export type Listings = { readonly [K in Resource]?: Listing<Kinds[K]> };

export type Origin =
  | {
      readonly from: 'cluster';
      readonly context?: string;
      /** The namespace that the context names: where kubectl works without `--namespace`. */
      readonly contextNamespace?: string;
      readonly server?: string;
      readonly clusterUid?: string;
      readonly kubernetes?: string;
    }
  | { readonly from: 'manifests'; readonly files: readonly string[] }
  | {
      readonly from: 'bundle';
      readonly file: string;
      /** Which tool made it, as it calls its format. */
      readonly format: string;
      readonly context?: string;
      readonly server?: string;
      readonly clusterUid?: string;
      readonly kubernetes?: string;
    };

/** Where in a file an object stands; lines and columns count from 1. */
export interface Location {
  readonly file: string;
  readonly line: number;
  readonly column?: number;
  readonly document?: number;
}

/** Read-only state of a cluster at one moment, whatever it was read from. */
export interface Snapshot {
  readonly origin: Origin;
  /** Milliseconds since the epoch; checks have no other clock. */
  readonly now: number;
  list<K extends Resource>(resource: K, namespace?: string): readonly Kinds[K][];
  find<K extends Resource>(resource: K, name: string, namespace?: string): Kinds[K] | undefined;
  /** Absence may be concluded only where this is `complete`. */
  completeness(resource: Resource, namespace?: string): 'complete' | Gap;
  /** Every gap of the listing that touches the namespace (or any, without one). */
  gaps(resource: Resource, namespace?: string): readonly Gap[];
  locate(object: ObjectRef): Location | undefined;
}

export interface SnapshotData {
  readonly origin: Origin;
  readonly now: number;
  readonly listings: Listings;
  readonly locate?: (object: ObjectRef) => Location | undefined;
}

/** A snapshot over listings. Items come back sorted by namespace and name, so that the input's order never shows. */
export function createSnapshot(data: SnapshotData): Snapshot {
  const indexes = new Map<Resource, Index>();
  const indexOf = (resource: Resource): Index => {
    let index = indexes.get(resource);
    if (!index) {
      index = buildIndex(data.listings[resource]?.items ?? []);
      indexes.set(resource, index);
    }
    return index;
  };
  const known = new Map<Resource, GapsOf>();
  const gaps = (resource: Resource, namespace?: string): readonly Gap[] => {
    let gapsIn = known.get(resource);
    if (!gapsIn) {
      gapsIn = indexGaps(resource, data.listings[resource]);
      known.set(resource, gapsIn);
    }
    return gapsIn(namespace);
  };
  return {
    origin: data.origin,
    now: data.now,
    list<K extends Resource>(resource: K, namespace?: string) {
      const index = indexOf(resource);
      return (namespace === undefined ? index.all : (index.byNamespace.get(namespace) ?? [])) as readonly Kinds[K][];
    },
    find<K extends Resource>(resource: K, name: string, namespace?: string) {
      return nameIn(indexOf(resource), namespace ?? '', name) as Kinds[K] | undefined;
    },
    completeness: (resource, namespace) => gaps(resource, namespace)[0] ?? 'complete',
    gaps,
    locate: (object) => data.locate?.(object),
  };
}

/** The snapshot with one listing more, or another one; what was indexed of the others stays so. */
export function withListing<R extends Resource>(snapshot: Snapshot, added: R, listing: Listing<Kinds[R]>): Snapshot {
  const { origin, now } = snapshot;
  const own = createSnapshot({ origin, now, listings: { [added]: listing } });
  const of = (resource: Resource): Snapshot => (resource === added ? own : snapshot);
  return {
    origin,
    now,
    list: (resource, namespace) => of(resource).list(resource, namespace),
    find: (resource, name, namespace) => of(resource).find(resource, name, namespace),
    completeness: (resource, namespace) => of(resource).completeness(resource, namespace),
    gaps: (resource, namespace) => of(resource).gaps(resource, namespace),
    locate: (object) => snapshot.locate(object),
  };
}

type Item = Kinds[Resource];
interface Index {
  readonly all: readonly Item[];
  readonly byNamespace: ReadonlyMap<string, readonly Item[]>;
  /** Namespace → name → object, as far as anybody asked. */
  readonly byName: Map<string, ReadonlyMap<string, Item>>;
}

function nameIn({ byName, byNamespace }: Index, namespace: string, name: string): Item | undefined {
  let names = byName.get(namespace);
  if (!names) {
    names = new Map((byNamespace.get(namespace) ?? []).map((item) => [item.metadata.name, item]));
    byName.set(namespace, names);
  }
  return names.get(name);
}

function buildIndex(items: readonly Item[]): Index {
  const groups = new Map<string, Item[]>();
  for (const item of items) {
    const namespace = item.metadata.namespace ?? '';
    const group = groups.get(namespace);
    if (group) group.push(item);
    else groups.set(namespace, [item]);
  }
  // Many namespaces with few objects each: far fewer comparisons than all objects at once.
  const byNamespace = new Map([...groups].sort(([a], [b]) => compareNames(a, b)));
  for (const group of byNamespace.values()) group.sort((a, b) => compareNames(a.metadata.name, b.metadata.name));
  const all = [...byNamespace.values()].flat();
  return { all, byNamespace, byName: new Map() };
}

type GapsOf = (namespace: string | undefined) => readonly Gap[];

/** Where a thousand namespaces were asked one by one, each check asks about each of them. */
function indexGaps(resource: Resource, listing: Listing<Item> | undefined): GapsOf {
  if (!listing) return () => (RESOURCES[resource].onDemand ? [] : [notCollected(resource)]);
  const { gaps, within, dropped } = listing;
  const everywhere = gaps.filter((gap) => gap.namespace === undefined);
  const somewhere = new Map<string, Gap[]>();
  for (const gap of gaps) {
    if (gap.namespace === undefined) continue;
    const known = somewhere.get(gap.namespace);
    if (known) known.push(gap);
    else somewhere.set(gap.namespace, [gap]);
  }
  const touching = (namespace: string): readonly Gap[] => {
    const own = somewhere.get(namespace);
    if (!own || everywhere.length === 0) return own ?? everywhere;
    return gaps.filter((gap) => gap.namespace === undefined || gap.namespace === namespace);
  };
  const asked = new Set(within?.namespaces);
  return (namespace) => {
    if (namespace === undefined) return within ? [...gaps, within.beyond] : gaps;
    const own = touching(namespace);
    if (dropped?.has(namespace)) {
      return [...own, { ...notCollected(resource), namespace, detail: 'is not of the platform and was not kept' }];
    }
    return within && !asked.has(namespace) ? [...own, { ...within.beyond, namespace }] : own;
  };
}

function notCollected(resource: Resource): Gap {
  const { plural, apiVersion } = RESOURCES[resource];
  const group = apiVersion.includes('/') ? `.${apiVersion.split('/')[0]}` : '';
  return { resource: `${plural}${group}`, reason: 'not-collected', detail: 'was not read' };
}
