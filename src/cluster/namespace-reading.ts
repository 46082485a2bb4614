import { isRecord } from '../kubernetes/json-value.ts';
import { withoutManagedFields } from '../kubernetes/secret-entry.ts';
import type { KubeObject } from '../model/object.ts';
import type { Gap, Listing } from '../model/snapshot.ts';
import { gapOf, whyAborted } from './gaps.ts';
import { QueryReading, type Reading, type RunContext } from './resource-reading.ts';
import type { Query } from './queries.ts';

/**
 * Namespaces: where they may not be listed, those with known names are asked for one by one. A 404 then is knowledge:
 * the namespace does not exist.
 */
export class NamespaceReading implements Reading {
  readonly #run: RunContext;
  readonly #list: QueryReading;
  readonly #asked = new Set<string>();
  readonly #items: KubeObject[] = [];
  readonly #gaps: Gap[] = [];

  constructor(run: RunContext, query: Query) {
    this.#run = run;
    this.#list = new QueryReading(run, query, 'namespaces');
  }

  get refusal(): Gap | undefined {
    return this.#list.refusal;
  }

  get askedEverywhere(): boolean {
    return this.#list.askedEverywhere;
  }

  everywhere(): Promise<void> {
    return this.#list.everywhere();
  }

  async within(namespaces: readonly string[]): Promise<void> {
    const open = [...new Set(namespaces)].filter((name) => !this.#asked.has(name)).sort();
    for (const name of open) this.#asked.add(name);
    await Promise.all(open.map((name) => this.#get(name)));
  }

  /** Namespaces are in no namespace: all are kept. */
  settle(): void {
    this.#list.settle();
  }

  listing(): Listing<KubeObject> {
    const listed = this.#list.listing();
    if (this.#asked.size === 0 || !this.refusal) return listed;
    return {
      items: this.#items,
      gaps: this.#gaps,
      within: { namespaces: [...this.#asked].sort(), beyond: this.refusal },
    };
  }

  async #get(name: string): Promise<void> {
    const { transport, signal } = this.#run;
    const path = `/api/v1/namespaces/${encodeURIComponent(name)}`;
    const reply = await transport.send({ purpose: 'get', path, signal });
    if (reply.ok) {
      const { body } = reply;
      if (isRecord(body) && isRecord(body.metadata)) {
        const object = { apiVersion: 'v1', kind: 'Namespace', ...body } as unknown as KubeObject;
        this.#items.push({ ...object, metadata: withoutManagedFields(object.metadata) });
      }
    } else if (reply.problem.status !== 404) {
      const grant = { verb: 'get', group: '', resource: 'namespaces', name };
      const gap = gapOf(reply.problem, { name: 'namespaces', grant, aborted: whyAborted(signal) });
      this.#gaps.push({ ...gap, namespace: name });
    }
  }
}
