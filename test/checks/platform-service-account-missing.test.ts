import { expect, it } from 'vitest';
import check from '../../src/checks/platform-service-account-missing.ts';
import { describeCheck } from '../support/check-table.ts';
import { reportOf } from '../support/scenario.ts';

const deployment = (component: string, account: string, replicas = 1): string =>
  `{apiVersion: apps/v1, kind: Deployment, metadata: {name: crewai-${component}, namespace: crewai, labels: {app.kubernetes.io/instance: crewai, app.kubernetes.io/component: ${component}}}, spec: {replicas: ${String(replicas)}, template: {spec: {${account} containers: [{name: main, image: "r/crewai:1", env: [{name: K8S_NAMESPACE, value: crewai}]}]}}}}`;
const account = (name: string): string => `serviceAccountName: ${name},`;
const own = '{apiVersion: v1, kind: ServiceAccount, metadata: {name: worker-sa, namespace: crewai}}';

describeCheck(check, {
  passes: {
    'the chart’s account': {},
    'any name that exists': { base: { account: 'runner' } },
    'a missing one of a component scaled to nothing': { with: deployment('worker', account('gone'), 0) },
  },
  fails: {
    'an account that does not exist': {
      without: ['ServiceAccount/crewai/crewai-sa'],
      findings: [
        { object: 'ServiceAccount/crewai/crewai-sa', absent: true, severity: 'critical', confidence: 'certain' },
      ],
    },
    'an account in the wrong namespace': {
      base: { platformNamespace: 'platform', sharedNamespace: 'crewai' },
      without: ['ServiceAccount/platform/crewai-sa'],
      with: '{apiVersion: v1, kind: ServiceAccount, metadata: {name: crewai-sa, namespace: crewai}}',
      findings: [{ object: 'ServiceAccount/platform/crewai-sa', absent: true }],
    },
    'the default account, named or not': {
      with: `${deployment('web', '')}\n---\n${deployment('worker', account('default'))}`,
      findings: [
        { object: 'Deployment/crewai/crewai-web', severity: 'high', path: '/spec/template/spec/serviceAccountName' },
        { object: 'Deployment/crewai/crewai-worker', severity: 'high' },
      ],
    },
    'web and worker differ': {
      with: `${deployment('worker', account('worker-sa'))}\n---\n${own}`,
      findings: [{ object: 'Deployment/crewai/crewai-worker', severity: 'high' }],
    },
    'only the worker’s is missing': {
      with: deployment('worker', account('gone')),
      findings: [{ object: 'ServiceAccount/crewai/gone', severity: 'critical' }],
    },
  },
  notEvaluated: {
    'Deployments refused': {
      settings: { platformNamespace: 'crewai' },
      faults: [{ resource: 'deployments.apps', namespace: 'crewai' }],
    },
    'service accounts refused': {
      without: ['ServiceAccount/crewai/crewai-sa'],
      faults: [{ resource: 'serviceaccounts', namespace: 'crewai' }],
    },
  },
  notApplicable: {
    'everything is scaled to nothing': {
      with: `${deployment('web', account('a'), 0)}\n---\n${deployment('worker', account('a'), 0)}`,
    },
  },
});

it('shows names alike and what the API server said', () => {
  const { findings } = reportOf([check], {
    without: ['ServiceAccount/crewai/crewai-sa'],
    with: `{apiVersion: v1, kind: ServiceAccount, metadata: {name: crewai-service, namespace: crewai}}
---
{apiVersion: v1, kind: Event, metadata: {name: x, namespace: crewai}, message: 'pods "crewai-web-1" is forbidden: error looking up service account crewai/crewai-sa: serviceaccount "crewai-sa" not found'}`,
  });
  const evidence = JSON.stringify(findings[0]?.evidence);
  expect(evidence).toContain('crewai-service');
  expect(evidence).toContain('error looking up service account');
});
