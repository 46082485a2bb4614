import type { AccessRule, AccountRef, Identity, Question, ResourceQuestion } from '../model/access.ts';

export type { PathQuestion, Question, ResourceQuestion } from '../model/access.ts';

const ACCOUNT_PREFIX = 'system:serviceaccount:';

/**
 * The user name and the three groups that a service account's token authenticates as. Access reviews and group
 * subjects see only the groups that are handed in, so all three belong to every question about the account.
 * Source: k8s.io/apiserver/pkg/authentication/serviceaccount/util.go.
 */
export function serviceAccountIdentity(namespace: string, name: string): Identity {
  return {
    user: `${ACCOUNT_PREFIX}${namespace}:${name}`,
    groups: ['system:serviceaccounts', `system:serviceaccounts:${namespace}`, 'system:authenticated'],
  };
}

/** The service account behind `system:serviceaccount:<namespace>:<name>`, or undefined for every other user name. */
export function accountOfUser(user: string): AccountRef | undefined {
  if (!user.startsWith(ACCOUNT_PREFIX)) return undefined;
  const [namespace, name, ...rest] = user.slice(ACCOUNT_PREFIX.length).split(':');
  return namespace && name && rest.length === 0 ? { namespace, name } : undefined;
}

/** The question behind a permission in plain words: `pods/log` becomes resource and subresource. */
export function questionOfRule(rule: AccessRule): ResourceQuestion {
  const { resource } = rule;
  const slash = resource.indexOf('/');
  if (slash < 0) return rule;
  return { ...rule, resource: resource.slice(0, slash), subresource: resource.slice(slash + 1) };
}

/** `pods`, or `pods/log`: the string that a rule's `resources` are compared with and that denials print. */
export function combinedResource(question: ResourceQuestion): string {
  return question.subresource ? `${question.resource}/${question.subresource}` : question.resource;
}

/** Whether the authorizer is asked the same: an absent field is the empty string. */
export function isSameQuestion(a: Question, b: Question): boolean {
  if ('path' in a || 'path' in b) return 'path' in a && 'path' in b && a.path === b.path && a.verb === b.verb;
  const fields = ['verb', 'group', 'namespace', 'name'] as const;
  return combinedResource(a) === combinedResource(b) && fields.every((field) => (a[field] ?? '') === (b[field] ?? ''));
}
