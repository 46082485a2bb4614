import { CrewisoError, EXIT } from '../../model/error.ts';
import type { Binding, Plan } from '../../model/fix.ts';
import type { JournalLine } from '../../remediation/journal.ts';
import type { AnswerFlags } from './access-run.ts';
import { carryOut } from './carry-out.ts';
import { agreeToAll, askOn, canAsk } from './confirm.ts';
import type { LiveFlags } from './connect.ts';
import { Repairs } from './repairs.ts';
import { showRun, writeRun } from './run-output.ts';

/** Flags of commands that are about earlier runs, or apply stored plans. */
export type RunFlags = Omit<LiveFlags, 'all-namespaces' | 'logs'> & AnswerFlags;

export interface RunContext {
  readonly flags: RunFlags & { readonly 'dry-run': boolean };
  readonly version: string;
  /** Milliseconds since the epoch. */
  readonly startedAt: number;
}

/** A cluster for a run that waives nothing and takes its settings from its plan. */
export function openRepairs(
  { flags, version, startedAt }: RunContext,
  run: string,
  command: string,
  signal: AbortSignal,
): Repairs {
  return new Repairs({
    ...{ run, version, startedAt, signal, command, policy: { waivers: [] } },
    ...{ flags: { ...flags, 'all-namespaces': false }, config: { for: () => ({}) } },
    ...{ failOn: 'high', allowIncomplete: false },
  });
}

export interface FollowUpRun {
  readonly plan: Plan;
  readonly run: string;
  readonly repairs: Repairs;
  readonly folder: string;
  readonly signal: AbortSignal;
  /** The run that it takes back. */
  readonly undoes?: string | undefined;
  /** The journal of the same run, where it goes on. */
  readonly after?: readonly JournalLine[];
  /** For people. */
  readonly place: string;
  /** Agreed to before, or with `--yes`. */
  readonly agreed: boolean;
}

/** Carries out a plan that repairs no finding: nothing is judged, what was written is read back. Leaves the exit code. */
export async function runFollowUp({ undoes, place, agreed, ...run }: FollowUpRun, context: RunContext): Promise<void> {
  const { flags, version, startedAt } = context;
  const terminal = { input: process.stdin, output: process.stderr };
  const document = await carryOut({
    ...{ ...run, version, startedAt, settings: run.plan.settings, known: new Set(), dryRun: flags['dry-run'] },
    ...(undoes === undefined ? {} : { undoes }),
    show: showRun(flags, place),
    agree: (whole) =>
      agreeToAll(whole, { yes: agreed, ...(canAsk(terminal) ? { ask: askOn(terminal, run.signal) } : {}) }),
  });
  await writeRun(document, flags);
}

/** @throws CrewisoError (6) where a run was on another cluster */
export function refuseElsewhere(
  { clusterUid, server }: Binding,
  present: Pick<Binding, 'clusterUid' | 'server'>,
  run: string,
): void {
  const same = clusterUid === undefined ? server === present.server : clusterUid === present.clusterUid;
  if (same) return;
  const uid = present.clusterUid ?? 'unknown';
  throw new CrewisoError(
    `${run} was on the cluster ${server ?? ''} (uid ${clusterUid ?? 'unknown'}), and this is ${present.server ?? ''} (uid ${uid})`,
    { code: 'undo', exitCode: EXIT.refused, suggestions: ['choose its cluster with --context'] },
  );
}
