import type { IncomingHttpHeaders } from 'node:http';
import { accountOfUser, serviceAccountIdentity, type Question } from '../kubernetes/rbac-question.ts';
import type { Identity } from '../model/access.ts';
import { denied, type Access } from './access.ts';
import { badRequest, StatusError } from './status.ts';

/** Who a bearer token belongs to. `system:authenticated` and a service account's own groups are added. */
export interface TokenUser extends Identity {
  readonly uid?: string;
  readonly extra?: Readonly<Record<string, readonly string[]>>;
}

export const ANONYMOUS: TokenUser = { user: 'system:anonymous', groups: ['system:unauthenticated'] };

const AUTHENTICATED = 'system:authenticated';

/**
 * @param tokens bearer tokens and their users
 * @param anonymous who a request without credentials is
 * @throws StatusError 401 for a token that nobody has
 */
export function authenticate(
  headers: IncomingHttpHeaders,
  tokens: Readonly<Record<string, TokenUser>>,
  anonymous: TokenUser,
): TokenUser {
  const { authorization } = headers;
  if (authorization === undefined) return anonymous;
  const token = /^bearer\s+(.+)$/i.exec(authorization)?.[1] ?? '';
  const user = Object.hasOwn(tokens, token) ? tokens[token] : undefined;
  if (!user) throw new StatusError(401, 'Unauthorized', 'Unauthorized');
  return withGroups(user);
}

/** Adds what every authenticator adds: the groups of a service account, and `system:authenticated`. */
function withGroups(identity: TokenUser): TokenUser {
  if (identity.user === ANONYMOUS.user) return identity;
  const account = accountOfUser(identity.user);
  const own = account ? serviceAccountIdentity(account.namespace, account.name).groups : [];
  return { ...identity, groups: [...new Set([...own, ...identity.groups, AUTHENTICATED])] };
}

/**
 * The identity that the request runs as: the caller, or whom it impersonates. The permission is the `impersonate` verb
 * on users, serviceaccounts and groups; the denial is worded as by 1.36, which tries the verbs of constrained
 * impersonation (KEP-5284) as well and reports those.
 *
 * @throws StatusError 400 for groups without a user, 403 without permission
 */
export function impersonate(
  caller: TokenUser,
  headers: IncomingHttpHeaders,
  question: Question,
  access: Access,
): TokenUser {
  const [user] = values(headers, 'impersonate-user');
  const groups = values(headers, 'impersonate-group');
  if (user === undefined) {
    if (groups.length > 0) throw badRequest(`requested ${JSON.stringify(groups)} without impersonating a user`);
    return caller;
  }
  const account = accountOfUser(user);
  const may = (resource: string, name: string, namespace = ''): boolean =>
    access.decide(caller, { verb: 'impersonate', group: '', resource, name, namespace }).allowed;
  const mayUser = account ? may('serviceaccounts', account.name, account.namespace) : may('users', user);
  if (!mayUser || !groups.every((group) => may('groups', group))) {
    const mode = account ? 'serviceaccount' : 'user-info';
    throw denied(caller, { ...question, verb: `impersonate-on:${mode}:${question.verb}` }, '');
  }
  return withGroups({ user, groups });
}

/** Node joins repeated headers with a comma and a blank. */
function values(headers: IncomingHttpHeaders, name: string): readonly string[] {
  const value = headers[name];
  if (value === undefined) return [];
  return Array.isArray(value) ? value : value.split(', ');
}
