import type { Finding, Severity } from '../../src/model/finding.ts';
import type { CheckResult, Group, Outcome, RenderOptions, Report } from '../../src/model/report.ts';
import type { Gap } from '../../src/model/snapshot.ts';

export const OPTIONS: RenderOptions = {
  color: false,
  width: 100,
  ascii: false,
  tty: false,
  wide: false,
  headers: true,
  show: [],
  minSeverity: 'info',
};

const RBAC = 'rbac.authorization.k8s.io/v1';
const DENIED =
  'deployments.apps is forbidden: User "system:serviceaccount:crewai:crewai-sa" cannot create resource "deployments" in API group "apps" in the namespace "crewai-org-17"';

const id = (n: number): string => n.toString(16).padStart(16, '0');

const check = (name: string, severity: Severity, outcome: Outcome, more: Partial<CheckResult> = {}): CheckResult => ({
  id: name,
  title: `The good state of ${name}`,
  severity,
  area: name.split('-')[0] ?? '',
  outcome,
  objects: outcome === 'not-applicable' ? 0 : 41,
  findings: outcome === 'failed' ? 1 : 0,
  gaps: [],
  ...(outcome === 'not-applicable' ? { reason: 'nothing of the kind exists here' } : {}),
  ...more,
});

const passed = (n: number): CheckResult[] =>
  Array.from({ length: n }, (_, index) => check(`passed-check-${String(index + 1)}`, 'medium', 'passed'));

const tenants = (n: number, affected: readonly number[] = []): Report['target']['tenants'] =>
  Array.from({ length: n }, (_, index) => ({
    id: String(index + 1),
    namespace: `crewai-org-${String(index + 1)}`,
    platform: 'crewai',
    state: affected.includes(index + 1) ? 'findings' : 'ok',
  }));

function report(more: Partial<Report>): Report {
  const findings = more.findings ?? [];
  const checks = more.checks ?? passed(3);
  const having = (outcome: Outcome): number => checks.filter((result) => result.outcome === outcome).length;
  const of = (severity: Severity): number => findings.filter((finding) => finding.severity === severity).length;
  return {
    apiVersion: 'crewiso/v1',
    kind: 'Report',
    tool: { name: 'kubectl-crewiso', version: '0.1.0', catalogue: 'sha256:9c0e' },
    run: {
      id: '7f3a91c2',
      startedAt: '2026-11-20T09:52:31.000Z',
      durationMs: 2104,
      writes: 0,
      requests: { total: 38, list: 30, get: 4, review: 4, retried: 0, refused: 0, throttledMs: 0 },
    },
    target: {
      origin: { from: 'cluster', context: 'prod-eu', kubernetes: 'v1.34.1', takenAt: '2026-11-20T09:52:31.000Z' },
      identity: { username: 'anna', groups: ['oncall', 'system:authenticated'], impersonated: false },
      platforms: [
        {
          id: 'crewai',
          version: '1.14.2',
          platformNamespace: 'crewai',
          sharedNamespace: 'crewai',
          account: 'crewai/crewai-sa',
          detectedBy: [{ apiVersion: 'apps/v1', kind: 'Deployment', namespace: 'crewai', name: 'crewai-worker' }],
          overridden: [],
        },
      ],
      tenants: tenants(41),
    },
    coverage: {
      evaluated: having('passed') + having('failed'),
      notEvaluated: having('not-evaluated'),
      notApplicable: having('not-applicable'),
      errored: having('errored'),
      gaps: [],
    },
    checks,
    groups: [],
    findings,
    waived: [],
    summary: { critical: of('critical'), high: of('high'), medium: of('medium'), low: of('low'), info: of('info') },
    exit: { code: 0, failOn: 'high', incomplete: false, reasons: [] },
    ...more,
  };
}

