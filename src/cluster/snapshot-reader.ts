import { stringAt } from '../kubernetes/json-value.ts';
import type { Identity } from '../model/access.ts';
import type { SecretTools } from '../model/derived.ts';
import type { KubeObject } from '../model/object.ts';
import type { ReadPlan, ReadScope } from '../model/reading.ts';
import { RESOURCES, UNLISTED, type Kinds, type Resource } from '../model/resource.ts';
import {
  createSnapshot,
  withListing,
  type Listing,
  type Listings,
  type Origin,
  type Snapshot,
} from '../model/snapshot.ts';
import { count } from '../model/text.ts';
import { askAccess } from './access-reviews.ts';
import { whyAborted } from './gaps.ts';
import type { RunContext } from './resource-reading.ts';
import { ResourceReading } from './resource-readings.ts';
import { readRefusals } from './log-refusals.ts';
import { lostError, readIdentity, readVersion } from './server-identity.ts';
import { SharedParts } from './shared-parts.ts';
import type { Transport } from './transport.ts';

export interface ReadOptions {
  /** Aborts the run. A reason named `TimeoutError` (AbortSignal.timeout) is the run's deadline, any other the user. */
  readonly signal?: AbortSignal;
  /** Milliseconds since the epoch: the snapshot's clock. */
  readonly now: number;
  readonly tools: SecretTools;
  readonly onProgress?: (progress: ReadProgress) => void;
}

export interface ReadProgress {
  readonly resource: Resource;
  readonly items: number;
  readonly done: number;
  readonly total: number;
}

export interface SnapshotReading {
  readonly snapshot: Snapshot;
  /** Who asked, as the API server sees it; undefined where it does not say. */
  readonly identity?: Identity & { readonly impersonated: boolean };
  readonly kubernetesVersion?: string;
  /** The user stopped the run; what was unread by then is a gap. */
  readonly interrupted: boolean;
  /** The deadline of the run stopped it. */
  readonly timedOut: boolean;
}

/**
 * Reads what a plan asks for: one cluster-wide list per resource, per namespace only where that is refused or the run
 * is narrow. Whatever cannot be read becomes a gap with its reason.
 *
 * @throws CrewisoError (4) when the cluster cannot be reached, does not let us in, or answers no list at all;
 *   (130) when the user interrupts before the first answer.
 */
export async function readSnapshot(
  transport: Transport,
  plan: ReadPlan,
  options: ReadOptions,
): Promise<SnapshotReading> {
  const kubernetesVersion = await readVersion(transport, options.signal);
  const run = new Run(transport, plan, options);
  const [identity] = await Promise.all([
    readIdentity(transport, options.signal),
    run.read(plan.first, (reading) => reading.readFirst(plan.namedNamespaces)),
  ]);
  run.ensureContact();
  const seen = (): Snapshot => run.snapshot(originOf(transport, kubernetesVersion, undefined));
  const first = seen();
  const early = plan.scope(first);
  const second = plan.second(first);
  const all = run.expect([...plan.first, ...second, ...plan.reads(first)]);
  await run.read(second, (reading) => reading.readRest(early));
  const scope = second.length > 0 ? plan.scope(seen()) : early;
  run.keep((resource, object) => scope.keeps(resource, object));
  await run.read(all, (reading) => reading.readRest(scope));
  run.ensureContact();
  const origin = originOf(transport, kubernetesVersion, await run.clusterUid());
  const snapshot = await run.withAnswers(origin);
  const aborted = options.signal?.aborted === true;
  const timedOut = aborted && whyAborted(options.signal) === 'timed out';
  return {
    snapshot,
    ...(identity && { identity }),
    ...(kubernetesVersion !== undefined && { kubernetesVersion }),
    interrupted: aborted && !timedOut,
    timedOut,
  };
}

function originOf(transport: Transport, kubernetes: string | undefined, clusterUid: string | undefined): Origin {
  const { context, server, namespace } = transport.target;
  return {
    from: 'cluster',
    ...(context && { context }),
    ...(context && namespace !== undefined && { contextNamespace: namespace }),
    server,
    ...(clusterUid && { clusterUid }),
    ...(kubernetes && { kubernetes }),
  };
}

