import { expect, it } from 'vitest';
import check from '../../src/checks/forbidden-by-escalation.ts';
import { describeCheck } from '../support/check-table.ts';
import { event, logged, pasted } from '../support/events.ts';
import { reportOf } from '../support/scenario.ts';

const MESSAGE =
  'rolebindings.rbac.authorization.k8s.io "crewai-sa-edit" is forbidden: user "system:serviceaccount:crewai:crewai-sa" (groups=["system:serviceaccounts" "system:serviceaccounts:crewai" "system:authenticated"]) is attempting to grant RBAC permissions not currently held:\n{APIGroups:[""], Resources:["pods"], Verbs:["get" "list"]}\n{APIGroups:["apps"], Resources:["deployments"], Verbs:["create"]}';

describeCheck(check, {
  passes: {
    'no refusal': {},
    'a plain RBAC refusal': {
      with: event(
        'crewai',
        'rolebindings.rbac.authorization.k8s.io is forbidden: User "a" cannot create resource "rolebindings" in API group "rbac.authorization.k8s.io" in the namespace "crewai"',
      ),
    },
  },
  fails: {
    'a binding that grants more than its maker holds': {
      with: event('crewai-org-2', MESSAGE, '{kind: Namespace, name: crewai-org-2}'),
      findings: [{ object: 'Namespace/crewai-org-2', severity: 'high', confidence: 'certain' }],
    },
    'told by a log': { refusals: [logged(MESSAGE)], findings: [{ object: 'Deployment/crewai/crewai-worker' }] },
    'told by a text': { refusals: [pasted(MESSAGE)], findings: [{ object: 'Namespace/crewai' }] },
  },
  notEvaluated: {
    'logs were asked for and refused': { faults: [{ resource: 'refusals', namespace: 'crewai' }] },
    'events refused': { faults: [{ resource: 'events', namespace: 'crewai' }] },
  },
});

it("gives commands to paste only for the platform's account, and only where it is told where", () => {
  const commands = (message: string): readonly string[] | undefined =>
    reportOf([check], { with: event('crewai-org-2', message) }).findings[0]?.remediation.steps.filter(
      (step) => !step.startsWith('#'),
    );
  expect(commands(MESSAGE)).toHaveLength(2);
  expect(
    reportOf([check], { refusals: [logged(MESSAGE)] }).findings[0]?.remediation.steps.filter(
      (step) => !step.startsWith('#'),
    ),
  ).toEqual([]);
  expect(commands(MESSAGE.replace('crewai:crewai-sa"', 'crewai-org-2:default"'))).toEqual([]);
});
