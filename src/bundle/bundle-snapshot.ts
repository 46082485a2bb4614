import { asCoreEvent } from '../kubernetes/event.ts';
import { withoutUnread } from '../kubernetes/unread-fields.ts';
import type { Identity } from '../model/access.ts';
import type { KubeObject } from '../model/object.ts';
import type { Settings } from '../model/platform.ts';
import { RESOURCE_NAMES, UNLISTED, type Kinds, type Resource } from '../model/resource.ts';
import { createSnapshot, type Listing, type Listings, type Snapshot } from '../model/snapshot.ts';
import { all, fileOf, itemsById, objectsOfList, readBundle, type ReadBundle } from './bundle-reader.ts';
import { snapshotResource } from './content.ts';
import { isGap, type Manifest, type Plan } from './format.ts';
import { listingOf } from './bundle-listing.ts';
import { refusalsIn } from './collector-refusals.ts';
import { UNSEARCHED, type Exposures } from './exposures.ts';
import { once } from './redact-content.ts';
import { LIMITS, type Limits } from './limits.ts';
import { parseListId } from './paths.ts';

export interface OpenOptions {
  readonly limits?: Limits;
  /** Also looks through every file of it. */
  readonly exposures?: Exposures | undefined;
}

/** A bundle as a snapshot, whatever tool made it. */
export interface BundleSnapshot {
  readonly snapshot: Snapshot;
  /** Whose rights it was collected with. */
  readonly identity?: Identity;
  /** Where the platform is, in an archive of one organization, which does not hold it. */
  readonly settings?: Pick<Settings, 'platforms' | 'platformNamespace' | 'sharedNamespace' | 'orgs'>;
  /** One line each: what somebody should know who judges it. */
  readonly notes: readonly string[];
}

/**
 * One of our own bundles as the cluster that it was collected from, at the time of collecting. What is missing from it is
 * missing from the snapshot, for the reason that the bundle gives.
 * @throws CrewisoError (4) for what is no such bundle, or was changed
 */
export async function snapshotOfBundle(
  file: string,
  { limits = LIMITS, exposures }: OpenOptions = {},
): Promise<BundleSnapshot> {
  const objects = new Map<string, readonly KubeObject[]>();
  let wanted: ReadonlyMap<string, Resource> | undefined;
  const read = await readBundle(
    file,
    async (entry, plan) => {
      wanted ??= resourcesByPath(plan);
      const resource = wanted.get(entry.path);
      if (resource === undefined) {
        await exposures?.look(entry);
        return;
      }
      const bytes = await all(entry);
      await exposures?.look({ ...entry, content: () => once(bytes) });
      const listed = objectsOfList(bytes, entry.path);
      objects.set(
        entry.path,
        listed.map((object) => reduced(resource, object)),
      );
    },
    limits,
  );
  const { plan, manifest } = read;
  const { cluster, collector, createdAt, format } = plan;
  const { server, context, kubernetes, id } = cluster;
  const snapshot = createSnapshot({
    origin: {
      from: 'bundle',
      file,
      format,
      ...(context !== undefined && { context }),
      ...(server !== undefined && { server }),
      ...(id !== undefined && { clusterUid: id }),
      ...(kubernetes !== undefined && { kubernetes }),
    },
    now: Date.parse(createdAt),
    listings: {
      ...listingsOf(read, objects),
      'collector-refusals': { items: refusalsIn(manifest.items, collector?.user), gaps: [] },
      'exposed-secrets': exposures?.listing() ?? UNSEARCHED,
    },
  });
  const settings = settingsOf(plan);
  return {
    snapshot,
    ...(collector && { identity: collector }),
    ...(settings && { settings }),
    notes: notesOf(plan, manifest),
  };
}

function settingsOf({ only, platform, platforms }: Plan): BundleSnapshot['settings'] {
  if (!only) return undefined;
  // An organization's archive holds nothing that shows its platform.
  if (!platform) return platforms && { platforms: platforms.map(({ id }) => id), orgs: only };
  const { platformNamespace, sharedNamespace } = platform;
  return { platformNamespace, sharedNamespace, orgs: only };
}

function resourcesByPath({ items }: Plan): ReadonlyMap<string, Resource> {
  const entries = items.flatMap(({ id, path }) => {
    const name = parseListId(id)?.resource;
    const resource = name === undefined ? undefined : snapshotResource(name);
    return resource === undefined ? [] : [[path, resource] as const];
  });
  return new Map(entries);
}

function reduced(resource: Resource, object: KubeObject): KubeObject {
  const item = withoutUnread(resource, object);
  return resource === 'events' ? asCoreEvent(item) : item;
}

function listingsOf({ plan, manifest }: ReadBundle, objects: ReadonlyMap<string, readonly KubeObject[]>): Listings {
  const items = itemsById(manifest);
  const objectsOf = (id: string): readonly KubeObject[] => objects.get(fileOf(items.get(id)) ?? '') ?? [];
  const listings: Partial<Record<Resource, Listing<Kinds[Resource]>>> = {};
  for (const resource of RESOURCE_NAMES) {
    if (UNLISTED.has(resource)) continue;
    const listing = listingOf(resource, plan, items, objectsOf);
    if (listing) listings[resource] = listing;
  }
  return listings as Listings;
}

function notesOf({ only }: Plan, { ended, items }: Manifest): readonly string[] {
  const gaps = items.filter(isGap).length;
  return [
    ...(ended === 'finished' ? [] : [`collecting this bundle was stopped (${ended}): it is not whole`]),
    ...(gaps > 0
      ? [`${String(gaps)} of ${String(items.length)} items are missing from it: kubectl crewiso bundle inspect`]
      : []),
    ...(only ? [`it is about ${only.map((org) => `organization ${org}`).join(', ')} alone`] : []),
  ];
}
