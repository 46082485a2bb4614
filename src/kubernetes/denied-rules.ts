import type { AccessRule, Identity } from '../model/access.ts';
import { questionOfRule } from './rbac-question.ts';
import type { Authorizer } from './rbac.ts';
import { createRuleMatcher } from './rule-matcher.ts';

/**
 * Which of these rules RBAC does not allow an identity in a namespace (without one, in the cluster scope), in the order
 * given. Decided once per set of roles: a thousand namespaces mostly hold the same few.
 *
 * @param rules their namespaces play no part
 */
export function deniedRules(
  authorizer: Pick<Authorizer, 'grantsFor'>,
  identity: Identity,
  rules: readonly AccessRule[],
): (namespace?: string) => readonly AccessRule[] {
  if (identity.groups.includes('system:masters')) return () => [];
  const asked = rules.map((rule) => ({ rule, question: questionOfRule(rule) }));
  const matcher = createRuleMatcher();
  const known = new Map<string, readonly AccessRule[]>();
  return (namespace) => {
    const roles = authorizer.grantsFor(identity, namespace).flatMap(({ role }) => role ?? []);
    const key = roles.map((role) => matcher.rulesOf(role)).join();
    const before = known.get(key);
    if (before) return before;
    const denied = asked.flatMap(({ rule, question }) =>
      roles.some((role) => matcher.find(role, question)) ? [] : [rule],
    );
    known.set(key, denied);
    return denied;
  };
}
