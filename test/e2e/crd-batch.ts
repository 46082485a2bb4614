import { isDeepStrictEqual } from 'node:util';
import { compareSchemas } from '../../src/kubernetes/crd-compare-schema.ts';
import { decode } from '../../src/kubernetes/crd-prune.ts';
import { CRD_RULES, type CrdRuleId, type Side } from '../../src/kubernetes/crd-rules.ts';
import { readSchema } from '../../src/kubernetes/crd-schema.ts';
import { validate } from '../../src/kubernetes/crd-validate.ts';
import type { Answer } from './api-client.ts';
import { values, type Json, type SchemaCase } from './crd-population.ts';
import { contentOf, definition, isWithin, type CrdServer, type Served } from './crd-server.ts';

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
  /** The content that is created. */
  readonly sent: unknown;
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

const OF_EACH_WAY = 6;

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
    const documents = this.#cases.flatMap((one, index) => documentsOf(one, index));
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
          sent: this.#document(document, name).spec,
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
        ...verdictFaults(own, rules).map((fault) => ({ ...about, ...fault })),
      ];
    });
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

/** Of very many values those that tell most: of each way in which both schemas may judge a value only a few. */
function documentsOf({ old, now }: SchemaCase, index: number): readonly Document[] {
  const all = [undefined, ...interleave(values(old), values(now))];
  const unique = [...new Map(all.map((value) => [text(value), value])).values()];
  const schemas = [old, now].map((schema) => readSchema({ properties: { x: schema } }));
  const chosen = new Map<string, unknown[]>();
  for (const value of unique) {
    const results = schemas.map((schema) => {
      const kept = decode(value === undefined ? {} : { x: value }, schema).value;
      return { accepted: validate(kept, schema).violations.length === 0, kept };
    });
    const alike = isDeepStrictEqual(results[0]!.kept, results[1]!.kept);
    const way = text([results.map(({ accepted }) => accepted), alike]);
    chosen.set(way, [...(chosen.get(way) ?? []), value]);
  }
  const few = [...chosen.values()].flatMap((ones) => ones.slice(0, OF_EACH_WAY));
  return few.map((value, at) => ({ index, value, name: `c${index}-${at}` }));
}

const interleave = <T>(a: readonly T[], b: readonly T[]): readonly T[] =>
  Array.from({ length: Math.max(a.length, b.length) }, (_, at) => [
    ...a.slice(at, at + 1),
    ...b.slice(at, at + 1),
  ]).flat();

/** What is merged in another way shows only when two people apply. */
const SHOWN_BY_APPLY: ReadonlySet<string> = new Set(['list-type-changed', 'list-keys-changed', 'map-type-changed']);

function verdictFaults(
  all: readonly Witness[],
  rules: readonly CrdRuleId[],
): readonly { what: string; value?: unknown }[] {
  const judged = rules.map((rule) => CRD_RULES[rule]);
  const claims = (side: Side): boolean =>
    rules.some((rule) => CRD_RULES[rule].breaks.includes(side) && !SHOWN_BY_APPLY.has(rule));
  const harmless = judged.every(({ verdict }) => verdict === 'additive' || verdict === 'neutral');
  // Who sent fields that were never kept has not written what the definition is about.
  const own = all.filter(
    ({ sent, before }) => isWithin(withoutNulls(sent), specOf(before.body)) || before.status !== 201,
  );
  const [written, lost] = [own.filter(breaksWriters), own.filter(breaksReaders)];
  const faults: { what: string; value?: unknown }[] = [];
  if (claims('writers') && written.length === 0) faults.push({ what: 'said to break writers, and breaks none' });
  if (claims('readers') && lost.length === 0 && !own.some(isNewToReaders))
    faults.push({ what: 'said to break readers, and breaks none' });
  const [witness] = [...written, ...lost];
  if (harmless && witness)
    faults.push({
      what: `said to be harmless, and breaks: ${text(witness.after.body)} / read ${text(witness.read)}`,
      value: witness.value,
    });
  return faults;
}

function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNulls);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).filter(([, inner]) => inner !== null);
  return Object.fromEntries(entries.map(([key, inner]) => [key, withoutNulls(inner)]));
}

const specOf = (body: unknown): unknown => (contentOf(body) as { spec?: unknown }).spec;

/** What was taken is refused, or kept in another way. */
const breaksWriters = ({ before, after }: Witness): boolean =>
  before.status === 201 && (after.status !== 201 || !isWithin(specOf(before.body), specOf(after.body)));

/** What is stored reads in another way, or is nothing that the new schema promises. */
const breaksReaders = ({ before, read, again }: Witness): boolean =>
  read !== undefined && (!isWithin(specOf(before.body), read.spec) || again?.status !== 201);

/** What the old schema did not let in may now be met. */
const isNewToReaders = ({ before, after }: Witness): boolean => before.status !== 201 && after.status === 201;
