import { lackText, subjectText } from './access-words.ts';
import { grantSteps } from '../kubernetes/least-grant.ts';
import { missesOf, type Misses, type NearMiss } from '../kubernetes/access-misses.ts';
import { accountOfUser, isSameQuestion, type Question } from '../kubernetes/rbac-question.ts';
import { formatRule } from '../kubernetes/rbac-rules.ts';
import { authorizerOf, rbacObjectsOf } from '../kubernetes/rbac-snapshot.ts';
import type { Authorizer, Decision } from '../kubernetes/rbac.ts';
import { createRuleMatcher } from '../kubernetes/rule-matcher.ts';
import { aggregationSources } from '../kubernetes/rbac-aggregation.ts';
import type { AccountRef, Identity } from '../model/access.ts';
import type { AccessWhy, GrantPath, NearPath } from '../model/access-document.ts';
import type { AccessReview } from '../model/derived.ts';
import type { Platform } from '../model/platform.ts';
import type { Gap, Snapshot } from '../model/snapshot.ts';
import { count } from '../model/text.ts';
import { boundNamespaces, rbacGaps, uniqueGaps } from './access-completeness.ts';
import { pitfallsOf } from './access-pitfalls.ts';

export interface WhyInput {
  readonly snapshot: Snapshot;
  readonly platform?: Platform;
  readonly identity: Identity;
  readonly question: Question;
  /** False where the objects are known to be cluster-scoped. */
  readonly namespaced: boolean;
  /** Where the question differs from what was typed. */
  readonly notes: readonly string[];
  /** Where a whole group is asked about, its name. */
  readonly group?: string;
}

const MAX_NEAR = 6;
const NO_MISSES: Misses = { near: [], elsewhere: [], unrelated: 0, toOthers: 0 };

/** Whether somebody may do something, through what, or what comes nearest. */
export function accessWhy(input: WhyInput): { readonly why: AccessWhy; readonly gaps: readonly Gap[] } {
  const { snapshot, identity, question } = input;
  const authorizer = authorizerOf(snapshot);
  const namespace = 'path' in question ? undefined : question.namespace;
  const gaps = uniqueGaps(rbacGaps(snapshot, namespace));
  const decision = authorizer.decide(identity, question);
  const rbac = decision.allowed ? 'allowed' : gaps.length === 0 ? 'denied' : 'unknown';
  const review = reviewOf(snapshot, identity, question);
  const isSaid = review !== undefined && review.answer !== 'unknown';
  const answer = isSaid ? review.answer : rbac;
  const misses = answer === 'allowed' ? NO_MISSES : nearest(input, authorizer);
  const near = misses.near.slice(0, MAX_NEAR).map((miss) => nearPath(miss, input, gaps));
  const why: AccessWhy = {
    identity,
    question,
    answer,
    confidence: isSaid ? 'certain' : 'likely',
    rbac,
    ...serverOf(review),
    because: becauseOf(rbac, review, snapshot, decision),
    ...grantOf(decision, snapshot),
    near,
    elsewhere: misses.elsewhere,
    looked: lookedAt(authorizer, namespace, gaps.length === 0),
    notes: [...input.notes, ...pitfallsOf({ question, decision, misses, snapshot, identity }), ...restOf(misses, near)],
    fix: answer === 'denied' ? fixOf(input) : [],
  };
  return { why, gaps: rbac === 'unknown' ? gaps : [] };
}

function serverOf(review: AccessReview | undefined): Pick<AccessWhy, 'server'> {
  if (!review) return {};
  const { answer, reason } = review;
  return { server: { answer, ...(reason === undefined ? {} : { reason }) } };
}

function reviewOf(snapshot: Snapshot, { user }: Identity, question: Question): AccessReview | undefined {
  return snapshot
    .list('access-reviews')
    .find((review) => review.user === user && isSameQuestion(review.question, question));
}

function nearest({ snapshot, identity, question, namespaced }: WhyInput, authorizer: Authorizer): Misses {
  const matcher = createRuleMatcher();
  return missesOf({ authorizer, matcher, identity, question, namespaced, namespaces: boundNamespaces(snapshot) });
}

/** One sentence: who says what, and where they differ. */
function becauseOf(
  rbac: AccessWhy['rbac'],
  review: AccessReview | undefined,
  snapshot: Snapshot,
  decision: Decision,
): string {
  if (decision.allowed && !decision.via) return 'members of system:masters may do everything; RBAC is not asked';
  const words = { allowed: 'RBAC says yes', denied: 'RBAC says no', unknown: 'RBAC could not be seen completely' }[
    rbac
  ];
  return `${words}${review && review.answer !== 'unknown' ? serverText(rbac, review) : unaskedText(rbac, review, snapshot)}`;
}

function unaskedText(rbac: AccessWhy['rbac'], review: AccessReview | undefined, { origin }: Snapshot): string {
  if (origin.from !== 'cluster') return rbac === 'unknown' ? '' : '; files know no other authorizer';
  const asked = review?.reason === undefined ? '' : ` (${review.reason})`;
  return `; the API server itself could not be asked${asked}`;
}

