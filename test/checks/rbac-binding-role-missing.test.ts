import check from '../../src/checks/rbac-binding-role-missing.ts';
import { describeCheck } from '../support/check-table.ts';

const dangling = (kind: string, metadata: string, role: string, subject: string): string => `
apiVersion: rbac.authorization.k8s.io/v1
kind: ${kind}
metadata: ${metadata}
roleRef: {apiGroup: rbac.authorization.k8s.io, ${role}}
subjects: [${subject}]
`;
const SA = '{kind: ServiceAccount, name: crewai-sa, namespace: crewai}';

describeCheck(check, {
  passes: {
    'every role exists': {},
    'a role without rules': {
      with: 'apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRole\nmetadata: {name: hollow}\nrules: []',
    },
    'a cluster-wide binding of somebody else': {
      with: dangling(
        'ClusterRoleBinding',
        '{name: foreign}',
        'kind: ClusterRole, name: nowhere',
        '{kind: ServiceAccount, name: x, namespace: other}',
      ),
    },
    "a namespace that is not the platform's": {
      with: dangling('RoleBinding', '{name: b, namespace: elsewhere}', 'kind: Role, name: nowhere', SA),
    },
  },
  fails: {
    'a ClusterRole that does not exist': {
      with: dangling(
        'RoleBinding',
        '{name: crewai-sa-edit, namespace: crewai-org-2}',
        'kind: ClusterRole, name: nowhere',
        SA,
      ),
      findings: [{ object: 'RoleBinding/crewai-org-2/crewai-sa-edit', path: '/roleRef', confidence: 'certain' }],
    },
    'a Role of another namespace': {
      with: dangling('RoleBinding', '{name: b, namespace: crewai-org-2}', 'kind: Role, name: crewai-role', SA),
      findings: [{ object: 'RoleBinding/crewai-org-2/b' }],
    },
    'cluster-wide, for the platform': {
      base: { mode: 'auto' },
      without: ['ClusterRole/crewai-namespace-isolation'],
      findings: [{ object: 'ClusterRoleBinding/crewai-namespace-isolation' }],
    },
  },
  notEvaluated: {
    'ClusterRoles refused': {
      with: dangling('RoleBinding', '{name: b, namespace: crewai-org-2}', 'kind: ClusterRole, name: nowhere', SA),
      faults: [{ resource: 'clusterroles.rbac.authorization.k8s.io' }],
    },
    'RoleBindings of a namespace refused': {
      faults: [{ resource: 'rolebindings.rbac.authorization.k8s.io', namespace: 'crewai-org-1' }],
    },
  },
});
