import type { AccessRule } from '../model/access.ts';
import { FIX_CLASSES } from '../model/fix.ts';
import { SEVERITIES, type Evidence, type Finding, type Remediation, type Severity } from '../model/finding.ts';
import type { ObjectRef } from '../model/object.ts';
import type { CheckResult, Group, Outcome, Report, Target, TenantState } from '../model/report.ts';
import type { Gap, GapReason, Location } from '../model/snapshot.ts';
import { clean, cleanMessage } from '../model/text.ts';
import { cleanDeep } from './clean-report.ts';

type Fields = Readonly<Record<string, unknown>>;

/**
 * A report as the text formats need it, whoever wrote it: texts are clean and of one line, lists are lists, what is missing is empty. An unknown severity counts as critical and an unknown outcome
 * as not evaluated, so that nothing looks better than it is.
 */
export function soundReport(report: Report): Report {
  const source = fields(cleanDeep(report));
  const coverage = fields(source.coverage);
  const exit = fields(source.exit);
  return {
    apiVersion: 'crewiso/v1',
    kind: 'Report',
    tool: {
      name: 'kubectl-crewiso',
      version: text(fields(source.tool).version),
      catalogue: text(fields(source.tool).catalogue),
    },
    run: runOf(fields(source.run)),
    target: targetOf(fields(source.target)),
    coverage: {
      evaluated: number(coverage.evaluated),
      notEvaluated: number(coverage.notEvaluated),
      notApplicable: number(coverage.notApplicable),
      errored: number(coverage.errored),
      gaps: list(coverage.gaps, gapOf),
    },
    checks: list(source.checks, checkOf),
    groups: list(source.groups, groupOf),
    findings: list(source.findings, findingOf),
    waived: list(source.waived, findingOf),
    summary: { critical: 0, high: 0, medium: 0, low: 0, info: 0 },
    exit: {
      code: number(exit.code),
      failOn: exit.failOn === 'never' ? 'never' : severity(exit.failOn ?? 'high'),
      incomplete: exit.incomplete === true,
      reasons: list(exit.reasons, line),
    },
  };
}

const fields = (value: unknown): Fields => (typeof value === 'object' && value !== null ? (value as Fields) : {});
const text = (value: unknown): string =>
  typeof value === 'string' ? clean(value) : typeof value === 'number' ? String(value) : '';
const line = (value: unknown): string => cleanMessage(text(value));
const number = (value: unknown): number => (typeof value === 'number' && Number.isFinite(value) ? value : 0);
const list = <T>(value: unknown, convert: (item: unknown) => T): readonly T[] =>
  Array.isArray(value) ? value.filter((item) => item !== null && item !== undefined).map(convert) : [];
const severity = (value: unknown): Severity => SEVERITIES.find((known) => known === value) ?? 'critical';

/** The texts at these keys, those that are not empty. */
function texts<K extends string>(source: Fields, ...keys: readonly K[]): Partial<Record<K, string>> {
  const entries = keys.map((key) => [key, text(source[key])] as const).filter(([, value]) => value !== '');
  return Object.fromEntries(entries) as Partial<Record<K, string>>;
}

function runOf(run: Fields): Report['run'] {
  const requests = fields(run.requests);
  const count = (key: string): number => number(requests[key]);
  return {
    id: text(run.id),
    startedAt: text(run.startedAt),
    durationMs: number(run.durationMs),
    ...(run.interrupted === true ? { interrupted: true } : {}),
    writes: number(run.writes),
    requests: {
      total: count('total'),
      list: count('list'),
      get: count('get'),
      review: count('review'),
      retried: count('retried'),
      refused: count('refused'),
      throttledMs: count('throttledMs'),
    },
  };
}

function targetOf(target: Fields): Target {
  const origin = fields(target.origin);
  const identity = fields(target.identity);
  const username = text(identity.username);
  return {
    origin: {
      from: origin.from === 'manifests' || origin.from === 'bundle' ? origin.from : 'cluster',
      ...texts(origin, 'takenAt', 'context', 'server', 'clusterUid', 'kubernetes', 'file'),
    },
    ...(username === ''
      ? {}
      : { identity: { username, groups: list(identity.groups, text), impersonated: identity.impersonated === true } }),
    platforms: list(target.platforms, (value) => {
      const platform = fields(value);
      return {
        id: text(platform.id),
        ...texts(platform, 'version', 'platformNamespace', 'sharedNamespace', 'account'),
        detectedBy: list(platform.detectedBy, refOf),
        overridden: list(platform.overridden, text),
      };
    }),
    tenants: list(target.tenants, (value): TenantState => {
      const tenant = fields(value);
      const state = tenant.state === 'ok' || tenant.state === 'findings' ? tenant.state : 'unknown';
      return { id: text(tenant.id), namespace: text(tenant.namespace), platform: text(tenant.platform), state };
    }),
  };
}

