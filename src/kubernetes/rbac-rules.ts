import type { PolicyRule } from '../model/kinds.ts';
import { compareText } from '../model/text.ts';
import { goQuoteAll } from './go-quote.ts';
import { combinedResource, type Question, type ResourceQuestion } from './rbac-question.ts';

/**
 * Whether this one rule answers yes: verb, group, resource and name (or verb and URL) must all match in it; two rules
 * never combine. `*` in a question is a literal. Source: plugin/pkg/auth/authorizer/rbac/rbac.go (RuleAllows) and
 * pkg/apis/rbac/v1/evaluation_helpers.go.
 */
export function ruleAllows(rule: PolicyRule, question: Question): boolean {
  if (!hasOrAll(rule.verbs, question.verb)) return false;
  if ('path' in question) return list(rule.nonResourceURLs).some((url) => urlCovers(url, question.path));
  return (
    hasOrAll(rule.apiGroups, question.group) &&
    resourceMatches(list(rule.resources), question) &&
    nameMatches(list(rule.resourceNames), question.name ?? '')
  );
}

function resourceMatches(resources: readonly string[], question: ResourceQuestion): boolean {
  if (resources.includes('*') || resources.includes(combinedResource(question))) return true;
  return Boolean(question.subresource) && resources.includes(`*/${question.subresource ?? ''}`);
}

function nameMatches(names: readonly string[], name: string): boolean {
  return names.length === 0 || names.includes(name);
}

function urlCovers(rule: string, path: string): boolean {
  return rule === path || (rule.endsWith('*') && path.startsWith(rule.replace(/\*+$/, '')));
}

/**
 * What of `wanted` the owner of `owned` does not hold, as the escalation check of the API server sees it: `wanted` is
 * split into atoms of one group, resource, verb and name, each of which one owned rule must cover. Atoms that differ
 * only by verb come back as one rule, in the order of the server's message; empty means that nothing is missing.
 * Source: k8s.io/component-helpers/auth/rbac/validation/policy_comparator.go and
 * pkg/registry/rbac/validation/policy_compact.go.
 */
export function missingRules(owned: readonly PolicyRule[], wanted: readonly PolicyRule[]): readonly PolicyRule[] {
  const verbs = new Map<string, { readonly atom: PolicyRule; readonly verbs: string[] }>();
  for (const atom of wanted.flatMap(atomsOf)) {
    if (owned.some((rule) => covers(rule, atom))) continue;
    // The server leaves URL atoms apart, one line per verb.
    const key = atom.nonResourceURLs ? formatRule(atom) : formatRule({ ...atom, verbs: [] });
    const known = verbs.get(key);
    if (!known) verbs.set(key, { atom, verbs: [...atom.verbs] });
    else if (!atom.nonResourceURLs) known.verbs.push(...atom.verbs);
  }
  return [...verbs.values()]
    .map((entry) => ({
      rule: { ...entry.atom, verbs: entry.verbs },
      text: formatRule({ ...entry.atom, verbs: entry.verbs }),
    }))
    .sort((a, b) => compareText(a.text, b.text))
    .map((entry) => entry.rule);
}

function atomsOf(rule: PolicyRule): PolicyRule[] {
  const names = list(rule.resourceNames);
  const nameChoices = names.length > 0 ? names.map((name) => ({ resourceNames: [name] })) : [{}];
  const atoms: PolicyRule[] = [];
  for (const group of list(rule.apiGroups))
    for (const resource of list(rule.resources))
      for (const verb of list(rule.verbs))
        for (const name of nameChoices)
          atoms.push({ verbs: [verb], apiGroups: [group], resources: [resource], ...name });
  for (const url of list(rule.nonResourceURLs))
    for (const verb of list(rule.verbs)) atoms.push({ verbs: [verb], nonResourceURLs: [url] });
  return atoms;
}

function covers(rule: PolicyRule, atom: PolicyRule): boolean {
  const [verb = ''] = atom.verbs;
  if (!hasOrAll(rule.verbs, verb)) return false;
  const [url] = list(atom.nonResourceURLs);
  if (url !== undefined) return list(rule.nonResourceURLs).some((owner) => urlCovers(owner, url));
  const [group = ''] = list(atom.apiGroups);
  const [resource = ''] = list(atom.resources);
  const names = list(rule.resourceNames);
  const [name] = list(atom.resourceNames);
  return (
    hasOrAll(rule.apiGroups, group) &&
    resourceCovers(list(rule.resources), resource) &&
    (names.length === 0 || (name !== undefined && names.includes(name)))
  );
}

/** `pods/*` covers nothing but itself: only `*` and the same subresource of every resource are wider. */
function resourceCovers(owned: readonly string[], resource: string): boolean {
  if (owned.includes('*') || owned.includes(resource)) return true;
  const slash = resource.indexOf('/');
  return slash >= 0 && owned.includes(`*/${resource.slice(slash + 1)}`);
}

/** `{APIGroups:[""], Resources:["pods"], Verbs:["get" "list"]}`, as escalation messages print a rule. */
export function formatRule(rule: PolicyRule): string {
  const fields = [
    ['APIGroups', list(rule.apiGroups)],
    ['Resources', list(rule.resources)],
    ['NonResourceURLs', list(rule.nonResourceURLs)],
    ['ResourceNames', list(rule.resourceNames)],
    ['Verbs', list(rule.verbs)],
  ] as const;
  return `{${fields
    .filter(([, values]) => values.length > 0)
    .map(([field, values]) => `${field}:${goQuoteAll(values)}`)
    .join(', ')}}`;
}

function hasOrAll(values: readonly string[] | null | undefined, value: string): boolean {
  return values?.includes(value) === true || values?.includes('*') === true;
}

function list(values: readonly string[] | null | undefined): readonly string[] {
  return values ?? [];
}
