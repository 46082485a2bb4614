import { describe, expect, it } from 'vitest';
import check from '../../src/checks/rbac-binding-subject-wrong.ts';
import { describeCheck } from '../support/check-table.ts';
import { reportOf, type Scenario } from '../support/scenario.ts';

const edit = (namespace: string, subject: string, more = ''): string => `
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: crewai-sa-edit, namespace: ${namespace}${more}}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: edit}
subjects: [${subject}]
`;
const near = [{ object: 'RoleBinding/crewai-org-2/crewai-sa-edit', severity: 'high' as const, path: '/subjects/0' }];
const split = { sharedNamespace: 'crewai-crews', platformNamespace: 'crewai' };

describeCheck(check, {
  passes: {
    'manual mode': {},
    'automatic mode': { base: { mode: 'auto' } },
    'a wrong binding where another one is right': {
      with: edit('crewai-org-2', '{kind: User, name: "crewai:crewai-sa"}').replace(
        '{name: crewai-sa-edit',
        '{name: leftover',
      ),
    },
    'an account that comes a moment later': {
      with: edit(
        'crewai-org-2',
        '{kind: ServiceAccount, name: crewai-sa, namespace: crewai}, {kind: ServiceAccount, name: deployer, namespace: crewai-org-2}',
        ', creationTimestamp: "2026-11-20T09:55:00Z"',
      ),
    },
    'an account of another namespace that exists': {
      with: edit(
        'crewai-org-2',
        '{kind: ServiceAccount, name: crewai-sa, namespace: crewai}, {kind: ServiceAccount, name: deployer, namespace: argocd}',
      ).concat('---\napiVersion: v1\nkind: ServiceAccount\nmetadata: {name: deployer, namespace: argocd}\n'),
    },
    "the organization's own default account, where the platform runs as default too": {
      base: { account: 'default' },
      without: ['RoleBinding/crewai-org-2/crewai-sa-edit'],
      with: edit('crewai-org-2', '{kind: ServiceAccount, name: default, namespace: crewai-org-2}')
        .replace('{name: crewai-sa-edit', '{name: own')
        .concat('---\napiVersion: v1\nkind: ServiceAccount\nmetadata: {name: default, namespace: crewai-org-2}\n'),
    },
    'users and groups of people': {
      with: edit('crewai-org-2', '{kind: Group, name: oncall}, {kind: User, name: anna}').replace(
        '{name: crewai-sa-edit',
        '{name: people',
      ),
    },
  },
  fails: {
    'the documented command, platform outside K8S_NAMESPACE': {
      base: split,
      with: edit('crewai-crews-org-2', '{kind: ServiceAccount, name: crewai-sa, namespace: crewai-crews}'),
      findings: [{ object: 'RoleBinding/crewai-crews-org-2/crewai-sa-edit', severity: 'high' }],
    },
    "the binding's own namespace by default": {
      with: edit('crewai-org-2', '{kind: ServiceAccount, name: crewai-sa}'),
      findings: near,
    },
    'the documented name, account renamed': {
      base: { account: 'robot' },
      with: edit('crewai-org-2', '{kind: ServiceAccount, name: crewai-sa, namespace: crewai}'),
      findings: near,
    },
    'a User in place of an account': {
      with: edit('crewai-org-2', '{kind: User, name: "crewai:crewai-sa"}'),
      findings: near,
    },
    'a damaged user name': {
      with: edit('crewai-org-2', '{kind: User, name: "system:serviceaccounts:crewai:crewai-sa"}'),
      findings: near,
    },
    'a ClusterRoleBinding for the wrong namespace': {
      base: { mode: 'auto' },
      with: `
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {name: crewai-namespace-isolation}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: crewai-namespace-isolation}
subjects: [{kind: ServiceAccount, name: crewai-sa, namespace: default}]
`,
      findings: [{ object: 'ClusterRoleBinding/crewai-namespace-isolation', severity: 'high' }],
    },
    'an account that does not exist': {
      with: edit(
        'crewai-org-2',
        '{kind: ServiceAccount, name: crewai-sa, namespace: crewai}, {kind: ServiceAccount, name: deployer, namespace: crewai-org-2}',
      ),
      findings: [
        {
          object: 'RoleBinding/crewai-org-2/crewai-sa-edit',
          severity: 'medium',
          path: '/subjects/1',
          confidence: 'certain',
        },
      ],
    },
  },
  notEvaluated: {
    'accounts refused': {
      with: edit(
        'crewai-org-2',
        '{kind: ServiceAccount, name: crewai-sa, namespace: crewai}, {kind: ServiceAccount, name: deployer, namespace: crewai-org-2}',
      ),
      faults: [{ resource: 'serviceaccounts', namespace: 'crewai-org-2' }],
    },
    'bindings refused': { faults: [{ resource: 'rolebindings.rbac.authorization.k8s.io' }] },
  },
});

describe('repair', () => {
  const stepsOf = (scenario: Scenario): readonly string[] | undefined =>
    reportOf([check], scenario).findings[0]?.remediation.steps;
  const create =
    'kubectl -n crewai-org-2 create rolebinding crewai-sa-edit-2 --clusterrole=edit --serviceaccount=crewai:crewai-sa';
  const wrong = '{kind: ServiceAccount, name: crewai-sa, namespace: crewai-org-2}';

  it('deletes a binding for nobody', () => {
    expect(stepsOf({ with: edit('crewai-org-2', wrong) })).toEqual([
      create,
      'kubectl -n crewai-org-2 delete rolebinding crewai-sa-edit',
    ]);
  });

  it('takes only the wrong one of several subjects away', () => {
    expect(stepsOf({ with: edit('crewai-org-2', `{kind: User, name: anna}, ${wrong}`) })).toEqual([
      create,
      `kubectl -n crewai-org-2 patch rolebinding crewai-sa-edit --type=json -p '[{"op":"test","path":"/subjects/1/name","value":"crewai-sa"},{"op":"remove","path":"/subjects/1"}]'`,
    ]);
  });

  it('leaves the rights of an account that exists for a person to decide on', () => {
    const account = 'apiVersion: v1\nkind: ServiceAccount\nmetadata: {name: crewai-sa, namespace: crewai-org-2}\n';
    expect(stepsOf({ with: `${edit('crewai-org-2', wrong)}---\n${account}` })).toEqual([
      create,
      '# ServiceAccount crewai-org-2/crewai-sa exists: only if nothing needs the rights that it has from here:',
      '# kubectl -n crewai-org-2 delete rolebinding crewai-sa-edit',
    ]);
  });

  it('creates an account or removes its subject, not both', () => {
    const subjects =
      '{kind: ServiceAccount, name: crewai-sa, namespace: crewai}, {kind: ServiceAccount, name: deployer, namespace: crewai-org-2}';
    expect(stepsOf({ with: edit('crewai-org-2', subjects) })).toEqual([
      'kubectl -n crewai-org-2 create serviceaccount deployer',
      '# or, if nothing needs it:',
      `# kubectl -n crewai-org-2 patch rolebinding crewai-sa-edit --type=json -p '[{"op":"test","path":"/subjects/1/name","value":"deployer"},{"op":"remove","path":"/subjects/1"}]'`,
    ]);
  });
});
