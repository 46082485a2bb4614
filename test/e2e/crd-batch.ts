import { isDeepStrictEqual } from 'node:util';
import { compareSchemas } from '../../src/kubernetes/crd-compare-schema.ts';
import { decode } from '../../src/kubernetes/crd-prune.ts';
import { readSchema } from '../../src/kubernetes/crd-schema.ts';
import { validate } from '../../src/kubernetes/crd-validate.ts';
import type { Answer } from './api-client.ts';
import type { SchemaCase } from '../support/crd-changes.ts';
import type { Json } from '../support/crd-documents.ts';
import { telling, verdictFaults, type Outcome } from '../support/crd-witness.ts';
import { contentOf, definition, type CrdServer, type Served } from './crd-server.ts';

/** Where we and the API server do not agree. */
export interface Disagreement {
  readonly title: string;
  readonly what: string;
  readonly old: Json;
  readonly now: Json;
  readonly value?: unknown;
  readonly rules: readonly string[];
}

interface Document {
  readonly index: number;
  readonly name: string;
  readonly value: unknown;
}

/** A document under both definitions. */
interface Witness extends Document {
  /** Its creation under the old definition. */
  readonly before: Answer;
  /** How it reads under the new one, if it was created. */
  readonly read: Json | undefined;
  /** Its creation under the new definition. */
  readonly after: Answer;
  /** Creation of what is read, and a new label on the object. */
  readonly again: Answer | undefined;
  readonly labelled: Answer | undefined;
}

/** Applies many changes at once, each to a field of its own, and compares what the API server does with what we say. */
export class Batch {
  readonly #server: CrdServer;
  readonly #served: Served;
  readonly #cases: readonly SchemaCase[];
  readonly #base: string;

  constructor(server: CrdServer, served: Served, cases: readonly SchemaCase[]) {
    this.#server = server;
    this.#served = served;
    this.#cases = cases;
    this.#base = `/apis/${served.group}/v1/namespaces/default/${served.plural}`;
  }