const missingAccess = (org: number, n: number): Finding => ({
  id: id(n),
  check: 'rbac-access-missing',
  severity: 'critical',
  confidence: 'certain',
  cause: null,
  object: {
    apiVersion: RBAC,
    kind: 'RoleBinding',
    namespace: `crewai-org-${String(org)}`,
    name: 'crewai-sa-edit',
    absent: true,
  },
  message: `ServiceAccount crewai/crewai-sa may not create Deployments, Pods, Services, Secrets in crewai-org-${String(org)}`,
  tenant: { id: String(org), namespace: `crewai-org-${String(org)}` },
  since: '2026-11-20T09:41:00Z',
  evidence: [
    { type: 'review', message: 'SubjectAccessReview create deployments.apps: denied' },
    { type: 'event', count: 31, lastAt: '2026-11-20T09:52:00Z', message: DENIED },
    { type: 'comparison', message: '39 of 41 org namespaces have it' },
  ],
  remediation: {
    kind: 'manual',
    summary: "Bind the platform's account to the ClusterRole edit where it has nothing",
    steps: [
      `kubectl -n crewai-org-${String(org)} create rolebinding crewai-sa-edit --clusterrole=edit --serviceaccount=crewai:crewai-sa`,
    ],
    owner: 'Helm release crewai',
  },
});

const forbidden = (n: number, cause: string): Finding => ({
  ...missingAccess(17, n),
  check: 'forbidden-by-rbac',
  severity: 'high',
  cause,
  object: { apiVersion: 'apps/v1', kind: 'Deployment', namespace: 'crewai-org-17', name: `org-17-crew-${String(n)}` },
  message: 'The API server refused it for lack of rights',
});

const stale: Finding = {
  id: id(9),
  check: 'registry-secret-stale',
  severity: 'high',
  confidence: 'likely',
  cause: null,
  object: { apiVersion: 'v1', kind: 'Secret', namespace: 'crewai-org-29', name: 'docker-registry' },
  path: '/data/.dockerconfigjson',
  message: 'Secret crewai-org-29/docker-registry differs from its source crewai/docker-registry',
  tenant: { id: '29', namespace: 'crewai-org-29' },
  since: '2026-11-18T12:00:00Z',
  evidence: [
    {
      type: 'object',
      object: { apiVersion: 'v1', kind: 'Secret', namespace: 'crewai-org-29', name: 'docker-registry' },
      path: '/data/.dockerconfigjson',
      observed: { redacted: true, bytes: 412 },
      expected: 'the same credential as in the source',
    },
  ],
  remediation: {
    kind: 'manual',
    summary: 'Copy the source again',
    steps: [
      '# whoever rotates the credential should also copy it: the platform does so only when it creates a namespace, not later',
      `kubectl -n crewai get secret docker-registry -o go-template='{"data":{".dockerconfigjson":"{{index .data ".dockerconfigjson"}}"}}' | kubectl -n crewai-org-29 patch secret docker-registry --type=merge --patch-file=/dev/stdin`,
      '# or, if nobody needs isolation any more, switch the flag off:',
      '# kubectl exec -n crewai deploy/crewai-web -- bin/rails runner "Flipper.disable(:k8s_namespace_isolation)"',
      '# what was refused meanwhile is tried again by itself; to hurry: kubectl -n crewai-org-29 rollout restart deployment',
    ],
  },
};

const groupOf = (root: Finding, others: readonly Finding[] = []): Group => ({
  root: root.id,
  check: root.check,
  severity: root.severity,
  summary: root.message,
  findings: [root, ...others].map((finding) => finding.id),
  tenants: root.tenant ? [root.tenant.namespace] : [],
  ...(root.since === undefined ? {} : { since: root.since }),
  remediation: root.remediation,
});

function accessGroup(roots: readonly Finding[], others: readonly Finding[]): Group {
  const [first] = roots;
  if (!first) throw new Error('no roots');
  return {
    ...groupOf(first),
    root: roots.length === 1 ? first.id : null,
    summary: 'ServiceAccount crewai/crewai-sa may not create Deployments, Pods, Services, Secrets in <namespace>',
    findings: [...roots, ...others].map((finding) => finding.id),
    tenants: roots.flatMap(({ tenant }) => tenant?.namespace ?? []),
    remediation: { ...first.remediation, steps: roots.flatMap(({ remediation }) => remediation.steps) },
  };
}

