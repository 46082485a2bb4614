import check from '../../src/checks/rbac-isolation-binding-missing.ts';
import { describeCheck } from '../support/check-table.ts';

const auto = { mode: 'auto' as const };
const binding = (roleRef: string, subject: string): string => `
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {name: crewai-namespace-isolation}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: ${roleRef}}
subjects: [${subject}]
`;
const ACCOUNT = '{kind: ServiceAccount, name: crewai-sa, namespace: crewai}';
const finding = {
  object: 'ClusterRoleBinding/crewai-namespace-isolation',
  absent: true,
  severity: 'critical' as const,
};

describeCheck(check, {
  passes: {
    'the chart has made it': { base: auto },
    'granted under another name': {
      base: auto,
      without: ['ClusterRoleBinding/crewai-namespace-isolation'],
      with: binding('crewai-namespace-isolation', ACCOUNT).replace('{name: crewai-namespace-isolation}', '{name: own}'),
    },
  },
  fails: {
    'values ask for it, the binding is gone': {
      base: auto,
      without: ['ClusterRoleBinding/crewai-namespace-isolation'],
      findings: [finding],
    },
    'half an upgrade: binding without its role': {
      base: auto,
      without: ['ClusterRole/crewai-namespace-isolation'],
      findings: [finding],
    },
    'another subject': {
      base: auto,
      with: binding('crewai-namespace-isolation', '{kind: ServiceAccount, name: crewai-sa, namespace: other}'),
      findings: [finding],
    },
    'every organization has a RoleBinding meanwhile': {
      settings: { mode: 'auto' },
      findings: [{ ...finding, severity: 'medium' }],
    },
    'the ClusterRole of the release is bound to nobody': {
      with: `
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: crewai-namespace-isolation, labels: {app.kubernetes.io/instance: crewai}}
rules: []
`,
      findings: [{ ...finding, severity: 'medium' }],
    },
  },
  notEvaluated: {
    'ClusterRoleBindings refused': {
      base: auto,
      without: ['ClusterRoleBinding/crewai-namespace-isolation'],
      faults: [{ resource: 'clusterrolebindings.rbac.authorization.k8s.io' }],
    },
    'nobody can say whether automatic mode is wanted': { faults: [{ resource: 'helm-releases' }] },
  },
  notApplicable: {
    'manual mode': {},
    'manual mode by flag': { base: auto, settings: { mode: 'manual' } },
  },
});
