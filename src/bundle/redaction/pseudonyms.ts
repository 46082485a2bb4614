import { createHmac } from 'node:crypto';
import { Decoding } from './decoded-runs.ts';
import { inEncoded } from './encoded-names.ts';
import type { Range } from './marker.ts';
import { NameTable } from './name-table.ts';
import { orgNumbers } from './org-numbers.ts';

/** What may be given other names. */
export const PSEUDONYM_KINDS = ['orgs', 'hosts', 'users'] as const;
export type PseudonymKind = (typeof PSEUDONYM_KINDS)[number];

/** More than that are no names, but somebody's flood of them. */
const MOST = 1_000_000;
/** Shorter names stand by chance in what is no text. */
const SHORTEST_IN_BINARY = 6;
/** Whole names that would be numbers or words of JSON: as text they cannot be told from these. */
const NO_NAME = /^(?:\d+|true|false|null)$/i;
/** A letter or digit at both ends. */
const NAME = /^[A-Za-z0-9\x80-\xff](?:.*[A-Za-z0-9\x80-\xff])?$/s;

export interface LearnedName {
  readonly name: string;
  /** How its pseudonym begins: a part of the name that says what it is (`tenant-`), or belongs to another name. */
  readonly keep?: string;
}

interface Replacement extends Range {
  readonly by: string;
}

/**
 * Other names for what has a name, made with a key: the same one wherever it stands, and in every bundle with the same
 * key. First everything is learned, then all is given its pseudonym, so that no two are alike and none is also a name.
 */
export class Pseudonyms {
  readonly kinds: ReadonlySet<PseudonymKind>;
  readonly #key: Uint8Array;
  readonly #names = new NameTable();
  readonly #kept = new Map<string, string>();
  readonly #numbers = new Set<string>();
  readonly #given = new Map<string, string>();
  readonly #taken = new Set<string>();
  #settled = false;

  constructor(options: { readonly key: Uint8Array; readonly kinds: readonly PseudonymKind[] }) {
    this.#key = createHmac('sha256', options.key).update('pseudonyms').digest();
    this.kinds = new Set(options.kinds);
  }

  /** @throws RangeError for a name that cannot be told from other text */
  learnName({ name, keep = '' }: LearnedName): void {
    const latin1 = Buffer.from(name, 'utf8').toString('latin1');
    if (NO_NAME.test(latin1) || !NAME.test(latin1)) throw new RangeError(name);
    this.#names.add(latin1);
    if (keep !== '') this.#kept.set(latin1, keep);
  }

  /** Takes in what a text (latin1) names. */
  learnText(text: string, whole: boolean, decoding = new Decoding()): void {
    if (!this.kinds.has('orgs')) return;
    for (const { start, end } of orgNumbers(text, whole)) this.#numbers.add(text.slice(start, end));
    if (this.#numbers.size + this.#names.size > MOST) throw new RangeError('there are too many names in it');
    inEncoded(text, decoding, (plain, deeper) => {
      this.learnText(plain, true, deeper);
      return plain;
    });
  }

  /** Gives all that was learned its pseudonym. */
  settle(): void {
    for (const number of [...this.#numbers].sort()) this.#give(number, `number ${number}`, numberOf);
    const names = [...this.#names.values()].sort((a, b) => a.length - b.length || (a < b ? -1 : 1));
    for (const name of names) {
      const keep = this.#replaced(this.#kept.get(name) ?? '', true);
      this.#give(name, `name ${name}`, (digest) => `${keep}anon${digest.toString('hex', 0, 5)}`);
    }
    this.#settled = true;
  }

  /**
   * A text (latin1) with pseudonyms for all names in it.
   * @param whole all of a file, where a field may go on in the next line
   */
  replace(text: string, whole: boolean, decoding = new Decoding(), binary = false): string {
    if (!this.#settled) throw new Error('nothing has a pseudonym yet');
    const plain = this.#replaced(text, whole, binary);
    return inEncoded(plain, decoding, (inner, deeper, isBinary) => this.replace(inner, true, deeper, isBinary));
  }

  /** Of an organization that is named by its id alone. */
  orgId(id: string): string {
    return this.#given.get(id) ?? id;
  }

  /** Names with their pseudonyms; they stay in memory. */
  all(): ReadonlyMap<string, string> {
    return this.#given;
  }

  #replaced(text: string, whole: boolean, binary = false): string {
    const parts: string[] = [];
    let at = 0;
    for (const { start, end, by } of this.#replacements(text, whole, binary)) {
      if (start < at) continue;
      parts.push(text.slice(at, start), by);
      at = end;
    }
    return at === 0 ? text : parts.join('') + text.slice(at);
  }

  #replacements(text: string, whole: boolean, binary: boolean): readonly Replacement[] {
    const names = this.#names
      .find(text)
      .filter(({ name }) => !binary || name.length >= SHORTEST_IN_BINARY)
      .map(({ start, end, name }) => ({ start, end, by: this.#given.get(name) }));
    const numbers = this.kinds.has('orgs')
      ? orgNumbers(text, whole).map(({ start, end }) => ({ start, end, by: this.#given.get(text.slice(start, end)) }))
      : [];
    return [...names, ...numbers]
      .filter((one): one is Replacement => one.by !== undefined)
      .sort((a, b) => a.start - b.start || b.end - a.end);
  }

  #give(name: string, what: string, form: (digest: Buffer) => string): void {
    for (let round = 0; ; round++) {
      const hmac = createHmac('sha256', this.#key).update(what, 'latin1');
      const pseudonym = form((round === 0 ? hmac : hmac.update(` ${String(round)}`)).digest());
      if (this.#taken.has(pseudonym) || this.#numbers.has(pseudonym) || this.#names.has(pseudonym)) continue;
      this.#taken.add(pseudonym);
      this.#given.set(name, pseudonym);
      return;
    }
  }
}

/** Nine digits, none of them first a zero: an id as the platform gives them, which fits a number of 32 bits. */
const numberOf = (digest: Buffer): string => String(100_000_000 + (digest.readUInt32BE(0) % 900_000_000));
