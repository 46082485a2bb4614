import type { KubeObject } from '../model/object.ts';
import type { ManifestItem } from './format.ts';
import type { ListSink } from './list-collector.ts';
import { slice } from './kept.ts';
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

export type RedactionIn = (namespace: string) => Pick<Redaction, 'object'> | undefined;

/** Reduces and redacts the objects of one list as they arrive, and keeps them until they are written, by namespace. */
export class RedactingSink implements ListSink {
  readonly #redactionIn: RedactionIn;
  readonly #include: Inclusions | undefined;
  readonly #name: string;
  readonly #spool = new Spool();
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
  }

  restart(): void {
    this.#spool.clear();
    this.#tallies = new Map();
    this.#withheld = new Map();
  }

  /** What became of the redaction in a namespace; one object that may not be written withholds all of them. */
  result(namespace: string): Pick<ManifestItem, 'objects' | 'redactions'> | { readonly withheld: string } {
    const withheld = this.#withheld.get(namespace);
    if (withheld !== undefined) return { withheld };
    const pieces = this.#spool.pieces(namespace);
    const redactions = this.#tallies.get(namespace)?.record();
    return { objects: Math.ceil(pieces / 2), ...(redactions && { redactions }) };
  }

  /** The list as the server would send it, an item a line; undefined where even its frame may not be written. */
  content(namespace: string, head: ListHead): FileContent | undefined {
    const frame = attempt(() => this.#redactionIn(namespace)?.object({ ...head, items: [] }));
    if (frame === undefined || 'withheld' in frame) return undefined;
    const start = slice(frame.bytes, 0, frame.bytes.length - '[]}'.length);
    const size = start.length + OPEN.length + this.#spool.size(namespace) + CLOSE.length;
    const items = this.#spool.content(namespace);
    return { size, pieces: joined(start, items) };
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

async function* joined(start: Redacted, items: AsyncIterable<Redacted>): AsyncGenerator<Redacted> {
  yield start;
  yield OPEN;
  yield* items;
  yield CLOSE;
}

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
