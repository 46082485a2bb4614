import check from '../../src/checks/forbidden-unauthenticated.ts';
import { describeCheck } from '../support/check-table.ts';
import { documents, event, logged, pasted } from '../support/events.ts';

const ANONYMOUS =
  'namespaces is forbidden: User "system:anonymous" cannot list resource "namespaces" in API group "" at the cluster scope';
const WEB = '{apiVersion: apps/v1, kind: Deployment, name: crewai-web}';

describeCheck(check, {
  passes: {
    'no refusal': {},
    'a registry that says 401': {
      with: event(
        'crewai-org-2',
        'Failed to pull image "images.crewai.com/a:1": failed to authorize: 401 Unauthorized',
      ),
    },
    'a crew with credentials of its own': {
      with: documents(
        event('crewai-org-2', ANONYMOUS, '{apiVersion: v1, kind: Pod, name: org-2-crew-1-sales-web-x}'),
        event('crewai', ANONYMOUS, '{apiVersion: apps/v1, kind: Deployment, name: org-2-crew-1-sales-web}'),
      ),
    },
    'a crew that logs in the shared namespace': {
      base: { isolation: 'off' },
      refusals: [logged('Unauthorized', 'org-2-crew-1-sales-web')],
    },
    'a named user that lacks a right': {
      with: event(
        'crewai',
        'pods is forbidden: User "system:serviceaccount:crewai:crewai-sa" cannot list resource "pods" in API group "" in the namespace "crewai"',
      ),
    },
  },
  fails: {
    'no credentials at all': {
      with: event('crewai', ANONYMOUS, WEB),
      findings: [{ object: 'Deployment/crewai/crewai-web', severity: 'high', confidence: 'certain' }],
    },
    'an Ansible task with a 401 body': {
      with: event(
        'crewai',
        `Failed to retrieve requested object: b'{"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","message":"Unauthorized","reason":"Unauthorized","code":401}\\n'`,
        WEB,
      ),
      findings: [{ object: 'Deployment/crewai/crewai-web' }],
    },
    'told by the log, and by an event: once': {
      with: event('crewai', ANONYMOUS, WEB),
      refusals: [logged('Unauthorized', 'crewai-web')],
      findings: [{ object: 'Deployment/crewai/crewai-web' }],
    },
    'told by the log of a pod that is gone': {
      refusals: [{ ...logged('Unauthorized'), pod: 'gone' }],
      findings: [{ object: 'Pod/crewai/gone' }],
    },
    'told by a text': { refusals: [pasted('Unauthorized')], findings: [{ object: 'Namespace/crewai' }] },
  },
  notEvaluated: {
    'logs were asked for and refused': { faults: [{ resource: 'refusals', namespace: 'crewai' }] },
    'pods of the platform refused': { faults: [{ resource: 'pods', namespace: 'crewai' }] },
  },
});
