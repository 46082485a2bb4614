import { expect, it } from 'vitest';
import check from '../../src/checks/forbidden-by-admission.ts';
import { describeCheck } from '../support/check-table.ts';
import { reportOf } from '../support/scenario.ts';
import { documents, event, logged, pasted, replicaSet } from '../support/events.ts';

const WEB = 'org-2-crew-1-sales-web';
const refused = (text: string): string =>
  event('crewai-org-2', `Error creating: pods "${WEB}-6d4cf56db6-x7k2p" is forbidden: ${text}`, replicaSet(WEB));
const web = (ready: number, updated = ready): string => `apiVersion: apps/v1
kind: Deployment
metadata: {name: ${WEB}, namespace: crewai-org-2, uid: uid-crewai-org-2-${WEB}}
spec: {replicas: 2, template: {spec: {containers: []}}}
status: {readyReplicas: ${String(ready)}, updatedReplicas: ${String(updated)}}`;
const TOO_EARLY = 'error looking up service account crewai-org-2/default: serviceaccount "default" not found';
const finding = { object: `Deployment/crewai-org-2/${WEB}`, severity: 'high' as const, confidence: 'certain' as const };

const QUOTA = `deployments.apps "${WEB}" is forbidden: exceeded quota: org-quota, requested: pods=1, used: pods=3, limited: pods=3`;

describeCheck(check, {
  passes: {
    'no refusal': {},
    'the account of a new namespace came a moment late': {
      with: documents(refused(TOO_EARLY), web(2)),
    },
    'the account of a new namespace came a moment late, for a workload that is not to be seen': {
      with: refused(TOO_EARLY),
    },
    'an RBAC refusal': {
      with: event(
        'crewai-org-2',
        'pods is forbidden: User "u" cannot create resource "pods" in API group "" in the namespace "crewai-org-2"',
      ),
    },
  },
  fails: {
    'told by the log of the platform, about the crew of an organization': {
      refusals: [logged(QUOTA)],
      findings: [{ object: 'Deployment/crewai/crewai-worker', severity: 'high' }],
    },
    'told by a text': { refusals: [pasted(QUOTA)], findings: [{ object: 'Namespace/crewai', severity: 'high' }] },
    'two things that a log tells of': {
      refusals: [logged(QUOTA), logged(QUOTA.replace(WEB, 'org-1-crew-1-sales-web'))],
      findings: [{ object: 'Deployment/crewai/crewai-worker' }, { object: 'Deployment/crewai/crewai-worker' }],
    },
    quota: {
      with: documents(refused('exceeded quota: org-quota, requested: pods=1, used: pods=3, limited: pods=3'), web(1)),
      findings: [finding],
    },
    'it progressed since': {
      with: documents(refused('exceeded quota: org-quota, requested: pods=1, used: pods=3, limited: pods=3'), web(2)),
      findings: [{ ...finding, severity: 'medium' }],
    },
    'requests unset': {
      with: documents(
        refused('failed quota: org-quota: must specify limits.memory for: c; requests.cpu for: c'),
        web(0),
      ),
      findings: [finding],
    },
    'Pod Security': {
      with: documents(
        refused(
          'violates PodSecurity "restricted:latest": privileged (container "c" must not set securityContext.privileged=true)',
        ),
        web(0),
      ),
      findings: [finding],
    },
    'limit range': {
      with: documents(refused('maximum cpu usage per Container is 500m, but limit is 2'), web(0)),
      findings: [finding],
    },
    'account missing': {
      with: documents(
        refused('error looking up service account crewai-org-2/crew: serviceaccount "crew" not found'),
        web(0),
      ),
      findings: [finding],
    },
    'account missing for a new template, while the pods of the old one run': {
      with: documents(
        refused('error looking up service account crewai-org-2/crew: serviceaccount "crew" not found'),
        web(2, 0),
      ),
      findings: [{ ...finding, severity: 'medium' }],
    },
    terminating: {
      with: documents(
        refused('unable to create new content in namespace crewai-org-2 because it is being terminated'),
        web(0),
      ),
      findings: [finding],
    },
    'admission policy': {
      with: documents(
        event(
          'crewai-org-2',
          "Error creating: pods \"p\" is forbidden: ValidatingAdmissionPolicy 'p' with binding 'b' denied request: no",
          replicaSet(WEB),
        ),
        web(0),
      ),
      findings: [finding],
    },
    webhook: {
      with: documents(
        event(
          'crewai-org-2',
          'Error creating: admission webhook "gate.example.com" denied the request: no',
          replicaSet(WEB),
        ),
        web(0),
      ),
      findings: [finding],
    },
    'owner reference': {
      with: documents(
        refused(
          "cannot set blockOwnerDeletion if an ownerReference refers to a resource you can't set finalizers on: ",
        ),
        web(0),
      ),
      findings: [finding],
    },
    'webhook down': {
      with: documents(
        event(
          'crewai-org-2',
          'Error creating: Internal error occurred: failed calling webhook "gate.example.com": failed to call webhook: Post "https://gate": service "gate" not found',
          replicaSet(WEB),
        ),
        web(0),
      ),
      findings: [finding],
    },
    'two quotas are two findings': {
      with: documents(
        refused('exceeded quota: a, requested: pods=1, used: pods=3, limited: pods=3'),
        refused('exceeded quota: bb, requested: pods=1, used: pods=3, limited: pods=3'),
        web(0),
      ),
      findings: [finding, finding],
    },
  },
  notEvaluated: {
    'logs were asked for and refused': { faults: [{ resource: 'refusals', namespace: 'crewai' }] },
    'events refused': { faults: [{ resource: 'events' }] },
  },
});

it('looks for the organization of what was refused, where a log does not name it', () => {
  const [found] = reportOf([check], { refusals: [logged(QUOTA)] }).findings;
  expect(found?.tenant?.namespace).toBe('crewai-org-2');
  expect(found?.remediation.steps[0]).toBe('kubectl -n crewai-org-2 describe resourcequota org-quota');
});