function checkOf(value: unknown): CheckResult {
  const check = fields(value);
  const outcomes: readonly Outcome[] = ['passed', 'failed', 'not-evaluated', 'not-applicable', 'errored'];
  const reason = line(check.reason);
  return {
    id: text(check.id),
    title: text(check.title),
    severity: severity(check.severity),
    area: text(check.area),
    outcome: outcomes.find((known) => known === check.outcome) ?? 'not-evaluated',
    objects: number(check.objects),
    findings: number(check.findings),
    gaps: list(check.gaps, number),
    ...(reason === '' ? {} : { reason }),
  };
}

function groupOf(value: unknown): Group {
  const group = fields(value);
  return {
    root: text(group.root) || null,
    check: text(group.check),
    severity: severity(group.severity),
    summary: line(group.summary),
    findings: list(group.findings, text),
    tenants: list(group.tenants, text),
    ...texts(group, 'since'),
    remediation: remediationOf(group.remediation),
  };
}

function remediationOf(value: unknown): Remediation {
  const remediation = fields(value);
  const kind = remediation.kind === 'none' || remediation.kind === 'fix' ? remediation.kind : 'manual';
  return {
    kind,
    ...(kind === 'fix'
      ? {
          class: FIX_CLASSES.find((known) => known === remediation.class) ?? 'destructive',
          changes: number(remediation.changes),
          verify: list(remediation.verify, text),
        }
      : {}),
    summary: text(remediation.summary),
    steps: list(remediation.steps, text).filter((step) => step !== ''),
    needs: list(remediation.needs, ruleOf),
    ...texts(remediation, 'owner'),
  };
}

function findingOf(value: unknown): Finding {
  const finding = fields(value);
  const tenant = fields(finding.tenant);
  const location = fields(finding.location);
  const confidence = finding.confidence === 'certain' || finding.confidence === 'likely' ? finding.confidence : 'hint';
  return {
    id: text(finding.id),
    check: text(finding.check),
    severity: severity(finding.severity),
    object: refOf(finding.object),
    ...texts(finding, 'path', 'since'),
    message: line(finding.message),
    confidence,
    evidence: list(finding.evidence, evidenceOf),
    cause: text(finding.cause) || null,
    ...(text(tenant.namespace) === '' ? {} : { tenant: { namespace: text(tenant.namespace), ...texts(tenant, 'id') } }),
    ...(text(location.file) === '' ? {} : { location: locationOf(location) }),
    remediation: remediationOf(finding.remediation),
  };
}

const locationOf = (location: Fields): Location => ({ file: text(location.file), line: number(location.line) });

function evidenceOf(value: unknown): Evidence {
  const evidence = fields(value);
  const known: readonly Evidence['type'][] = [
    'object',
    'absence',
    'rbac',
    'review',
    'event',
    'log',
    'condition',
    'discovery',
  ];
  return {
    type: known.find((type) => type === evidence.type) ?? 'comparison',
    ...('object' in evidence ? { object: refOf(evidence.object) } : {}),
    ...texts(evidence, 'path', 'firstAt', 'lastAt'),
    ...('observed' in evidence ? { observed: evidence.observed } : {}),
    ...('expected' in evidence ? { expected: evidence.expected } : {}),
    message: line(evidence.message),
    count: number(evidence.count),
  };
}

function refOf(value: unknown): ObjectRef {
  const ref = fields(value);
  return {
    apiVersion: text(ref.apiVersion),
    kind: text(ref.kind),
    name: text(ref.name),
    ...texts(ref, 'namespace'),
    ...(ref.absent === true ? { absent: true } : {}),
  };
}

function ruleOf(value: unknown): AccessRule {
  const rule = fields(value);
  const { verb = '', group = '', resource = '' } = texts(rule, 'verb', 'group', 'resource');
  return { verb, group, resource, ...texts(rule, 'name', 'namespace') };
}

function gapOf(value: unknown): Gap {
  const gap = fields(value);
  const reasons: readonly GapReason[] = ['forbidden', 'not-served', 'not-collected', 'truncated'];
  const grant = fields(gap.grant);
  return {
    resource: text(gap.resource),
    reason: reasons.find((known) => known === gap.reason) ?? 'failed',
    detail: line(gap.detail),
    ...texts(gap, 'namespace'),
    ...(text(grant.verb) === '' || text(grant.resource) === '' ? {} : { grant: ruleOf(grant) }),
  };
}
