import { askedQuestion, type AskedQuestion } from '../../kubernetes/asked-question.ts';
import { readResource, REQUEST_VERBS, resourceWords, SPECIAL_VERBS } from '../../kubernetes/known-resources.ts';
import { accountOfUser, serviceAccountIdentity } from '../../kubernetes/rbac-question.ts';
import type { Identity } from '../../model/access.ts';
import { CrewisoError, EXIT } from '../../model/error.ts';
import { shellQuote } from '../../model/text.ts';
import { nearest } from './selection.ts';

/** Methods of requests for URLs, as RBAC names them. */
const METHODS = ['get', 'post', 'put', 'patch', 'delete', 'head', 'options'];

export interface QuestionWords {
  readonly verb: string | undefined;
  readonly resource: string | undefined;
  readonly name: string | undefined;
  readonly namespace: string | undefined;
}

/** A question, and whether its objects live in namespaces: unknown counts as yes. */
export interface ParsedQuestion extends AskedQuestion {
  readonly namespaced: boolean;
}

/**
 * VERB RESOURCE[/SUB] [NAME] as a question of the API server's authorizer.
 * @param usage the words that the command takes, for the advice
 * @throws CrewisoError (2) for words that are missing, misspelled or in another order: a typing error must not be
 *   answered with a denial
 */
export function questionOfWords(words: QuestionWords, usage: string): ParsedQuestion {
  const { verb, resource } = words;
  if (verb === undefined || resource === undefined) throw wrong('VERB and RESOURCE are missing', usage);
  if (resource.startsWith('/')) return questionOfUrl(verb, resource, words, usage);
  if (isVerb(resource) && !isVerb(verb) && !('problem' in readResource(verb))) {
    throw wrong(`${verb} is a resource and ${resource} a verb: the verb comes first`, usage);
  }
  const found = readResource(resource);
  if ('problem' in found) throw unknownResource(found);
  const { name, namespace } = words;
  const asked = askedQuestion({
    verb: verbOf(verb),
    ...found,
    ...(name === undefined ? {} : { name }),
    ...(namespace === undefined ? {} : { namespace }),
  });
  return { ...asked, namespaced: found.namespaced !== false || found.resource === 'namespaces' };
}

function questionOfUrl(verb: string, path: string, { name, namespace }: QuestionWords, usage: string): ParsedQuestion {
  if (name !== undefined) throw wrong(`a URL has no NAME: ${name}`, usage);
  const notes = namespace === undefined ? [] : [`URLs are in no namespace: -n ${namespace} plays no part`];
  return { ...askedQuestion({ verb: methodOf(verb), path }), notes, namespaced: false };
}

const isVerb = (word: string): boolean => [...REQUEST_VERBS, ...SPECIAL_VERBS].some((verb) => verb === word);

/** Verbs are any text to RBAC; one that is nearly a verb of requests is a typing error. */
function verbOf(word: string): string {
  if (word === '*' || isVerb(word)) return word;
  const [near] = nearest(word.toLowerCase(), REQUEST_VERBS).filter((verb) =>
    verb.startsWith(word.charAt(0).toLowerCase()),
  );
  if (near === undefined) return word;
  throw wrong(`${word} is no verb`, `did you mean ${near}?`);
}

function methodOf(word: string): string {
  const method = word.toLowerCase();
  if (method === '*' || METHODS.includes(method)) return method;
  throw wrong(`${word} is no verb for a URL`, `one of ${METHODS.join(', ')}`);
}

function unknownResource({
  problem,
  advice,
  unknown,
}: {
  problem: string;
  advice?: string;
  unknown?: string;
}): CrewisoError {
  const near = unknown === undefined ? [] : nearest(unknown, resourceWords());
  return wrong(
    problem,
    ...(near.length > 0 ? [`did you mean ${near.join(' or ')}?`] : []),
    ...(advice === undefined ? [] : [advice]),
  );
}

/** Who is asked about; `group` where it is everybody in a group. */
export interface ParsedSubject {
  readonly identity: Identity;
  readonly group?: string;
}

/**
 * SUBJECT: `NAMESPACE/SERVICEACCOUNT`, `User:NAME`, `Group:NAME`, or `system:serviceaccount:NAMESPACE:NAME`.
 * @param groups further groups of theirs
 * @throws CrewisoError (2) for anything else
 */
export function subjectOfWord(word: string | undefined, groups: readonly string[], usage: string): ParsedSubject {
  if (word === undefined) throw wrong('SUBJECT, VERB and RESOURCE are missing', usage);
  const [, kind = '', rest = ''] = /^(user|group):(.+)$/is.exec(word) ?? [];
  if (kind.toLowerCase() === 'group') return { identity: identityOfGroup(rest, groups), group: rest };
  if (kind !== '') return { identity: identityOfUser(rest, groups) };
  const account = accountOfUser(word) ?? accountOfWord(word);
  if (account) return { identity: withGroups(serviceAccountIdentity(account.namespace, account.name), groups) };
  if (isVerb(word)) throw wrong(`${word} is a verb: SUBJECT comes first`, usage);
  const meant = /^[^:/]+:[^:/]+$/.test(word) ? word.replace(':', '/') : `User:${word}`;
  throw wrong(
    `${word} is no SUBJECT`,
    'NAMESPACE/SERVICEACCOUNT, User:NAME or Group:NAME',
    `did you mean ${shellQuote(meant)}?`,
  );
}

/** A service account is one, however it is written. */
function identityOfUser(user: string, more: readonly string[]): Identity {
  const account = accountOfUser(user);
  const groups = loggedIn(user);
  return withGroups(account ? serviceAccountIdentity(account.namespace, account.name) : { user, groups }, more);
}

/** A member of the group whose name nobody knows; accounts of one namespace are accounts, too. */
function identityOfGroup(group: string, more: readonly string[]): Identity {
  const isAccounts = group.startsWith('system:serviceaccounts:');
  const groups = [group, ...(isAccounts ? ['system:serviceaccounts'] : []), ...loggedIn(group)];
  return withGroups({ user: '', groups }, more);
}

function accountOfWord(word: string): { namespace: string; name: string } | undefined {
  const [namespace, name, ...rest] = word.split('/');
  return namespace && name && rest.length === 0 ? { namespace, name } : undefined;
}

/** Whoever can be asked about has logged in, but for those who have not. */
function loggedIn(name: string): readonly string[] {
  if (name === 'system:anonymous' || name === 'system:unauthenticated') return ['system:unauthenticated'];
  return ['system:authenticated'];
}

function withGroups({ user, groups }: Identity, more: readonly string[]): Identity {
  return { user, groups: [...new Set([...more, ...groups])] };
}

const wrong = (message: string, ...suggestions: string[]): CrewisoError =>
  new CrewisoError(message, { code: 'usage', exitCode: EXIT.usage, suggestions });