const refused = (resource: string, group: string, namespace?: string): Gap => ({
  resource: group === '' ? resource : `${resource}.${group}`,
  reason: 'forbidden',
  http: 403,
  detail: `${resource} is forbidden: User "bo" cannot list resource "${resource}" in API group "${group}" ${namespace === undefined ? 'at the cluster scope' : `in the namespace "${namespace}"`}`,
  ...(namespace === undefined ? {} : { namespace }),
  grant: { verb: 'list', group, resource, ...(namespace === undefined ? {} : { namespace }) },
});

const clean = report({
  checks: [...passed(8), check('bundle-truncated', 'low', 'not-applicable')],
});

const roots = [missingAccess(17, 1), missingAccess(18, 2)];
const consequences = [forbidden(3, id(1)), forbidden(4, id(1))];
const broken = report({
  checks: [
    ...passed(5),
    check('forbidden-by-rbac', 'high', 'failed'),
    check('network-default-deny-missing', 'high', 'not-evaluated', { gaps: [0] }),
    check('rbac-access-missing', 'critical', 'failed'),
    check('registry-secret-missing', 'high', 'not-evaluated', { gaps: [1, 2] }),
    check('registry-secret-stale', 'high', 'failed', { gaps: [1, 2] }),
    check('workload-orphaned', 'high', 'errored', { reason: 'Cannot read properties of undefined' }),
    check('quota-exhausted', 'low', 'not-applicable'),
  ],
  findings: [...roots, ...consequences, stale],
  groups: [accessGroup(roots, consequences), groupOf(stale)],
  target: { ...clean.target, tenants: tenants(41, [17, 18, 29]) },
  coverage: {
    ...clean.coverage,
    gaps: [
      refused('networkpolicies', 'networking.k8s.io'),
      refused('secrets', '', 'crewai-org-30'),
      refused('secrets', '', 'crewai-org-31'),
    ],
  },
  exit: {
    code: 1,
    failOn: 'high',
    incomplete: true,
    reasons: [
      '5 findings at or above high',
      '1 check failed with an error of our own',
      '3 checks could not be evaluated completely',
    ],
  },
});

const incomplete = report({
  checks: [
    ...passed(3),
    check('rbac-access-missing', 'critical', 'not-evaluated', { gaps: [0, 1] }),
    check('rbac-access-partial', 'high', 'not-evaluated', { gaps: [0, 1, 3] }),
    check('registry-secret-malformed', 'high', 'not-evaluated', { gaps: [2] }),
    check('registry-secret-missing', 'high', 'not-evaluated', { gaps: [2] }),
    check('registry-secret-stale', 'high', 'not-evaluated', { gaps: [2] }),
  ],
  target: {
    ...clean.target,
    identity: { username: 'bo', groups: [], impersonated: true },
    tenants: [{ id: '7', namespace: 'crewai-org-7', platform: 'crewai', state: 'unknown' }],
  },
  coverage: {
    ...clean.coverage,
    gaps: [
      refused('rolebindings', 'rbac.authorization.k8s.io', 'crewai-org-7'),
      refused('roles', 'rbac.authorization.k8s.io', 'crewai-org-7'),
      refused('secrets', '', 'crewai-org-7'),
      {
        ...refused('subjectaccessreviews', 'authorization.k8s.io'),
        grant: { verb: 'create', group: 'authorization.k8s.io', resource: 'subjectaccessreviews' },
      },
    ],
  },
  run: { ...clean.run, requests: { ...clean.run.requests, total: 12, list: 12, get: 0, review: 0, refused: 6 } },
  exit: { code: 3, failOn: 'high', incomplete: true, reasons: ['5 checks could not be evaluated completely'] },
});

const interrupted = report({
  run: { ...clean.run, interrupted: true, durationMs: 65_300 },
  checks: [
    ...passed(1),
    check('rbac-access-missing', 'critical', 'not-evaluated', { gaps: [0, 1] }),
    check('registry-secret-stale', 'high', 'failed', { gaps: [1] }),
  ],
  findings: [stale],
  groups: [groupOf(stale)],
  target: { ...clean.target, tenants: tenants(41, [29]) },
  coverage: {
    ...clean.coverage,
    gaps: [
      { resource: 'rolebindings.rbac.authorization.k8s.io', reason: 'failed', detail: 'interrupted' },
      { resource: 'secrets', reason: 'failed', detail: 'interrupted' },
    ],
  },
  exit: {
    code: 130,
    failOn: 'high',
    incomplete: true,
    reasons: [
      'interrupted before everything was read',
      '1 finding at or above high',
      '2 checks could not be evaluated completely',
    ],
  },
});

