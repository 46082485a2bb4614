import { setTimeout as sleep } from 'node:timers/promises';
import { applyPlan } from '../../remediation/apply.ts';
import { runDocument } from '../../remediation/run-document.ts';
import type { JournalLine } from '../../remediation/journal.ts';
import { settle } from '../../remediation/journal.ts';
import type { RunInput, RunPorts } from '../../remediation/run.ts';
import { CrewisoError, EXIT } from '../../model/error.ts';
import type { Plan } from '../../model/fix.ts';
import type { Settings } from '../../model/platform.ts';
import type { RenderOptions } from '../../model/report.ts';
import type { RunDocument, RunEvent, RunResult } from '../../model/run.ts';
import type { Checked } from '../../reporters/plan.ts';
import { narrowed, type Repairs } from './repairs.ts';
import { journalFile, lazyJournal } from './run-files.ts';

export interface CarryOutInput {
  readonly plan: Plan;
  readonly run: string;
  readonly version: string;
  /** Milliseconds since the epoch. */
  readonly startedAt: number;
  readonly repairs: Repairs;
  /** What the audits between the waves are given. */
  readonly settings: Settings;
  /** Keys of what was wrong before. */
  readonly known: ReadonlySet<string>;
  /** Folder of the journals. */
  readonly folder: string;
  /** The journal of the same run, where it goes on. */
  readonly after?: readonly JournalLine[];
  readonly undoes?: string;
  readonly dryRun: boolean;
  readonly signal: AbortSignal;
  readonly show: Show;
  /** Which part of the plan is agreed to. @throws CrewisoError (6) where none is */
  readonly agree: (plan: Plan) => Promise<Plan>;
  /** What a look at everything says once all is done. */
  readonly afterwards?: () => Promise<RunDocument['exit']>;
}

/** What is told while a plan is carried out. */
export interface Show {
  readonly options: RenderOptions;
  /** Standard output is for a program: it gets one document, whatever happens. */
  readonly machine: boolean;
  preview(plan: Plan, checked: Checked): void;
  begin(run: string, journal: string): void;
  event(event: RunEvent, plan: Plan): void;
}

/** Rehearses a plan, shows it, has it agreed to, and applies what was agreed to. Nothing is written before that. */
export async function carryOut(input: CarryOutInput): Promise<RunDocument> {
  const { plan, dryRun, show, repairs } = input;
  const { result: rehearsal, checked } = await rehearsePlan(input);
  show.preview(plan, checked);
  if (rehearsal.refused || rehearsal.interrupted || dryRun) return documentOf(plan, rehearsal, input);
  if (plan.steps.length === 0) return documentOf(plan, rehearsal, input, await input.afterwards?.());
  const agreed = await agreedOr(input, rehearsal);
  if ('kind' in agreed && agreed.kind === 'Run') return agreed;
  const journal = lazyJournal(input.folder, input.run, input.after);
  show.begin(input.run, journalFile(input.folder, input.run));
  try {
    const result = await applyPlan(runInput(agreed, input, false), {
      ...portsOf(input, (event) => {
        show.event(event, agreed);
      }),
      journal,
    });
    const good = result.exit === 0 && !result.interrupted;
    const afterwards = good ? await input.afterwards?.() : undefined;
    return documentOf(agreed, { ...result, writes: repairs.writer.writes() }, input, afterwards);
  } finally {
    journal.close();
  }
}

/** What is agreed to, or the document of a run that is not: a machine gets one whatever happens. */
async function agreedOr(input: CarryOutInput, rehearsal: RunResult): Promise<Plan | RunDocument> {
  const { plan, show, signal } = input;
  try {
    return await input.agree(plan);
  } catch (error) {
    if (!(error instanceof CrewisoError)) throw error;
    const interrupted = signal.aborted;
    if (!interrupted && !show.machine) throw error;
    const refused = { why: [error.message, ...error.suggestions], stale: false };
    const ended = interrupted ? { interrupted, exit: EXIT.interrupted } : { refused, exit: error.exitCode };
    return documentOf(plan, { ...rehearsal, ...ended }, input);
  }
}

/** Whether we may, whether everything is as the plan expects, and whether the server would take it; writes nothing. */
export async function rehearsePlan(
  input: Omit<CarryOutInput, 'agree' | 'show'>,
): Promise<{ readonly result: RunResult; readonly checked: Checked }> {
  const seen = { rights: 0, rehearsed: 0, later: 0, unchanged: 0 };
  const tell = (event: RunEvent): void => {
    if (event.event === 'rights') seen.rights = event.asked;
    if (event.event === 'rehearsed')
      Object.assign(seen, { rehearsed: event.steps, later: event.later, unchanged: event.unchanged });
  };
  const nothing = {
    append: (): never => {
      throw new Error('a rehearsal writes nothing');
    },
  };
  const result = await applyPlan(runInput(input.plan, input, true), { ...portsOf(input, tell), journal: nothing });
  return { result, checked: { ...seen, ...(result.refused ? { refused: result.refused } : {}) } };
}

type Common = Omit<CarryOutInput, 'agree' | 'show'>;

function runInput(plan: Plan, { run, version, known, undoes, after }: Common, dryRun: boolean): RunInput {
  const settled = after && settle(after);
  return {
    plan,
    run,
    version,
    known,
    ...(undoes === undefined ? {} : { undoes }),
    ...(settled ? { settled } : {}),
    ...(dryRun ? { dryRun } : {}),
  };
}

function portsOf({ repairs, settings, signal }: Common, tell: RunPorts['tell']): Omit<RunPorts, 'journal'> {
  return {
    ...clockwork(repairs, signal),
    audit: async (namespaces) => (await repairs.readAndJudge(narrowed(settings, namespaces))).report,
    tell,
  };
}

/** What reads, writes and waits. */
export function clockwork(
  { writer }: Repairs,
  signal: AbortSignal,
): Pick<RunPorts, 'writer' | 'sleep' | 'now' | 'signal'> {
  return {
    writer,
    // What waits ends with the run; what was begun is still written down.
    sleep: (milliseconds) => sleep(milliseconds, undefined, { signal }).catch(() => undefined),
    now: Date.now,
    signal,
  };
}

function documentOf(
  plan: Plan,
  result: RunResult,
  { run, version, startedAt, dryRun, undoes, repairs }: CarryOutInput,
  afterwards?: RunDocument['exit'],
): RunDocument {
  return runDocument(plan, result, {
    run,
    version,
    startedAt,
    now: Date.now(),
    dryRun,
    requests: repairs.requests(),
    ...(undoes === undefined ? {} : { undoes }),
    ...(afterwards ? { afterwards } : {}),
  });
}
