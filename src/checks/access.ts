import { parseDenial } from '../kubernetes/forbidden.ts';
import { eventCount, eventTime } from '../kubernetes/event.ts';
import { deniedRules } from '../kubernetes/denied-rules.ts';
import { isSameQuestion, questionOfRule, serviceAccountIdentity } from '../kubernetes/rbac-question.ts';
import { authorizerOf } from '../kubernetes/rbac-snapshot.ts';
import type { Authorizer, BoundRole } from '../kubernetes/rbac.ts';
import type { AccessRule, AccountRef, Identity } from '../model/access.ts';
import type { CrewaiView, View } from '../model/check.ts';
import type { AccessReview } from '../model/derived.ts';
import type { Confidence, Evidence } from '../model/finding.ts';
import { RBAC } from '../model/resource.ts';
import { refOf } from '../kubernetes/resource-of.ts';

/** The listings that say what the platform's account may do. */
export const ACCESS_READS = [...RBAC, 'deployments.apps', 'namespaces'] as const;
export const ACCESS_EVIDENCE = ['access-reviews', 'events'] as const;

type AccessResource = (typeof ACCESS_READS)[number] | (typeof ACCESS_EVIDENCE)[number];
export type AccessView = View<AccessResource>;
export type CrewaiAccessView = CrewaiView<AccessResource>;

/** What RBAC, and where it was asked the API server itself, says about the platform's account. */
export interface Access {
  readonly account: AccountRef;
  readonly identity: Identity;
  readonly authorizer: Authorizer;
  /** `certain` once the API server has denied what the model denies; another authorizer may grant more than RBAC. */
  readonly confidence: Confidence;
  /** Which of these rules it may not use in a namespace, in the order given; those that the API server allowed are not among them. */
  denied(rules: readonly AccessRule[]): (namespace: string) => readonly AccessRule[];
  /** The API server's own answer to this question, where it was asked. */
  review(rule: AccessRule): AccessReview | undefined;
}

/**
 * Access of the platform's account, or undefined where the account is not known; the gap that hides it is remembered.
 * What is granted can be concluded from any listing; what is denied only where `complete` holds.
 */
export function accessOf(view: AccessView): Access | undefined {
  const { account, platformNamespace } = view.platform;
  if (!account) {
    view.complete('deployments.apps', platformNamespace);
    return undefined;
  }
  const identity = serviceAccountIdentity(account.namespace, account.name);
  const authorizer = authorizerOf({ origin: view.origin, list: (resource) => view.evidence(resource) });
  const reviews = view.evidence('access-reviews').filter(({ user }) => user === identity.user);
  const review = (rule: AccessRule): AccessReview | undefined =>
    reviews.find(({ question }) => isSameQuestion(question, questionOfRule(rule)));
  return {
    account,
    identity,
    authorizer,
    confidence: confidenceOf(reviews),
    review,
    denied: (rules) => {
      const byModel = deniedRules(authorizer, identity, rules);
      return (namespace) => byModel(namespace).filter((rule) => review({ ...rule, namespace })?.answer !== 'allowed');
    },
  };
}

/** One disagreement means that another authorizer takes part, and then the model alone proves nothing. */
function confidenceOf(reviews: readonly AccessReview[]): Confidence {
  const agrees = reviews.some(({ answer }) => answer === 'denied');
  return agrees && !reviews.some(({ answer }) => answer === 'allowed') ? 'certain' : 'likely';
}

/** Whether a denial in this namespace may be concluded: all four RBAC listings are complete there. */
export function rbacComplete(view: View<(typeof RBAC)[number]>, namespace: string | undefined): boolean {
  const [roles, roleBindings, clusterRoles, clusterRoleBindings] = RBAC;
  const cluster = [clusterRoles, clusterRoleBindings].map((resource) => view.complete(resource));
  const own =
    namespace === undefined ? [] : [roles, roleBindings].map((resource) => view.complete(resource, namespace));
  return [...cluster, ...own].every(Boolean);
}

