import type { ClusterRole, PolicyRule } from '../model/kinds.ts';
import { compareText } from '../model/text.ts';
import { formatRule } from './rbac-rules.ts';
import { selects } from './selector.ts';

/**
 * The rules that kube-controller-manager writes into aggregated ClusterRoles: the rules of every role that one of the
 * selectors picks, sorted by name, the role itself left out, equal rules once, repeated until nothing changes (a role
 * may select an aggregated one). Source: pkg/controller/clusterroleaggregation.
 *
 * @param mode `fill` (manifests) touches only roles without rules, because rules in a file may be a copy of what a
 *   controller wrote from roles that the file does not have; `replace` does what the controller does: rules of an
 *   aggregated role's own are lost, unless nothing is found to replace them with (an empty list is applied as no list)
 * @returns the same roles in the same order
 */
export function aggregate(
  clusterRoles: readonly ClusterRole[],
  mode: 'fill' | 'replace' = 'fill',
): readonly ClusterRole[] {
  const rules = new Map<ClusterRole, readonly PolicyRule[]>();
  for (const role of clusterRoles) rules.set(role, isComputed(role, mode) ? [] : (role.rules ?? []));
  const sorted = [...clusterRoles].sort((a, b) => compareText(a.metadata.name, b.metadata.name));
  const computed = sorted
    .filter((role) => isComputed(role, mode))
    .map((role) => ({ role, sources: sourcesOf(role, sorted) }));
  const targets = new Set(computed.map((entry) => entry.role));
  let open: readonly Computed[] = computed;
  spread(open, rules);
  for (let kept = nextKept(open, rules); kept; kept = nextKept(open, rules)) {
    const { role } = kept;
    rules.set(role, role.rules ?? []);
    open = open.filter((entry) => entry.role !== role);
    spread(open, rules);
  }
  return clusterRoles.map((role) => (targets.has(role) ? { ...role, rules: rules.get(role) ?? [] } : role));
}

interface Computed {
  readonly role: ClusterRole;
  readonly sources: readonly ClusterRole[];
}

/** Hands rules on until nothing is new; sets of rules only grow, also where roles select each other. */
function spread(computed: readonly Computed[], rules: Map<ClusterRole, readonly PolicyRule[]>): void {
  for (let changed = true; changed;) {
    changed = false;
    for (const { role, sources } of computed) {
      const next = unique(sources.flatMap((source) => rules.get(source) ?? []));
      if (next.length > (rules.get(role)?.length ?? 0)) changed = true;
      rules.set(role, next);
    }
  }
}

/** A role that got nothing and has rules of its own; first one that waits for no other such role. */
function nextKept(
  computed: readonly Computed[],
  rules: ReadonlyMap<ClusterRole, readonly PolicyRule[]>,
): Computed | undefined {
  const candidates = computed.filter(({ role }) => rules.get(role)?.length === 0 && (role.rules ?? []).length > 0);
  const waiting = new Set(candidates.map(({ role }) => role));
  return candidates.find(({ sources }) => !sources.some((source) => waiting.has(source))) ?? candidates[0];
}

function isComputed(role: ClusterRole, mode: 'fill' | 'replace'): boolean {
  return Boolean(role.aggregationRule) && (mode === 'replace' || (role.rules ?? []).length === 0);
}

function sourcesOf(role: ClusterRole, sorted: readonly ClusterRole[]): ClusterRole[] {
  const selectors = role.aggregationRule?.clusterRoleSelectors ?? [];
  return selectors.flatMap((selector) =>
    sorted.filter((other) => other.metadata.name !== role.metadata.name && selects(selector, other.metadata.labels)),
  );
}

function unique(rules: readonly PolicyRule[]): PolicyRule[] {
  const first = new Map<string, PolicyRule>();
  for (const rule of rules) {
    const text = formatRule(rule);
    if (!first.has(text)) first.set(text, rule);
  }
  return [...first.values()];
}

/** Names of the ClusterRoles that an aggregated role has this rule from, in turn where one aggregates another. */
export function aggregationSources(
  role: ClusterRole,
  clusterRoles: readonly ClusterRole[],
  rule: PolicyRule,
): readonly string[] {
  const text = formatRule(rule);
  const found = new Set<string>();
  const visit = (target: ClusterRole): void => {
    for (const source of sourcesOf(target, clusterRoles)) {
      if (found.has(source.metadata.name)) continue;
      if (!(source.rules ?? []).some((own) => formatRule(own) === text)) continue;
      found.add(source.metadata.name);
      visit(source);
    }
  };
  visit(role);
  return [...found].sort(compareText);
}
