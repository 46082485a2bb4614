import type { RedactionCount, Redactor } from './redaction/redactor.ts';
import { compareText } from '../model/text.ts';

/** What collecting needs of the redactor. */
export type Redaction = Pick<Redactor, 'learnSecret' | 'learnObject' | 'known' | 'object' | 'file' | 'log' | 'leaks'>;

/** How often which rule took something out. */
export class Tally {
  readonly #counts = new Map<string, number>();

  add(counts: readonly RedactionCount[]): void {
    for (const { rule, count } of counts) this.#counts.set(rule, (this.#counts.get(rule) ?? 0) + count);
  }

  merge(record: Readonly<Record<string, number>>): void {
    this.add(Object.entries(record).map(([rule, count]) => ({ rule, count })));
  }

  /** Sorted by rule; undefined where nothing was taken out. */
  record(): Readonly<Record<string, number>> | undefined {
    if (this.#counts.size === 0) return undefined;
    return Object.fromEntries([...this.#counts].sort(([a], [b]) => compareText(a, b)));
  }
}