function serverText(rbac: AccessWhy['rbac'], review: AccessReview): string {
  if (rbac === 'unknown') return `; the API server says ${yesNo(review)} (SubjectAccessReview)`;
  if (review.answer === rbac) return '; the API server agrees (SubjectAccessReview)';
  const why = review.reason === undefined ? '' : `: ${review.reason}`;
  const who =
    review.answer === 'allowed'
      ? 'another authorizer allows it'
      : 'another authorizer denies it, or RBAC changed meanwhile';
  return `, but the API server says ${yesNo(review)} (SubjectAccessReview${why}): ${who}, and its answer counts`;
}

const yesNo = ({ answer }: AccessReview): string => (answer === 'allowed' ? 'yes' : 'no');

function grantOf(decision: Decision, snapshot: Snapshot): { readonly grant?: GrantPath } {
  if (!decision.allowed || !decision.via) return {};
  const { via } = decision;
  const { kind, binding, subject, role, rule } = via;
  const { name, namespace } = binding.metadata;
  const from = 'aggregationRule' in role ? aggregationSources(role, rbacObjectsOf(snapshot).clusterRoles, rule) : [];
  const grant: GrantPath = {
    kind,
    name,
    ...(kind === 'RoleBinding' && namespace !== undefined ? { namespace } : {}),
    role: `${binding.roleRef.kind}/${binding.roleRef.name}`,
    subject: subjectText(subject, kind === 'RoleBinding' ? namespace : undefined),
    rule: formatRule(rule),
    ...(from.length > 0 ? { aggregatedFrom: from } : {}),
  };
  return { grant };
}

function nearPath(miss: NearMiss, input: WhyInput, gaps: readonly Gap[]): NearPath {
  const { kind, binding } = miss.bound;
  const { name, namespace } = binding.metadata;
  const role = `${binding.roleRef.kind}/${binding.roleRef.name}`;
  return {
    kind,
    name,
    ...(kind === 'RoleBinding' && namespace !== undefined ? { namespace } : {}),
    role,
    text: missText(miss, input, gaps),
  };
}

function missText(miss: NearMiss, { question }: WhyInput, gaps: readonly Gap[]): string {
  const { kind, binding } = miss.bound;
  switch (miss.why) {
    case 'role-missing': {
      const plural = `${binding.roleRef.kind.toLowerCase()}s.rbac.authorization.k8s.io`;
      const hidden = gaps.some(({ resource }) => resource === plural);
      const what = `${binding.roleRef.kind} ${binding.roleRef.name}`;
      return hidden ? `applies, but ${what} could not be seen` : `applies, but ${what} does not exist`;
    }
    case 'other-subject': {
      const where = kind === 'RoleBinding' ? binding.metadata.namespace : undefined;
      return `would grant it, but its subject is ${subjectText(miss.subject, where)} (${miss.expected})`;
    }
    case 'rule':
      return lackText(miss.lack, question);
    case 'void':
      return 'path' in question
        ? 'has a role with this URL, but only ClusterRoleBindings grant URLs'
        : `has a role with ${question.resource}, but a RoleBinding grants nothing cluster-scoped`;
  }
}

/** What was left out of the nearest ones, so that nothing looks like everything. */
function restOf({ near, unrelated, toOthers }: Misses, shown: readonly NearPath[]): readonly string[] {
  const more = near.length - shown.length;
  return [
    ...(more > 0 ? [`${count(more, 'more binding')} that comes near is not shown`] : []),
    ...(unrelated > 0
      ? [`${count(unrelated, 'binding')} of the subject ${unrelated === 1 ? 'is' : 'are'} about other things`]
      : []),
    ...(toOthers > 0
      ? [`${count(toOthers, 'binding')} allow${toOthers === 1 ? 's' : ''} it to others: kubectl crewiso access who`]
      : []),
  ];
}

function lookedAt(authorizer: Authorizer, namespace: string | undefined, complete: boolean): AccessWhy['looked'] {
  return {
    clusterRoleBindings: authorizer.bindingsIn().length,
    ...(namespace === undefined ? {} : { roleBindings: authorizer.bindingsIn(namespace).length }),
    complete,
  };
}

/** For the platform's own account the checks know better what is missing, and which of them to run. */
function fixOf({ identity, question, platform, group }: WhyInput): readonly string[] {
  const account = accountOfUser(identity.user);
  const steps = grantSteps(group === undefined ? identity.user : { group }, question);
  const org = account && platform ? orgOf(account, platform, question) : undefined;
  if (org === undefined) return steps;
  return [
    '# all that the platform lacks here, and how to repair it',
    `kubectl crewiso doctor --area rbac --org ${org}`,
    '# or this one right alone',
    ...steps,
  ];
}

/** The organization in whose namespace the platform's own account was asked about. */
function orgOf(account: AccountRef, platform: Platform, question: Question): string | undefined {
  if ('path' in question || platform.account?.name !== account.name) return undefined;
  if (platform.account.namespace !== account.namespace) return undefined;
  return platform.allTenants.find(({ namespace }) => namespace === question.namespace)?.id;
}
