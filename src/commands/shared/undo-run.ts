import { CrewisoError, EXIT } from '../../model/error.ts';
import { settleOpen } from '../../remediation/settle-open.ts';
import { undoPlan } from '../../remediation/undo.ts';
import { clockwork } from './carry-out.ts';
import { openRepairs, refuseElsewhere, runFollowUp, type RunContext } from './follow-up-run.ts';
import { newPlanId } from './plan-files.ts';
import { findRun, newRunId, runsFolder } from './run-files.ts';

export interface UndoRunInput extends RunContext {
  /** Id of a run, or `last`. */
  readonly name: string;
  readonly flags: RunContext['flags'] & {
    readonly only?: number | undefined;
    readonly yes: boolean;
    readonly 'allow-destructive': boolean;
  };
  readonly signal: () => AbortSignal;
}

const TTL = 15 * 60_000;

/**
 * Takes a run back, if it was on this cluster; leaves the exit code.
 * @throws CrewisoError (2) where there is no such run or step, (4) cluster unreadable, (6) another cluster, or not agreed to
 */
export async function undoRun(input: UndoRunInput): Promise<void> {
  const { flags, version, startedAt } = input;
  const folder = runsFolder(process.env, process.platform);
  const { run: undoes, settled: told } = findRun(folder, input.name);
  const { only } = flags;
  if (only !== undefined && !told.changes.has(only))
    throw refusal(EXIT.usage, `${undoes} has no step ${String(only)}`, `kubectl crewiso fix history ${undoes}`);
  const run = newRunId(startedAt);
  const signal = input.signal();
  const repairs = openRepairs(input, run, 'fix undo', signal);
  try {
    const { plan: applied } = told.begin;
    const present = await repairs.whereAndWho();
    refuseElsewhere(applied.binding, present, undoes);
    const { settled, unknown } = await settleOpen(told, clockwork(repairs, signal));
    const plan = undoPlan({
      ...{ settled, version, ttlMs: TTL, now: startedAt, id: newPlanId() },
      binding: { ...applied.binding, ...present },
      allowDestructive: flags['allow-destructive'],
      ...(only === undefined ? {} : { only }),
      alsoLeft: unknown,
    });
    const place = `takes back ${undoes}`;
    await runFollowUp({ plan, run, repairs, folder, signal, undoes, place, agreed: flags.yes }, input);
  } finally {
    repairs.close();
  }
}

const refusal = (exitCode: number, message: string, ...suggestions: readonly string[]): CrewisoError =>
  new CrewisoError(message, { code: 'undo', exitCode, suggestions });
