import { slice } from './kept.ts';
import type { Redacted } from './redaction/redacted.ts';

interface Items {
  readonly times: number[];
  readonly sizes: number[];
}

/** What is kept of a list. */
export interface KeptItems {
  readonly has: (index: number) => boolean;
  readonly count: number;
  /** Of all, in the order in which they came, in bytes. */
  readonly sizes: readonly number[];
  /** Of those that are kept. */
  readonly size: number;
}

/** The newest items of each namespace, where there are more than may be kept. */
export class NewestItems {
  readonly #most: number;
  readonly #items = new Map<string, Items>();

  constructor(most: number) {
    this.#most = most;
  }

  /** @param time in milliseconds @param size in bytes */
  add(namespace: string, time: number, size: number): void {
    const items = this.#items.get(namespace) ?? { times: [], sizes: [] };
    items.times.push(time);
    items.sizes.push(size);
    this.#items.set(namespace, items);
  }

  clear(): void {
    this.#items.clear();
  }

  /** How many there are; undefined where all of them are kept. */
  surplusOf(namespace: string): number | undefined {
    const count = this.#items.get(namespace)?.times.length ?? 0;
    return count > this.#most ? count : undefined;
  }

  /** Undefined where all of them are kept. Of equally old ones the first stay. */
  kept(namespace: string): KeptItems | undefined {
    const items = this.#items.get(namespace);
    if (!items || this.surplusOf(namespace) === undefined) return undefined;
    const { times, sizes } = items;
    const newest = [...times.keys()].sort((a, b) => (times[b] ?? 0) - (times[a] ?? 0) || a - b).slice(0, this.#most);
    const indexes = new Set(newest);
    return {
      has: (index) => indexes.has(index),
      count: newest.length,
      sizes,
      size: newest.reduce((sum, index) => sum + (sizes[index] ?? 0), 0),
    };
  }
}

/**
 * The items that are kept, with a separator between them, out of all of them with separators.
 * @param chunks cut where it pleases
 */
export async function* keptOf(
  chunks: AsyncIterable<Redacted>,
  { has, sizes }: KeptItems,
  between: Redacted,
): AsyncGenerator<Redacted> {
  let [item, within, some] = [0, 0, false];
  for await (const chunk of chunks) {
    for (let at = 0; at < chunk.length;) {
      const size = sizes[item] ?? 0;
      const taken = Math.min(chunk.length - at, size + between.length - within);
      const ofItem = Math.min(taken, size - within);
      if (has(item) && ofItem > 0) {
        if (within === 0 && some) yield between;
        some = true;
        yield slice(chunk, at, at + ofItem);
      }
      at += taken;
      within += taken;
      if (within < size + between.length) continue;
      item += 1;
      within = 0;
    }
  }
}
