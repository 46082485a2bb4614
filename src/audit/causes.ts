import type { Cause, Check } from '../model/check.ts';
import type { Evidence, Finding, KeyName } from '../model/finding.ts';
import type { Evaluation } from './evaluate.ts';
import { agree, valuesOf, type Keyed } from './identify.ts';

/**
 * Gives every finding the first cause of its check that failed and agrees in all keys. Where no cause was found but a
 * possible one could not be evaluated, the finding says so: it may not be a root at all.
 */
export function linkCauses(keyed: readonly Keyed[], evaluations: readonly Evaluation[]): readonly Finding[] {
  const candidates = indexCandidates(keyed);
  const checks = new Map<string, Check>(evaluations.map(({ check }) => [check.id, check]));
  const unseen = new Set(evaluations.filter(({ gaps }) => gaps.length > 0).map(({ check }) => check.id));
  return keyed.map((item) => {
    const causes = checks.get(item.finding.check)?.causes ?? [];
    for (const cause of causes) {
      const found = candidates(cause, item);
      if (found) return { ...item.finding, cause: found.finding.id };
    }
    const possible = causes.map(({ check }) => check).filter((check) => unseen.has(check));
    return possible.length === 0 ? item.finding : withHint(item.finding, possible);
  });
}

/**
 * Finds the first finding of a cause's check that agrees in all keys, through an index by the first of them: a thousand
 * consequences would else be compared with a thousand causes each.
 */
function indexCandidates(keyed: readonly Keyed[]): (cause: Cause, item: Keyed) => Keyed | undefined {
  const order = new Map(keyed.map((item, index) => [item, index]));
  const byCheck = new Map<string, Keyed[]>();
  for (const item of keyed) push(byCheck, item.finding.check, item);
  const indexes = new Map<string, Map<string, Keyed[]>>();
  const indexOf = (check: string, name: KeyName): ReadonlyMap<string, readonly Keyed[]> => {
    const known = indexes.get(`${check} ${name}`);
    if (known) return known;
    const index = new Map<string, Keyed[]>();
    for (const item of byCheck.get(check) ?? []) {
      for (const value of new Set(valuesOf(item.keys[name]))) push(index, value, item);
    }
    indexes.set(`${check} ${name}`, index);
    return index;
  };
  return ({ check, by: [first, ...others] }, item) => {
    if (first === undefined) return undefined;
    const index = indexOf(check, first);
    const agreeing = (candidate: Keyed): boolean =>
      candidate !== item && others.every((name) => agree(candidate.keys, item.keys, name));
    const found = valuesOf(item.keys[first]).flatMap((value) => index.get(value)?.find(agreeing) ?? []);
    return found.sort((a, b) => (order.get(a) ?? 0) - (order.get(b) ?? 0))[0];
  };
}

function push<T>(map: Map<string, T[]>, key: string, item: T): void {
  const items = map.get(key);
  if (items) items.push(item);
  else map.set(key, [item]);
}

function withHint(finding: Finding, possible: readonly string[]): Finding {
  const hint: Evidence = {
    type: 'comparison',
    message: `may follow from ${possible.join(', ')}, which could not be evaluated everywhere`,
  };
  return { ...finding, evidence: [...finding.evidence, hint] };
}

/** The finding at the end of the chain of causes; a finding without cause is its own root. */
export function rootOf(finding: Finding, byId: ReadonlyMap<string, Finding>): Finding {
  const seen = new Set<string>();
  let current = finding;
  while (current.cause !== null && !seen.has(current.id)) {
    seen.add(current.id);
    const next = byId.get(current.cause);
    if (!next) break;
    current = next;
  }
  return current;
}
