import { expect, it } from 'vitest';
import check from '../../src/checks/rbac-access-partial.ts';
import { describeCheck } from '../support/check-table.ts';
import { reportOf } from '../support/scenario.ts';

const role = (namespace: string, rules: string): string => `
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {name: some, namespace: ${namespace}}
rules: ${rules}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: some, namespace: ${namespace}}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: some}
subjects: [{kind: ServiceAccount, name: crewai-sa, namespace: crewai}]
`;
const gone = ['RoleBinding/crewai-org-2/crewai-sa-edit'];
const ALL = '[get, list, watch, create, patch, update, delete]';
const BASE = `{apiGroups: [""], resources: [configmaps, secrets, services, persistentvolumeclaims, pods, pods/log], verbs: ${ALL}}`;
const APPS = `{apiGroups: [apps], resources: [deployments, statefulsets], verbs: ${ALL}}, {apiGroups: [batch], resources: [jobs, cronjobs], verbs: ${ALL}}, {apiGroups: [autoscaling], resources: [horizontalpodautoscalers], verbs: ${ALL}}`;
const INGRESS = `{apiGroups: [networking.k8s.io], resources: [ingresses], verbs: ${ALL}}`;

describeCheck(check, {
  passes: {
    'manual mode': {},
    'automatic mode': { base: { mode: 'auto' } },
    'an own role with everything but events': {
      without: gone,
      with: role('crewai-org-2', `[${BASE}, ${APPS}, ${INGRESS}]`),
    },
    'nothing at all, which is another finding': { without: gone },
  },
  fails: {
    'no Ingresses: never refused so far': {
      without: gone,
      with: role('crewai-org-2', `[${BASE}, ${APPS}]`),
      findings: [{ object: 'RoleBinding/crewai-org-2/crewai-platform-missing', absent: true, severity: 'medium' }],
    },
    'Deployments are refused': {
      without: gone,
      with: role('crewai-org-2', `[${BASE}]`),
      findings: [{ object: 'RoleBinding/crewai-org-2/crewai-platform-missing', absent: true, severity: 'high' }],
    },
    'namespaces that lack the same': {
      without: ['RoleBinding/crewai-org-1/crewai-sa-edit', ...gone],
      with: `${role('crewai-org-1', `[${BASE}, ${APPS}]`)}---${role('crewai-org-2', `[${BASE}, ${APPS}]`)}`,
      findings: [
        { object: 'RoleBinding/crewai-org-1/crewai-platform-missing' },
        { object: 'RoleBinding/crewai-org-2/crewai-platform-missing' },
      ],
    },
    'a refusal was observed': {
      without: gone,
      with: `${role('crewai-org-2', `[${BASE}, ${APPS}]`)}---
apiVersion: v1
kind: Event
metadata: {name: e, namespace: crewai-org-2}
message: 'ingresses.networking.k8s.io is forbidden: User "system:serviceaccount:crewai:crewai-sa" cannot create resource "ingresses" in API group "networking.k8s.io" in the namespace "crewai-org-2"'
involvedObject: {kind: Namespace, name: crewai-org-2}
`,
      findings: [{ object: 'RoleBinding/crewai-org-2/crewai-platform-missing', severity: 'high' }],
    },
  },
  notEvaluated: {
    'part is granted, the rest may be': {
      without: gone,
      with: role('crewai-org-2', `[${BASE}]`),
      faults: [{ resource: 'clusterrolebindings.rbac.authorization.k8s.io' }],
    },
  },
  notApplicable: { 'no organization': { base: { orgs: [] } } },
});

it('is one cause for all namespaces that lack the same, with a name that is free in each', () => {
  const most = (namespace: string): string => role(namespace, `[${BASE}, ${APPS}]`);
  const taken = `---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: crewai-platform-missing, namespace: crewai-org-2}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: view}
subjects: [{kind: User, name: anna}]
`;
  const { groups, target } = reportOf([check], {
    without: ['RoleBinding/crewai-org-1/crewai-sa-edit', ...gone],
    with: `${most('crewai-org-1')}---${most('crewai-org-2')}${taken}`,
  });
  expect(groups).toMatchObject([{ tenants: ['crewai-org-1', 'crewai-org-2'] }]);
  expect(groups[0]?.remediation.steps.filter((step) => step.includes('rolebinding'))).toEqual([
    'kubectl -n crewai-org-1 create rolebinding crewai-platform-missing --role=crewai-platform-missing --serviceaccount=crewai:crewai-sa',
    'kubectl -n crewai-org-2 create rolebinding crewai-platform-missing-2 --role=crewai-platform-missing-2 --serviceaccount=crewai:crewai-sa',
  ]);
  expect(target.tenants.map(({ state }) => state)).toEqual(['findings', 'findings']);
});
