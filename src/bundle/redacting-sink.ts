import { eventTime } from '../kubernetes/event.ts';
import type { KubeObject } from '../model/object.ts';
import type { ManifestItem } from './format.ts';
import type { ListSink } from './list-collector.ts';
import { slice } from './kept.ts';
import { keptOf, NewestItems } from './newest-items.ts';
import { ELSEWHERE } from './paths.ts';
import { fixed, type Redacted } from './redaction/redacted.ts';
import { Tally, type Redaction } from './redaction-counts.ts';
import { reduce, reduceElsewhere, type Inclusions } from './reductions.ts';
import { Spool } from './spool.ts';

/** A file of a bundle, ready to be written. */
export interface FileContent {
  readonly size: number;
  readonly pieces: AsyncIterable<Redacted> | Iterable<Redacted>;
}

/** Of a namespace; how many a server has depends on how long it keeps them. */
const MOST_EVENTS = 5000;

export type RedactionIn = (namespace: string) => Pick<Redaction, 'object'> | undefined;

/** Reduces and redacts the objects of one list as they arrive, and keeps them until they are written, by namespace. */
export class RedactingSink implements ListSink {
  readonly #redactionIn: RedactionIn;
  readonly #include: Inclusions | undefined;
  readonly #name: string;
  readonly #spool = new Spool();
  readonly #newest: NewestItems | undefined;
  #tallies = new Map<string, Tally>();
  #withheld = new Map<string, string>();

  /**
   * @param redactionIn what redacts the objects of a namespace; none where they go nowhere
   * @param name of the list, `deployments.apps`
   */
  constructor(redactionIn: RedactionIn, name: string, include?: Inclusions) {
    this.#redactionIn = redactionIn;
    this.#include = include;
    this.#name = name;
    this.#newest = name === 'events' ? new NewestItems(MOST_EVENTS) : undefined;
  }

  async put(namespace: string, object: KubeObject): Promise<void> {
    const redaction = this.#redactionIn(namespace);
    if (!redaction) return;
    const kept = (namespace === ELSEWHERE ? reduceElsewhere : reduce)(this.#name, object, this.#include);
    const redacted = attempt(() => redaction.object(kept));
    if ('withheld' in redacted) {
      this.#withheld.set(namespace, `${redacted.withheld.rule}: ${redacted.withheld.why}`);
      return;
    }
    const tally = this.#tallies.get(namespace) ?? new Tally();
    tally.add(redacted.counts);
    this.#tallies.set(namespace, tally);
    if (this.#spool.pieces(namespace) > 0) await this.#spool.append(namespace, BETWEEN);
    await this.#spool.append(namespace, redacted.bytes);
    this.#newest?.add(namespace, Date.parse(eventTime(object) ?? '') || 0, redacted.bytes.length);
  }

  restart(): void {
    this.#spool.clear();
    this.#newest?.clear();
    this.#tallies = new Map();
    this.#withheld = new Map();
  }

  /** What became of the objects of these namespaces; one that may not be written withholds all of them. */
  result(
    namespaces: readonly string[],
  ): Pick<ManifestItem, 'objects' | 'redactions' | 'status' | 'cause' | 'detail'> | { readonly withheld: string } {
    const tally = new Tally();
    let objects = 0;
    let surplus: number | undefined;
    for (const namespace of namespaces) {
      const withheld = this.#withheld.get(namespace);
      if (withheld !== undefined) return { withheld };
      surplus ??= this.#newest?.surplusOf(namespace);
      objects += Math.min(Math.ceil(this.#spool.pieces(namespace) / 2), this.#newest ? MOST_EVENTS : Infinity);
      tally.merge(this.#tallies.get(namespace)?.record() ?? {});
    }
    const redactions = tally.record();
    const cut = surplus === undefined ? {} : { cause: 'items' as const, detail: `the newest of ${String(surplus)}` };
    const status = surplus !== undefined ? 'truncated' : objects === 0 ? 'empty' : 'ok';
    return { objects, status, ...cut, ...(redactions && { redactions }) };
  }

  /** The list as the server would send it, an item a line; undefined where even its frame may not be written. */
  content(namespaces: readonly string[], head: ListHead): FileContent | undefined {
    const [first = ''] = namespaces;
    const frame = attempt(() => this.#redactionIn(first)?.object({ ...head, items: [] }));
    if (frame === undefined || 'withheld' in frame) return undefined;
    const start = slice(frame.bytes, 0, frame.bytes.length - '[]}'.length);
    const filled = namespaces.filter((namespace) => this.#spool.pieces(namespace) > 0);
    const items = filled.reduce((sum, namespace) => sum + this.#sizeOf(namespace), 0);
    const between = BETWEEN.length * Math.max(0, filled.length - 1);
    return { size: start.length + OPEN.length + items + between + CLOSE.length, pieces: this.#joined(start, filled) };
  }

  async *#joined(start: Redacted, namespaces: readonly string[]): AsyncGenerator<Redacted> {
    yield start;
    yield OPEN;
    for (const [index, namespace] of namespaces.entries()) {
      if (index > 0) yield BETWEEN;
      const kept = this.#newest?.kept(namespace);
      const all = this.#spool.content(namespace);
      yield* kept ? keptOf(all, kept, BETWEEN) : all;
    }
    yield CLOSE;
  }

  #sizeOf(namespace: string): number {
    const kept = this.#newest?.kept(namespace);
    return kept ? kept.size + BETWEEN.length * (kept.count - 1) : this.#spool.size(namespace);
  }

  close(): Promise<void> {
    return this.#spool.close();
  }
}

export interface ListHead {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly resourceVersion?: string };
}

/** Around and between the items of a list, each of which is a line. */
export const OPEN = fixed`[
`;
export const BETWEEN = fixed`,
`;
export const CLOSE = fixed`
]}
`;

/** A redactor that throws has a bug; then nothing of what it was given is written. */
export function attempt<T>(
  redact: () => T,
): T | { readonly withheld: { readonly rule: string; readonly why: string } } {
  try {
    return redact();
  } catch (error) {
    // Its message may quote what it was given.
    return { withheld: { rule: 'error', why: error instanceof Error ? error.name : 'unknown' } };
  }
}
