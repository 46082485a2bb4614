import { describe, expect, it } from 'vitest';
import check from '../../src/checks/rbac-tenant-cluster-wide.ts';
import { builtinClusterRoleBindings, builtinClusterRoles } from '../../src/kubernetes/builtin-roles.ts';
import type { RawObject } from '../fixtures/crewai.ts';
import { fluxPlatform } from '../fixtures/flux.ts';
import { opencranePlatform } from '../fixtures/opencrane.ts';
import { describeCheck } from '../support/check-table.ts';
import { documents } from '../support/events.ts';
import { put, reportOf, type Scenario } from '../support/scenario.ts';

const RBAC = 'apiGroup: rbac.authorization.k8s.io';
const wide = (subject: string, role = 'r', name = 'wide'): string =>
  `apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {name: "${name}"}
roleRef: {${RBAC}, kind: ClusterRole, name: "${role}"}
subjects: [${subject}]`;
const clusterRole = (rules: string, name = 'r'): string =>
  `apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: ${name}}
rules: ${rules}`;
const account = (namespace: string, name = 'default'): string =>
  `{kind: ServiceAccount, name: ${name}, namespace: ${namespace}}`;
const group = (name: string): string => `{kind: Group, ${RBAC}, name: "${name}"}`;
const OF_1 = account('crewai-org-1');
const PLATFORM = account('crewai', 'crewai-sa');
const rule = (verbs: string, resources: string, groups = '""', more = ''): string =>
  `{apiGroups: [${groups}], resources: [${resources}], verbs: [${verbs}]${more}}`;
const urls = (verbs: string, paths: string): string => `{nonResourceURLs: [${paths}], verbs: [${verbs}]}`;

const may = (subject: string, ...rules: readonly string[]): Scenario => ({
  with: documents(clusterRole(`[${rules.join(', ')}]`), wide(subject)),
});
/** Of an instance of OpenCrane beside others, or of the only one. */
const instanceMay = (alone: boolean, ...rules: readonly string[]): Scenario => ({
  ...may(account('oc-acme', 'oc-acme-operator'), ...rules),
  base: opencranePlatform(alone ? { instances: ['oc-acme'] } : {}),
});
const NEEDED = [
  rule('get, list, watch', 'clustertenants, clustertenants/status', 'opencrane.io'),
  rule('create', 'tokenreviews', 'authentication.k8s.io'),
  rule('get, create, update, patch', 'clusterissuers', 'cert-manager.io'),
];
const wideAs = (severity: 'critical' | 'high' | 'info') => [{ object: 'ClusterRoleBinding/wide', severity }];

const SUBJECTS_OF_ALL = [
  'system:serviceaccounts',
  'system:serviceaccounts:crewai-org-1',
  'system:authenticated',
  'system:unauthenticated',
];

