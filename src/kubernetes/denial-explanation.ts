import { shellQuote } from '../model/text.ts';
import type { Refused } from './forbidden-denial.ts';
import type { LeastGrant } from './least-grant.ts';

/** What a refusal means and the least that ends it: plain data. */
export interface Explanation {
  readonly class: Refused['class'];
  /** Whether rights were missing: where not, no role and no binding helps. */
  readonly rbac: boolean;
  /** Who refused, and what that means, in one line. */
  readonly headline: string;
  readonly what: readonly string[];
  readonly who?: string;
  readonly where: string;
  /** Commands that can be pasted, and advice behind `# `, in order. */
  readonly steps: readonly string[];
  /** What is easily got wrong about it. */
  readonly watch: readonly string[];
  /** Ids of checks that are about it. */
  readonly see: readonly string[];
  /** The least role and binding that allow it, where the text says everything. */
  readonly grant?: LeastGrant;
}

/** What an explanation is made from. */
export interface Told<D extends Refused = Refused> {
  readonly denial: D;
  /** Names of the objects that it was refused for. */
  readonly names: readonly string[];
  readonly moreNames: boolean;
  /** Where it happened: from the message, or as the user says. */
  readonly namespace?: string;
}

/** Members of the union hold several classes. */
export type DenialOf<C extends Refused['class'], D = Refused> = D extends { readonly class: infer K }
  ? Extract<K, C> extends never
    ? never
    : D
  : never;

export const WHERE_UNKNOWN = 'the message names no namespace: add -n NAMESPACE';

/** `namespace crewai-org-4`, or what to do to have the commands filled in. */
export function placeOf(namespace: string | undefined): string {
  return namespace === undefined ? WHERE_UNKNOWN : `namespace ${namespace}`;
}

/**
 * A command with quoted words in it. Where a word is not known it is NAMESPACE, and the command only advice; so it is
 * where a word would be read as a flag, which no name in a cluster begins like.
 */
export function shell(parts: readonly string[], ...words: readonly (string | undefined)[]): string {
  const line = parts.reduce((text, part, at) => {
    const word = at === 0 ? '' : words[at - 1];
    return text + (word === undefined ? 'NAMESPACE' : at === 0 ? '' : shellQuote(word)) + part;
  }, '');
  return words.every((word) => word !== undefined && !word.startsWith('-')) ? line : `# ${line}`;
}

/** `pods "p"`, `deployments.apps "d"`, `deployments.apps` */
export function targetText({ denial, names, moreNames }: Told): string {
  const { target } = denial;
  if (!target) return 'an object';
  const kind = target.group === '' ? target.resource : `${target.resource}.${target.group}`;
  return `${kind}${namesText(names, moreNames)}`;
}

/** ` "a", "b" and more`, with the blank in front; empty where there is none. */
export function namesText(names: readonly string[], moreNames: boolean): string {
  if (names.length === 0) return '';
  return ` ${names.map((name) => `"${name}"`).join(', ')}${moreNames ? ' and more' : ''}`;
}
