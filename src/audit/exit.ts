import { EXIT } from '../model/error.ts';
import { SEVERITIES, type Finding, type Severity } from '../model/finding.ts';
import type { CheckResult, Exit } from '../model/report.ts';
import { count } from '../model/text.ts';

export interface ExitInput {
  readonly checks: readonly CheckResult[];
  readonly findings: readonly Finding[];
  readonly platforms: number;
  readonly interrupted: boolean;
  readonly failOn: Severity | 'never';
  readonly allowIncomplete: boolean;
}

/**
 * The exit code as a function of the report alone: 130 interrupted · 1 findings at or above `failOn` · 70 a check
 * errored and nothing failed · 3 incomplete · 0. Output format, filters, width and colour play no part.
 */
export function exitOf(input: ExitInput): Exit {
  const limit = input.failOn === 'never' ? -1 : SEVERITIES.indexOf(input.failOn);
  // With a baseline only what is new counts.
  const counting = input.findings.filter(
    ({ severity, state }) => state !== 'known' && SEVERITIES.indexOf(severity) <= limit,
  ).length;
  // A check that broke after its first finding is `failed` with a reason; what it did not get to was not looked at.
  const errored = input.checks.filter(
    ({ outcome, reason }) => outcome === 'errored' || (outcome === 'failed' && reason !== undefined),
  ).length;
  const unseen = input.checks.filter(({ outcome, gaps }) => outcome === 'not-evaluated' || gaps.length > 0).length;
  const incomplete = unseen > 0 || errored > 0 || input.platforms === 0 || input.interrupted;
  const reasons = [
    ...(input.interrupted ? ['interrupted before everything was read'] : []),
    ...(counting > 0 ? [`${count(counting, 'finding')} at or above ${input.failOn}`] : []),
    ...(errored > 0 ? [`${count(errored, 'check')} failed with an error of our own`] : []),
    ...(input.platforms === 0 ? ['no platform was recognised, so nothing was audited'] : []),
    ...(unseen > 0 ? [`${count(unseen, 'check')} could not be evaluated completely`] : []),
  ];
  return { code: codeOf({ ...input, counting, errored, incomplete }), failOn: input.failOn, incomplete, reasons };
}

function codeOf(state: ExitInput & { counting: number; errored: number; incomplete: boolean }): number {
  if (state.interrupted) return EXIT.interrupted;
  if (state.counting > 0) return EXIT.findings;
  if (state.errored > 0) return EXIT.bug;
  if (state.incomplete && !state.allowIncomplete) return EXIT.incomplete;
  return EXIT.ok;
}
