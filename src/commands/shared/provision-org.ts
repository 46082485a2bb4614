import { CrewisoError, EXIT } from '../../model/error.ts';
import type { LeftToYou, Plan } from '../../model/fix.ts';
import type { CrewaiPlatform, Platform, Settings, Tenant } from '../../model/platform.ts';
import type { Snapshot } from '../../model/snapshot.ts';
import { refuseTooMany } from '../../remediation/plan-file.ts';
import { createPlan } from '../../remediation/plan.ts';
import type { AnswerFlags } from './access-run.ts';
import { carryOut, rehearsePlan } from './carry-out.ts';
import type { Config } from './config-file.ts';
import { agreeToAll, askOn, canAsk } from './confirm.ts';
import type { LiveFlags } from './connect.ts';
import { placeOf, tellNotes } from './doctor-fix.ts';
import type { Judged } from './judge.ts';
import { newPlanId, planTtl, writePlan } from './plan-files.ts';
import { withPullSecret } from './pull-secret-fix.ts';
import type { Reading } from './reading.ts';
import { keysOf, platformsOf, Repairs, unscoped } from './repairs.ts';
import { newRunId, runsFolder } from './run-files.ts';
import { showRun, writePlanAnswer, writeRun } from './run-output.ts';

export interface ProvisionInput {
  readonly org: string;
  readonly flags: Omit<LiveFlags, 'all-namespaces' | 'logs'> &
    AnswerFlags & {
      readonly 'plan-out'?: string | undefined;
      readonly 'plan-ttl': string;
      readonly yes: boolean;
      readonly 'max-writes': number;
      readonly 'pull-secret-on-account': boolean;
      readonly 'dry-run': boolean;
    };
  readonly settings: Settings;
  readonly config: Config;
  readonly version: string;
  /** Milliseconds since the epoch. */
  readonly startedAt: number;
  readonly signal: () => AbortSignal;
}

/** What an organization needs before it can be deployed to; findings of other checks are left to doctor. */
const NEEDED: ReadonlySet<string> = new Set([
  'namespace-missing',
  'rbac-access-missing',
  'rbac-binding-subject-wrong',
  'registry-secret-missing',
]);

/**
 * Plans what an organization lacks, and with the user's consent makes it; leaves the exit code.
 * @throws CrewisoError (2) usage, (3) without a platform, (4) cluster unreadable, (6) refused
 */
export async function provisionOrg(input: ProvisionInput): Promise<void> {
  const { flags, version, startedAt } = input;
  const signal = input.signal();
  const run = newRunId(startedAt);
  const ttlMs = planTtl(flags['plan-ttl']);
  const repairs = new Repairs({
    ...{ run, version, startedAt, signal, config: input.config, command: `provision ${input.org}` },
    ...{
      flags: { ...flags, 'all-namespaces': false },
      policy: { waivers: [] },
      failOn: 'high',
      allowIncomplete: false,
    },
  });
  try {
    const reading = await readWhole(repairs, input);
    tellNotes(reading);
    const judged = repairs.judge(reading);
    const plan = planFor(judged, reading, { ...input, ttlMs });
    refuseTooMany(plan, flags['max-writes']);
    const place = placeOf(judged.report);
    const settings = { ...reading.settings, orgs: [input.org] };
    const common = {
      ...{ plan, run, version, startedAt, repairs, signal, settings, dryRun: flags['dry-run'] },
      known: keysOf(judged.report),
      folder: runsFolder(process.env, process.platform),
    };
    const file = flags['plan-out'];
    if (file !== undefined) {
      const { result, checked } = await rehearsePlan(common);
      await writePlan(file, plan);
      await writePlanAnswer(plan, { place, checked, file }, flags);
      process.exitCode = result.exit;
      return;
    }
    const terminal = { input: process.stdin, output: process.stderr };
    const document = await carryOut({
      ...common,
      show: showRun(flags, place),
      agree: (whole) =>
        // An organization that has everything needs nobody's consent to nothing.
        plan.steps.length === 0
          ? Promise.resolve(whole)
          : agreeToAll(whole, { yes: flags.yes, ...(canAsk(terminal) ? { ask: askOn(terminal, signal) } : {}) }),
    });
    await writeRun(document, flags);
  } finally {
    repairs.close();
  }
}

/** The whole platform is read, for what the siblings have in common, and one organization is judged. */
async function readWhole(repairs: Repairs, { org, settings }: ProvisionInput): Promise<Reading> {
  const reading = await repairs.read(unscoped({ isolation: 'on', platforms: ['crewai'], ...settings }));
  return { ...reading, settings: { ...reading.settings, orgs: [org] } };
}

