import { describe, expect, it } from 'vitest';
import check from '../../src/checks/forbidden-by-rbac.ts';
import accessMissing from '../../src/checks/rbac-access-missing.ts';
import { describeCheck } from '../support/check-table.ts';
import { documents, event, logged, pasted, replicaSet } from '../support/events.ts';
import { reportOf } from '../support/scenario.ts';

const SA = 'system:serviceaccount:crewai:crewai-sa';
const denied = (verb: string, resource: string, group: string, where: string, user = SA): string =>
  `${resource}${group === '' ? '' : `.${group}`} is forbidden: User "${user}" cannot ${verb} resource "${resource}" in API group "${group}" ${where}`;
const IN_2 = 'in the namespace "crewai-org-2"';
const gone = ['RoleBinding/crewai-org-2/crewai-sa-edit'];

describeCheck(check, {
  passes: {
    'no refusal': {},
    'a refusal of another kind': {
      with: event(
        'crewai-org-2',
        'pods "p" is forbidden: exceeded quota: q, requested: pods=1, used: pods=3, limited: pods=3',
      ),
    },
    'text with the word forbidden in it': {
      with: event('crewai-org-2', 'Failed to pull image "x": 403 Forbidden; forbidden fruit is forbidden'),
    },
    'a registry that says 403': {
      with: event('crewai-org-2', 'Failed to pull image "images.crewai.com/a:1": unexpected status: 403 Forbidden'),
    },
    "a namespace that is not the platform's": {
      with: event('elsewhere', denied('create', 'deployments', 'apps', 'in the namespace "elsewhere"')),
    },
  },
  fails: {
    'still denied': {
      without: gone,
      with: event('crewai-org-2', denied('create', 'deployments', 'apps', IN_2)),
      findings: [{ object: 'Namespace/crewai-org-2', severity: 'critical', confidence: 'certain' }],
    },
    'allowed meanwhile': {
      with: event('crewai-org-2', denied('create', 'deployments', 'apps', IN_2)),
      findings: [{ object: 'Namespace/crewai-org-2', severity: 'info' }],
    },
    'the documented form without API group': {
      without: gone,
      with: event(
        'crewai-org-2',
        `secrets "docker-registry" is forbidden: User "${SA}" cannot get resource "secrets" ${IN_2}`,
      ),
      findings: [{ object: 'Namespace/crewai-org-2', severity: 'critical' }],
    },
    'told by an event and by a condition: once': {
      without: gone,
      with: documents(
        event(
          'crewai-org-2',
          `Error creating: ${denied('create', 'services', '', IN_2)}`,
          replicaSet('org-2-crew-1-sales-web'),
        ),
        `apiVersion: apps/v1
kind: Deployment
metadata: {name: org-2-crew-1-sales-web, namespace: crewai-org-2}
spec: {replicas: 1, template: {spec: {containers: []}}}
status: {conditions: [{type: ReplicaFailure, status: "True", message: ${JSON.stringify(denied('create', 'services', '', IN_2))}}]}`,
      ),
      findings: [{ object: 'Namespace/crewai-org-2' }],
    },
    'at the cluster scope': {
      with: event('crewai', denied('create', 'namespaces', '', 'at the cluster scope')),
      findings: [{ object: 'ServiceAccount/crewai/crewai-sa', severity: 'critical' }],
    },
    'somebody else': {
      with: event('crewai-org-2', denied('list', 'pods', '', IN_2, 'anna')),
      findings: [{ object: 'Namespace/crewai-org-2', severity: 'high' }],
    },
    'a container said it last': {
      without: gone,
      with: `apiVersion: v1
kind: Pod
metadata: {name: probe, namespace: crewai}
status: {containerStatuses: [{name: a, state: {terminated: {exitCode: 1, message: ${JSON.stringify(`fatal: b'{"kind":"Status","message":"${denied('list', 'pods', '', IN_2).replaceAll('"', '\\"')}","reason":"Forbidden","code":403}'`)}}}}]}`,
      findings: [{ object: 'Namespace/crewai-org-2', severity: 'critical' }],
    },
    'told by the log of the platform': {
      without: gone,
      refusals: [logged(denied('create', 'deployments', 'apps', IN_2))],
      findings: [{ object: 'Namespace/crewai-org-2', severity: 'critical', confidence: 'certain' }],
    },
    'told by a log and by an event: once': {
      without: gone,
      with: event('crewai-org-2', denied('create', 'services', '', IN_2)),
      refusals: [logged(denied('create', 'services', '', IN_2))],
      findings: [{ object: 'Namespace/crewai-org-2' }],
    },
    'told by a text, about a namespace that is not there': {
      refusals: [pasted(denied('get', 'secrets', '', 'in the namespace "elsewhere"'), 'elsewhere')],
      findings: [{ object: 'Namespace/elsewhere', severity: 'critical' }],
    },
    'told by a text that names no namespace': {
      refusals: [pasted(denied('create', 'namespaces', '', 'at the cluster scope'))],
      findings: [{ object: 'ServiceAccount/crewai/crewai-sa', severity: 'critical' }],
    },
  },
  notEvaluated: {
    'logs were asked for and refused': { faults: [{ resource: 'refusals', namespace: 'crewai' }] },
    'events refused': { faults: [{ resource: 'events' }] },
    'events of one organization refused': { faults: [{ resource: 'events', namespace: 'crewai-org-1' }] },
  },
});

