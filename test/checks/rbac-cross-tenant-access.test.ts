import { describe, expect, it } from 'vitest';
import { evaluate } from '../../src/audit/evaluate.ts';
import tenantClusterWide from '../../src/checks/rbac-tenant-cluster-wide.ts';
import check from '../../src/checks/rbac-cross-tenant-access.ts';
import type { Binding, ClusterRole } from '../../src/model/kinds.ts';
import type { Snapshot } from '../../src/model/snapshot.ts';
import type { RawObject } from '../fixtures/crewai.ts';
import { fluxPlatform } from '../fixtures/flux.ts';
import { describeCheck } from '../support/check-table.ts';
import { documents } from '../support/events.ts';
import { platformOf, reportOf, snapshotOf } from '../support/scenario.ts';

const RBAC = 'apiGroup: rbac.authorization.k8s.io';
const bound = (namespace: string, subject: string, role = 'kind: ClusterRole, name: edit', name = 'b'): string =>
  `apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: ${name}, namespace: ${namespace}}
roleRef: {${RBAC}, ${role}}
subjects: [${subject}]`;
const wide = (subject: string, role: string, name = 'wide'): string =>
  `apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {name: ${name}}
roleRef: {${RBAC}, kind: ClusterRole, name: ${role}}
subjects: [${subject}]`;
const role = (namespace: string, rules: string, name = 'r'): string =>
  `apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {name: ${name}, namespace: ${namespace}}
rules: ${rules}`;
const clusterRole = (rules: string, name = 'r'): string =>
  `apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: ${name}}
rules: ${rules}`;
const account = (namespace: string, name = 'default'): string =>
  `{kind: ServiceAccount, name: ${name}, namespace: ${namespace}}`;
const group = (name: string): string => `{kind: Group, ${RBAC}, name: "${name}"}`;
const user = (name: string): string => `{kind: User, ${RBAC}, name: "${name}"}`;
const R = 'kind: Role, name: r';
const OF_1 = account('crewai-org-1');
const rule = (verbs: string, resources: string, more = '', groups = '""'): string =>
  `[{apiGroups: [${groups}], resources: [${resources}], verbs: [${verbs}]${more}}]`;

const inOrg2 = (subject: string, rules: string) => ({
  with: documents(role('crewai-org-2', rules), bound('crewai-org-2', subject, R)),
});

