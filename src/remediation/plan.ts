import { isRecord } from '../kubernetes/json-value.ts';
import type { Finding } from '../model/finding.ts';
import {
  BACKUP,
  namespaceOfChange,
  type Binding,
  type Change,
  type Fix,
  type LeftToYou,
  type Plan,
  type PlannedFix,
} from '../model/fix.ts';
import { compareNames, qualifiedName } from '../model/object.ts';
import type { Platform, Settings } from '../model/platform.ts';
import type { Report } from '../model/report.ts';
import { WORKLOADS } from '../model/resource.ts';
import type { Snapshot } from '../model/snapshot.ts';
import { arrange, type Loose } from './arrange.ts';
import { digestOf } from './canonical.ts';
import { mergeCandidates, type Candidate, type Purposed } from './merge.ts';
import { repairable, whyNot, type Situation } from './refusals.ts';

export interface PlanInput extends Situation {
  readonly fixes: ReadonlyMap<string, Fix>;
  readonly settings: Settings;
  /** Eight hex digits; four of them end the names of backups. */
  readonly id: string;
  readonly ttlMs: number;
  readonly version: string;
  readonly maxWrites: number;
  /** Namespace of the organization that goes first; default: the one with the fewest workloads. */
  readonly canary?: string;
  /** The user named the organization, so that making its Namespace is what was asked for. */
  readonly namespaceIsSafe?: boolean;
  /** What stays for a person to do besides what findings say. */
  readonly alsoLeft?: readonly LeftToYou[];
}

/**
 * What `doctor --fix` would do about a report: pure, and without any value of a Secret. What cannot or should not be
 * done by a program is left to a person, with the reason.
 */
export function createPlan(input: PlanInput): Plan {
  const { report, fixes } = input;
  const left: LeftToYou[] = [...(input.alsoLeft ?? [])];
  const candidates: Candidate[] = [];
  for (const finding of inOrderOfCauses(report.findings)) {
    const fix = fixes.get(finding.id);
    const why = fix ? whyNot(finding, fix, input) : undefined;
    if (fix && why === undefined) candidates.push(candidateOf(finding, fix, input));
    else if (fix || finding.cause === null) left.push(leftOf(finding, why ?? finding.remediation.summary));
  }
  const { candidates: merged, conflicts } = mergeCandidates(candidates);
  for (const { candidate, object } of conflicts) {
    const ids = new Set(candidate.findings.map(({ id }) => id));
    const about = report.findings.filter(({ id }) => ids.has(id));
    left.push(...about.map((finding) => leftOf(finding, `another fix writes ${object} as well, in another way`)));
  }
  const groups = groupCandidates(merged);
  const loose = groups.flatMap(({ fix, changes }) => changes.map((purposed) => ({ ...marked(purposed), fix: fix.id })));
  const canary = input.canary ?? chooseCanary(loose, input.snapshot);
  return seal({
    ...headOf(input),
    fixes: groups.map(({ fix }) => fix),
    ...arranged(loose, canary),
    maxWrites: input.maxWrites,
    left: left.sort((a, b) => compareNames(a.check, b.check) || compareNames(a.object, b.object)),
  });
}

type Unsealed = Omit<Plan, 'digest'>;

function headOf({
  report,
  id,
  now,
  ttlMs,
  version,
  platforms,
  settings,
}: PlanInput): Omit<Unsealed, 'fixes' | 'steps' | 'waves' | 'canary' | 'maxWrites' | 'left'> {
  return {
    apiVersion: 'crewiso/v1',
    kind: 'Plan',
    id,
    createdAt: new Date(now).toISOString(),
    expiresAt: new Date(now + ttlMs).toISOString(),
    tool: { name: 'kubectl-crewiso', version },
    report: report.run.id,
    origin: report.target.origin.from === 'cluster' ? 'cluster' : 'files',
    binding: bindingOf(report, platforms),
    settings,
  };
}

/** The cluster, person and platforms of a report. */
export function bindingOf({ target }: Report, platforms: readonly Platform[]): Binding {
  const { clusterUid, server } = target.origin;
  const { identity } = target;
  return {
    ...(clusterUid === undefined ? {} : { clusterUid }),
    ...(server === undefined ? {} : { server }),
    ...(identity ? { username: identity.username, groups: identity.groups } : {}),
    platform: platforms.map(({ id, platformNamespace }) => `${id}/${platformNamespace ?? ''}`).join(' '),
    namespaces: [...repairable(platforms)].sort(compareNames),
  };
}

/** Causes before their consequences: what both would make is then made for the cause. */
function inOrderOfCauses(findings: readonly Finding[]): readonly Finding[] {
  return [...findings].sort((a, b) => Number(a.cause !== null) - Number(b.cause !== null));
}

function candidateOf(finding: Finding, fix: Fix, input: PlanInput): Candidate {
  const { report, platforms, namespaceIsSafe, id } = input;
  // What comes from files may be long out of date: somebody looks at all of it.
  const offline = report.target.origin.from !== 'cluster' && fix.class === 'safe';
  const makesNamespace = namespaceIsSafe === true && fix.changes.some(isNamespace);
  const tenant = finding.tenant?.namespace ?? finding.object.namespace ?? finding.object.name;
  const isTenant = (namespace: string): boolean =>
    platforms.some(({ allTenants }) => allTenants.some((other) => other.namespace === namespace));
  return {
    class: offline ? 'review' : makesNamespace ? 'safe' : fix.class,
    summaries: [fix.summary],
    findings: [{ id: finding.id, check: finding.check, severity: finding.severity, tenant, message: finding.message }],
    changes: fix.changes.map((change) => {
      const namespace = namespaceOfChange(change);
      return {
        change: nameBackups(change, id.slice(0, 4)) as Change,
        tenant: isTenant(namespace) ? namespace : tenant,
        finding: finding.id,
      };
    }),
    verify: [...new Set([finding.check, ...(fix.verify ?? [])])],
    leaves: fix.leaves ?? [],
  };
}

