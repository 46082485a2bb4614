import type { Mac } from './addresses.ts';
import type { Range } from './marker.ts';
import { isVocabulary } from './vocabulary.ts';

/** Names of Kubernetes, of its service accounts, and of Flux's former reconcilers: nobody's, and checks know them. */
const KEPT = /^(?:system:|gotk:|serviceaccounts?:|fp:|well-known:)/;
/** Names of people that are also names of roles and platforms. */
const AMBIGUOUS = new Set(
  'admin edit view cluster-admin root nobody crewai opencrane astronomer flux helm argocd default'.split(' '),
);

const SUBJECT = /\{[^{}]{0,600}?"kind"\s?:\s{0,2}"(?:User|Group)"[^{}]{0,600}\}/g;
const NAME_FIELD = /"name"\s?:\s{0,2}"((?:[^"\\]|\\.){1,256})"/;
const SHAPES: readonly RegExp[] = [
  /\b(?:User|Group) \\{0,6}"([^"\\\n]{1,256})\\{0,6}"/g,
  /\bkind: (?:User|Group)\n\s{1,40}name: ["']?([^"'\n]{1,256})/g,
  /\bname: ["']?([^"'\n]{1,256}?)["']?\n\s{1,40}kind: (?:User|Group)\b/g,
  /"username"\s?:\s{0,2}"([^"\\\n]{1,256})"/g,
  /"(?:collector|userInfo|identity)"\s?:\s{0,2}\{\s{0,8}"user"\s?:\s{0,2}"([^"\\\n]{1,256})"/g,
  /(?<![\w.%+:/-]|:\/\/)([A-Za-z0-9][\w.%+-]{0,63}(?:@|%40)[A-Za-z0-9](?:[A-Za-z0-9-]{0,62}\.){1,8}[A-Za-z]{2,24})(?![\w-])/g,
];
const GROUPS = /"(?:groups)"\s?:\s{0,2}\[([^\]]{1,20000})\]/g;
/** Also of resources and groups of the API. */
const COLLECTOR = /"(?:collector|userInfo|identity|user)"\s?:\s{0,2}\{[^{}]{0,2000}$/;
const QUOTED = /"((?:[^"\\]|\\.){1,256})"/g;

/** Where the names of people and of their groups stand because of what is around them, in order. */
export function usersIn(text: string): readonly Range[] {
  const found: Range[] = [];
  const add = (start: number, name: string): void => {
    if (!KEPT.test(name)) found.push({ start, end: start + name.length });
  };
  for (const shape of SHAPES) {
    for (const match of text.matchAll(shape)) add(match.index + match[0].indexOf(match[1] ?? ''), match[1] ?? '');
  }
  for (const match of text.matchAll(SUBJECT)) {
    const named = NAME_FIELD.exec(match[0]);
    const name = named?.[1] ?? '';
    if (named) add(match.index + named.index + named[0].lastIndexOf(name), name);
  }
  for (const match of text.matchAll(GROUPS)) {
    if (!COLLECTOR.test(text.slice(Math.max(0, match.index - 2000), match.index))) continue;
    const from = match.index + match[0].indexOf('[');
    for (const quoted of match[0].slice(match[0].indexOf('[')).matchAll(QUOTED))
      add(from + quoted.index + 1, quoted[1] ?? '');
  }
  return found.filter(({ start, end }) => end > start).sort((a, b) => a.start - b.start || b.end - a.end);
}

/** Whether a name of somebody is also a word: then it is one only where something says so. */
export const isAlsoWord = (name: string): boolean =>
  AMBIGUOUS.has(name.toLowerCase()) || isVocabulary(name) || !/[A-Za-z\x80-\xff]{2}/.test(name) || /^(?:true|false|null)$/i.test(name);

/** An address of somebody is still one. */
export function otherUser(name: string, mac: Mac): string {
  const user = `user-${mac(`user ${name}`).toString('hex', 0, 4)}`;
  const at = /@|%40/.exec(name)?.[0];
  return at === undefined ? user : `${user}${at}mail.invalid`;
}

const ACCOUNT = /"serviceAccount(?:Name)?"\s?:\s{0,2}"([^"\\]{1,253})"/g;

/** Names of service accounts: a user who is called like one may be a slip, which is a finding. */
export const accountsIn = (text: string): readonly string[] =>
  [...text.matchAll(ACCOUNT)].map(([, name = '']) => name);