describeCheck(check, {
  passes: {
    'every account where it belongs': {},
    'cluster-admin in its own namespace': {
      with: bound('crewai-org-1', OF_1, 'kind: ClusterRole, name: cluster-admin'),
    },
    'the group of its own namespace': { with: bound('crewai-org-1', group('system:serviceaccounts:crewai-org-1')) },
    'an account of no organization': { with: bound('crewai-org-1', account('shop')) },
    'a namespace that only looks like an organization': { with: bound('crewai-org-1', account('crewai-org-012')) },
    'the group of the platform': { with: bound('crewai-org-1', group('system:serviceaccounts:crewai')) },
    'a person': { with: bound('crewai-org-1', user('anna')) },
    'rights that give nothing away': inOrg2(OF_1, rule('get, list, watch', 'configmaps, pods, pods/log')),
    'creation by name, which no request matches': inOrg2(OF_1, rule('create', 'pods', ', resourceNames: [p]')),
    'a Role of another namespace, so that the binding grants nothing': {
      with: documents(role('crewai-org-1', rule('"*"', '"*"')), bound('crewai-org-2', OF_1, R)),
    },
    'an account that does not exist': { with: bound('crewai-org-2', account('crewai-org-1', 'gone')) },
    'a group of everybody, where there is one organization': {
      base: { orgs: [1] },
      with: bound('crewai-org-1', group('system:serviceaccounts')),
    },
    'a subject without a namespace in a ClusterRoleBinding means nobody': {
      with: wide('{kind: ServiceAccount, name: default}', 'cluster-admin'),
    },
    "the distribution's own binding for everybody": {
      with: wide(group('system:authenticated'), 'edit', 'system:anything'),
    },
    "on Flux: tenants' accounts and former users in their own namespaces": { base: fluxPlatform() },
    'on Flux: another namespace of the tenant': {
      base: fluxPlatform({ tenants: { dev: ['one', 'two'], ops: ['three'] } }),
      with: bound('two', account('one', 'dev')),
    },
    'on Flux: everybody, where all namespaces are of one tenant': {
      base: fluxPlatform({ tenants: { dev: ['one', 'two'] } }),
      with: bound('two', group('system:serviceaccounts')),
    },
    'a role that nobody is bound to': { with: clusterRole(rule('get', 'secrets')) },
    'cluster-wide, but harmless to others': { with: wide(OF_1, 'view') },
    'cluster-wide, for the platform': { base: { mode: 'auto' } },
    'a namespace that is being deleted': {
      with: documents(
        `apiVersion: v1
kind: Namespace
metadata: {name: crewai-org-2, deletionTimestamp: "2026-11-20T09:00:00Z"}
status: {phase: Terminating}`,
        bound('crewai-org-2', OF_1),
      ),
    },
  },
  fails: {
    'an account of another organization': {
      with: bound('crewai-org-2', OF_1),
      findings: [
        { object: 'RoleBinding/crewai-org-2/b', severity: 'critical', confidence: 'certain', path: '/subjects/0' },
      ],
    },
    'the second of two subjects': {
      with: bound('crewai-org-2', `${account('crewai', 'crewai-sa')}, ${OF_1}`),
      findings: [{ object: 'RoleBinding/crewai-org-2/b', path: '/subjects/1' }],
    },
    'all accounts of another organization': {
      with: bound('crewai-org-2', group('system:serviceaccounts:crewai-org-1')),
      findings: [{ object: 'RoleBinding/crewai-org-2/b', severity: 'critical' }],
    },
    'every account of the cluster': {
      with: bound('crewai-org-2', group('system:serviceaccounts')),
      findings: [{ object: 'RoleBinding/crewai-org-2/b' }],
    },
    'everybody who is logged in': {
      with: bound('crewai-org-2', group('system:authenticated')),
      findings: [{ object: 'RoleBinding/crewai-org-2/b' }],
    },
    everybody: {
      with: bound('crewai-org-2', user('system:anonymous')),
      findings: [{ object: 'RoleBinding/crewai-org-2/b' }],
    },
    'the account spelled as a user': {
      with: bound('crewai-org-2', user('system:serviceaccount:crewai-org-1:default')),
      findings: [{ object: 'RoleBinding/crewai-org-2/b' }],
    },
    "into the platform's namespace": {
      with: documents(
        role('crewai', rule('get', 'secrets'), 'reads'),
        bound('crewai', OF_1, 'kind: Role, name: reads'),
      ),
      findings: [{ object: 'RoleBinding/crewai/b', severity: 'critical' }],
    },
    'by a ClusterRoleBinding: once, for all namespaces': {
      with: wide(OF_1, 'edit'),
      findings: [{ object: 'ClusterRoleBinding/wide', severity: 'critical' }],
    },
    'by a system:… binding that names an organization': {
      with: wide(group('system:serviceaccounts:crewai-org-1'), 'edit', 'system:mine'),
      findings: [{ object: 'ClusterRoleBinding/system:mine' }],
    },
    ...Object.fromEntries(
      (
        [
          ['Secrets', rule('list', 'secrets'), 'critical'],
          ['one Secret', rule('get', 'secrets', ', resourceNames: [docker-registry]'), 'high'],
          ['new pods', rule('create', 'pods'), 'critical'],
          ['exec', rule('create', 'pods/exec'), 'critical'],
          ['exec by websocket', rule('get', '"*/exec"'), 'critical'],
          ['exec into one pod', rule('create', 'pods/exec', ', resourceNames: [p]'), 'high'],
          ['debug containers', rule('patch', 'pods/ephemeralcontainers'), 'critical'],
          ['RoleBindings', rule('create', 'rolebindings', '', 'rbac.authorization.k8s.io'), 'critical'],
          ['bind', rule('bind', 'clusterroles', '', 'rbac.authorization.k8s.io'), 'critical'],
          ['tokens', rule('create', 'serviceaccounts/token'), 'high'],
          ['impersonation', rule('impersonate', 'serviceaccounts'), 'high'],
          ['Deployments', rule('patch', 'deployments', '', 'apps'), 'high'],
          ['everything', rule('"*"', '"*"', '', '"*"'), 'critical'],
        ] as const
      ).map(([name, rules, severity]) => [
        `the right: ${name}`,
        { ...inOrg2(OF_1, rules), findings: [{ object: 'RoleBinding/crewai-org-2/b', severity }] },
      ]),
    ),
    "on Flux: another tenant's account": {
      base: fluxPlatform(),
      with: bound('backend', account('frontend', 'frontend')),
      findings: [{ object: 'RoleBinding/backend/b', severity: 'critical' }],
    },
    "on Flux: another tenant's former user, as whom nobody logs in": {
      base: fluxPlatform(),
      with: bound('backend', user('gotk:frontend:reconciler')),
      findings: [{ object: 'RoleBinding/backend/b', severity: 'low' }],
    },
    "on Flux: into Flux's own namespace": {
      base: fluxPlatform(),
      with: bound('flux-system', account('frontend', 'frontend')),
      findings: [{ object: 'RoleBinding/flux-system/b' }],
    },
    'a built-in role that no file brings': {
      without: ['ClusterRole/edit'],
      with: bound('crewai-org-2', OF_1),
      findings: [{ object: 'RoleBinding/crewai-org-2/b', confidence: 'likely' }],
    },
    'rights in one organization, and the run is about the other': {
      settings: { namespaces: ['crewai-org-2'] },
      with: documents(bound('crewai-org-2', OF_1), bound('crewai-org-1', account('crewai-org-2'))),
      findings: [{ object: 'RoleBinding/crewai-org-2/b' }],
    },
  },
  notEvaluated: {
    'RoleBindings of one organization refused': {
      faults: [{ resource: 'rolebindings.rbac.authorization.k8s.io', namespace: 'crewai-org-1' }],
    },
    'ClusterRoleBindings refused': { faults: [{ resource: 'clusterrolebindings.rbac.authorization.k8s.io' }] },
    'Roles refused, and one is bound to a stranger': {
      ...inOrg2(OF_1, rule('get', 'secrets')),
      faults: [{ resource: 'roles.rbac.authorization.k8s.io' }],
    },
    'namespaces refused: there may be more organizations': { faults: [{ resource: 'namespaces' }] },
  },
  notApplicable: { 'no organizations': { base: { orgs: [] } } },
});

