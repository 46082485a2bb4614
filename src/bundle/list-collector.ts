import { isRecord } from '../kubernetes/json-value.ts';
import { withoutManagedFields } from '../kubernetes/secret-entry.ts';
import type { ClusterReader, ListOptions, ReadTrouble } from '../model/cluster-reader.ts';
import type { KubeObject } from '../model/object.ts';
import { RESOURCES } from '../model/resource.ts';
import { isWide, type CollectScope } from './collect-scope.ts';
import { mattersElsewhere, namespaceOf, snapshotResource, type Content } from './content.ts';
import type { Cause, ManifestItem, Status } from './format.ts';
import { ELSEWHERE } from './paths.ts';
import { servedElsewhere } from './served-elsewhere.ts';

/** What became of a list in one namespace, elsewhere, or in the whole cluster. */
export type Outcome = Pick<ManifestItem, 'status' | 'cause' | 'detail' | 'http' | 'resourceVersion'>;

/** Takes the objects of a list as they come. */
export interface ListSink {
  /** @param namespace that it is filed under, or `*` for those of others */
  put(namespace: string, object: KubeObject): void | Promise<void>;
  /** The list begins anew: what came before is superseded. */
  restart(): void;
}

export interface Listed {
  /** Of a namespace, of `*`, or of what is in none. */
  outcome(namespace?: string): Outcome;
  /** Namespaces that are not the platform's and had something that was left out. */
  readonly dropped: readonly string[];
}

/**
 * One list of the whole cluster, or where that is refused (or the run is narrow) one of each namespace: so requests do not
 * grow with organizations as long as the rights are there. Objects of foreign namespaces are let go of as they arrive.
 */
export async function listInto(
  reader: ClusterReader,
  content: Content,
  scope: CollectScope,
  options: Omit<ListOptions, 'namespace'>,
  sink: ListSink,
): Promise<Listed> {
  const run = new ListRun(reader, content, scope, options, sink);
  if (content.where === 'cluster') return run.everywhere();
  return isWide(scope, content.name) ? run.everywhere() : run.inNamespaces();
}

class ListRun {
  readonly #reader: ClusterReader;
  readonly #content: Content;
  readonly #scope: CollectScope;
  readonly #options: Omit<ListOptions, 'namespace'>;
  readonly #sink: ListSink;
  readonly #own: ReadonlySet<string>;
  readonly #dropped = new Set<string>();

  constructor(
    reader: ClusterReader,
    content: Content,
    scope: CollectScope,
    options: Omit<ListOptions, 'namespace'>,
    sink: ListSink,
  ) {
    this.#reader = reader;
    this.#content = content;
    this.#scope = scope;
    this.#options = options;
    this.#sink = sink;
    this.#own = new Set(scope.namespaces.map(({ name }) => name));
  }

  async everywhere(): Promise<Listed> {
    const outcome = await this.#list(undefined);
    if (outcome.status === 'forbidden' && this.#content.where === 'everywhere') return this.inNamespaces(outcome);
    return { outcome: () => outcome, dropped: [...this.#dropped].sort() };
  }

  /** @param elsewhere what became of asking everywhere */
  async inNamespaces(elsewhere?: Outcome): Promise<Listed> {
    const isNamespaces = this.#content.name === 'namespaces';
    const outcomes = new Map(
      await Promise.all(
        [...this.#own].map(async (name) => [name, await (isNamespaces ? this.#get(name) : this.#list(name))] as const),
      ),
    );
    const unknown: Outcome = elsewhere ?? { status: 'skipped', cause: 'selection' };
    return { outcome: (namespace = ELSEWHERE) => outcomes.get(namespace) ?? unknown, dropped: [] };
  }

  /** A kind that a CRD defines may be served in another version than the one that is asked for, or in none. */
  async #list(namespace: string | undefined): Promise<Outcome> {
    const outcome = await this.#listAs(this.#content, namespace);
    const resource = snapshotResource(this.#content.name);
    if (outcome.status !== 'notFound' || resource === undefined || !RESOURCES[resource].custom) return outcome;
    const served = await servedElsewhere(this.#reader, this.#content);
    if (served === 'none') return { status: 'notApplicable' };
    if ('trouble' in served) return outcomeOf(served.trouble, false);
    return this.#listAs({ ...this.#content, ...served }, namespace);
  }

  async #listAs(content: Content, namespace: string | undefined): Promise<Outcome> {
    const pages = this.#reader.list(content, { ...this.#options, ...(namespace !== undefined && { namespace }) });
    let resourceVersion: string | undefined;
    let some = false;
    for (;;) {
      const step = await pages.next();
      const version = resourceVersion === undefined ? {} : { resourceVersion };
      if (step.done) return { ...outcomeOf(step.value, some), ...version };
      const { items, restarted } = step.value;
      if (restarted) this.#sink.restart();
      resourceVersion = step.value.resourceVersion;
      some ||= items.length > 0;
      for (const item of items) await this.#put(item);
    }
  }

  /** Where namespaces may not be listed, those of the platform are known by name. */
  async #get(name: string): Promise<Outcome> {
    const reply = await this.#reader.get(`/api/v1/namespaces/${encodeURIComponent(name)}`);
    // That it does not exist is an answer.
    if ('trouble' in reply)
      return reply.trouble.reason === 'not-found' ? { status: 'ok' } : outcomeOf(reply.trouble, false);
    if (!isRecord(reply.value) || !isRecord(reply.value.metadata))
      return { status: 'apiError', detail: 'the server answered with something that is no Namespace' };
    const namespace = { apiVersion: 'v1', kind: 'Namespace', ...reply.value } as unknown as KubeObject;
    await this.#put({ ...namespace, metadata: withoutManagedFields(namespace.metadata) });
    return { status: 'ok' };
  }

  async #put(item: KubeObject): Promise<void> {
    const { name, where } = this.#content;
    if (where === 'cluster') return this.#sink.put('', item);
    const namespace = namespaceOf(item);
    if (this.#own.has(namespace)) return this.#sink.put(namespace, item);
    const resource = snapshotResource(name);
    const kept = resource !== undefined && mattersElsewhere(name) && this.#scope.keeps(resource, item);
    if (kept || name === 'namespaces') return this.#sink.put(ELSEWHERE, item);
    this.#dropped.add(namespace);
  }
}

const STATUS: Readonly<Record<ReadTrouble['reason'], Status>> = {
  forbidden: 'forbidden',
  'not-found': 'notFound',
  'not-served': 'notFound',
  'no-log': 'notApplicable',
  timeout: 'timeout',
  failed: 'apiError',
  interrupted: 'skipped',
};

const CAUSE: Readonly<Record<ReadTrouble['reason'], Cause>> = {
  forbidden: 'apiError',
  'not-found': 'gone',
  'not-served': 'gone',
  'no-log': 'gone',
  timeout: 'timeout',
  failed: 'apiError',
  interrupted: 'interrupt',
};

/** @param some whether something arrived before the trouble: that is kept */
export function outcomeOf(trouble: ReadTrouble | undefined, some: boolean): Outcome {
  if (!trouble) return { status: 'ok' };
  const { reason, message, http } = trouble;
  const more = { detail: message, ...(http !== undefined && { http }) };
  if (some) return { status: 'truncated', cause: CAUSE[reason], ...more };
  const status = STATUS[reason];
  return status === 'skipped' ? { status, cause: 'interrupt', ...more } : { status, ...more };
}
