import type { Identity } from '../model/access.ts';
import type { Subject } from '../model/kinds.ts';
import type { Question } from './rbac-question.ts';
import type { Authorizer, BoundRole } from './rbac.ts';
import type { RuleMatcher } from './rule-matcher.ts';
import { lackOfRole, type Lack } from './rule-lack.ts';
import { resemblance } from './subject-resemblance.ts';

/** A binding that nearly allows what was asked, and what it misses by. */
export type NearMiss = { readonly bound: BoundRole } & (
  | { readonly why: 'other-subject'; readonly subject: Subject; readonly expected: string }
  | { readonly why: 'role-missing' }
  | { readonly why: 'rule'; readonly lack: Lack }
  /** It would allow it, but a RoleBinding gives no cluster-scoped objects and no URLs. */
  | { readonly why: 'void' }
);

export interface Misses {
  readonly near: readonly NearMiss[];
  /** Namespaces in which the same is allowed by RoleBindings. */
  readonly elsewhere: readonly string[];
  /** Bindings that apply to the asker and are about other things. */
  readonly unrelated: number;
  /** Bindings that allow it to others, who are nobody that the asker resembles. */
  readonly toOthers: number;
}

export interface MissesInput {
  readonly authorizer: Authorizer;
  readonly matcher: RuleMatcher;
  readonly identity: Identity;
  readonly question: Question;
  /** False where the objects are known to be cluster-scoped: then a RoleBinding elsewhere allows nothing. */
  readonly namespaced: boolean;
  /** Every namespace with RoleBindings. */
  readonly namespaces: readonly string[];
}

/** Why nothing allows this: what comes nearest, in the order of how little is wrong with it. */
export function missesOf(input: MissesInput): Misses {
  const { authorizer, identity, question } = input;
  const namespace = 'path' in question ? undefined : question.namespace;
  const applying = authorizer.grantsFor(identity, namespace);
  const applies = new Set(applying.map(({ binding }) => binding));
  const granting = authorizer.bindingsGranting(question).filter(({ binding }) => !applies.has(binding));
  const similar = granting.flatMap((bound) => similarSubject(bound, identity));
  const missing = applying.flatMap(({ kind, binding, role }): NearMiss[] =>
    role ? [] : [{ why: 'role-missing', bound: { kind, binding } }],
  );
  const lacking = applying.flatMap(({ kind, binding, role }): NearMiss[] => {
    const lack = role ? lackOfRole(role, question) : undefined;
    return role && lack ? [{ why: 'rule', bound: { kind, binding, role }, lack }] : [];
  });
  const others = elsewhereOf(input, namespace);
  return {
    near: [...missing, ...similar, ...lacking, ...others.unusable],
    elsewhere: others.namespaces,
    unrelated: applying.length - missing.length - lacking.length,
    toOthers: granting.length - similar.length,
  };
}

function similarSubject(bound: BoundRole, identity: Identity): readonly NearMiss[] {
  const { kind, binding } = bound;
  const scope = kind === 'RoleBinding' ? (binding.metadata.namespace ?? '') : '';
  for (const subject of binding.subjects ?? []) {
    const expected = resemblance(subject, identity, scope);
    if (expected !== undefined) return [{ why: 'other-subject', bound, subject, expected }];
  }
  return [];
}

/** RoleBindings elsewhere that allow it there, or that would if such a thing could be allowed by RoleBindings. */
function elsewhereOf(
  { authorizer, matcher, identity, question, namespaced, namespaces }: MissesInput,
  asked: string | undefined,
): { readonly namespaces: readonly string[]; readonly unusable: readonly NearMiss[] } {
  const wide = authorizer.grantsFor(identity).length;
  const found = namespaces
    .filter((namespace) => namespace !== asked)
    .flatMap((namespace) => {
      const grants = authorizer.grantsFor(identity, namespace).slice(wide);
      const grant = grants.find(({ role }) => matcher.find(role, question) !== undefined);
      return grant ? [{ namespace, grant }] : [];
    });
  if (namespaced && !('path' in question)) return { namespaces: found.map(({ namespace }) => namespace), unusable: [] };
  const unusable = found.map(({ grant: { kind, binding, role } }): NearMiss => ({
    why: 'void',
    bound: { kind, binding, ...(role ? { role } : {}) },
  }));
  return { namespaces: [], unusable };
}
