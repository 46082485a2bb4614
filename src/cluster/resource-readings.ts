import { resourceName } from '../kubernetes/resource-of.ts';
import type { SecretTools } from '../model/derived.ts';
import type { KubeObject } from '../model/object.ts';
import type { ReadScope } from '../model/reading.ts';
import { RESOURCES, type Resource } from '../model/resource.ts';
import type { Gap, Listing } from '../model/snapshot.ts';
import { NamespaceReading } from './namespace-reading.ts';
import { queriesOf } from './queries.ts';
import { QueryReading, type Reading, type RunContext } from './resource-reading.ts';

/** One resource of a snapshot: where it is asked for, and what became of it. */
export class ResourceReading {
  readonly resource: Resource;
  readonly #readings: readonly Reading[];

  constructor(resource: Resource, run: RunContext, tools: SecretTools) {
    this.resource = resource;
    this.#readings = queriesOf(resource, tools, run.parts).map((query) =>
      resource === 'namespaces' ? new NamespaceReading(run, query) : new QueryReading(run, query, resource),
    );
  }

  /** Before the platform is known: everywhere, or where that is refused in the namespaces that the user named. */
  async readFirst(named: readonly string[]): Promise<void> {
    const { scope } = RESOURCES[this.resource];
    for (const reading of this.#readings) {
      if (scope === 'platform') await reading.within(named, this.#beyond('only read where the platform lives'));
      else await this.#everywhereOrIn(reading, named);
    }
  }

  /** Once the platform is known: what `readFirst` left open, or all of it. */
  async readRest(scope: ReadScope): Promise<void> {
    const { namespaced, scope: extent } = RESOURCES[this.resource];
    for (const reading of this.#readings) {
      if (extent === 'platform')
        await reading.within(scope.platformNamespaces, this.#beyond('only read where the platform lives'));
      else if (scope.narrow && namespaced && !reading.askedEverywhere)
        await reading.within(
          this.#namespacesOf(scope),
          this.#beyond('outside of the namespaces this run is narrowed to'),
        );
      else await this.#everywhereOrIn(reading, this.#namespacesOf(scope));
    }
  }

  /** Lets go of what the run does not keep. */
  settle(): void {
    for (const reading of this.#readings) reading.settle();
  }

  listing(): Listing<KubeObject> {
    const listings = this.#readings.map((reading) => reading.listing());
    const [only, ...others] = listings;
    return only && others.length === 0 ? only : merge(listings);
  }

  /** Specs are the vendor's, and looked for by four lists: tenants' namespaces are not worth four each. */
  #namespacesOf(scope: ReadScope): readonly string[] {
    return this.resource === 'support-bundle-specs' ? scope.platformNamespaces : scope.namespaces;
  }

  async #everywhereOrIn(reading: Reading, namespaces: readonly string[]): Promise<void> {
    await reading.everywhere();
    const perNamespace = RESOURCES[this.resource].namespaced || this.resource === 'namespaces';
    if (reading.refusal && perNamespace) await reading.within(namespaces, reading.refusal);
  }

  #beyond(detail: string): Gap {
    return { resource: resourceName(this.resource), reason: 'not-collected', detail };
  }
}

/** Lists of one resource as one listing: complete only where all of them are. */
function merge(listings: readonly Listing<KubeObject>[]): Listing<KubeObject> {
  const items = new Map<string, KubeObject>();
  for (const item of listings.flatMap((listing) => listing.items))
    items.set([item.kind, item.metadata.namespace, item.metadata.name].join('/'), item);
  const gaps = new Map(listings.flatMap((listing) => listing.gaps).map((gap) => [JSON.stringify(gap), gap]));
  const limits = listings.flatMap(({ within }) => (within ? [within] : []));
  const [first, ...more] = limits;
  const dropped = new Set(listings.flatMap((listing) => [...(listing.dropped ?? [])]));
  const merged = { items: [...items.values()], gaps: [...gaps.values()], ...(dropped.size > 0 && { dropped }) };
  if (!first) return merged;
  const namespaces = first.namespaces.filter((name) => more.every((other) => other.namespaces.includes(name)));
  return { ...merged, within: { namespaces, beyond: first.beyond } };
}