/** The API server's answer, the bindings that were looked at and why each fails, and refusals that were observed. */
export function denialEvidence(
  view: AccessView,
  access: Access,
  namespace: string,
  denied: AccessRule,
): readonly Evidence[] {
  const answer = access.review({ ...denied, namespace });
  return [
    ...(answer
      ? [
          {
            type: 'review' as const,
            message: `SubjectAccessReview ${denied.verb} ${nameOf(denied)} in ${namespace}: ${answer.answer}`,
          },
        ]
      : []),
    ...bindingEvidence(access, namespace, denied),
    ...refusalEvidence(view, access.identity.user, namespace),
  ];
}

const MAX_BINDINGS = 5;

function bindingEvidence({ authorizer, identity }: Access, namespace: string, denied: AccessRule): readonly Evidence[] {
  const bound = authorizer.bindingsIn(namespace);
  if (bound.length === 0) return [{ type: 'rbac', message: `there is no RoleBinding in ${namespace}` }];
  const applicable = new Set(authorizer.grantsFor(identity, namespace).map(({ binding }) => binding));
  const granting = new Set(
    authorizer.bindingsGranting(questionOfRule({ ...denied, namespace })).map(({ binding }) => binding),
  );
  const nearest = [...bound].sort((a, b) => Number(granting.has(b.binding)) - Number(granting.has(a.binding)));
  return nearest.slice(0, MAX_BINDINGS).map((item) => ({
    type: 'rbac' as const,
    object: refOf('rolebindings.rbac.authorization.k8s.io', item.binding),
    message: `RoleBinding ${item.binding.metadata.name} -> ${item.binding.roleRef.kind}/${item.binding.roleRef.name}: ${whyNot(item, applicable.has(item.binding), granting.has(item.binding), denied)}`,
  }));
}

function whyNot({ binding, role }: BoundRole, applies: boolean, grants: boolean, denied: AccessRule): string {
  if (!role) return 'the role does not exist';
  if (applies) return `does not grant ${denied.verb} ${nameOf(denied)}`;
  const subjects = (binding.subjects ?? []).map(
    ({ kind, namespace, name }) => `${kind} ${namespace === undefined ? '' : `${namespace}/`}${name}`,
  );
  const who = subjects.length === 0 ? 'has no subject' : `is for ${subjects.slice(0, 3).join(', ')}`;
  return grants ? `would grant it, but ${who}` : who;
}

/** Refusals of this user in this namespace that events still show. */
export function refusalEvidence(view: View<'events'>, user: string, namespace: string): readonly Evidence[] {
  return view.evidence('events', namespace).flatMap((event) => {
    if (!event.message?.includes('forbidden')) return [];
    const denial = parseDenial(event.message);
    if (denial.class !== 'rbac' || denial.user !== user) return [];
    const lastAt = eventTime(event);
    return [
      {
        type: 'event' as const,
        object: refOf('events', event),
        message: denial.message,
        count: eventCount(event),
        ...(lastAt === undefined ? {} : { lastAt }),
      },
    ];
  });
}

/** The name that the platform's documentation gives its RoleBindings. */
const BINDING = 'crewai-sa-edit';

/** A name for a new RoleBinding: one that is taken stays as it is, because roleRef cannot be changed. */
export function freeBindingName({ authorizer }: Access, namespace: string, wanted = BINDING): string {
  const taken = new Set(authorizer.bindingsIn(namespace).map(({ binding }) => binding.metadata.name));
  let name = wanted;
  for (let number = 2; taken.has(name); number += 1) name = `${wanted}-${String(number)}`;
  return name;
}

/** `deployments.apps`, `pods/log`: a resource as kubectl's --resource takes it. */
export function nameOf({ group, resource }: Pick<AccessRule, 'group' | 'resource'>): string {
  const [plural = '', subresource] = resource.split('/');
  const named = group === '' ? plural : `${plural}.${group}`;
  return subresource === undefined ? named : `${named}/${subresource}`;
}

/** `create, patch deployments.apps; get secrets`: permissions grouped by resource, in the order given. */
export function describeRules(rules: readonly AccessRule[]): string {
  const byResource = new Map<string, string[]>();
  for (const rule of rules) byResource.set(nameOf(rule), [...(byResource.get(nameOf(rule)) ?? []), rule.verb]);
  return [...byResource].map(([resource, verbs]) => `${verbs.join(', ')} ${resource}`).join('; ');
}
