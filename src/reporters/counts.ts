import { SEVERITIES, type Severity } from '../model/finding.ts';
import type { CheckResult, Group, Outcome, Report } from '../model/report.ts';
import { count } from '../model/text.ts';

export type Verdict = 'NOT HEALTHY' | 'HEALTHY' | 'INCOMPLETE' | 'NO PLATFORM' | 'INTERRUPTED';

/**
 * The first words of a report. `NOT HEALTHY` where something of medium severity or worse was found, or something at or
 * above `--fail-on`; a clean bill needs a complete look.
 */
export function verdictOf(report: Report): Verdict {
  if (report.run.interrupted) return 'INTERRUPTED';
  if (report.target.platforms.length === 0) return 'NO PLATFORM';
  if (report.exit.code === 1 || report.findings.some(({ severity }) => isAtLeast(severity, 'medium'))) {
    return 'NOT HEALTHY';
  }
  const blind = report.checks.some(({ outcome, gaps }) => isUnseen(outcome) || gaps.length > 0);
  return report.exit.incomplete || blind ? 'INCOMPLETE' : 'HEALTHY';
}

const isUnseen = (outcome: Outcome): boolean => outcome === 'not-evaluated' || outcome === 'errored';

export function isAtLeast(severity: Severity, limit: Severity): boolean {
  return SEVERITIES.indexOf(severity) <= SEVERITIES.indexOf(limit);
}

/** Checks that broke: all of them with an error of their own, also where findings came first. */
export function brokenChecks(report: Report): readonly CheckResult[] {
  return report.checks.filter(
    ({ outcome, reason }) => outcome === 'errored' || (outcome === 'failed' && reason !== undefined),
  );
}

export function outcomes(report: Report, outcome: Outcome): number {
  return report.checks.filter((check) => check.outcome === outcome).length;
}

/** Checks that found something although they could not see everything. */
export function inPart(report: Report): number {
  return report.checks.filter(({ outcome, gaps }) => outcome !== 'not-evaluated' && gaps.length > 0).length;
}

/** What the verdict rests on, for one line. */
export function factsOf(report: Report): readonly string[] {
  const verdict = verdictOf(report);
  return [
    ...openingOf(report, verdict),
    ...(report.findings.length > 0 ? [causesOf(report)] : []),
    ...tenantsOf(report, verdict),
    ...(verdict === 'HEALTHY' ? [passedOf(report)] : unseenOf(report)),
  ];
}

function openingOf(report: Report, verdict: Verdict): readonly string[] {
  if (verdict === 'INTERRUPTED') return ['stopped before everything was read'];
  if (verdict === 'NO PLATFORM') {
    const reason = report.checks.find((check) => check.reason !== undefined)?.reason;
    return [`nothing was audited: ${reason ?? 'no platform was recognised'}`];
  }
  if (verdict === 'INCOMPLETE' && report.findings.length === 0) return ['nothing failed in what could be seen'];
  return [];
}

function causesOf({ groups, findings }: Report): string {
  if (groups.length === findings.length) return count(findings.length, 'finding');
  const causes = count(groups.length, 'cause');
  return `${causes} ${groups.length === 1 ? 'explains' : 'explain'} ${count(findings.length, 'finding')}`;
}

function tenantsOf({ target: { tenants } }: Report, verdict: Verdict): readonly string[] {
  if (verdict === 'NO PLATFORM' || tenants.length === 0)
    return verdict === 'HEALTHY' ? ['no tenant namespaces yet'] : [];
  const having = (state: string): number => tenants.filter((tenant) => tenant.state === state).length;
  const all = count(tenants.length, 'tenant namespace');
  if (verdict === 'HEALTHY') return [`${having('ok')} of ${all}`];
  return having('findings') > 0 ? [`${having('findings')} of ${all} affected`] : [];
}

function passedOf(report: Report): string {
  const skipped = outcomes(report, 'not-applicable');
  return `${count(outcomes(report, 'passed'), 'check')} passed${skipped > 0 ? `, ${skipped} not applicable` : ''}`;
}

function unseenOf(report: Report): readonly string[] {
  const [unseen, errored, partly] = [outcomes(report, 'not-evaluated'), brokenChecks(report).length, inPart(report)];
  return [
    ...(unseen > 0 ? [`${unseen} of ${count(report.checks.length, 'check')} NOT EVALUATED`] : []),
    ...(partly > 0 ? [`${count(partly, 'check')} evaluated only in part`] : []),
    ...(errored > 0 ? [`${count(errored, 'check')} ERRORED`] : []),
  ];
}

/** Groups that `--min-severity` lets through. */
export function shownGroups(report: Report, limit: Severity): readonly Group[] {
  return report.groups.filter(({ severity }) => isAtLeast(severity, limit));
}
