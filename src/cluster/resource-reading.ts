import type { AccessRule } from '../model/access.ts';
import type { KubeObject } from '../model/object.ts';
import type { ReadScope } from '../model/reading.ts';
import { RESOURCES, type Resource } from '../model/resource.ts';
import type { Gap, Listing } from '../model/snapshot.ts';
import { gapOf, whyAborted } from './gaps.ts';
import { readList } from './pages.ts';
import { listPath, type Query } from './queries.ts';
import { isNotServed, type Problem } from './reply.ts';
import { servedVersion } from './served-version.ts';
import type { SharedParts } from './shared-parts.ts';
import type { Transport } from './transport.ts';

/** What all readings of one run share. */
export interface RunContext {
  readonly transport: Transport;
  readonly signal: AbortSignal | undefined;
  /** Lists that were refused, by resource and namespace, so that no other reading asks for the same again. */
  readonly refused: Map<string, Gap>;
  readonly parts: SharedParts;
  /** Whether the API server answered any list, were it with a refusal; else why not. */
  readonly contact: { answered: boolean; lost?: Problem };
  /** Which objects are worth keeping, as soon as that is known; until then all are. */
  keeps?: ReadScope['keeps'];
}

/** What is known of one list so far: cluster-wide, or namespace by namespace. */
export interface Reading {
  /** Asks cluster-wide, once. */
  everywhere(): Promise<void>;
  /** Asks in the namespaces that were not asked yet; `beyond` says why nothing is known elsewhere. */
  within(namespaces: readonly string[], beyond: Gap): Promise<void>;
  /** The gap, if the cluster-wide list was refused. */
  readonly refusal: Gap | undefined;
  readonly askedEverywhere: boolean;
  /** Lets go of what is not worth keeping, and from now on of what arrives. */
  settle(): void;
  listing(): Listing<KubeObject>;
}

/** The reading of one query. */
export class QueryReading implements Reading {
  refusal: Gap | undefined;
  askedEverywhere = false;
  readonly #run: RunContext;
  readonly #query: Query;
  readonly #resource: Resource;
  #items: readonly KubeObject[] = [];
  /** Foreign namespaces of which something was not kept. */
  readonly #dropped = new Set<string>();
  readonly #gaps: Gap[] = [];
  readonly #asked = new Set<string>();
  #beyond: Gap | undefined;

  constructor(run: RunContext, query: Query, resource: Resource) {
    this.#run = run;
    this.#query = query;
    this.#resource = resource;
  }

  async everywhere(): Promise<void> {
    if (this.askedEverywhere) return;
    this.askedEverywhere = true;
    const gap = await this.#read(undefined);
    if (gap?.reason === 'forbidden') this.refusal = gap;
    else if (gap) this.#gaps.push(gap);
  }

  async within(namespaces: readonly string[], beyond: Gap): Promise<void> {
    this.#beyond = beyond;
    const open = [...new Set(namespaces)].filter((namespace) => !this.#asked.has(namespace)).sort();
    for (const namespace of open) this.#asked.add(namespace);
    const gaps = await Promise.all(open.map((namespace) => this.#read(namespace)));
    const known = new Set(this.#gaps.map(keyOfGap));
    for (const gap of gaps) {
      if (!gap || known.has(keyOfGap(gap))) continue;
      known.add(keyOfGap(gap));
      this.#gaps.push(gap);
    }
  }

  settle(): void {
    this.#items = this.#kept(this.#items);
  }

  listing(): Listing<KubeObject> {
    const kept = { items: this.#items, ...(this.#dropped.size > 0 && { dropped: this.#dropped }) };
    if (this.#asked.size > 0 && this.#beyond)
      return { ...kept, gaps: this.#gaps, within: { namespaces: [...this.#asked].sort(), beyond: this.#beyond } };
    const elsewhere = this.refusal ?? this.#beyond;
    return { ...kept, gaps: elsewhere ? [...this.#gaps, elsewhere] : this.#gaps };
  }

  #kept(items: readonly KubeObject[]): readonly KubeObject[] {
    const { keeps } = this.#run;
    if (!keeps || !this.#query.namespaced) return items;
    return items.filter((item) => {
      const kept = keeps(this.#resource, item);
      if (!kept) this.#dropped.add(item.metadata.namespace ?? '');
      return kept;
    });
  }

  /** A kind that a CRD defines may be served in another version than the one that is asked for, or in none. */
  async #read(namespace: string | undefined): Promise<Gap | undefined> {
    const { transport, signal } = this.#run;
    const query = this.#query;
    const gap = await this.#readAs(query, namespace);
    if (gap?.reason !== 'not-served' || !RESOURCES[this.#resource].custom) return gap;
    const served = await servedVersion(transport, query, signal);
    if (served === 'none') return undefined;
    if ('problem' in served)
      return gapOf(served.problem, { name: query.name, grant: grantOf(query, namespace), aborted: whyAborted(signal) });
    return this.#readAs({ ...query, apiVersion: served.apiVersion }, namespace);
  }

  async #readAs(query: Query, namespace: string | undefined): Promise<Gap | undefined> {
    const { transport, signal, refused, contact } = this.#run;
    const key = `${query.name} ${namespace ?? ''}`;
    const before = refused.get(key);
    if (before) return before;
    const spec = {
      path: listPath(query, namespace),
      params: query.params,
      ...(query.accept && { accept: query.accept }),
      reduce: query.reduce,
    };
    const { items, problem } = await readList(transport, { ...spec, signal }, (body) => {
      const decoded = query.decode(body);
      this.#gaps.push(...decoded.gaps);
      return this.#kept(decoded.items);
    });
    this.#items = this.#items.length > 0 ? [...this.#items, ...items] : items;
    noteContact(contact, items.length > 0 ? undefined : problem);
    if (!problem) return undefined;
    const gap = gapOf(problem, {
      name: query.name,
      grant: grantOf(query, namespace),
      aborted: whyAborted(signal),
      partial: items.length > 0,
    });
    if (gap.reason === 'forbidden') refused.set(key, gap);
    return gap;
  }
}

function grantOf({ group, plural }: Query, namespace: string | undefined): AccessRule {
  return { verb: 'list', group, resource: plural, ...(namespace !== undefined && { namespace }) };
}

const keyOfGap = (gap: Gap): string => JSON.stringify([gap.resource, gap.namespace, gap.reason, gap.detail]);

/**
 * A 401 is no contact: whoever cannot authenticate has not seen the cluster. Nor is a path that is not served: where all
 * are not, it is some other server.
 */
export function noteContact(contact: RunContext['contact'], problem: Problem | undefined): void {
  const lost =
    problem &&
    (problem.status === 401 || isNotServed(problem) || (problem.kind !== 'status' && problem.kind !== 'malformed'));
  if (!lost) contact.answered = true;
  else if (problem.kind !== 'interrupted') contact.lost ??= problem;
}
