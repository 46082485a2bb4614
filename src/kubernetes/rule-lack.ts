import type { ClusterRole, PolicyRule, Role } from '../model/kinds.ts';
import { combinedResource, type PathQuestion, type Question, type ResourceQuestion } from './rbac-question.ts';
import { ruleAllows } from './rbac-rules.ts';

export type LackOf = 'name' | 'verb' | 'group' | 'resource' | 'url';

/** The one thing by which a rule misses a question; rules that miss by more have nothing to do with it. */
export interface Lack {
  readonly of: LackOf;
  readonly rule: PolicyRule;
  /** What the rule has instead; of verbs, what all rules about the resource have together. */
  readonly has: readonly string[];
}

/** Nearest first: what is missing least. */
const ORDER: readonly LackOf[] = ['name', 'verb', 'resource', 'group', 'url'];

/** How near a role comes to answering a question that none of its rules answers; undefined when it is about other things. */
export function lackOfRole(role: Role | ClusterRole, question: Question): Lack | undefined {
  const lacks = (role.rules ?? []).flatMap((rule) => lackOfRule(rule, question) ?? []);
  for (const of of ORDER) {
    const same = lacks.filter((lack) => lack.of === of);
    const [first] = same;
    if (!first) continue;
    return { ...first, has: [...new Set(same.flatMap(({ has }) => has))] };
  }
  return undefined;
}

function lackOfRule(rule: PolicyRule, question: Question): Lack | undefined {
  if ('path' in question) return lackOfUrl(rule, question);
  const { verbs, resourceNames, apiGroups, resources } = rule;
  const mended = (change: Partial<PolicyRule>): boolean => ruleAllows({ ...rule, ...change }, question);
  const wanted = combinedResource(question);
  if (mended({ resourceNames: null })) return { of: 'name', rule, has: resourceNames ?? [] };
  if (mended({ verbs: [question.verb] })) return { of: 'verb', rule, has: verbs };
  if (isRelated(rule, question) && mended({ resources: [wanted] })) {
    return { of: 'resource', rule, has: (resources ?? []).filter((name) => isOfSameParent(name, question)) };
  }
  return mended({ apiGroups: [question.group] }) && !(resources ?? []).includes('*')
    ? { of: 'group', rule, has: apiGroups ?? [] }
    : undefined;
}

function lackOfUrl(rule: PolicyRule, { verb, path }: PathQuestion): Lack | undefined {
  const urls = rule.nonResourceURLs ?? [];
  if (ruleAllows({ ...rule, verbs: [verb] }, { verb, path })) return { of: 'verb', rule, has: rule.verbs };
  const near = urls.filter((url) => url.startsWith(path) || path.startsWith(url.replace(/\/?\**$/, '/')));
  return near.length > 0 && ruleAllows({ ...rule, nonResourceURLs: [path] }, { verb, path })
    ? { of: 'url', rule, has: near }
    : undefined;
}

const isRelated = (rule: PolicyRule, question: ResourceQuestion): boolean =>
  (rule.resources ?? []).some((name) => isOfSameParent(name, question));

/** `pods` for `pods/log` and the other way round, `pods/*`, and the same in other letters. */
function isOfSameParent(name: string, question: ResourceQuestion): boolean {
  const [parent = ''] = name.split('/');
  const [wanted = ''] = combinedResource(question).split('/');
  return parent.toLowerCase() === wanted.toLowerCase();
}
