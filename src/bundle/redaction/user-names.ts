import type { Mac } from './addresses.ts';
import type { Range } from './marker.ts';
import { escapeLength } from './name-starts.ts';
import { isVocabulary } from './vocabulary.ts';

/** Names of Kubernetes, of its service accounts, and of Flux's former reconcilers: nobody's, and checks know them. */
const KEPT = /^(?:system:|gotk:|serviceaccounts?:|fp:|well-known:)/;
/** Names of people that are also names of roles and platforms. */
const AMBIGUOUS = new Set(
  'admin edit view cluster-admin root nobody crewai opencrane astronomer flux helm argocd default'.split(' '),
);

const SUBJECT = /"kind"\s?:\s{0,2}"(?:User|Group)"/g;
/** As much of a subject as is looked at. */
const AROUND = 600;
const NAME_FIELD = /"name"\s?:\s{0,2}"((?:[^"\\]|\\.){1,256})"/;
const SHAPES: readonly RegExp[] = [
  /\b(?:User|Group) \\{0,6}"([^"\\\n]{1,256})\\{0,6}"/g,
  /\bkind: (?:User|Group)\n\s{1,40}name: ["']?([^"'\n]{1,256})/g,
  /\bname: ["']?([^"'\n]{1,256}?)["']?\n\s{1,40}kind: (?:User|Group)\b/g,
  /"username"\s?:\s{0,2}"([^"\\\n]{1,256})"/g,
  /"(?:collector|userInfo|identity)"\s?:\s{0,2}\{\s{0,8}"user"\s?:\s{0,2}"([^"\\\n]{1,256})"/g,
];
const AT = /@|%40/g;
const LOCAL_PART = /(?<![\w.%+:/-]|:\/\/)(?!git$)[A-Za-z0-9][\w.+-]{0,63}$/;
const DOMAIN = /(?:[A-Za-z0-9][A-Za-z0-9-]{0,62}\.){1,8}[A-Za-z]{2,24}(?![\w-])/y;
const GROUPS = /"(?:groups)"\s?:\s{0,2}\[([^\]]{1,20000})\]/g;
/** Also of resources and groups of the API. */
const COLLECTOR = /"(?:collector|userInfo|identity|user)"\s?:\s{0,2}\{[^{}]{0,2000}$/;
const QUOTED = /"((?:[^"\\]|\\.){1,256})"/g;

/** Where the names of people and of their groups stand because of what is around them, in order. */
export function usersIn(text: string): readonly Range[] {
  return [...namesOfShapes(text), ...addressesOfPeople(text), ...namesOfSubjects(text), ...namesOfGroups(text)]
    .filter(({ start, end }) => end > start && !isKeptUser(text.slice(start, end)))
    .sort((a, b) => a.start - b.start || b.end - a.end);
}

const namesOfShapes = (text: string): readonly Range[] =>
  SHAPES.flatMap((shape) =>
    [...text.matchAll(shape)].map(({ 0: all, 1: name = '', index }) => rangeOf(index + all.indexOf(name), name)),
  );

/** An object of which one field says that it is somebody. */
const namesOfSubjects = (text: string): readonly Range[] =>
  [...text.matchAll(SUBJECT)].flatMap(({ index }) => {
    const before = text.slice(Math.max(0, index - AROUND), index);
    const start = index - before.length + Math.max(0, before.lastIndexOf('{'));
    const [object = ''] = text.slice(index, index + AROUND).split('}', 1);
    const named = NAME_FIELD.exec(text.slice(start, index) + object);
    const name = named?.[1] ?? '';
    return named ? [rangeOf(start + named.index + named[0].lastIndexOf(name), name)] : [];
  });

const addressesOfPeople = (text: string): readonly Range[] =>
  [...text.matchAll(AT)].flatMap(({ 0: at, index }) => {
    const from = Math.max(0, index - 70);
    const local = LOCAL_PART.exec(text.slice(from, index));
    DOMAIN.lastIndex = index + at.length;
    const written = local && DOMAIN.exec(text);
    if (!written) return [];
    const start = from + local.index + escapeLength(text, from + local.index);
    return start < index ? [{ start, end: DOMAIN.lastIndex }] : [];
  });

function namesOfGroups(text: string): readonly Range[] {
  return [...text.matchAll(GROUPS)].flatMap(({ 0: all, index }) => {
    if (!COLLECTOR.test(text.slice(Math.max(0, index - 2000), index))) return [];
    const open = all.indexOf('[');
    return [...all.slice(open).matchAll(QUOTED)].map((quoted) =>
      rangeOf(index + open + quoted.index + 1, quoted[1] ?? ''),
    );
  });
}

const rangeOf = (start: number, name: string): Range => ({ start, end: start + name.length });

export const isKeptUser = (name: string): boolean => KEPT.test(name);

/** Whether a name of somebody is also a word: then it is one only where something says so. */
export const isAlsoWord = (name: string): boolean =>
  AMBIGUOUS.has(name.toLowerCase()) ||
  isVocabulary(name) ||
  !/[A-Za-z\x80-\xff]{2}/.test(name) ||
  /^(?:true|false|null)$/i.test(name);

/** An address of somebody is still one. */
export function otherUser(name: string, mac: Mac): string {
  const user = `user-${mac(`user ${name}`).toString('hex', 0, 4)}`;
  const at = /@|%40/.exec(name)?.[0];
  return at === undefined ? user : `${user}${at}mail.invalid`;
}

const ACCOUNT = /"serviceAccount(?:Name)?"\s?:\s{0,2}"([^"\\]{1,253})"/g;

/** Names of service accounts: a user who is called like one may be a slip, which is a finding. */
export const accountsIn = (text: string): readonly string[] => [...text.matchAll(ACCOUNT)].map(([, name = '']) => name);