describeCheck(check, {
  passes: {
    'no ClusterRoleBinding': {},
    'automatic mode': { base: { mode: 'auto' } },
    'no organizations yet': { base: { orgs: [] }, with: wide(group('system:authenticated'), 'view') },
    'what the API server binds for everybody': {
      change: (objects) =>
        put(objects, ...([...builtinClusterRoles(), ...builtinClusterRoleBindings()] as RawObject[])),
    },
    'on OpenCrane: what each instance needs in the whole cluster': instanceMay(false, ...NEEDED),
    'on OpenCrane: an instance that has the cluster to itself': instanceMay(
      true,
      rule('"*"', 'tenants', 'opencrane.io'),
    ),
    "on Flux: the controllers' own bindings": { base: fluxPlatform() },
    'discovery, for an account': may(
      OF_1,
      urls('get', '/api, /api/*, /apis, /apis/*, /healthz, /livez, /readyz, /version, /openapi/*, /metrics'),
      urls('get', '/.well-known/openid-configuration, /openid/v1/jwks'),
    ),
    'questions about oneself': may(
      OF_1,
      rule('create', 'selfsubjectaccessreviews, selfsubjectrulesreviews', 'authorization.k8s.io'),
      rule('create', 'selfsubjectreviews', 'authentication.k8s.io'),
    ),
    'a policy of the past': may(OF_1, rule('use', 'podsecuritypolicies', 'policy')),
    'a role that does not exist': { with: wide(OF_1, 'nowhere') },
    'a role without rules': may(OF_1),
    'a RoleBinding to cluster-admin': {
      with: `apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: b, namespace: crewai-org-1}
roleRef: {${RBAC}, kind: ClusterRole, name: cluster-admin}
subjects: [${OF_1}]`,
    },
    'an account of no organization': { with: wide(account('shop'), 'cluster-admin') },
    'kube-system': { with: wide(account('kube-system', 'deployment-controller'), 'cluster-admin') },
    'a subject without a namespace': { with: wide('{kind: ServiceAccount, name: default}', 'cluster-admin') },
    'a person, by group': { with: wide(group('support'), 'cluster-admin') },
    "the distribution's own": { with: wide(group('system:authenticated'), 'edit', 'system:openshift:x') },
    'edit for the platform': { with: wide(PLATFORM, 'edit') },
    'the right to bind one role, for the platform': may(
      PLATFORM,
      rule('bind', 'clusterroles', 'rbac.authorization.k8s.io', ', resourceNames: [edit]'),
    ),
  },
  fails: {
    "on Flux: a tenant's account, and its former user": {
      base: fluxPlatform(),
      with: documents(
        wide(account('frontend', 'frontend'), 'cluster-admin', 'a'),
        wide(`{kind: User, ${RBAC}, name: "gotk:frontend:reconciler"}`, 'cluster-admin', 'b'),
      ),
      findings: [
        { object: 'ClusterRoleBinding/a', severity: 'critical' },
        { object: 'ClusterRoleBinding/b', severity: 'low' },
      ],
    },
    'cluster-admin under any name': {
      with: documents(clusterRole(`[${rule('"*"', '"*"', '"*"')}]`, 'harmless'), wide(OF_1, 'harmless')),
      findings: [
        { object: 'ClusterRoleBinding/wide', severity: 'critical', confidence: 'certain', path: '/subjects/0' },
      ],
    },
    'a built-in role that no file brings': {
      without: ['ClusterRole/cluster-admin'],
      with: wide(OF_1, 'cluster-admin'),
      findings: [{ object: 'ClusterRoleBinding/wide', confidence: 'likely' }],
    },
    'an account that does not exist': {
      with: wide(account('crewai-org-1', 'gone'), 'cluster-admin'),
      findings: wideAs('critical'),
    },
    'a system:… binding that names an organization': {
      with: wide(OF_1, 'cluster-admin', 'system:mine'),
      findings: [{ object: 'ClusterRoleBinding/system:mine' }],
    },
    ...Object.fromEntries(
      SUBJECTS_OF_ALL.map((name) => [`through ${name}`, { with: wide(group(name), 'view'), findings: wideAs('info') }]),
    ),
    ...Object.fromEntries(
      (
        [
          ['Secrets', rule('get', 'secrets'), 'critical'],
          ['one Secret', rule('get', 'secrets', '""', ', resourceNames: [ca]'), 'high'],
          ['bind', rule('bind', 'clusterroles', 'rbac.authorization.k8s.io'), 'critical'],
          ['escalate', rule('escalate', 'roles', 'rbac.authorization.k8s.io'), 'critical'],
          ['any user', rule('impersonate', 'users'), 'critical'],
          ['any account', rule('impersonate', 'serviceaccounts'), 'critical'],
          ['tokens', rule('create', 'serviceaccounts/token'), 'critical'],
          ['pods', rule('create', 'pods'), 'critical'],
          ['nodes', rule('get', 'nodes/proxy'), 'critical'],
          ['Deployments', rule('patch', 'deployments', 'apps'), 'high'],
          ['a write', rule('delete', 'configmaps'), 'high'],
          ['webhooks', rule('"*"', 'mutatingwebhookconfigurations', 'admissionregistration.k8s.io'), 'high'],
          ['a read', rule('list, watch', 'nodes'), 'info'],
          ['a read beside discovery', `${rule('list', 'nodes')}, ${urls('get', '/version')}`, 'info'],
          ['questions about others', rule('create', 'tokenreviews', 'authentication.k8s.io'), 'info'],
          ['logs of the API server', urls('get', '/logs/*'), 'info'],
        ] as const
      ).map(([name, rules, severity]) => [`the right: ${name}`, { ...may(OF_1, rules), findings: wideAs(severity) }]),
    ),
    'on OpenCrane: an instance that may read every Secret': {
      ...instanceMay(false, ...NEEDED, rule('get, list', 'secrets')),
      findings: wideAs('critical'),
    },
    'on OpenCrane: an instance that may write Tenants of all': {
      ...instanceMay(false, rule('"*"', 'tenants', 'opencrane.io')),
      findings: wideAs('high'),
    },
    'on OpenCrane: an instance that may write ClusterTenants': {
      ...instanceMay(false, rule('get, update', 'clustertenants', 'opencrane.io')),
      findings: wideAs('high'),
    },
    'cluster-admin for the platform': { with: wide(PLATFORM, 'cluster-admin'), findings: wideAs('high') },
    'admin for the platform': {
      with: documents(
        clusterRole(`[${rule('create, patch', 'rolebindings, roles', 'rbac.authorization.k8s.io')}]`, 'admin'),
        wide(PLATFORM, 'admin'),
      ),
      findings: wideAs('high'),
    },
    "cluster-admin for all accounts of the platform's namespace": {
      with: wide(group('system:serviceaccounts:crewai'), 'cluster-admin'),
      findings: wideAs('high'),
    },
    'cluster-admin for every account, before there are organizations': {
      base: { orgs: [] },
      with: wide(group('system:serviceaccounts'), 'cluster-admin'),
      findings: wideAs('high'),
    },
    'the platform and an organization, by one binding': {
      with: wide(`${PLATFORM}, ${OF_1}`, 'cluster-admin'),
      findings: [{ object: 'ClusterRoleBinding/wide', severity: 'critical', path: '/subjects/1' }],
    },
  },
  notEvaluated: {
    'ClusterRoleBindings refused': { faults: [{ resource: 'clusterrolebindings.rbac.authorization.k8s.io' }] },
    'ClusterRoles refused': {
      ...may(OF_1, rule('"*"', '"*"', '"*"')),
      faults: [{ resource: 'clusterroles.rbac.authorization.k8s.io' }],
    },
    'namespaces refused': { faults: [{ resource: 'namespaces' }] },
  },
});

