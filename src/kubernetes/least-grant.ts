import type { Binding, PolicyRule, Role, Subject } from '../model/kinds.ts';
import { shellQuote } from '../model/text.ts';
import { accountOfUser, combinedResource, type Question } from './rbac-question.ts';

/** A role and the binding that gives it to one user: Role and RoleBinding, or their cluster-wide kinds. */
export interface LeastGrant {
  readonly role: Role;
  readonly binding: Binding;
}

const GROUP = 'rbac.authorization.k8s.io';
const VERSION = { apiVersion: `${GROUP}/v1` };

/** A user as the API server names it (a service account too), or everybody in a group. */
export type Grantee = string | { readonly group: string };

/** Names of roles and bindings may be as long as those of most objects. */
const MAX_NAME = 253;

/**
 * The least that allows exactly this to exactly this user: one rule with the question's own verb, group, resource and
 * name, in the question's namespace; cluster-wide only what has no namespace.
 *
 * @param user a service account becomes a subject of that kind
 */
export function leastGrant(user: Grantee, question: Question): LeastGrant {
  const name = grantName(user, question);
  const namespace = 'path' in question ? undefined : question.namespace;
  const prefix = namespace ? '' : 'Cluster';
  const metadata = { name, ...(namespace ? { namespace } : {}) };
  return {
    role: { ...VERSION, kind: `${prefix}Role`, metadata, rules: [ruleOf(question)] },
    binding: {
      ...VERSION,
      kind: `${prefix}RoleBinding`,
      metadata,
      roleRef: { apiGroup: GROUP, kind: `${prefix}Role`, name },
      subjects: [subjectOf(user)],
    },
  };
}

/** The rule that answers this question with yes and no other one. */
export function ruleOf(question: Question): PolicyRule {
  if ('path' in question) return { verbs: [question.verb], nonResourceURLs: [question.path] };
  return {
    verbs: [question.verb],
    apiGroups: [question.group],
    resources: [combinedResource(question)],
    ...(question.name ? { resourceNames: [question.name] } : {}),
  };
}

/** A user or group as the subject of a binding. */
export function subjectOf(user: Grantee): Subject {
  if (typeof user !== 'string') return { kind: 'Group', apiGroup: GROUP, name: user.group };
  const account = accountOfUser(user);
  return account ? { kind: 'ServiceAccount', ...account } : { kind: 'User', apiGroup: GROUP, name: user };
}

/** One name per user and right: a second role of one name would not be created. */
function grantName(user: Grantee, question: Question): string {
  const what = 'path' in question ? [question.path] : [qualifiedResource(question), question.name ?? ''];
  const who = typeof user === 'string' ? user.replace(/^system:serviceaccount:/, '') : user.group;
  const words = [who, question.verb, ...what].filter(Boolean);
  return words
    .map((word) => word.replaceAll(/[^\w.-]+/g, '-').replaceAll(/^-|-$/g, ''))
    .join('-')
    .slice(0, MAX_NAME);
}

/** `pods/log`, `deployments.apps/scale`, as `kubectl create role --resource` takes it. */
function qualifiedResource({ group, resource, subresource }: Exclude<Question, { path: string }>): string {
  const [plural = '', ...rest] = subresource ? [resource, subresource] : resource.split('/');
  return [group === '' ? plural : `${plural}.${group}`, ...rest].join('/');
}

/** The kubectl commands that create the grant of `leastGrant`, safe to paste. */
export function grantSteps(user: Grantee, question: Question): readonly string[] {
  const { name, namespace } = leastGrant(user, question).role.metadata;
  const kind = namespace === undefined ? 'clusterrole' : 'role';
  const create = namespace === undefined ? 'kubectl create' : `kubectl -n ${shellQuote(namespace)} create`;
  const what =
    'path' in question
      ? `--non-resource-url=${shellQuote(question.path)}`
      : [
          `--resource=${shellQuote(qualifiedResource(question))}`,
          ...(question.name ? [`--resource-name=${shellQuote(question.name)}`] : []),
        ].join(' ');
  const quoted = shellQuote(name);
  return [
    `${create} ${kind} ${quoted} --verb=${shellQuote(question.verb)} ${what}`,
    `${create} ${kind}binding ${quoted} --${kind}=${quoted} ${subjectFlag(user)}`,
  ];
}

/** Who a binding is for, as `kubectl create rolebinding` takes it. */
export function subjectFlag(user: Grantee): string {
  if (typeof user !== 'string') return `--group=${shellQuote(user.group)}`;
  const account = accountOfUser(user);
  return account
    ? `--serviceaccount=${shellQuote(`${account.namespace}:${account.name}`)}`
    : `--user=${shellQuote(user)}`;
}
