import check from '../../src/checks/astronomer-commander-over-privileged.ts';
import { astronomerPlatform, houstonConfig } from '../fixtures/astronomer.ts';
import { describeCheck } from '../support/check-table.ts';
import { put, type Scenario } from '../support/scenario.ts';

const base = astronomerPlatform();
const SUBJECT = '{kind: ServiceAccount, name: astronomer-commander, namespace: astronomer}';
const SECRETS = '{apiGroups: [""], resources: [secrets], verbs: [list]}';
const cluster = (rules: string, subject = SUBJECT): string => `
{apiVersion: rbac.authorization.k8s.io/v1, kind: ClusterRole, metadata: {name: former}, rules: [${rules}]}
---
{apiVersion: rbac.authorization.k8s.io/v1, kind: ClusterRoleBinding, metadata: {name: former}, roleRef: {kind: ClusterRole, name: former}, subjects: [${subject}]}`;
const inNamespace = (namespace: string, rules = SECRETS): string => `
{apiVersion: rbac.authorization.k8s.io/v1, kind: Role, metadata: {name: other, namespace: ${namespace}}, rules: [${rules}]}
---
{apiVersion: rbac.authorization.k8s.io/v1, kind: RoleBinding, metadata: {name: other, namespace: ${namespace}}, roleRef: {kind: Role, name: other}, subjects: [${SUBJECT}]}`;
const broken: Scenario = { base, with: cluster(SECRETS) };

describeCheck(check, {
  passes: {
    'Roles in the pool alone': { base },
    'the Role that the chart makes in its own namespace': { base, with: inNamespace('astronomer') },
    'security context constraints': {
      base,
      with: cluster(
        '{apiGroups: [security.openshift.io], resources: [securitycontextconstraints], verbs: [create, delete]}',
      ),
    },
    'harmless rights elsewhere': {
      base,
      with: inNamespace('team', '{apiGroups: [""], resources: [configmaps], verbs: [get]}'),
    },
    'somebody else': {
      base,
      with: cluster(SECRETS, '{kind: ServiceAccount, name: astronomer-houston, namespace: astronomer}'),
    },
  },
  fails: {
    'a ClusterRoleBinding of former times': {
      ...broken,
      findings: [{ object: 'ClusterRoleBinding/former', severity: 'high', confidence: 'likely' }],
    },
    'by way of a group': {
      base,
      with: cluster(SECRETS, '{kind: Group, name: "system:serviceaccounts:astronomer"}'),
      findings: [{ object: 'ClusterRoleBinding/former' }],
    },
    'a namespace that left the pool': {
      base,
      with: inNamespace('airflow-old'),
      findings: [{ object: 'RoleBinding/airflow-old/other' }],
    },
  },
  notEvaluated: {
    'ClusterRoleBindings refused': {
      ...broken,
      faults: [{ resource: 'clusterrolebindings.rbac.authorization.k8s.io' }],
    },
    'RoleBindings of one namespace refused': {
      base,
      faults: [{ resource: 'rolebindings.rbac.authorization.k8s.io', namespace: 'team' }],
    },
    'the pool is not known': { ...broken, without: ['ConfigMap/astronomer/astronomer-houston-config'] },
  },
  notApplicable: {
    'no pool: Commander is meant to reach everything': {
      ...broken,
      change: (all) =>
        put(
          all,
          houstonConfig(
            { release: 'astronomer', namespace: 'astronomer', pool: [], by: 'people', version: '0.34.1' },
            { local: {} },
          ),
        ),
    },
  },
});
