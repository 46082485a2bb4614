import { stringAt, valueAt } from '../../kubernetes/json-value.ts';
import type { KubeObject } from '../../model/object.ts';
import { addressesIn } from './addresses.ts';
import { hostsIn, nodesIn } from './host-names.ts';
import { orgNumbers } from './org-numbers.ts';
import { accountsIn, isKeptUser, usersIn } from './user-names.ts';

/** What may be given other names. */
export const PSEUDONYM_KINDS = ['orgs', 'hosts', 'users'] as const;
export type PseudonymKind = (typeof PSEUDONYM_KINDS)[number];

/** More than that are no names, but somebody's flood of them. */
const MOST = 1_000_000;
const NAMESPACE = /"namespace"\s?:\s{0,2}"([a-z0-9-]{1,63})"/g;

/** What texts name, of the kinds that are wanted. */
export class Learned {
  readonly numbers = new Set<string>();
  readonly addresses = new Set<string>();
  readonly nodes = new Set<string>();
  readonly #kinds: ReadonlySet<PseudonymKind>;
  readonly #hosts = new Set<string>();
  /** Hosts, or Services with their namespace behind a dot. */
  readonly #said = new Set<string>();
  readonly #namespaces = new Set<string>();
  readonly #users = new Set<string>();
  readonly #accounts = new Set<string>();

  constructor(kinds: ReadonlySet<PseudonymKind>) {
    this.#kinds = kinds;
  }

  /** @throws RangeError for more than there is room for */
  take(text: string, whole: boolean): void {
    if (this.#kinds.has('orgs'))
      for (const { start, end } of orgNumbers(text, whole)) this.numbers.add(text.slice(start, end));
    if (this.#kinds.has('hosts')) this.#takeHosts(text);
    if (this.#kinds.has('users')) this.#takeUsers(text);
    const sets = [this.numbers, this.addresses, this.nodes, this.#hosts, this.#said, this.#users];
    if (sets.reduce((sum, { size }) => sum + size, 0) > MOST) throw new RangeError('there are too many names in it');
  }

  /** An object of Kubernetes, of which it is known what its names are. */
  takeObject({ kind, metadata: { name }, ...rest }: KubeObject): void {
    if (kind === 'Namespace') this.#namespaces.add(name);
    if (kind === 'ServiceAccount') this.#accounts.add(name);
    if (kind === 'Node' && this.#kinds.has('hosts')) this.nodes.add(name);
    const subjects = valueAt(rest, 'subjects');
    if (!this.#kinds.has('users') || !Array.isArray(subjects)) return;
    for (const subject of subjects as unknown[]) {
      const user = stringAt(subject, 'name');
      if (user !== undefined && /^(?:User|Group)$/.test(stringAt(subject, 'kind') ?? '') && !isKeptUser(user))
        this.#users.add(Buffer.from(user).toString('latin1'));
    }
  }

  hosts(): readonly string[] {
    const isService = (name: string): boolean => this.#namespaces.has(name.slice(name.lastIndexOf('.') + 1));
    return [...this.#hosts, ...[...this.#said].filter((name) => !isService(name))];
  }

  users(): readonly string[] {
    return [...this.#users].filter((name) => !this.#accounts.has(name.slice(name.search(/[^:/]*$/))));
  }

  #takeHosts(text: string): void {
    for (const { name, said } of hostsIn(text)) (said ? this.#said : this.#hosts).add(name.toLowerCase());
    for (const { start, end } of addressesIn(text)) this.addresses.add(text.slice(start, end));
    for (const name of nodesIn(text)) this.nodes.add(name);
    for (const [, name = ''] of text.matchAll(NAMESPACE)) this.#namespaces.add(name);
  }

  #takeUsers(text: string): void {
    for (const { start, end } of usersIn(text)) this.#users.add(text.slice(start, end));
    for (const name of accountsIn(text)) this.#accounts.add(name);
  }
}
