import { createHmac } from 'node:crypto';
import type { KubeObject } from '../../model/object.ts';
import { otherAddresses, type Mac } from './addresses.ts';
import { Decoding } from './decoded-runs.ts';
import { inEncoded, withoutCertificates } from './encoded-names.ts';
import type { Range } from './marker.ts';
import { otherHost, otherLabel } from './host-names.ts';
import { Learned, type PseudonymKind } from './learned-names.ts';
import { NameTable } from './name-table.ts';
import { orgNumbers } from './org-numbers.ts';
import { isAlsoWord, otherUser, usersIn } from './user-names.ts';

/** Shorter names stand by chance in what is no text. */
const SHORTEST_IN_BINARY = 6;
/** Whole names that would be numbers or words of JSON: as text they cannot be told from these. */
const NO_NAME = /^(?:\d+|true|false|null)$/i;
/** A letter or digit at both ends. */
const NAME = /^[A-Za-z0-9\x80-\xff](?:.*[A-Za-z0-9\x80-\xff])?$/s;

export interface LearnedName {
  readonly name: string;
  /** How its pseudonym begins: a part of the name that belongs to another one. */
  readonly keep?: string;
}

type Form = (mac: Mac) => string;

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
  readonly #forms = new Map<string, Form>();
  readonly #learned: Learned;
  readonly #given = new Map<string, string>();
  readonly #users = new Map<string, string>();
  readonly #taken = new Set<string>();
  #settled = false;

  constructor(options: { readonly key: Uint8Array; readonly kinds: readonly PseudonymKind[] }) {
    this.#key = createHmac('sha256', options.key).update('pseudonyms').digest();
    this.kinds = new Set(options.kinds);
    this.#learned = new Learned(this.kinds);
  }

  /** An organization. @throws RangeError for a name that cannot be told from other text */
  learnName({ name, keep = '' }: LearnedName): void {
    const latin1 = Buffer.from(name, 'utf8').toString('latin1');
    if (NO_NAME.test(latin1) || !NAME.test(latin1)) throw new RangeError(name);
    this.#name(latin1, (mac) => {
      return `${this.#replaced(keep, true)}anon${mac(`name ${latin1}`).toString('hex', 0, 5)}`;
    });
  }

  /** Takes in what a text (latin1) names. @throws RangeError for more than there is room for */
  learnText(text: string, whole: boolean, decoding = new Decoding()): void {
    this.#learned.take(text, whole);
    inEncoded(text, decoding, (plain, deeper, binary) => {
      if (!binary) this.learnText(plain, true, deeper);
      return plain;
    });
  }

  learnObject(object: KubeObject): void {
    this.#learned.takeObject(object);
  }

  /** Gives all that was learned its pseudonym. @throws RangeError where that cannot be done */
  settle(): void {
    const { numbers } = this.#learned;
    for (const host of this.#learned.hosts()) this.#name(host, (mac) => otherHost(host, mac));
    for (const node of this.#learned.nodes)
      this.#name(node, (mac) => (node.includes('.') ? otherHost : otherLabel)(node, mac));
    for (const user of this.#learned.users())
      if (!isAlsoWord(user) && NAME.test(user)) this.#name(user, (mac) => otherUser(user, mac));
    for (const number of [...numbers].sort())
      this.#given.set(
        number,
        this.#make((mac) => numberOf(mac(`number ${number}`))),
      );
    for (const [address, other] of otherAddresses(this.#learned.addresses, (salt) => this.#mac(salt))) {
      this.#names.add(address);
      this.#given.set(address, other);
    }
    const names = [...this.#forms].sort(([a], [b]) => a.length - b.length || (a < b ? -1 : 1));
    for (const [name, form] of names) this.#given.set(name, this.#make(form));
    for (const user of this.#learned.users())
      this.#users.set(user, this.#given.get(user) ?? this.#make((mac) => otherUser(user, mac)));
    this.#settled = true;
  }

  /**
   * A text (latin1) with pseudonyms for all names in it.
   * @param whole all of a file, where a field may go on in the next line
   */
  replace(text: string, whole: boolean, decoding = new Decoding(), binary = false): string {
    if (!this.#settled) throw new Error('nothing has a pseudonym yet');
    const plain = this.#replaced(withoutCertificates(text, whole), whole, binary);
    return inEncoded(plain, decoding, (inner, deeper, isBinary) => this.replace(inner, true, deeper, isBinary));
  }

  /** Of an organization that is named by its id alone. */
  orgId(id: string): string {
    return this.#given.get(id) ?? id;
  }

  /** Names with their pseudonyms; they stay in memory. */
  all(): ReadonlyMap<string, string> {
    return new Map([...this.#given, ...this.#users]);
  }

  /** Of something that is named in one place alone, and must not be told by its name. */
  single(name: string): string {
    return this.#mac(0)(`single ${name}`).toString('hex', 0, 4);
  }

  #name(name: string, form: Form): void {
    if (NO_NAME.test(name)) throw new RangeError(`${name} cannot be told from a number`);
    if (this.#names.has(name)) return;
    this.#names.add(name);
    this.#forms.set(name, form);
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
    const found: { start: number; end: number; by: string | undefined }[] = this.#names
      .find(text)
      .filter(({ name }) => !binary || name.length >= SHORTEST_IN_BINARY)
      .map(({ start, end, name }) => ({ start, end, by: this.#given.get(name) }));
    if (this.kinds.has('orgs') && text.length > 0)
      for (const { start, end } of orgNumbers(text, whole))
        found.push({ start, end, by: this.#given.get(text.slice(start, end)) });
    if (this.#users.size > 0)
      for (const { start, end } of usersIn(text))
        found.push({ start, end, by: this.#users.get(text.slice(start, end)) });
    return found
      .filter((one): one is Replacement => one.by !== undefined)
      .sort((a, b) => a.start - b.start || b.end - a.end);
  }

  /** A name that nothing else has. */
  #make(form: Form): string {
    for (let round = 0; ; round++) {
      const made = form(this.#mac(round));
      if (this.#taken.has(made) || this.#learned.numbers.has(made) || this.#names.has(made)) continue;
      this.#taken.add(made);
      return made;
    }
  }

  #mac(round: number): Mac {
    return (text) =>
      createHmac('sha256', this.#key)
        .update(round === 0 ? text : `${text} ${String(round)}`, 'latin1')
        .digest();
  }
}

/** Nine digits, none of them first a zero: an id as the platform gives them, which fits a number of 32 bits. */
const numberOf = (digest: Buffer): string => String(100_000_000 + (digest.readUInt32BE(0) % 900_000_000));
