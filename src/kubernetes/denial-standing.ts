import type { Identity } from '../model/access.ts';
import type { AccessReview } from '../model/derived.ts';
import type { AccessQuestion } from '../model/reading.ts';
import { RBAC } from '../model/resource.ts';
import type { Gap, Snapshot } from '../model/snapshot.ts';
import { grantedQuestion } from './denial-advice-access.ts';
import { admissionStanding } from './denial-standing-admission.ts';
import type { DenialOf } from './denial-explanation.ts';
import type { LoggedDenial } from './denial-log.ts';
import type { Refused } from './forbidden-denial.ts';
import { nearMisses } from './near-misses.ts';
import { accountOfUser, isSameQuestion, serviceAccountIdentity, type Question } from './rbac-question.ts';
import type { Authorizer } from './rbac.ts';

export type Answer = AccessReview['answer'];

/** Whether what was refused would still be refused, and what says so. */
export interface Standing {
  readonly state: Answer;
  /** What the objects that were read say. */
  readonly model?: Answer;
  /** What the API server's own authorizer says, where it was asked. */
  readonly server?: Answer;
  /** One line each. */
  readonly why: readonly string[];
  /** What could not be seen and would decide it. */
  readonly gaps: readonly Gap[];
}

/** What standings are judged by. */
export interface Present {
  readonly snapshot: Snapshot;
  readonly authorizer: Authorizer;
  /** Who reads the cluster: the only person whose groups are known. */
  readonly caller?: Identity;
}

type Access = DenialOf<'rbac' | 'cloud-iam'>;

/** Whether a denial is the answer to a question that can be asked again. */
function isAccess(denial: Refused): denial is Access {
  return denial.class === 'rbac' || denial.class === 'cloud-iam';
}

/** What to ask the API server's own authorizer about these denials. */
export function questionsAbout(denials: readonly LoggedDenial[]): readonly AccessQuestion[] {
  return denials.flatMap(({ denial, names }) => {
    const question = isAccess(denial) ? grantedQuestion(denial, names) : undefined;
    if (!question || !isAccess(denial) || denial.user === undefined) return [];
    return [{ identity: identityOf(denial.user).identity, question }];
  });
}

interface Known {
  readonly identity: Identity;
  /** Whether these are all groups: a message names none. */
  readonly whole: boolean;
}

function identityOf(user: string, caller?: Identity): Known {
  const account = accountOfUser(user);
  if (account) return { identity: serviceAccountIdentity(account.namespace, account.name), whole: true };
  if (caller?.user === user) return { identity: caller, whole: true };
  return { identity: { user, groups: ['system:authenticated'] }, whole: false };
}

/**
 * Whether it is still refused.
 * @param namespace where it happened, for refusals that do not say
 */
export function standingOf(
  { denial, names }: Pick<LoggedDenial, 'denial' | 'names'>,
  present: Present,
  namespace?: string,
): Standing {
  if (!isAccess(denial)) return admissionStanding(denial, present.snapshot, namespace);
  const question = grantedQuestion(denial, names);
  if (!question || denial.user === undefined)
    return { state: 'unknown', why: ['the message does not say all of what was asked'], gaps: [] };
  const known = identityOf(denial.user, present.caller);
  return settle(modelOf(known, question, present), serverOf(denial.user, question, present), known, denial);
}

interface Said {
  readonly answer: Answer;
  readonly why: readonly string[];
  readonly gaps: readonly Gap[];
}

function modelOf({ identity, whole }: Known, question: Question, { authorizer, snapshot }: Present): Said {
  const decision = authorizer.decide(identity, question);
  if (decision.allowed) return { answer: 'allowed', why: [decision.reason || 'its group may do everything'], gaps: [] };
  const gaps = rbacGaps(snapshot, 'path' in question ? undefined : question.namespace);
  const misses = nearMisses(authorizer, identity, question, gaps.length === 0);
  if (gaps.length > 0) return { answer: 'unknown', why: [...misses, 'not every role and binding could be seen'], gaps };
  if (whole || !isGrantedToGroups(authorizer, question)) return { answer: 'denied', why: misses, gaps };
  return { answer: 'unknown', why: [...misses, 'the groups of the user are not known: one of them may have it'], gaps };
}

/** Whether a group has it, so that not knowing somebody's groups leaves it open. */
function isGrantedToGroups(authorizer: Authorizer, question: Question): boolean {
  return authorizer
    .bindingsGranting(question)
    .some(({ binding }) => binding.subjects?.some(({ kind, name }) => kind === 'Group' && name !== 'system:masters'));
}

/** What hides roles or bindings that might allow it. */
function rbacGaps(snapshot: Snapshot, namespace: string | undefined): readonly Gap[] {
  const [roles, roleBindings, clusterRoles, clusterRoleBindings] = RBAC;
  return [
    ...[clusterRoles, clusterRoleBindings].flatMap((resource) => snapshot.gaps(resource)),
    ...(namespace === undefined ? [] : [roles, roleBindings].flatMap((resource) => snapshot.gaps(resource, namespace))),
  ];
}

function serverOf(user: string, question: Question, { snapshot }: Present): AccessReview | undefined {
  return snapshot
    .list('access-reviews')
    .find((review) => review.user === user && isSameQuestion(review.question, question));
}

/** The API server knows best; a difference from what was read is said, never hidden. */
function settle(model: Said, review: AccessReview | undefined, { whole }: Known, denial: Access): Standing {
  const { gaps } = model;
  // Beside RBAC the cloud decides: RBAC alone can allow, but not deny.
  const ours: Answer = denial.class === 'cloud-iam' && model.answer === 'denied' ? 'unknown' : model.answer;
  if (!review) return { state: ours, model: model.answer, why: model.why, gaps };
  const says = `the API server answers: ${review.answer}${review.reason === undefined ? '' : ` (${review.reason})`}`;
  const differs = review.answer !== 'unknown' && model.answer !== 'unknown' && review.answer !== model.answer;
  const why = [
    says,
    ...(differs
      ? [
          `the roles and bindings that were read say: ${model.answer}; another authorizer takes part, or something changed meanwhile`,
        ]
      : []),
    ...model.why,
  ];
  return { state: stateOf(review.answer, ours, whole), model: model.answer, server: review.answer, why, gaps };
}

/** The server was asked about a person without groups: its no is about less than what was refused. */
function stateOf(server: Answer, model: Answer, whole: boolean): Answer {
  if (server === 'unknown') return model;
  if (server === 'allowed' || whole) return server;
  return model === 'allowed' ? 'denied' : model;
}
