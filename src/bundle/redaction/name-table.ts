import type { Range } from './marker.ts';
import { eachStart, mayEnd, runEndOf } from './name-starts.ts';
import { isVocabulary, stands } from './vocabulary.ts';

/** A name in a text, as it was learned. */
export interface FoundName extends Range {
  readonly name: string;
}

interface Row {
  longest: number;
  /** Runs of letters and digits in the longest. */
  runs: number;
}

/** Names to look for, as whole words, in one pass however many there are; capitals do not matter. */
export class NameTable {
  readonly #names = new Map<string, string>();
  /** By the first run of letters and digits of a name: most words of a text begin no name. */
  readonly #rows = new Map<string, Row>();

  get size(): number {
    return this.#names.size;
  }

  has(name: string): boolean {
    return this.#names.has(name.toLowerCase());
  }

  values(): IterableIterator<string> {
    return this.#names.values();
  }

  /** @param name in latin1, with a letter or digit at both ends */
  add(name: string): void {
    const key = name.toLowerCase();
    if (this.#names.has(key)) return;
    this.#names.set(key, name);
    const first = key.slice(0, runEndOf(key, 0));
    const row = this.#rows.get(first) ?? { longest: 0, runs: 0 };
    row.longest = Math.max(row.longest, key.length);
    row.runs = Math.max(row.runs, key.split(/[^a-z0-9\x80-\xff]+/).length);
    this.#rows.set(first, row);
  }

  /** In order and apart; of several at one place the longest. */
  find(text: string): readonly FoundName[] {
    const found: FoundName[] = [];
    if (this.#names.size === 0) return found;
    eachStart(text, (start, end) => {
      const row = this.#rows.get(text.slice(start, end).toLowerCase());
      const hit = row && this.#at(text, start, end, row);
      if (!hit) return undefined;
      found.push(hit);
      return hit.end;
    });
    return found;
  }

  #at(text: string, start: number, firstEnd: number, row: Row): FoundName | undefined {
    const ends = [firstEnd];
    for (let end = firstEnd; ends.length < row.runs;) {
      let next = end;
      while (next - start <= row.longest && next < text.length && runEndOf(text, next) === next) next++;
      end = runEndOf(text, next);
      if (end === next || end - start > row.longest) break;
      ends.push(end);
    }
    for (const end of ends.reverse()) {
      const name = this.#names.get(text.slice(start, end).toLowerCase());
      if (name === undefined || !mayEnd(text, end)) continue;
      if (isVocabulary(name) && stands(text, start, end)) continue;
      return { start, end, name };
    }
    return undefined;
  }
}
