import { listingsOf, type Completeness } from '../kubernetes/listings-of-objects.ts';
import { resourceName, resourceOf } from '../kubernetes/resource-of.ts';
import type { SecretTools } from '../model/derived.ts';
import { groupOf, type KubeObject, type ObjectRef } from '../model/object.ts';
import { RESOURCES, type Kinds, type Resource } from '../model/resource.ts';
import { createSnapshot, type Gap, type Listing, type Location, type Snapshot } from '../model/snapshot.ts';
import { clean } from '../model/text.ts';
import type { LocatedObject, ManifestRead, Problem } from './read.ts';

export interface ManifestSnapshotOptions {
  /** Milliseconds since the epoch. */
  readonly now: number;
  readonly complete: Completeness;
  readonly tools: SecretTools;
  /** For objects of namespaced kinds that name no namespace, as `kubectl apply -n` would place them; default: `default`. */
  readonly defaultNamespace?: string;
}

/**
 * Files as a snapshot. Where a document could not be read, any object may be missing: every listing then has a gap that
 * names the file, whatever completeness was claimed.
 */
export function snapshotOfManifests(read: ManifestRead, options: ManifestSnapshotOptions): Snapshot {
  const namespace = options.defaultNamespace ?? 'default';
  const placed = read.objects.map((entry) => ({ ...entry, object: inNamespace(entry.object, namespace) }));
  const listings = listingsOf(
    placed.map(({ object }) => object),
    options.tools,
    options.complete,
  );
  const failures = read.problems.filter(({ level }) => level === 'error');
  const locations = indexLocations(placed);
  return createSnapshot({
    origin: { from: 'manifests', files: read.files },
    now: options.now,
    listings: Object.fromEntries(
      Object.entries(listings).map(([resource, listing]) => [
        resource,
        withFailures(resource as Resource, listing, failures),
      ]),
    ),
    locate: (object) => locations.get(keyOf(object)),
  });
}

function inNamespace(object: KubeObject, namespace: string): KubeObject {
  const resource = resourceOf(object.apiVersion ?? '', object.kind ?? '');
  if (!resource || !RESOURCES[resource].namespaced || object.metadata.namespace) return object;
  return { ...object, metadata: { ...object.metadata, namespace } };
}

/** A few files are named, so that a gap stays one line. */
function withFailures(
  resource: Resource,
  listing: Listing<Kinds[Resource]>,
  failures: readonly Problem[],
): Listing<Kinds[Resource]> {
  const [first, ...others] = failures;
  if (!first) return listing;
  const where = first.line === undefined ? first.file : `${first.file}:${first.line}`;
  const more = others.length > 0 ? ` (and ${others.length} more)` : '';
  const detail = clean(`${where} could not be read: ${first.message}${more}`);
  const gap: Gap = { resource: resourceName(resource), reason: 'failed', detail };
  return { ...listing, gaps: [gap, ...listing.gaps] };
}

function indexLocations(entries: readonly LocatedObject[]): ReadonlyMap<string, Location> {
  return new Map(
    entries.map(({ object, location }) => [
      keyOf({ ...object.metadata, apiVersion: object.apiVersion ?? '', kind: object.kind ?? '' }),
      location,
    ]),
  );
}

/** Without version: a check may name an object by another version of its group than the file uses. */
function keyOf({
  apiVersion,
  kind,
  namespace,
  name,
}: Pick<ObjectRef, 'apiVersion' | 'kind' | 'namespace' | 'name'>): string {
  const resource = resourceOf(apiVersion, kind);
  const cluster = resource !== undefined && !RESOURCES[resource].namespaced;
  return JSON.stringify([resource ?? `${groupOf(apiVersion)}/${kind}`, cluster ? '' : (namespace ?? ''), name]);
}
