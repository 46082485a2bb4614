import { createHash } from 'node:crypto';
import type { Check } from '../model/check.ts';
import { SEVERITIES, type Finding, type Severity } from '../model/finding.ts';
import type { Fix } from '../model/fix.ts';
import type { Identity } from '../model/access.ts';
import { compareNames } from '../model/object.ts';
import type { Platform } from '../model/platform.ts';
import type { Policy } from '../model/policy.ts';
import type { CheckResult, Report, Run, Target, TenantState } from '../model/report.ts';
import type { Gap, Snapshot } from '../model/snapshot.ts';
import { clean, cleanMessage } from '../model/text.ts';
import { linkCauses } from './causes.ts';
import { notApplicable, type Evaluation } from './evaluate.ts';
import { evaluateAll, identifyAll, type Evaluated } from './evaluate-all.ts';
import { exitOf } from './exit.ts';
import { groupFindings, sortFindings } from './group.ts';
import { applyPolicy } from './policy.ts';
import { describePlatform, originOf } from './target.ts';
import { gapKey } from './view.ts';

/** Why there is no platform, and the gaps that may hide one. */
interface Unrecognised {
  readonly none: string;
  readonly gaps: readonly Gap[];
}

export interface AuditInput {
  readonly snapshot: Snapshot;
  /** The platforms found, or why there is none to judge. */
  readonly platforms: readonly Platform[] | Unrecognised;
  readonly checks: readonly Check[];
  /** All checks of the catalogue, selected or not: its digest tells two versions of the tool apart. */
  readonly catalogue: readonly Check[];
  readonly version: string;
  readonly run: Run;
  readonly identity?: Identity & { readonly impersonated: boolean };
  readonly failOn: Severity | 'never';
  readonly allowIncomplete: boolean;
  readonly policy?: Policy;
}

/** A report, and the fixes of its findings by their ids. */
export interface Audited {
  readonly report: Report;
  readonly fixes: ReadonlyMap<string, Fix>;
}

/** The report of `auditWithFixes`. */
export function audit(input: AuditInput): Report {
  return auditWithFixes(input).report;
}

/** Evaluates the selected checks on a snapshot and builds the report; pure, and the same for every origin. */
export function auditWithFixes(input: AuditInput): Audited {
  const { snapshot } = input;
  const { platforms: found } = input;
  const platforms = 'none' in found ? [] : found;
  const checks = [...input.checks].sort((a, b) => compareNames(a.id, b.id));
  const evaluated =
    'none' in found ? checks.map((check) => withoutPlatform(check, found)) : evaluateAll(checks, snapshot, found);
  const evaluations = evaluated.map(({ evaluation }) => evaluation);
  const keyed = identifyAll(evaluated, snapshot);
  const gaps = collectGaps(evaluations);
  const counted = new Map<string, number>();
  for (const { finding } of keyed) counted.set(finding.check, (counted.get(finding.check) ?? 0) + 1);
  const results = evaluations.map((evaluation) => toResult(evaluation, counted.get(evaluation.check.id) ?? 0, gaps));
  const judged = applyPolicy(linkCauses(keyed, evaluations), results, input.policy ?? { waivers: [] }, snapshot.now);
  const findings = sortFindings(judged.findings);
  const judgedChecks = results.map((result) => withWaived(result, judged.waived));
  const outcomes = (outcome: string): number => judgedChecks.filter((check) => check.outcome === outcome).length;
  const report: Report = {
    apiVersion: 'crewiso/v1',
    kind: 'Report',
    tool: { name: 'kubectl-crewiso', version: input.version, catalogue: digestOf(input.catalogue) },
    run: input.run,
    target: targetOf(input, platforms, findings, gaps),
    coverage: {
      evaluated: outcomes('passed') + outcomes('failed'),
      notEvaluated: outcomes('not-evaluated'),
      notApplicable: outcomes('not-applicable'),
      errored: outcomes('errored'),
      gaps,
    },
    checks: judgedChecks,
    groups: groupFindings(findings),
    findings,
    waived: sortFindings(judged.waived),
    summary: { ...summaryOf(findings), ...judged.compared },
    exit: exitOf({
      checks: judgedChecks,
      findings,
      platforms: platforms.length,
      interrupted: input.run.interrupted ?? false,
      failOn: input.failOn,
      allowIncomplete: input.allowIncomplete,
    }),
  };
  return { report, fixes: new Map(keyed.flatMap(({ finding, fix }) => (fix ? [[finding.id, fix]] : []))) };
}

