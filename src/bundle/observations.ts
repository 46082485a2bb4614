import { listingsOf } from '../kubernetes/listings-of-objects.ts';
import { sourcesOf } from '../kubernetes/placed-right.ts';
import { resourceName } from '../kubernetes/resource-of.ts';
import type { CollectorRefusal, SecretTools } from '../model/derived.ts';
import { groupOf, type KubeObject } from '../model/object.ts';
import { RESOURCE_NAMES, RESOURCES, UNLISTED, type Kinds, type Resource } from '../model/resource.ts';
import type { Gap, GapReason, Listing, Listings } from '../model/snapshot.ts';
import { clean, cleanMessage } from '../model/text.ts';
import { Refusals } from './collector-refusals.ts';

interface Missing {
  readonly reason: GapReason;
  readonly detail: string;
}

/** Of one kind: what was seen whole, and why the rest was not. */
interface Seen {
  /** All there is, wherever. */
  everywhere: boolean;
  /** All there is in these namespaces. */
  readonly whole: Set<string>;
  /** Some of what there is. */
  partial: boolean;
  readonly missing: Map<string, Missing>;
}

/**
 * What another tool's bundle shows of a cluster. Absence is concluded from a list alone: a file that is not there, is
 * empty or broken is a gap.
 */
export class Observations {
  readonly #objects: KubeObject[] = [];
  readonly #seen = new Map<Resource, Seen>();
  readonly #refusals = new Refusals();

  /** Every object of a kind, in a namespace or wherever. */
  list(resource: Resource, namespace: string | undefined, objects: readonly KubeObject[]): void {
    const seen = this.#of(resource);
    if (namespace === undefined) seen.everywhere = true;
    else seen.whole.add(namespace);
    this.#objects.push(...objects.map((object) => withKind(resource, object)));
  }

  /** One object, or some of a kind. */
  some(resource: Resource, objects: readonly KubeObject[]): void {
    this.#of(resource).partial = true;
    this.#objects.push(...objects.map((object) => withKind(resource, object)));
  }

  missing(resource: Resource, namespace: string | undefined, reason: GapReason, detail: string): void {
    this.#of(resource).missing.set(namespace ?? '', { reason, detail: cleanMessage(detail) });
  }

  /** Whether a kind was seen whole in a namespace. */
  isWhole(resource: Resource, namespace: string): boolean {
    const seen = this.#seen.get(resource);
    return seen !== undefined && (seen.everywhere || seen.whole.has(namespace));
  }

  refusedLogs(namespace: string, message: string): void {
    this.#refusals.add({ verb: 'get', group: '', resource: 'pods/log', namespace }, message);
  }

  /** What whoever collected was refused, in these namespaces. */
  refusals(namespaces: readonly string[]): readonly CollectorRefusal[] {
    for (const [resource, { missing }] of this.#seen) {
      const { plural, apiVersion, namespaced } = RESOURCES[resource];
      for (const namespace of namespaced ? namespaces : []) {
        const said = missing.get(namespace) ?? missing.get('');
        if (said?.reason !== 'forbidden' || this.isWhole(resource, namespace)) continue;
        this.#refusals.add({ verb: 'list', group: groupOf(apiVersion), resource: plural, namespace }, said.detail);
      }
    }
    return this.#refusals.list();
  }

  /**
   * @param tool for words
   * @param namespaces all there are, where that is known
   */
  listings(tool: string, namespaces: readonly string[] | undefined, tools: SecretTools): Listings {
    const found = listingsOf(this.#objects, tools, 'all');
    const listings: Partial<Record<Resource, Listing<Kinds[Resource]>>> = {};
    for (const resource of RESOURCE_NAMES) {
      if (UNLISTED.has(resource)) continue;
      const { items, gaps } = found[resource] ?? { items: [], gaps: [] };
      listings[resource] = { items, ...this.#limits(resource, tool, namespaces, gaps) };
    }
    return listings as Listings;
  }

  #limits(
    resource: Resource,
    tool: string,
    namespaces: readonly string[] | undefined,
    own: readonly Gap[],
  ): Omit<Listing<never>, 'items'> {
    const sources = sourcesOf(resource).map((source) => this.#of(source));
    if (sources.every(({ everywhere }) => everywhere)) return { gaps: own };
    const gapIn = (namespace: string | undefined): Gap => this.#gap(resource, namespace, tool, sources);
    if (!RESOURCES[resource].namespaced) return { gaps: [...own, gapIn(undefined)] };
    const whole = (namespace: string): boolean => sources.every((seen) => seen.everywhere || seen.whole.has(namespace));
    const known = namespaces ?? [...new Set(sources.flatMap((seen) => [...seen.whole, ...seen.missing.keys()]))];
    const named = known.filter((namespace) => namespace !== '');
    const gaps = [...own, ...named.filter((namespace) => !whole(namespace)).map(gapIn)];
    // Where every namespace of the cluster is known, there is no elsewhere.
    return namespaces ? { gaps } : { gaps, within: { namespaces: named, beyond: gapIn(undefined) } };
  }

  #gap(resource: Resource, namespace: string | undefined, tool: string, sources: readonly Seen[]): Gap {
    const said = sources
      .map(({ missing }) => missing.get(namespace ?? '') ?? missing.get(''))
      .find((missing) => missing !== undefined);
    const { plural, apiVersion } = RESOURCES[resource];
    const where = namespace === undefined ? {} : { namespace: clean(namespace) };
    const detail = sources.some(({ partial }) => partial)
      ? `the bundle (${tool}) holds some of them, and does not say that these are all`
      : `the bundle (${tool}) does not hold them`;
    return {
      resource: resourceName(resource),
      ...where,
      reason: said?.reason ?? 'not-collected',
      detail: said?.detail ?? detail,
      ...(said?.reason === 'forbidden' && {
        grant: { verb: 'list', group: groupOf(apiVersion), resource: plural, ...where },
      }),
    };
  }

  #of(resource: Resource): Seen {
    let seen = this.#seen.get(resource);
    if (!seen) {
      seen = { everywhere: false, whole: new Set(), partial: false, missing: new Map() };
      this.#seen.set(resource, seen);
    }
    return seen;
  }
}

/** Some tools write items as the API server lists them: without kind. */
function withKind(resource: Resource, object: KubeObject): KubeObject {
  const { apiVersion, kind } = RESOURCES[resource];
  return object.kind !== undefined && object.apiVersion !== undefined ? object : { ...object, apiVersion, kind };
}