describe('what told of it', () => {
  const evidenceOf = (...refusals: readonly ReturnType<typeof logged>[]) =>
    reportOf([check], { without: gone, refusals }).findings[0]?.evidence[0];

  it('a log is named by its pod and container', () => {
    expect(evidenceOf(logged(denied('get', 'secrets', '', IN_2)))).toMatchObject({
      type: 'log',
      object: { kind: 'Pod', namespace: 'crewai', name: 'crewai-worker-6d4cf56db6-x7k2p' },
      message: `log of crewai/crewai-worker-6d4cf56db6-x7k2p (main): ${denied('get', 'secrets', '', IN_2)}`,
      count: 2,
      lastAt: '2026-11-20T09:58:00.5Z',
    });
  });

  it('a text is named by the flag that it was given to', () => {
    const { type, object, message } = evidenceOf(pasted(denied('get', 'secrets', '', IN_2))) ?? {};
    expect([type, object, message]).toEqual([
      'log',
      undefined,
      `in the text given to --from-error: ${denied('get', 'secrets', '', IN_2)}`,
    ]);
  });

  it('follows from what the RBAC checks find, as an event does', () => {
    const { findings } = reportOf([check, accessMissing], {
      without: gone,
      refusals: [logged(denied('get', 'secrets', '', IN_2))],
    });
    const root = findings.find((finding) => finding.check === accessMissing.id);
    expect(findings.find((finding) => finding.check === check.id)?.cause).toBe(root?.id);
  });
});

describe('repair', () => {
  const stepsOf = (message: string): readonly string[] | undefined =>
    reportOf([check], { without: gone, with: event('crewai-org-2', message) }).findings[0]?.remediation.steps;

  it("grants the platform's account exactly what was denied, under a name of its own", () => {
    expect(stepsOf(denied('patch', 'deployments/scale', 'apps', IN_2))).toEqual([
      'kubectl -n crewai-org-2 create role crewai-crewai-sa-patch-deployments.apps-scale --verb=patch --resource=deployments.apps/scale',
      'kubectl -n crewai-org-2 create rolebinding crewai-crewai-sa-patch-deployments.apps-scale --role=crewai-crewai-sa-patch-deployments.apps-scale --serviceaccount=crewai:crewai-sa',
    ]);
    expect(stepsOf(`forbidden: User "${SA}" cannot get path "/metrics"`)).toEqual([
      'kubectl create clusterrole crewai-crewai-sa-get-metrics --verb=get --non-resource-url=/metrics',
      'kubectl create clusterrolebinding crewai-crewai-sa-get-metrics --clusterrole=crewai-crewai-sa-get-metrics --serviceaccount=crewai:crewai-sa',
    ]);
  });

  it('leaves it to a person whether anybody else is to get it', () => {
    const steps = stepsOf(denied('get', 'secrets', '', IN_2, 'system:serviceaccount:crewai-org-2:default')) ?? [];
    expect(steps).toHaveLength(3);
    expect(steps.filter((step) => !step.startsWith('#'))).toEqual([]);
  });

  it('grants nothing where the text does not say where', () => {
    const cut = `pods is forbidden: User "${SA}" cannot list resource "pods" in API group "" in the namesp`;
    expect(stepsOf(cut)?.filter((step) => !step.startsWith('#'))).toEqual([]);
  });

  it('quotes what a stranger may have written', () => {
    const steps = stepsOf(denied('get', 'pods$(reboot)', '', 'in the namespace "crewai-org-2;reboot"')) ?? [];
    expect(steps.join('\n')).toContain(`kubectl -n 'crewai-org-2;reboot' create role`);
    expect(steps.join('\n').replaceAll(/'[^']*'/g, '')).not.toMatch(/reboot\)|;/);
  });
});