function withWaived(result: CheckResult, waived: readonly Finding[]): CheckResult {
  const count = waived.filter(({ check }) => check === result.id).length;
  return count === 0 ? result : { ...result, waived: count };
}

/** No platform and a complete look: nothing applies. No platform but gaps: it may only have been hidden. */
function withoutPlatform(check: Check, { none, gaps }: Unrecognised): Evaluated {
  const evaluation = notApplicable(check, none);
  return { evaluation: gaps.length === 0 ? evaluation : { ...evaluation, outcome: 'not-evaluated', gaps }, parts: [] };
}

function collectGaps(evaluations: readonly Evaluation[]): readonly Gap[] {
  const gaps = new Map<string, Gap>();
  for (const gap of evaluations.flatMap((evaluation) => evaluation.gaps)) {
    gaps.set(gapKey(gap), { ...gap, detail: cleanMessage(gap.detail) });
  }
  return [...gaps.entries()].sort(([a], [b]) => compareNames(a, b)).map(([, gap]) => gap);
}

function toResult(evaluation: Evaluation, findings: number, gaps: readonly Gap[]): CheckResult {
  const indexes = new Map(gaps.map((gap, index) => [gapKey(gap), index]));
  const { check, outcome, objects, reason } = evaluation;
  return {
    id: check.id,
    title: check.title,
    severity: check.severity,
    area: check.area,
    outcome,
    objects,
    findings,
    gaps: evaluation.gaps
      .flatMap((gap) => indexes.get(gapKey({ ...gap, detail: cleanMessage(gap.detail) })) ?? [])
      .sort((a, b) => a - b),
    ...(reason === undefined ? {} : { reason: cleanMessage(reason) }),
  };
}

function targetOf(
  input: AuditInput,
  platforms: readonly Platform[],
  findings: readonly Finding[],
  gaps: readonly Gap[],
): Target {
  const { identity } = input;
  return {
    origin: originOf(input.snapshot),
    ...(identity
      ? {
          identity: {
            username: clean(identity.user),
            groups: identity.groups.map(clean),
            impersonated: identity.impersonated,
          },
        }
      : {}),
    platforms: platforms.map(describePlatform),
    tenants: platforms.flatMap((platform) => statesOf(platform, findings, gaps)),
  };
}

/** `ok` needs a complete look: at whatever was read cluster-wide, and in the namespace itself. */
function statesOf(platform: Platform, findings: readonly Finding[], gaps: readonly Gap[]): readonly TenantState[] {
  const hit = new Set(findings.map(({ tenant }) => tenant?.namespace));
  const unseen = new Set(gaps.map((gap) => gap.namespace));
  return platform.tenants.map(({ id, namespace }) => ({
    id,
    namespace,
    platform: platform.id,
    state: hit.has(namespace) ? 'findings' : unseen.has(undefined) || unseen.has(namespace) ? 'unknown' : 'ok',
  }));
}

function summaryOf(findings: readonly Finding[]): Record<Severity, number> {
  const entries = SEVERITIES.map((severity) => [
    severity,
    findings.filter((finding) => finding.severity === severity).length,
  ]);
  return Object.fromEntries(entries) as Record<Severity, number>;
}

function digestOf(catalogue: readonly Check[]): string {
  const lines = catalogue.map(({ id, severity, reads }) => [id, severity, [...reads].sort()]).sort();
  return `sha256:${createHash('sha256').update(JSON.stringify(lines)).digest('hex').slice(0, 16)}`;
}
