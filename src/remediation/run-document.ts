import { targetOf, type Plan } from '../model/fix.ts';
import type { Requests } from '../model/report.ts';
import type { RunDocument, RunResult, RunStep } from '../model/run.ts';
import { count } from '../model/text.ts';

export interface RunFacts {
  readonly run: string;
  readonly version: string;
  /** Milliseconds since the epoch. */
  readonly startedAt: number;
  readonly now: number;
  readonly dryRun: boolean;
  readonly undoes?: string;
  readonly requests: Requests;
  /** What a look at everything afterwards came to; it decides where all went well. */
  readonly afterwards?: RunDocument['exit'];
}

/** What became of a plan, as one document. */
export function runDocument(plan: Plan, result: RunResult, facts: RunFacts): RunDocument {
  const { run, version, startedAt, now, dryRun, undoes, requests, afterwards } = facts;
  return {
    apiVersion: 'crewiso/v1',
    kind: 'Run',
    tool: { name: 'kubectl-crewiso', version },
    id: run,
    startedAt: new Date(startedAt).toISOString(),
    durationMs: Math.max(0, now - startedAt),
    plan: {
      id: plan.id,
      digest: plan.digest,
      fixes: plan.fixes.map(({ id, class: name, summary }) => ({ id, class: name, summary })),
    },
    dryRun,
    ...(undoes === undefined ? {} : { undoes }),
    ...(result.refused ? { refused: result.refused } : {}),
    ...(result.stopped === undefined ? {} : { stopped: result.stopped }),
    interrupted: result.interrupted,
    steps: plan.steps.map((step) => stepOf(step, result)),
    verifications: result.verifications,
    regressed: result.regressed.map(({ id, check, message }) => ({ id, check, message })),
    left: plan.left,
    writes: result.writes,
    requests,
    exit: exitOf(plan, result, dryRun, afterwards),
  };
}

function stepOf(step: Plan['steps'][number], { outcomes }: RunResult): RunStep {
  const outcome = outcomes.find((other) => other.step.step === step.step);
  return {
    step: step.step,
    op: step.op,
    object: targetOf(step),
    tenant: step.tenant,
    result: outcome?.result ?? 'not-reached',
    ...(outcome && 'why' in outcome ? { why: outcome.why } : {}),
  };
}

function exitOf(
  plan: Plan,
  result: RunResult,
  dryRun: boolean,
  afterwards: RunFacts['afterwards'],
): RunDocument['exit'] {
  const { exit: code } = result;
  const trouble = troubleOf(result);
  if (trouble !== undefined) return { code, reasons: [trouble] };
  if (plan.steps.length === 0) return afterwards ?? { code, reasons: ['there is nothing to change'] };
  if (dryRun) return { code, reasons: ['rehearsed; nothing was written'] };
  return afterwards && code === 0 ? afterwards : { code, reasons: [successOf(result)] };
}

function troubleOf({ refused, stopped, interrupted, writes }: RunResult): string | undefined {
  if (interrupted) return writes > 0 ? 'interrupted; what was written is in the journal' : 'interrupted';
  if (refused?.stale) return 'nothing was written: the cluster is not what the plan was made for';
  if (refused) return 'nothing was written: refused';
  return stopped === undefined ? undefined : 'stopped before its end';
}

function successOf({ outcomes, verifications }: RunResult): string {
  const unchanged = outcomes.filter(({ result }) => result === 'unchanged').length;
  if (unchanged === outcomes.length) return 'all of it was in place already';
  return [
    `${count(outcomes.length - unchanged, 'change')} made`,
    ...(unchanged > 0 ? [`${count(unchanged, 'change')} in place already`] : []),
    ...(verifications.length > 0 ? ['verified'] : []),
  ].join(', ');
}
