import { CrewisoError, EXIT } from '../../model/error.ts';
import { undoneRuns } from '../../remediation/history.ts';
import { prunePlan } from '../../remediation/prune.ts';
import { parseDuration } from './arguments.ts';
import { openRepairs, runFollowUp, type RunContext } from './follow-up-run.ts';
import { newPlanId } from './plan-files.ts';
import { listRuns, newRunId, runsFolder, type StoredRun } from './run-files.ts';

export interface PruneBackupsInput extends RunContext {
  /** A duration: only runs that began longer ago. */
  readonly older: string;
  readonly flags: RunContext['flags'] & { readonly yes: boolean };
  readonly signal: () => AbortSignal;
}

const TTL = 15 * 60_000;

/**
 * Deletes what old runs on this cluster have kept for their undo; leaves the exit code.
 * @throws CrewisoError (2) for what is no duration, (4) cluster unreadable, (6) not agreed to
 */
export async function pruneBackups(input: PruneBackupsInput): Promise<void> {
  const { flags, version, startedAt } = input;
  const before = startedAt - parseDuration(input.older, 'prune', Infinity);
  const folder = runsFolder(process.env, process.platform);
  const old = oldRuns(listRuns(folder), before);
  const run = newRunId(startedAt);
  const signal = input.signal();
  const repairs = openRepairs(input, run, 'fix history --prune', signal);
  try {
    const present = await repairs.whereAndWho();
    const here = old.filter(({ settled }) => settled.begin.plan.binding.clusterUid === present.clusterUid);
    const binding = { ...present, platform: 'any', namespaces: [] };
    const plan = prunePlan({
      ...{ binding, version, ttlMs: TTL, now: startedAt, id: newPlanId() },
      runs: here.map(({ settled }) => settled),
    });
    if (!plan) {
      throw new CrewisoError('no run on this cluster is old enough and has kept anything', {
        code: 'prune',
        exitCode: EXIT.usage,
        suggestions: ['kubectl crewiso fix history'],
      });
    }
    const place = 'gives up the undo of these runs';
    await runFollowUp({ plan, run, repairs, folder, signal, place, agreed: flags.yes }, input);
  } finally {
    repairs.close();
  }
}

/** Those that are not taken back already: what they kept went with their undo. */
function oldRuns(runs: readonly StoredRun[], before: number): readonly StoredRun[] {
  const undone = undoneRuns(runs.map(({ settled }) => settled));
  return runs.filter(({ run, settled }) => !undone.has(run) && Date.parse(settled.begin.at) < before);
}