describe('cause', () => {
  it('a ClusterRoleBinding is the cause of what follows from it, and of nothing else', () => {
    const { findings } = reportOf([check, tenantClusterWide], {
      with: documents(wide(OF_1, 'edit'), bound('crewai-org-2', OF_1)),
    });
    const root = findings.find((finding) => finding.check === tenantClusterWide.id);
    expect(findings.map((finding) => [finding.check, finding.object.kind, finding.cause])).toEqual([
      [check.id, 'ClusterRoleBinding', root?.id],
      [check.id, 'RoleBinding', null],
      [tenantClusterWide.id, 'ClusterRoleBinding', null],
    ]);
  });
});

describe('repair', () => {
  const stepsOf = (text: string): readonly string[] =>
    reportOf([check], { with: text }).findings[0]?.remediation.steps ?? [];

  it('deletes a binding that is for strangers only', () => {
    expect(stepsOf(bound('crewai-org-2', OF_1))).toEqual(['kubectl -n crewai-org-2 delete rolebinding b']);
  });

  it('takes only the strangers out of a binding that others need, from the end', () => {
    const subjects = [OF_1, account('crewai', 'crewai-sa'), group('system:serviceaccounts:crewai-org-1')].join(', ');
    const [step = ''] = stepsOf(bound('crewai-org-2', subjects));
    expect(step).toMatch(/^kubectl -n crewai-org-2 patch rolebinding b --type=json -p '/);
    expect(JSON.parse(/'(.*)'/.exec(step)?.[1] ?? '')).toEqual([
      { op: 'test', path: '/subjects/0/name', value: 'default' },
      { op: 'test', path: '/subjects/2/name', value: 'system:serviceaccounts:crewai-org-1' },
      { op: 'remove', path: '/subjects/2' },
      { op: 'remove', path: '/subjects/0' },
    ]);
  });

  it("says where the platform's account would lose its rights, too", () => {
    const steps = stepsOf(bound('crewai-org-2', group('system:serviceaccounts')));
    expect(steps[1]).toBe(
      '# kubectl -n crewai-org-2 create rolebinding b-platform --clusterrole=edit --serviceaccount=crewai:crewai-sa',
    );
    expect(steps.at(-1)).toBe('kubectl -n crewai-org-2 delete rolebinding b');
  });

  it('quotes what a stranger may have written', () => {
    const steps = stepsOf(bound('crewai-org-2', OF_1, undefined, '"$(reboot)"'));
    expect(steps).toEqual([`kubectl -n crewai-org-2 delete rolebinding '$(reboot)'`]);
  });
});

describe('at a thousand organizations', () => {
  it('each binding and each role is looked at a fixed number of times', () => {
    const few = workOn(50);
    const many = workOn(100);
    expect(few.findings).toBe(50 + 50);
    expect(many.findings).toBe(100 + 100);
    expect(many.subjects).toBeLessThanOrEqual(2 * few.subjects);
    expect(many.rules).toBe(few.rules);
    expect(many.looks).toBeLessThanOrEqual(2 * few.looks + 20);
  });
});

/** How often subjects, the rules of the roles, and listings are looked at, when every organization is bound in the next one and cluster-wide. */
function workOn(count: number): { findings: number; subjects: number; rules: number; looks: number } {
  const orgs = Array.from({ length: count }, (_, index) => index + 1);
  const ns = (org: number): string => `crewai-org-${String(org)}`;
  const binding = (name: string, org: number, namespace?: string): RawObject => ({
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: namespace === undefined ? 'ClusterRoleBinding' : 'RoleBinding',
    metadata: { name, ...(namespace === undefined ? {} : { namespace }) },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'edit' },
    subjects: [{ kind: 'ServiceAccount', name: 'default', namespace: ns(org) }],
  });
  const added = orgs.flatMap((org) => [
    binding('next', org, ns((org % count) + 1)),
    binding(`wide-${String(org)}`, org),
  ]);
  const snapshot = snapshotOf({ base: { orgs, crewsPerOrg: 0 }, change: (objects) => [...objects, ...added] });
  const platform = platformOf(snapshot);
  const work = { subjects: 0, rules: 0, looks: 0 };
  const counted = (object: Binding | ClusterRole, field: 'subjects' | 'rules'): void => {
    const value = (object as unknown as Record<string, unknown>)[field];
    Object.defineProperty(object, field, {
      get: () => {
        work[field] += 1;
        return value;
      },
    });
  };
  for (const resource of [
    'rolebindings.rbac.authorization.k8s.io',
    'clusterrolebindings.rbac.authorization.k8s.io',
  ] as const)
    for (const item of snapshot.list(resource)) counted(item, 'subjects');
  const look = <T>(result: T): T => {
    work.looks += 1;
    return result;
  };
  const counting: Snapshot = {
    ...snapshot,
    list: (resource, namespace) => look(snapshot.list(resource, namespace)),
    gaps: (resource, namespace) => look(snapshot.gaps(resource, namespace)),
    find: (resource, name, namespace) => look(snapshot.find(resource, name, namespace)),
  };
  for (const item of snapshot.list('clusterroles.rbac.authorization.k8s.io')) counted(item, 'rules');
  const { drafts } = evaluate(check, counting, platform);
  return { findings: drafts.length, ...work };
}