const noPlatform = report({
  checks: ['rbac-access-missing', 'registry-secret-missing'].map((name) =>
    check(name, 'critical', 'not-applicable', { reason: 'no Deployment has an image of CrewAI Platform' }),
  ),
  target: { ...clean.target, platforms: [], tenants: [] },
  exit: { code: 3, failOn: 'high', incomplete: true, reasons: ['no platform was recognised, so nothing was audited'] },
});

const EVIL = '\u001b[2J\u001b]0;owned\u0007evil\u202etxt\r\nFAKE LINE\u2028\u0085end\u200b';
const evil: Finding = {
  ...missingAccess(1, 1),
  object: { apiVersion: 'v1\u001b[31m', kind: `Pod${EVIL}`, namespace: `ns${EVIL}`, name: EVIL.repeat(20) },
  path: `/metadata/labels/${EVIL}`,
  message: `${EVIL} wide 漢字 and emoji 👩‍👩‍👧 and accents e\u0301 – ${'long '.repeat(100)}`,
  evidence: [
    { type: 'log', message: EVIL, count: 3, lastAt: `not a time ${EVIL}` },
    { type: 'object', observed: { [`key${EVIL}`]: [EVIL] }, expected: EVIL },
  ],
  remediation: {
    kind: 'manual',
    summary: EVIL,
    steps: [
      `# ${EVIL}`,
      `kubectl -n 'n${EVIL}' delete pod '$(reboot)'`,
      'kubectl apply -f - <<EOF\nkind: Role\n  rules: []\nEOF',
    ],
    owner: EVIL,
  },
  location: { file: `dir/${EVIL}.yaml`, line: 3 },
};
const hostile = report({
  checks: [
    check('rbac-access-missing', 'critical', 'failed', { gaps: [0] }),
    check('x-y', 'low', 'errored', { reason: EVIL }),
  ],
  findings: [evil],
  groups: [{ ...groupOf(evil), tenants: [EVIL, 'ü-namespace'], since: EVIL }],
  target: {
    ...clean.target,
    origin: { from: 'cluster', context: `prod${EVIL}`, kubernetes: EVIL },
    identity: { username: `bo ${EVIL}'; rm -rf /`, groups: [EVIL] },
  },
  coverage: { ...clean.coverage, gaps: [{ ...refused('secrets', '', `n${EVIL}`), detail: EVIL }] },
  exit: { code: 1, failOn: 'high', incomplete: true, reasons: [EVIL] },
});

const manyRoots = Array.from({ length: 1000 }, (_, index) => missingAccess(index + 1, index + 1));
const thousand = report({
  checks: [
    ...passed(5),
    check('rbac-access-missing', 'critical', 'failed'),
    check('registry-secret-missing', 'high', 'not-evaluated', {
      gaps: Array.from({ length: 1000 }, (_, index) => index),
    }),
  ],
  findings: manyRoots,
  groups: [accessGroup(manyRoots, [])],
  target: {
    ...clean.target,
    tenants: tenants(
      1000,
      Array.from({ length: 1000 }, (_, index) => index + 1),
    ),
  },
  coverage: {
    ...clean.coverage,
    gaps: Array.from({ length: 1000 }, (_, index) => refused('secrets', '', `crewai-org-${String(index + 1)}`)),
  },
  exit: {
    code: 1,
    failOn: 'high',
    incomplete: true,
    reasons: ['1000 findings at or above high', '1 check could not be evaluated completely'],
  },
});

export const SAMPLES = {
  clean,
  broken,
  incomplete,
  interrupted,
  'no-platform': noPlatform,
  hostile,
  'thousand-tenants': thousand,
};