const isNamespace = (change: Change): boolean => change.op === 'create' && change.object.kind === 'Namespace';

/** Backups are named after the plan, wherever they are named: those of two runs do not meet. */
function nameBackups(value: unknown, id: string): unknown {
  if (typeof value === 'string') return value.endsWith(BACKUP) ? value + id : value;
  if (Array.isArray(value)) return value.map((item) => nameBackups(item, id));
  if (!isRecord(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, nameBackups(item, id)]));
}

function leftOf({ check, id, object, remediation }: Finding, why: string): LeftToYou {
  return { check, finding: id, object: `${object.kind} ${qualifiedName(object)}`, why, steps: remediation.steps };
}

interface Grouped {
  readonly fix: PlannedFix;
  readonly changes: readonly Purposed[];
}

/** Candidates of one class that say the same are one fix of many organizations. */
function groupCandidates(candidates: readonly Candidate[]): readonly Grouped[] {
  const groups = new Map<string, Candidate[]>();
  for (const candidate of candidates) {
    const key = `${candidate.class} ${candidate.summaries.join('; ')}`;
    groups.set(key, [...(groups.get(key) ?? []), candidate]);
  }
  const order = ['safe', 'review', 'destructive'];
  const sorted = [...groups.values()].sort(([a], [b]) => order.indexOf(a?.class ?? '') - order.indexOf(b?.class ?? ''));
  return sorted.flatMap((members, index) => {
    const [first] = members;
    if (!first) return [];
    const fix: PlannedFix = {
      id: String(index + 1),
      class: first.class,
      summary: first.summaries.join('; '),
      findings: members.flatMap(({ findings }) => findings),
      steps: [],
      verify: [...new Set(members.flatMap(({ verify }) => verify))].sort(compareNames),
      leaves: [...new Set(members.flatMap(({ leaves }) => leaves))].sort(compareNames),
    };
    return [{ fix, changes: members.flatMap(({ changes }) => changes) }];
  });
}

/** Marks what is created as ours. */
function marked({ change, tenant, finding }: Purposed): Change & { readonly tenant: string } {
  if (change.op !== 'create') return { ...change, tenant };
  const { labels, annotations, ...metadata } = change.object.metadata;
  const object = {
    ...change.object,
    metadata: {
      ...metadata,
      labels: { ...labels, 'app.kubernetes.io/managed-by': 'kubectl-crewiso' },
      annotations: { ...annotations, 'crewiso.dev/finding': finding },
    },
  };
  return { ...change, tenant, object };
}

/** Where least runs, least can go wrong; then the lowest id. */
function chooseCanary(changes: readonly Loose[], snapshot: Snapshot): string | undefined {
  const tenants = [...new Set(changes.map(({ tenant }) => tenant))].sort(compareNames);
  const weight = (namespace: string): number =>
    WORKLOADS.reduce((sum, resource) => sum + snapshot.list(resource, namespace).length, 0);
  return tenants.map((tenant) => ({ tenant, size: weight(tenant) })).sort((a, b) => a.size - b.size)[0]?.tenant;
}

function arranged(changes: readonly Loose[], canary: string | undefined): Pick<Plan, 'steps' | 'waves' | 'canary'> {
  return { ...arrange(changes, canary), ...(canary === undefined ? {} : { canary }) };
}

function seal(plan: Unsealed): Plan {
  const fixes = plan.fixes.map((fix) => ({
    ...fix,
    steps: plan.steps.filter((step) => step.fix === fix.id).map(({ step }) => step),
  }));
  const whole = { ...plan, fixes };
  return { ...whole, digest: digestOf(whole) };
}

export interface Narrowing {
  /** Namespace of the organization that goes first. */
  readonly canary?: string | undefined;
  /** Why a fix is left out: it is left to a person then. */
  readonly why?: (fix: PlannedFix) => string;
}

/** The same plan with these fixes only, or with another organization first. */
export function narrowPlan(plan: Plan, keep: (fix: PlannedFix) => boolean, narrowing: Narrowing = {}): Plan {
  const { canary: wanted = plan.canary, why } = narrowing;
  const fixes = plan.fixes.filter(keep);
  const ids = new Set(fixes.map(({ id }) => id));
  const steps = plan.steps.filter(({ fix }) => ids.has(fix));
  const tenants = steps.map(({ tenant }) => tenant).sort(compareNames);
  const canary = tenants.find((tenant) => tenant === wanted) ?? tenants[0];
  const dropped = why
    ? plan.fixes
        .filter(({ id }) => !ids.has(id))
        .flatMap((fix) =>
          fix.findings.map(({ id, check, tenant }) => ({
            check,
            finding: id,
            object: tenant,
            why: why(fix),
            steps: [],
          })),
        )
    : [];
  return seal({ ...plan, fixes, ...arranged(steps, canary), left: [...plan.left, ...dropped] });
}
