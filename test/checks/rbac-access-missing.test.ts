import { expect, it } from 'vitest';
import { evaluate } from '../../src/audit/evaluate.ts';
import check from '../../src/checks/rbac-access-missing.ts';
import type { AccessReview } from '../../src/model/derived.ts';
import { withListing } from '../../src/model/snapshot.ts';
import { describeCheck } from '../support/check-table.ts';
import { platformOf, snapshotOf } from '../support/scenario.ts';

const binding = (namespace: string, roleRef: string, subjects: string, name = 'any-name'): string => `
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: ${name}, namespace: ${namespace}, creationTimestamp: "2026-01-05T10:00:00Z"}
roleRef: {apiGroup: rbac.authorization.k8s.io, ${roleRef}}
subjects: [${subjects}]
`;
const EDIT = 'kind: ClusterRole, name: edit';
const gone = ['RoleBinding/crewai-org-2/crewai-sa-edit'];
const missing = (name = 'crewai-sa-edit') => [
  {
    object: `RoleBinding/crewai-org-2/${name}`,
    absent: true,
    severity: 'critical' as const,
    confidence: 'likely' as const,
  },
];

describeCheck(check, {
  passes: {
    'manual mode': {},
    'automatic mode': { base: { mode: 'auto' } },
    'a platform outside K8S_NAMESPACE, with a renamed account': {
      base: { sharedNamespace: 'crews', platformNamespace: 'control', release: 'prod', account: 'robot' },
    },
    'a binding of any name': {
      without: gone,
      with: binding('crewai-org-2', EDIT, '{kind: ServiceAccount, name: crewai-sa, namespace: crewai}'),
    },
    'a grant to the group of all accounts of the platform namespace': {
      without: gone,
      with: binding('crewai-org-2', EDIT, '{kind: Group, name: "system:serviceaccounts:crewai"}'),
    },
    'a User subject that spells the account out': {
      without: gone,
      with: binding('crewai-org-2', EDIT, '{kind: User, name: "system:serviceaccount:crewai:crewai-sa"}'),
    },
    'cluster-admin by RoleBinding': {
      without: gone,
      with: binding(
        'crewai-org-2',
        'kind: ClusterRole, name: cluster-admin',
        '{kind: ServiceAccount, name: crewai-sa, namespace: crewai}',
      ),
    },
    'a namespace in deletion': {
      without: gone,
      with: 'apiVersion: v1\nkind: Namespace\nmetadata: {name: crewai-org-2, deletionTimestamp: "2026-11-20T09:00:00Z"}\nstatus: {phase: Terminating}',
    },
    'granted although other bindings cannot be seen': {
      faults: [{ resource: 'roles.rbac.authorization.k8s.io', namespace: 'crewai-org-1' }],
    },
  },
  fails: {
    'no binding': { without: gone, findings: missing() },
    'the documented name is taken': {
      without: gone,
      with: binding(
        'crewai-org-2',
        'kind: ClusterRole, name: view',
        '{kind: ServiceAccount, name: other, namespace: crewai}',
        'crewai-sa-edit',
      ),
      findings: missing('crewai-sa-edit-2'),
    },
    'the account in the wrong namespace': {
      without: gone,
      with: binding('crewai-org-2', EDIT, '{kind: ServiceAccount, name: crewai-sa, namespace: crewai-org-2}'),
      findings: missing(),
    },
    'a User that is not how accounts are spelled': {
      without: gone,
      with: binding('crewai-org-2', EDIT, '{kind: User, name: "crewai:crewai-sa"}'),
      findings: missing(),
    },
    'a role that does not exist': {
      without: gone,
      with: binding(
        'crewai-org-2',
        'kind: ClusterRole, name: no-such-role',
        '{kind: ServiceAccount, name: crewai-sa, namespace: crewai}',
      ),
      findings: missing(),
    },
    'every namespace in automatic mode without its ClusterRoleBinding': {
      base: { mode: 'auto' },
      without: ['ClusterRoleBinding/crewai-namespace-isolation'],
      findings: ['crewai-org-1', 'crewai-org-2'].map((namespace) => ({
        object: `RoleBinding/${namespace}/crewai-sa-edit`,
        absent: true,
      })),
    },
    'the rest, where one namespace is refused': {
      base: { orgs: [1, 2, 3] },
      without: gone,
      faults: [{ resource: 'rolebindings.rbac.authorization.k8s.io', namespace: 'crewai-org-1' }],
      findings: missing(),
    },
  },
  notEvaluated: {
    'bindings of a namespace refused': {
      faults: [{ resource: 'rolebindings.rbac.authorization.k8s.io', namespace: 'crewai-org-2' }],
    },
    'ClusterRoles cut short, and a namespace without a grant': {
      without: gone,
      faults: [{ resource: 'clusterroles.rbac.authorization.k8s.io', reason: 'truncated' }],
    },
    'files that are not everything': { without: gone, completeness: 'none' },
  },
  notApplicable: { 'no organization': { base: { orgs: [] } } },
});

it('says no more than the API server did where RBAC could not be listed', () => {
  const snapshot = snapshotOf({
    without: gone,
    faults: [{ resource: 'rolebindings.rbac.authorization.k8s.io', namespace: 'crewai-org-2' }],
  });
  const review = (verb: string, resource: string): AccessReview => ({
    apiVersion: 'authorization.k8s.io/v1',
    kind: 'SubjectAccessReview',
    metadata: { name: 'question-1' },
    user: 'system:serviceaccount:crewai:crewai-sa',
    question: { verb, group: '', resource, namespace: 'crewai-org-2' },
    answer: 'denied',
  });
  const asked = withListing(snapshot, 'access-reviews', { items: [review('get', 'secrets')], gaps: [] });
  const { outcome, drafts, gaps } = evaluate(check, asked, platformOf(snapshot));
  expect(outcome).toBe('failed');
  expect(drafts.map(({ message }) => message)).toEqual([
    'ServiceAccount crewai/crewai-sa may not get secrets in crewai-org-2; what else it may there could not be seen',
  ]);
  expect(gaps.map(({ resource, namespace }) => [resource, namespace])).toEqual([
    ['rolebindings.rbac.authorization.k8s.io', 'crewai-org-2'],
  ]);
});
