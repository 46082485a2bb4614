import { groupOf, qualifiedName } from '../model/object.ts';
import type { Finding } from '../model/finding.ts';
import type { BaselineEntry, Policy, Waiver } from '../model/policy.ts';
import type { CheckResult } from '../model/report.ts';
import { fingerprint } from './identify.ts';

export interface PolicyResult {
  /** What counts, new findings about waivers included. */
  readonly findings: readonly Finding[];
  readonly waived: readonly Finding[];
  /** With a baseline: how many findings are new, known, and gone where their check was evaluated. */
  readonly compared?: { readonly new: number; readonly known: number; readonly gone: number };
}

/**
 * Applies waivers and a baseline. A waived finding leaves the findings and stays in the report; an expired waiver waives
 * nothing and is a finding itself; one that matches nothing is reported only where its check was evaluated, because
 * what could not be seen cannot be known to be gone.
 */
export function applyPolicy(
  findings: readonly Finding[],
  checks: readonly CheckResult[],
  policy: Policy,
  now: number,
): PolicyResult {
  const today = new Date(now).toISOString().slice(0, 10);
  const counting: Finding[] = [];
  const waived: Finding[] = [];
  const used = new Set<Waiver>();
  for (const finding of findings) {
    const matching = policy.waivers.filter((waiver) => matches(waiver, finding));
    for (const waiver of matching) used.add(waiver);
    const waiver = matching.find(({ expires }) => expires >= today);
    if (waiver) waived.push({ ...finding, waiver: pick(waiver) });
    else counting.push(finding);
  }
  const evaluated = new Set(
    checks.filter(({ outcome, gaps }) => isSettled(outcome) && gaps.length === 0).map(({ id }) => id),
  );
  const about = policy.waivers.flatMap((waiver) => {
    if (waiver.expires < today && used.has(waiver)) return [aboutWaiver(waiver, 'waiver-expired')];
    return !used.has(waiver) && evaluated.has(waiver.check) ? [aboutWaiver(waiver, 'waiver-unused')] : [];
  });
  const all = [...counting, ...about];
  return policy.baseline ? { ...compare(all, policy.baseline, evaluated), waived } : { findings: all, waived };
}

const isSettled = (outcome: CheckResult['outcome']): boolean =>
  outcome === 'passed' || outcome === 'failed' || outcome === 'not-applicable';

function pick({ reason, owner, expires, source }: Waiver): NonNullable<Finding['waiver']> {
  return { reason, owner, expires, source };
}

/** All keys that are given must match. */
function matches(waiver: Waiver, finding: Finding): boolean {
  const { check, object, orgs, namespaces } = waiver;
  const org = finding.tenant?.id;
  return (
    check === finding.check &&
    (object === undefined || matchesObject(object, finding)) &&
    (orgs === undefined || (org !== undefined && orgs.includes(org))) &&
    (namespaces === undefined || namespaces.some((pattern) => glob(pattern).test(namespaceOf(finding))))
  );
}

function namespaceOf({ tenant, object }: Finding): string {
  return tenant?.namespace ?? object.namespace ?? (object.kind === 'Namespace' ? object.name : '');
}

function matchesObject(pattern: string, { object }: Finding): boolean {
  const slash = pattern.indexOf('/');
  const [kind = '', ...group] = pattern.slice(0, slash).split('.');
  if (kind !== object.kind || (group.length > 0 && group.join('.') !== groupOf(object.apiVersion))) return false;
  return glob(pattern.slice(slash + 1)).test(object.name);
}

function glob(pattern: string): RegExp {
  const parts = pattern.split('*').map((part) => part.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`));
  return new RegExp(`^${parts.join('.*')}$`);
}

function aboutWaiver(waiver: Waiver, check: 'waiver-expired' | 'waiver-unused'): Finding {
  const object = { apiVersion: 'crewiso/v1', kind: 'Waiver', name: waiver.check };
  const scope = [waiver.object, ...(waiver.orgs ?? []).map((org) => `org ${org}`), ...(waiver.namespaces ?? [])]
    .filter((part) => part !== undefined)
    .join(', ');
  const expired = check === 'waiver-expired';
  return {
    id: fingerprint(check, object, JSON.stringify([waiver.object, waiver.orgs, waiver.namespaces])),
    check,
    severity: expired ? 'medium' : 'low',
    object,
    message: `The waiver of ${waiver.check}${scope === '' ? '' : ` (${scope})`} ${expired ? `expired on ${waiver.expires}: its findings count again` : 'matches nothing'}`,
    confidence: 'certain',
    evidence: [{ type: 'object', message: `${waiver.source}: ${waiver.reason} (${waiver.owner})` }],
    cause: null,
    remediation: {
      kind: 'manual',
      summary: expired ? 'Repair what was waived, or decide again with a new date' : 'Remove the waiver',
      steps: [`# in ${waiver.source}`],
    },
  };
}

/** Marks what the baseline knows; `gone` counts only what could have been seen. */
function compare(
  findings: readonly Finding[],
  baseline: readonly BaselineEntry[],
  evaluated: ReadonlySet<string>,
): Omit<PolicyResult, 'waived'> {
  const known = new Set(baseline.map(({ id }) => id));
  const present = new Set(findings.map(({ id }) => id));
  const marked = findings.map((finding) => ({
    ...finding,
    state: known.has(finding.id) ? ('known' as const) : ('new' as const),
  }));
  const gone = baseline.filter(({ id, check }) => !present.has(id) && evaluated.has(check)).length;
  const knownCount = marked.filter(({ state }) => state === 'known').length;
  return { findings: marked, compared: { new: marked.length - knownCount, known: knownCount, gone } };
}

/** Entries of a baseline that holds exactly these findings. */
export function baselineOf(findings: readonly Finding[], now: number): readonly BaselineEntry[] {
  const today = new Date(now).toISOString().slice(0, 10);
  return findings
    .filter(({ check }) => !check.startsWith('waiver-'))
    .map(({ id, check, object, since }) => ({
      id,
      check,
      object: `${object.kind}/${qualifiedName(object)}`,
      since: since?.slice(0, 10) ?? today,
    }));
}
