import type { PolicyRule } from '../model/kinds.ts';
import type { Parsed } from './forbidden-denial.ts';
import { TextCursor } from './text-cursor.ts';

const FIELDS: Readonly<Record<string, keyof PolicyRule>> = {
  APIGroups: 'apiGroups',
  Resources: 'resources',
  NonResourceURLs: 'nonResourceURLs',
  ResourceNames: 'resourceNames',
  Verbs: 'verbs',
};
const EVERYTHING: readonly PolicyRule[] = [
  { verbs: ['*'], apiGroups: ['*'], resources: ['*'] },
  { verbs: ['*'], nonResourceURLs: ['*'] },
];

/**
 * A role or binding whose author does not hold what it grants: one rule per line, since Kubernetes 1.8; before, and in
 * the demand for cluster-admin that aggregated roles make, in words of their own.
 * Source: pkg/registry/rbac/validation/rule.go, pkg/registry/rbac/clusterrole/policybased/storage.go.
 */
export function parseEscalation(text: string): Parsed | undefined {
  const cursor = new TextCursor(text);
  if (cursor.take(/must have cluster-admin privileges to use the aggregationRule/y))
    return { class: 'escalation', groups: [], missing: EVERYTHING, length: cursor.position };
  if (cursor.take(/attempt to grant extra privileges:?\s*\[?/y)) {
    const rules = readRules(cursor);
    const user = cursor.take(/\]?\s*user=&\{(\S+)/y)?.[1];
    return { class: 'escalation', groups: [], ...rules, ...(user ? { user } : {}), length: cursor.position };
  }
  if (!cursor.take(/user\s+(?=")/y)) return undefined;
  const user = cursor.word();
  if (user === undefined) return undefined;
  const groups = cursor.take(/\s+\(groups=/y) ? (readList(cursor) ?? []) : [];
  if (!cursor.take(/\)?\s+is\s+attempting\s+to\s+grant\s+RBAC\s+permissions\s+not\s+currently\s+held:/y))
    return undefined;
  const rules = readRules(cursor);
  cursor.take(/;\s+resolution errors:[^\n]*/y);
  return { class: 'escalation', user, groups, ...rules, length: cursor.position };
}

function readRules(cursor: TextCursor): { readonly missing: readonly PolicyRule[]; readonly truncated?: true } {
  const missing: PolicyRule[] = [];
  let position = cursor.position;
  for (let rule = readRule(cursor); rule; rule = readRule(cursor)) {
    missing.push(rule);
    position = cursor.position;
  }
  cursor.position = position;
  // A rule that was begun and not finished, or none at all: the text was cut.
  const cut = missing.length === 0 || cursor.take(/\s*,?\s*\{/y) !== undefined;
  return cut ? { missing, truncated: true } : { missing };
}

function readRule(cursor: TextCursor): PolicyRule | undefined {
  if (!cursor.take(/\s*,?\s*(?:PolicyRule)?\{/y)) return undefined;
  const rule: { -readonly [K in keyof PolicyRule]: string[] } & { verbs: string[] } = { verbs: [] };
  do {
    const field = FIELDS[cursor.take(/\s*([A-Za-z]+):(?=\s*\[)/y)?.[1] ?? ''];
    const values = field && readList(cursor);
    if (!values) return undefined;
    rule[field] = [...values];
  } while (cursor.take(/,/y));
  return cursor.take(/\s*\}/y) ? rule : undefined;
}

function readList(cursor: TextCursor): readonly string[] | undefined {
  if (!cursor.take(/\s*\[/y)) return undefined;
  const values: string[] = [];
  while (cursor.take(/\s*(?=")/y)) {
    const value = cursor.word();
    if (value === undefined) return undefined;
    values.push(value);
  }
  return cursor.take(/\s*\]/y) ? values : undefined;
}