describe('repair', () => {
  const stepsOf = (text: string): readonly string[] =>
    reportOf([check], { with: text }).findings[0]?.remediation.steps ?? [];

  it('deletes the binding, and leaves it to a person what the account needs at home', () => {
    expect(stepsOf(wide(OF_1, 'cluster-admin'))).toEqual([
      'kubectl delete clusterrolebinding wide',
      '# if it needs these rights in its own namespace:',
      '# kubectl -n crewai-org-1 create rolebinding wide --clusterrole=cluster-admin --serviceaccount=crewai-org-1:default',
    ]);
  });

  it('leaves the platform where it is', () => {
    const [step = ''] = stepsOf(wide(`${PLATFORM}, ${OF_1}`, 'edit'));
    expect(step).toContain('patch clusterrolebinding wide');
    expect(step).toContain('"path":"/subjects/1"');
  });

  it('gives the platform what it needs before anything is taken from it', () => {
    const steps = stepsOf(wide(PLATFORM, 'cluster-admin'));
    expect(steps.filter((step) => !step.startsWith('#'))).toEqual(
      [1, 2].map(
        (org) =>
          `kubectl -n crewai-org-${String(org)} create rolebinding crewai-sa-edit --clusterrole=edit --serviceaccount=crewai:crewai-sa`,
      ),
    );
    expect(steps.at(-1)).toBe('# kubectl delete clusterrolebinding wide');
  });
});