  /** The changes that the API server takes as definitions at all. */
  static async of(server: CrdServer, served: Served, cases: readonly SchemaCase[]): Promise<Batch> {
    let left = cases;
    for (;;) {
      const batch = new Batch(server, served, left);
      const causes = [
        ...(await server.refusals(batch.#definition('old'))),
        ...(await server.refusals(batch.#definition('now'))),
      ];
      const wrong = new Set(causes.flatMap(({ field }) => /properties\[p(\d+)\]/.exec(field)?.[1] ?? []).map(Number));
      if (causes.length > 0 && wrong.size === 0) throw new Error(JSON.stringify(causes));
      if (wrong.size === 0) return batch;
      left = left.filter((_, index) => !wrong.has(index));
    }
  }

  get size(): number {
    return this.#cases.length;
  }

  #schema(side: 'old' | 'now', only?: number): Json {
    const fields = this.#cases.map((one, index) => [`p${index}`, one[side]] as const);
    const properties = Object.fromEntries(fields.filter((_, index) => only === undefined || index === only));
    return {
      type: 'object',
      properties: { marker: { type: 'string', default: side }, spec: { type: 'object', properties } },
    };
  }

  #definition(side: 'old' | 'now'): Json {
    return definition(this.#served, this.#schema(side));
  }

  #document({ index, value }: Document, name: string): Json {
    const { group, kind } = this.#served;
    return {
      apiVersion: `${group}/v1`,
      kind,
      metadata: { name },
      spec: value === undefined ? {} : { [`p${index}`]: value },
    };
  }

  async #apply(side: 'old' | 'now'): Promise<void> {
    const nothing = { index: -1, name: 'probe', value: undefined };
    const answer = await this.#server.put(this.#definition(side), async () => {
      const { body } = await this.#server.send('POST', `${this.#base}?dryRun=All`, this.#document(nothing, 'probe'));
      return (body as Json).marker === side;
    });
    if (answer.status >= 300) throw new Error(JSON.stringify(answer.body));
  }

  async witnesses(): Promise<readonly Witness[]> {
    const documents = this.#cases.flatMap((one, index) =>
      telling(one).map((value, at): Document => ({ index, value, name: `c${index}-${at}` })),
    );
    const create = (document: Document, name: string, query = ''): Promise<Answer> =>
      this.#server.send('POST', `${this.#base}${query}`, this.#document(document, name));
    await this.#apply('old');
    const before = await Promise.all(documents.map((document) => create(document, document.name)));
    await this.#apply('now');
    const items = await this.#server.list(this.#base);
    const reads = new Map(items.map((item) => [item.metadata.name, contentOf(item)]));
    return Promise.all(
      documents.map(async (document, index) => {
        const read = reads.get(document.name);
        const { name } = document;
        const label = { metadata: { labels: { looked: 'at' } } };
        const path = `${this.#base}/${name}?dryRun=All`;
        return {
          ...document,
          before: before[index]!,
          read,
          after: await create(document, `${name}-new`, '?dryRun=All'),
          again:
            read &&
            (await this.#server.send('POST', `${this.#base}?dryRun=All`, {
              ...read,
              metadata: { name: `${name}-read` },
            })),
          labelled: read && (await this.#server.send('PATCH', path, label, 'application/merge-patch+json')),
        };
      }),
    );
  }

  /** What we say about each change, held against what happened. */
  disagreements(witnesses: readonly Witness[]): readonly Disagreement[] {
    return this.#cases.flatMap((one, index) => {
      const own = witnesses.filter((witness) => witness.index === index);
      const [before, after] = [{ properties: { x: one.old } }, { properties: { x: one.now } }].map(readSchema);
      const rules = compareSchemas(before!, after!).map(({ rule }) => rule);
      const about = { title: one.title, old: one.old, now: one.now, rules };
      return [
        ...own.flatMap((witness) => this.#misjudged(witness).map((what) => ({ ...about, what, value: witness.value }))),
        ...verdictFaults(
          own.map((witness) => this.#outcome(witness)),
          rules,
        ).map(({ what, witness }) => ({ ...about, what: witness ? `${what}: ${text(witness)}` : what })),
      ];
    });
  }

  #outcome(witness: Witness): Outcome {
    const { before, after, read, again } = witness;
    const kept = ({ status, body }: Answer): unknown => (status === 201 ? (contentOf(body).spec ?? {}) : undefined);
    const { dropped } = decode(
      contentOf(this.#document(witness, witness.name)),
      readSchema(this.#schema('old', witness.index)),
    );
    return {
      unknown: before.status === 201 && dropped.length > 0,
      before: kept(before),
      after: kept(after),
      read: read && (read.spec ?? {}),
      again: again?.status === 201,
    };
  }

  /** Acceptance and content, one document at a time. */
  #misjudged(witness: Witness): readonly string[] {
    const sent = contentOf(this.#document(witness, witness.name));
    const said = [
      ...this.#compare('creation under the old schema', 'old', sent, witness.before, witness.index),
      ...this.#compare('creation under the new schema', 'now', sent, witness.after, witness.index),
    ];
    const { read, before, labelled } = witness;
    if (!read || !labelled) return said;
    const schema = readSchema(this.#schema('now', witness.index));
    const expected = decode(contentOf(before.body), schema).value;
    if (!isDeepStrictEqual(expected, read))
      said.push(`read: we expect ${text(expected)}, the server says ${text(read)}`);
    const blocked = validate(expected, schema).violations.some(({ always }) => always);
    if (blocked === labelled.status < 300)
      said.push(`label: blocked ${String(blocked)}, the server says ${text(labelled.body)}`);
    return said;
  }

  #compare(what: string, side: 'old' | 'now', sent: Json, answer: Answer, index: number): string[] {
    const schema = readSchema(this.#schema(side, index));
    const { value } = decode(sent, schema);
    const { violations, unchecked } = validate(value, schema);
    const accepted = answer.status === 201;
    const undecided = violations.length === 0 && unchecked.length > 0;
    if (!undecided && accepted !== (violations.length === 0))
      return [
        `${what}: we say ${text(violations)}, the server says ${text((answer.body as Json).message ?? 'accepted')}`,
      ];
    if (accepted && !isDeepStrictEqual(value, contentOf(answer.body)))
      return [`${what}: we keep ${text(value)}, the server keeps ${text(contentOf(answer.body))}`];
    return [];
  }
}

const text = (value: unknown): string => (value === undefined ? '' : JSON.stringify(value));