class Run {
  readonly #transport: Transport;
  readonly #plan: ReadPlan;
  readonly #options: ReadOptions;
  readonly #context: RunContext;
  readonly #readings = new Map<Resource, ResourceReading>();
  readonly #started = new Map<Resource, Promise<void>>();
  /** How many items each finished listing had when it was last reported. */
  readonly #finished = new Map<Resource, number>();
  #expected: readonly Resource[];

  constructor(transport: Transport, plan: ReadPlan, options: ReadOptions) {
    this.#transport = transport;
    this.#plan = plan;
    this.#options = options;
    this.#expected = plan.first;
    this.#context = {
      transport,
      signal: options.signal,
      refused: new Map(),
      parts: new SharedParts(),
      contact: { answered: false },
    };
  }

  /** All that is going to be read, and asked. */
  expect(resources: readonly Resource[]): readonly Resource[] {
    this.#expected = [...new Set(resources)];
    return this.#expected;
  }

  /** Reads all resources at once, but what is derived from a resource after it: a refusal there is one here. */
  async read(resources: readonly Resource[], step: (reading: ResourceReading) => Promise<void>): Promise<void> {
    this.#started.clear();
    const listed: readonly Resource[] = [...new Set(resources)].filter((resource) => !UNLISTED.has(resource));
    const start = async (resource: Resource): Promise<void> => {
      const source = RESOURCES[resource].from;
      if (source && listed.includes(source)) await this.#start(source, start);
      await step(this.#reading(resource));
      this.#report(resource);
    };
    await Promise.all(listed.map((resource) => this.#start(resource, start)));
  }

  /** @throws CrewisoError (4) when no list was answered at all, unless the run was stopped. */
  ensureContact(): void {
    const { answered, lost } = this.#context.contact;
    if (!answered && lost && !this.#options.signal?.aborted)
      throw lostError(lost, this.#transport, this.#options.signal);
  }

  /** From now on nothing else is kept. */
  keep(keeps: ReadScope['keeps']): void {
    this.#context.keeps = keeps;
    for (const reading of this.#readings.values()) reading.settle();
  }

  snapshot(origin: Origin): Snapshot {
    const listings = Object.fromEntries(
      [...this.#readings].map(([resource, reading]) => [resource, reading.listing()]),
    ) as Partial<Record<Resource, Listing<KubeObject>>>;
    return createSnapshot({ origin, now: this.#options.now, listings: listings as Listings });
  }

  async withAnswers(origin: Origin): Promise<Snapshot> {
    const plan = this.#plan;
    const { signal } = this.#options;
    const listed = this.snapshot(origin);
    const asked = this.#expected.includes('access-reviews')
      ? withListing(listed, 'access-reviews', await askAccess(this.#transport, plan.questions(listed), signal))
      : listed;
    if (!plan.logs) return asked;
    return withListing(asked, 'refusals', await readRefusals(this.#transport, plan.logs(asked), signal));
  }

  /** The uid of kube-system tells one cluster from another; from the listing, else by one GET. */
  async clusterUid(): Promise<string | undefined> {
    const listing = this.#readings.get('namespaces')?.listing() as Listing<Kinds['namespaces']> | undefined;
    const listed = listing?.items.find(({ metadata }) => metadata.name === 'kube-system');
    if (listed) return listed.metadata.uid;
    if (listing?.gaps.length === 0 && !listing.within) return undefined;
    const path = '/api/v1/namespaces/kube-system';
    const reply = await this.#transport.send({ purpose: 'get', path, signal: this.#options.signal });
    return reply.ok ? stringAt(reply.body, 'metadata', 'uid') : undefined;
  }

  #start(resource: Resource, start: (resource: Resource) => Promise<void>): Promise<void> {
    let started = this.#started.get(resource);
    if (!started) {
      started = start(resource);
      this.#started.set(resource, started);
    }
    return started;
  }

  #reading(resource: Resource): ResourceReading {
    let reading = this.#readings.get(resource);
    if (!reading) {
      reading = new ResourceReading(resource, this.#context, this.#options.tools);
      this.#readings.set(resource, reading);
    }
    return reading;
  }

  #report(resource: Resource): void {
    const { items, gaps } = this.#reading(resource).listing();
    if (this.#finished.get(resource) === items.length) return;
    this.#finished.set(resource, items.length);
    this.#transport.trace(2, `${resource}: ${count(items.length, 'item')}, ${count(gaps.length, 'gap')}`);
    this.#options.onProgress?.({
      resource,
      items: items.length,
      done: this.#finished.size,
      total: this.#expected.length,
    });
  }
}
