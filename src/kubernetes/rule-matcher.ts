import type { ClusterRole, PolicyRule, Role } from '../model/kinds.ts';
import { combinedResource, type Question } from './rbac-question.ts';
import { ruleAllows } from './rbac-rules.ts';

/** Finds the rule of a role that answers a question, once per rules and question however many bindings there are. */
export interface RuleMatcher {
  /** The first rule that says yes. */
  find(role: Role | ClusterRole | undefined, question: Question): PolicyRule | undefined;
  /** Equal for roles with the same rules in the same order, wherever they are. */
  rulesOf(role: Role | ClusterRole): number;
}

/**
 * A thousand namespaces mostly hold the same few roles, as one ClusterRole or as a Role each; rules never look at the
 * namespace. What is remembered grows with different sets of rules times questions, not with namespaces.
 *
 * @param allows what decides; handed in to be counted
 */
export function createRuleMatcher(allows: typeof ruleAllows = ruleAllows): RuleMatcher {
  const known = new WeakMap<Role | ClusterRole, number>();
  const byText = new Map<string, number>();
  const answers = new Map<string, Map<number, PolicyRule | undefined>>();
  const rulesOf = (role: Role | ClusterRole): number => {
    const before = known.get(role);
    if (before !== undefined) return before;
    const text = JSON.stringify(role.rules ?? []);
    const id = byText.get(text) ?? byText.size;
    byText.set(text, id);
    known.set(role, id);
    return id;
  };
  return {
    rulesOf,
    find(role, question) {
      if (!role) return undefined;
      const key = keyOf(question);
      const answered = answers.get(key) ?? new Map<number, PolicyRule | undefined>();
      answers.set(key, answered);
      const id = rulesOf(role);
      if (answered.has(id)) return answered.get(id);
      const rule = role.rules?.find((candidate) => allows(candidate, question));
      answered.set(id, rule);
      return rule;
    },
  };
}

/** All that a rule can see of a question. */
function keyOf(question: Question): string {
  return 'path' in question
    ? JSON.stringify([question.verb, question.path])
    : JSON.stringify([question.verb, question.group, combinedResource(question), question.name ?? '']);
}
