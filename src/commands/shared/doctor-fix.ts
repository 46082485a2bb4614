import type { Check } from '../../model/check.ts';
import { CrewisoError, EXIT } from '../../model/error.ts';
import { UNSEEN, type LeftToYou, type Plan } from '../../model/fix.ts';
import type { Platform, Settings } from '../../model/platform.ts';
import type { Policy } from '../../model/policy.ts';
import type { Report } from '../../model/report.ts';
import { count, shellQuote } from '../../model/text.ts';
import { createPlan } from '../../remediation/plan.ts';
import { refuseTooMany } from '../../remediation/plan-file.ts';
import type { AnswerFlags } from './access-run.ts';
import { parseDuration } from './arguments.ts';
import { carryOut, rehearsePlan } from './carry-out.ts';
import type { Config } from './config-file.ts';
import { agreeTo, askOn, canAsk } from './confirm.ts';
import type { Judged, JudgeOptions } from './judge.ts';
import { judgeWithFixes } from './judge.ts';
import { newPlanId, planTtl, writePlan } from './plan-files.ts';
import { readSource, readsOf, type SourceInput } from './read-source.ts';
import type { Reading } from './reading.ts';
import { withReferences } from './references.ts';
import { keysOf, platformsOf, Repairs } from './repairs.ts';
import { newRunId, runsFolder } from './run-files.ts';
import { showRun, writePlanAnswer, writeRun } from './run-output.ts';

export interface FixFlags {
  readonly 'plan-out'?: string | undefined;
  readonly 'plan-ttl': string;
  readonly yes: boolean;
  readonly canary?: string | undefined;
  readonly 'max-writes': number;
  readonly live: boolean;
  readonly soak: string;
  readonly output: string;
  readonly 'fail-on': JudgeOptions['failOn'];
  readonly 'allow-incomplete': boolean;
}

export interface FixInput {
  readonly flags: FixFlags & SourceInput['flags'] & Omit<AnswerFlags, 'output'>;
  /** For advice. */
  readonly command: string;
  readonly settings: Settings;
  readonly config: Config;
  readonly checks: readonly Check[];
  readonly policy: Policy;
  readonly version: string;
  readonly startedAt: number;
  readonly signal: () => AbortSignal;
  /** The user named the organization, so that making its Namespace is what was asked for. */
  readonly namespaceIsSafe?: boolean;
}

/**
 * Plans what can be repaired, and with the user's consent does it; leaves the exit code.
 * @throws CrewisoError (2) for flags that contradict, (3) without a platform, (4) where nothing can be read, (6) refused
 */
export async function doctorFix(input: FixInput): Promise<void> {
  const flags = checkFlags(input);
  const planning = planningOf(input);
  const { policy, version, startedAt } = input;
  const options = { failOn: flags['fail-on'], allowIncomplete: flags['allow-incomplete'] };
  if (flags.filename || flags.from !== undefined) {
    const reading = await withReferences(await readSource({ ...input, reads: readsOf(input.checks) }));
    tellNotes(reading);
    const { command, checks } = input;
    const judged = judgeWithFixes(reading, { ...options, command, checks, policy, version, startedAt });
    await planOnly(planning(judged, reading), judged.report, flags);
    return;
  }
  const run = newRunId(startedAt);
  const signal = input.signal();
  const repairs = new Repairs({ ...input, ...options, run, signal });
  try {
    const reading = await repairs.read(input.settings);
    tellNotes(reading);
    const judged = repairs.judge(reading, input.checks);
    const plan = planning(judged, reading);
    const common = {
      ...{ plan, run, version, startedAt, repairs, signal, settings: reading.settings },
      known: keysOf(repairs.judge(reading).report),
      folder: runsFolder(process.env, process.platform),
      dryRun: false,
    };
    if (reading.interrupted || flags['plan-out'] !== undefined) {
      const rehearsal = reading.interrupted ? undefined : await rehearsePlan(common);
      await planOnly(plan, judged.report, flags, rehearsal);
      return;
    }
    refuseTooMany(plan, flags['max-writes']);
    const terminal = { input: process.stdin, output: process.stderr };
    // What --yes does not cover must not keep the rest from being done: a right that only a review needs, for one.
    const harmless = flags.yes && plan.fixes.some((fix) => fix.class === 'safe');
    const document = await carryOut({
      ...common,
      plan: harmless ? await agreeTo(plan, { yes: true }) : plan,
      show: showRun(flags, placeOf(judged.report)),
      agree: (whole) =>
        agreeTo(whole, { yes: flags.yes, ...(canAsk(terminal) ? { ask: askOn(terminal, signal) } : {}) }),
      afterwards: async () =>
        plan.steps.length === 0
          ? judged.report.exit
          : repairs.judge(await repairs.read(input.settings), input.checks).report.exit,
    });
    await writeRun(document, flags);
  } finally {
    repairs.close();
  }
}

