import { CrewisoError, EXIT } from '../../model/error.ts';
import type { Plan } from '../../model/fix.ts';
import { compareNames } from '../../model/object.ts';
import { refuseUnreviewed } from '../../remediation/compare-plans.ts';
import { refuseForeign, refuseTooMany } from '../../remediation/plan-file.ts';
import { bindingOf, createPlan, narrowPlan } from '../../remediation/plan.ts';
import { carryOut } from './carry-out.ts';
import { agreeToReviewed, askOn, canAsk } from './confirm.ts';
import { placeOf, tellNotes } from './doctor-fix.ts';
import { openRepairs, refuseElsewhere, runFollowUp, type RunContext } from './follow-up-run.ts';
import { readPlan } from './plan-files.ts';
import { keysOf, narrowed, platformsOf, type JudgedReading } from './repairs.ts';
import { findRun, newRunId, runsFolder, type StoredRun } from './run-files.ts';
import { showRun, writeRun } from './run-output.ts';

export interface ApplyInput extends RunContext {
  /** Undefined where a run is gone on with. */
  readonly file: string | undefined;
  readonly flags: RunContext['flags'] & {
    readonly 'allow-destructive': boolean;
    readonly confirm?: string | undefined;
    readonly 'max-writes'?: number | undefined;
    readonly canary?: string | undefined;
    readonly resume?: string | undefined;
  };
  readonly signal: () => AbortSignal;
}

/**
 * Applies a stored plan, or goes on with a run; leaves the exit code.
 * @throws CrewisoError (2) wrong usage, (4) plan or cluster unreadable, (6) not for this cluster, user or moment, edited,
 * too many writes, or destructive without permission
 */
export async function applyFile(input: ApplyInput): Promise<void> {
  const { flags, version, startedAt } = input;
  const folder = runsFolder(process.env, process.platform);
  const stored = flags.resume === undefined ? undefined : findRun(folder, flags.resume);
  const given = await planOf(input, stored);
  const run = stored?.run ?? newRunId(startedAt);
  const signal = input.signal();
  const repairs = openRepairs(input, run, 'fix apply', signal);
  try {
    if (stored && isFollowUp(given)) {
      refuseElsewhere(given.binding, await repairs.whereAndWho(), run);
      const { undoes } = stored.settled.begin;
      const place = given.fixes.map(({ summary }) => summary).join('; ');
      await runFollowUp(
        { plan: given, run, repairs, folder, signal, undoes, after: stored.lines, place, agreed: true },
        input,
      );
      return;
    }
    const settings = narrowed(given.settings, tenantsOf(given));
    const judged = await repairs.readAndJudge(settings);
    tellNotes(judged.reading);
    refuse(given, judged, input, stored);
    const plan = chosen(given.origin === 'files' ? madeLive(given, judged) : given, flags.canary);
    refuseTooMany(plan, flags['max-writes'] ?? given.maxWrites);
    const terminal = { input: process.stdin, output: process.stderr };
    const ask = canAsk(terminal) ? { ask: askOn(terminal, signal) } : {};
    const document = await carryOut({
      ...{ plan, run, version, startedAt, repairs, settings, folder, signal, dryRun: flags['dry-run'] },
      known: keysOf(judged.report),
      ...(stored ? { after: stored.lines } : {}),
      show: showRun(flags, placeOf(judged.report)),
      agree: (whole) =>
        stored
          ? Promise.resolve(whole)
          : agreeToReviewed(whole, {
              allowDestructive: flags['allow-destructive'],
              confirm: flags.confirm,
              ...ask,
            }),
    });
    await writeRun(document, flags);
  } finally {
    repairs.close();
  }
}

/** Takes a run back, or gives that up: no platform need be there for it. */
const isFollowUp = ({ fixes }: Plan): boolean => fixes.every(({ findings }) => findings.length === 0);

/** The plan of the file, or that of the run that is gone on with. */
async function planOf({ file, flags }: ApplyInput, stored: StoredRun | undefined): Promise<Plan> {
  if (!stored) {
    if (file === undefined) throw usage('no plan was given', 'kubectl crewiso fix apply PLAN, or --resume RUN');
    return readPlan(file);
  }
  const { begin, end } = stored.settled;
  if (end?.exit === EXIT.ok)
    throw usage(
      `${stored.run} went through: there is nothing to resume`,
      `take it back: kubectl crewiso fix undo ${stored.run}`,
    );
  if (flags.canary !== undefined) throw usage('--canary and --resume contradict', 'leave out --canary');
  if (file !== undefined && (await readPlan(file)).id !== begin.plan.id)
    throw usage(
      `${stored.run} is a run of plan ${begin.plan.id}, not of ${file}`,
      `kubectl crewiso fix apply --resume ${stored.run}`,
    );
  return begin.plan;
}

const tenantsOf = (plan: Plan): readonly string[] =>
  [...new Set(plan.steps.map(({ tenant }) => tenant))].sort(compareNames);

/** A run that was cut off may be gone on with whenever that is noticed: its preconditions still hold or they do not. */
function refuse(plan: Plan, judged: JudgedReading, { version }: ApplyInput, stored: StoredRun | undefined): void {
  const now = stored ? Date.parse(plan.createdAt) : Date.now();
  const present = bindingOf(judged.report, platformsOf(judged));
  // What files say has no cluster and no user yet.
  const { platform, namespaces } = present;
  const binding = plan.origin === 'files' ? { ...plan.binding, platform, namespaces } : present;
  refuseForeign(plan, { binding, version, now });
}

/**
 * A plan that was made from files, made anew on the cluster: what is no longer true falls away, and what would be done
 * is what was reviewed.
 */
function madeLive(reviewed: Plan, judged: JudgedReading): Plan {
  const { report, reading } = judged;
  const findings = reviewed.fixes.flatMap((fix) => fix.findings);
  const known = new Set(findings.map(({ id }) => id));
  const fixes = new Map([...judged.fixes].filter(([id]) => known.has(id)));
  const alsoLeft = findings
    .filter(({ id }) => !judged.report.findings.some((finding) => finding.id === id))
    .map(({ check, id, tenant, message }) => ({
      ...{ check, finding: id, object: `Namespace ${tenant}`, steps: [] },
      why: `the files said: ${message}. On the cluster this is not so`,
    }));
  const live = createPlan({
    ...{ report, fixes, platforms: platformsOf(judged), snapshot: reading.snapshot, settings: reading.settings },
    ...{ id: reviewed.id, now: Date.now(), version: reviewed.tool.version, maxWrites: reviewed.maxWrites },
    ttlMs: Math.max(0, Date.parse(reviewed.expiresAt) - Date.now()),
    soakMs: 24 * 3_600_000,
    live: false,
    alsoLeft,
  });
  refuseUnreviewed(reviewed, live);
  return live;
}

function chosen(plan: Plan, canary: string | undefined): Plan {
  if (canary === undefined) return plan;
  const found = tenantsOf(plan).find((namespace) => namespace === canary || namespace.endsWith(`-org-${canary}`));
  if (found === undefined)
    throw usage(`--canary ${canary} is no organization of the plan`, `namespaces: ${tenantsOf(plan).join(', ')}`);
  return narrowPlan(plan, () => true, { canary: found });
}

const usage = (message: string, ...suggestions: readonly string[]): CrewisoError =>
  new CrewisoError(message, { code: 'usage', exitCode: EXIT.usage, suggestions });
