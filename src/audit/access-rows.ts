import { isSameQuestion, questionOfRule, serviceAccountIdentity } from '../kubernetes/rbac-question.ts';
import { authorizerOf } from '../kubernetes/rbac-snapshot.ts';
import type { Authorizer, Grant } from '../kubernetes/rbac.ts';
import { createRuleMatcher, type RuleMatcher } from '../kubernetes/rule-matcher.ts';
import type { AccessRule, AccountRef, Identity } from '../model/access.ts';
import type { BindingPath, CellState, MatrixRow } from '../model/access-document.ts';
import type { AccessReview } from '../model/derived.ts';
import { compareNames } from '../model/object.ts';
import type { CrewaiPlatform } from '../model/platform.ts';
import type { Snapshot } from '../model/snapshot.ts';
import { rbacGaps } from './access-completeness.ts';
import { columnsOf } from './access-columns.ts';

export interface JudgeInput {
  readonly snapshot: Snapshot;
  readonly platform: CrewaiPlatform;
  readonly account: AccountRef;
  readonly profile: 'core' | 'full';
  /** Handed in to be counted. */
  readonly matcher?: RuleMatcher;
}

/** Answers about one account. */
export interface Judge {
  readonly identity: Identity;
  readonly authorizer: Authorizer;
  readonly matcher: RuleMatcher;
  readonly reviews: readonly AccessReview[];
  rows(of: MatrixRow['of'], namespaces: readonly string[], needed: boolean): readonly MatrixRow[];
  isHidden(namespace: string): boolean;
}

export function createJudge({
  snapshot,
  platform,
  account,
  profile,
  matcher = createRuleMatcher(),
}: JudgeInput): Judge {
  const authorizer = authorizerOf(snapshot);
  const identity = serviceAccountIdentity(account.namespace, account.name);
  const reviews = snapshot.list('access-reviews').filter(({ user }) => user === identity.user);
  const rules = platform.needs[profile];
  const wide = authorizer.grantsFor(identity);
  const isHidden = (namespace: string): boolean => rbacGaps(snapshot, namespace).length > 0;
  return {
    identity,
    authorizer,
    matcher,
    reviews,
    isHidden,
    rows(of, namespaces, needed) {
      const groups = new Map<string, Group>();
      for (const namespace of namespaces) {
        const own = authorizer.grantsFor(identity, namespace).slice(wide.length);
        const complete = !isHidden(namespace);
        const answers = answersIn(reviews, namespace, rules, complete);
        const key = JSON.stringify([own.map((grant) => shapeOf(grant, matcher)), answers, complete]);
        const known = groups.get(key);
        if (known) known.members.push({ namespace, own });
        else groups.set(key, { members: [{ namespace, own }], answers, complete });
      }
      return mergeEqual([...groups.values()].map((group) => rowOf({ of, needed, group, wide, rules, matcher })));
    },
  };
}

interface Answer {
  readonly at: number;
  readonly allowed: boolean;
}

interface Group {
  readonly members: { readonly namespace: string; readonly own: readonly Grant[] }[];
  readonly answers: readonly Answer[];
  readonly complete: boolean;
}

/** Binding and role by kind and name, and what the role says: all that decides, and all that is shown. */
function shapeOf({ binding: { roleRef }, role }: Grant, matcher: RuleMatcher): readonly unknown[] {
  return [roleRef.kind, roleRef.name, role ? matcher.rulesOf(role) : 'missing'];
}

/** Answers that say more than RBAC does: rights that the API server allows, and denials where RBAC cannot be seen. */
function answersIn(
  reviews: readonly AccessReview[],
  namespace: string,
  rules: readonly AccessRule[],
  complete: boolean,
): readonly Answer[] {
  return reviews.flatMap(({ question, answer }) => {
    if ('path' in question || question.namespace !== namespace) return [];
    if (answer === 'unknown' || (answer === 'denied' && complete)) return [];
    const at = rules.findIndex((rule) => isSameQuestion(questionOfRule({ ...rule, namespace }), question));
    return at < 0 ? [] : [{ at, allowed: answer === 'allowed' }];
  });
}

interface RowInput {
  readonly of: MatrixRow['of'];
  readonly needed: boolean;
  readonly group: Group;
  readonly wide: readonly Grant[];
  readonly rules: readonly AccessRule[];
  readonly matcher: RuleMatcher;
}

function rowOf({ of, needed, group, wide, rules, matcher }: RowInput): MatrixRow {
  // The namespace's own bindings first: they are what people look for.
  const grants = [...(group.members[0]?.own ?? []), ...wide];
  const saidBy = new Map(group.answers.map(({ at, allowed }) => [rules[at], allowed]));
  const used = new Set<Grant>();
  const missing: AccessRule[] = [];
  const unknown: AccessRule[] = [];
  const byServer: AccessRule[] = [];
  for (const rule of rules) {
    const question = questionOfRule(rule);
    const grant = grants.find(({ role }) => matcher.find(role, question) !== undefined);
    if (grant) used.add(grant);
    else if (saidBy.get(rule) === true) byServer.push(rule);
    else (group.complete || saidBy.has(rule) ? missing : unknown).push(rule);
  }
  return {
    of,
    needed,
    namespaces: group.members.map(({ namespace }) => namespace),
    cells: columnsOf(rules).map(({ name, rules: own }) => ({ column: name, state: stateOf(own, missing, unknown) })),
    via: grants.filter((grant) => used.has(grant)).map((grant) => pathOf(grant, group, wide)),
    missing,
    unknown,
    byServer,
  };
}

/** Namespaces with more bindings than others, of which none is needed, are no row of their own. */
function mergeEqual(rows: readonly MatrixRow[]): readonly MatrixRow[] {
  const merged = new Map<string, MatrixRow>();
  for (const row of rows) {
    const key = JSON.stringify([row.missing, row.unknown, row.byServer, row.via.map(({ kind, role }) => [kind, role])]);
    const known = merged.get(key);
    merged.set(key, known ? joined(known, row) : row);
  }
  return [...merged.values()];
}

function joined(a: MatrixRow, b: MatrixRow): MatrixRow {
  const via = a.via.map(({ kind, role, name }, at) => ({
    kind,
    role,
    ...(name !== undefined && b.via[at]?.name === name ? { name } : {}),
  }));
  return { ...a, namespaces: [...a.namespaces, ...b.namespaces].sort(compareNames), via };
}

function stateOf(
  rules: readonly AccessRule[],
  missing: readonly AccessRule[],
  unknown: readonly AccessRule[],
): CellState {
  const lacking = rules.filter((rule) => missing.includes(rule)).length;
  const unseen = rules.filter((rule) => unknown.includes(rule)).length;
  if (lacking === rules.length) return 'none';
  if (lacking > 0) return 'partial';
  return unseen > 0 ? 'unknown' : 'all';
}

/** The name of a RoleBinding only where all namespaces of the row call it so. */
function pathOf(grant: Grant, { members }: Group, wide: readonly Grant[]): BindingPath {
  const { kind, binding } = grant;
  const role = `${binding.roleRef.kind}/${binding.roleRef.name}`;
  const at = members[0]?.own.indexOf(grant) ?? -1;
  const { name } = binding.metadata;
  const same = wide.includes(grant) || members.every(({ own }) => own[at]?.binding.metadata.name === name);
  return { kind, role, ...(same ? { name } : {}) };
}