type Checked = FixInput['flags'] & AnswerFlags;

function checkFlags({ flags }: FixInput): Checked {
  const { output, filename, from, yes } = flags;
  if (output !== 'table' && output !== 'json' && output !== 'yaml')
    throw usage(`-o ${output} is a format of the report`, 'with --fix: -o table, json or yaml');
  if ((filename || from !== undefined) && flags['plan-out'] === undefined)
    throw usage(
      `--fix with ${from === undefined ? '-f' : '--from'} only writes a plan`,
      'add --plan-out FILE, then: kubectl crewiso fix apply FILE',
    );
  if (yes && flags['plan-out'] !== undefined)
    throw usage('--plan-out only writes a plan: there is nothing to say --yes to', 'leave out one of them');
  return { ...flags, output };
}

/** How a plan is made of what was judged. */
function planningOf({ flags, version, namespaceIsSafe }: FixInput): (judged: Judged, reading: Reading) => Plan {
  const ttlMs = planTtl(flags['plan-ttl']);
  const soakMs = parseDuration(flags.soak, 'soak');
  const id = newPlanId();
  return (judged, reading) => {
    const platforms = platformsOf(judged);
    return createPlan({
      ...{
        report: judged.report,
        fixes: judged.fixes,
        platforms,
        snapshot: reading.snapshot,
        settings: reading.settings,
      },
      ...{ id, now: Date.now(), ttlMs, soakMs, version, live: flags.live, maxWrites: flags['max-writes'] },
      ...(flags.canary === undefined ? {} : { canary: canaryOf(flags.canary, platforms) }),
      ...(namespaceIsSafe ? { namespaceIsSafe } : {}),
      alsoLeft: unseenOf(judged.report),
    });
  };
}

/** What could not be looked at may be broken as well: a plan never passes for the whole of what there is to repair. */
function unseenOf({ checks, target }: Report): readonly LeftToYou[] {
  const unseen = checks.filter(({ outcome, gaps }) => outcome === 'errored' || gaps.length > 0);
  if (unseen.length === 0) return [];
  const who = target.identity?.username;
  const subject = who === undefined ? 'User:NAME' : shellQuote(`User:${who}`);
  return [
    {
      ...{ check: UNSEEN, finding: '', object: count(unseen.length, 'check') },
      why: 'could not be evaluated completely; what they would find is not in this plan',
      steps: [
        'kubectl crewiso doctor',
        `# an administrator can grant what is missing: kubectl crewiso rbac --for fix --subject ${subject} | kubectl apply -f -`,
      ],
    },
  ];
}

function canaryOf(name: string, platforms: readonly Platform[]): string {
  const tenants = platforms.flatMap((platform) => platform.tenants);
  const found = tenants.find(({ id, namespace }) => id === name || namespace === name);
  if (found) return found.namespace;
  throw usage(
    `--canary ${name} is no organization that was judged`,
    `organizations: ${tenants
      .slice(0, 10)
      .map(({ id }) => id)
      .join(', ')}`,
  );
}

/** Writes the plan, if that is asked for, and shows it. */
async function planOnly(
  plan: Plan,
  report: Report,
  flags: Checked,
  rehearsal?: Awaited<ReturnType<typeof rehearsePlan>>,
): Promise<void> {
  const file = flags['plan-out'];
  if (file !== undefined) await writePlan(file, plan);
  await writePlanAnswer(
    plan,
    {
      place: placeOf(report),
      ...(rehearsal ? { checked: rehearsal.checked } : {}),
      ...(file === undefined ? {} : { file: shellQuote(file) }),
    },
    flags,
  );
  process.exitCode = rehearsal && rehearsal.result.exit !== EXIT.ok ? rehearsal.result.exit : report.exit.code;
}

/** The cluster, by the name the user knows it by, or the files. */
export function placeOf({ target: { origin } }: Report): string {
  if (origin.from !== 'cluster') return `${origin.from === 'bundle' ? 'bundle' : 'files'} ${origin.file ?? ''}`;
  const uid = origin.clusterUid === undefined ? '' : ` (uid ${origin.clusterUid.slice(0, 8)})`;
  return `${origin.context ?? origin.server ?? ''}${uid}`;
}

export function tellNotes({ notes }: Reading): void {
  for (const note of notes) process.stderr.write(`warning: ${note}\n`);
}

const usage = (message: string, ...suggestions: readonly string[]): CrewisoError =>
  new CrewisoError(message, { code: 'usage', exitCode: EXIT.usage, suggestions });