function planFor(judged: Judged, reading: Reading, input: ProvisionInput & { readonly ttlMs: number }): Plan {
  const platform = crewaiOf(judged);
  const tenant = platform.tenants.find(({ id }) => id === input.org);
  if (!tenant) throw refused(`organization ${input.org} is left out by --exclude-org`, 'leave out --exclude-org');
  const { report } = judged;
  const findings = report.findings.filter(
    ({ check, tenant: whose }) => NEEDED.has(check) && whose?.namespace === tenant.namespace,
  );
  const blocked = findings.find(({ check, id }) => check === 'namespace-missing' && !judged.fixes.has(id));
  if (blocked) throw refused(...whyBlocked(platform, tenant));
  const fixes = new Map([...judged.fixes].filter(([id]) => findings.some((finding) => finding.id === id)));
  refuseUnseen(judged, tenant);
  return createPlan({
    ...{
      report: { ...report, findings },
      platforms: [platform],
      snapshot: reading.snapshot,
      settings: reading.settings,
    },
    fixes: input.flags['pull-secret-on-account'] ? withPullSecret(fixes, reading.snapshot, platform, tenant) : fixes,
    ...{ id: newPlanId(), now: Date.now(), ttlMs: input.ttlMs, version: input.version, soakMs: 0, live: false },
    ...{ maxWrites: input.flags['max-writes'], namespaceIsSafe: true },
    alsoLeft: laterSteps(judged, reading.snapshot, platform, tenant),
  });
}

/** Only CrewAI Platform's organizations are provisioned here. @throws CrewisoError (3) where it was not recognised */
function crewaiOf(judged: Judged): CrewaiPlatform {
  const found = platformsOf(judged).find((platform) => platform.id === 'crewai');
  if (found) return found;
  throw refused('CrewAI Platform was not recognised', 'name it: --platform-namespace NAMESPACE');
}

/** What could not be looked at may be missing. @throws CrewisoError (3) */
function refuseUnseen({ report }: Judged, { namespace }: Tenant): void {
  const needed = report.checks.filter(({ id }) => NEEDED.has(id));
  const broken = needed.find(({ outcome }) => outcome === 'errored');
  if (broken) throw new Error(`${broken.id} failed: ${broken.reason ?? ''}`);
  const unseen = needed.filter(({ outcome }) => outcome === 'not-evaluated');
  const [gap] = unseen.flatMap(({ gaps }) => gaps.flatMap((index) => report.coverage.gaps[index] ?? []));
  if (!gap) return;
  throw new CrewisoError(`what ${namespace} lacks could not be seen: ${gap.resource}: ${gap.detail}`, {
    code: 'incomplete',
    exitCode: EXIT.incomplete,
    suggestions: ['kubectl crewiso rbac --for fix prints the rights that it takes'],
  });
}

/** What no program should decide: quotas that the siblings have, the vendor's support bundle, the first deployment. */
function laterSteps(
  { report }: Judged,
  snapshot: Snapshot,
  { allTenants }: Platform,
  { id, namespace }: Tenant,
): readonly LeftToYou[] {
  const siblings = allTenants.filter((other) => other.exists === true && other.namespace !== namespace);
  const quotasOf = (name: string): readonly string[] =>
    snapshot.list('resourcequotas', name).map(({ metadata }) => metadata.name);
  const [first, ...others] = siblings;
  const own = quotasOf(namespace);
  const common = (first ? quotasOf(first.namespace) : []).filter(
    (name) => !own.includes(name) && others.every((other) => quotasOf(other.namespace).includes(name)),
  );
  const bundled = report.checks.some(
    ({ id: check, outcome }) => check === 'bundle-namespaces-outdated' && outcome !== 'not-applicable',
  );
  const item = (check: string, object: string, why: string, step: string): LeftToYou => ({
    ...{ check, finding: '', object, why },
    steps: [step],
  });
  return [
    ...common.map((name) =>
      item(
        'quota',
        `ResourceQuota ${namespace}/${name}`,
        'all other organizations have one of this name',
        `kubectl -n ${first?.namespace ?? ''} get resourcequota ${name} -o yaml`,
      ),
    ),
    ...(bundled
      ? [
          item(
            'bundle-namespaces-outdated',
            `Namespace ${namespace}`,
            'no support bundle holds its logs before the values of the release list it',
            'kubectl crewiso values',
          ),
        ]
      : []),
    item(
      'deploy',
      `Namespace ${namespace}`,
      'the first deployment shows whether all is well',
      `# deploy any crew of organization ${id} from the CrewAI UI, then: kubectl crewiso doctor --org ${id}`,
    ),
  ];
}

function whyBlocked(
  { account, mode, registrySecret }: CrewaiPlatform,
  { id, namespace }: Tenant,
): [string, ...string[]] {
  const source = `${registrySecret.sourceNamespace}/${registrySecret.name}`;
  if (!account)
    return [
      "the platform's account is not known: its Deployments could not be read",
      'name it: --platform-account NAMESPACE:NAME',
    ];
  if (mode.state === 'auto' || mode.state === 'both' || mode.wanted === 'auto') {
    return [
      `the platform makes ${namespace} itself at the first deployment: ${mode.why}`,
      `deploy any crew of organization ${id} from the CrewAI UI, then: kubectl crewiso provision ${id}`,
    ];
  }
  if (mode.state === 'unknown')
    return [`whether the platform makes ${namespace} itself could not be seen: ${mode.why}`, 'say so: --mode manual'];
  return [
    `the registry secret ${source} cannot be copied: it is missing or does not work`,
    `kubectl -n ${registrySecret.sourceNamespace} get secret ${registrySecret.name}`,
    'kubectl crewiso doctor --area registry',
  ];
}

const refused = (message: string, ...suggestions: readonly string[]): CrewisoError =>
  new CrewisoError(message, { code: 'refused', exitCode: EXIT.refused, suggestions });
