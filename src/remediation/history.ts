import { targetOf, type Step } from '../model/fix.ts';
import { EXIT } from '../model/error.ts';
import type { PastRun } from '../model/history.ts';
import type { RunStep } from '../model/run.ts';
import type { Settled } from './journal.ts';

/** Ids of runs of which another run has taken back all that they changed. */
export function undoneRuns(runs: readonly Settled[]): ReadonlySet<string> {
  const changed = new Map(runs.map((settled) => [settled.begin.run, changesOf(settled)]));
  return new Set(
    runs.flatMap(({ begin, end }) => {
      const { undoes, plan } = begin;
      const whole = undoes !== undefined && end?.exit === EXIT.ok && plan.steps.length >= (changed.get(undoes) ?? 0);
      return whole ? [undoes] : [];
    }),
  );
}

const changesOf = ({ done }: Settled): number => [...done.values()].filter(({ result }) => result === 'applied').length;

/** A run as its journal tells it. @param undone ids of runs that another run has taken back */
export function pastRun(settled: Settled, undone: ReadonlySet<string>): PastRun {
  const { begin } = settled;
  const { plan, run, undoes, at } = begin;
  const { server, username } = plan.binding;
  return {
    run,
    at,
    ...(server === undefined ? {} : { server }),
    ...(username === undefined ? {} : { username }),
    summary: plan.fixes.map(({ summary }) => summary).join('; '),
    changed: changesOf(settled),
    steps: plan.steps.length,
    state: undone.has(run) ? 'undone' : stateOf(settled),
    ...(undoes === undefined ? {} : { undoes }),
  };
}

function stateOf({ end }: Settled): PastRun['state'] {
  if (!end) return 'cut off';
  return end.exit === EXIT.ok ? 'applied' : 'stopped';
}

/** What became of each change of a run. */
export function pastSteps(settled: Settled): readonly RunStep[] {
  return settled.begin.plan.steps.map((step) => ({
    step: step.step,
    op: step.op,
    object: targetOf(step),
    tenant: step.tenant,
    result: resultOf(step, settled),
  }));
}

function resultOf({ step }: Step, { done, open, changes }: Settled): RunStep['result'] {
  const came = done.get(step);
  if (came) return came.result;
  if (open.has(step)) return 'unknown';
  return changes.has(step) ? 'refused' : 'not-reached';
}
