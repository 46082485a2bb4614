import { expect, it } from 'vitest';
import check from '../../src/checks/platform-token-not-mounted.ts';
import { describeCheck } from '../support/check-table.ts';
import { reportOf } from '../support/scenario.ts';

const account = (automount: boolean): string =>
  `{apiVersion: v1, kind: ServiceAccount, metadata: {name: crewai-sa, namespace: crewai}, automountServiceAccountToken: ${String(automount)}}`;
const worker = (spec: string, env = ''): string =>
  `{apiVersion: apps/v1, kind: Deployment, metadata: {name: crewai-worker, namespace: crewai, labels: {app.kubernetes.io/instance: crewai, app.kubernetes.io/component: worker}}, spec: {replicas: 1, template: {spec: {serviceAccountName: crewai-sa, ${spec} containers: [{name: main, image: "r/crewai:1", env: [{name: K8S_NAMESPACE, value: crewai}${env}]}]}}}}`;
const off = 'automountServiceAccountToken: false,';
const none = { without: ['Deployment/crewai/crewai-web'] } as const;

describeCheck(check, {
  passes: {
    'the default': {},
    'switched on': { with: account(true) },
    'the pod beats the account': {
      ...none,
      with: `${account(false)}\n---\n${worker('automountServiceAccountToken: true,')}`,
    },
    'a projected token': {
      ...none,
      with: worker(`${off} volumes: [{name: t, projected: {sources: [{serviceAccountToken: {path: token}}]}}],`),
    },
    'a kubeconfig of its own': { ...none, with: worker(off, ', {name: KUBECONFIG, value: /etc/kubeconfig}') },
  },
  fails: {
    'switched off in the pod template': {
      with: worker(off),
      findings: [
        {
          object: 'Deployment/crewai/crewai-worker',
          severity: 'high',
          confidence: 'certain',
          path: '/spec/template/spec/automountServiceAccountToken',
        },
      ],
    },
    'switched off there although the account switches it on': {
      with: `${account(true)}\n---\n${worker(off)}`,
      findings: [{ object: 'Deployment/crewai/crewai-worker' }],
    },
    'switched off on the account': {
      with: account(false),
      findings: [
        { object: 'Deployment/crewai/crewai-web', path: '/automountServiceAccountToken' },
        { object: 'Deployment/crewai/crewai-worker', path: '/automountServiceAccountToken' },
      ],
    },
    'a projected volume of something else': {
      with: worker(`${off} volumes: [{name: t, projected: {sources: [{secret: {name: s}}]}}],`),
      findings: [{ object: 'Deployment/crewai/crewai-worker' }],
    },
  },
  notEvaluated: {
    'service accounts refused': {
      without: ['ServiceAccount/crewai/crewai-sa'],
      faults: [{ resource: 'serviceaccounts', namespace: 'crewai' }],
    },
    'Deployments refused': {
      settings: { platformNamespace: 'crewai' },
      faults: [{ resource: 'deployments.apps', namespace: 'crewai' }],
    },
  },
});

it('repairs the object that switches it off', () => {
  const steps = (text: string): string =>
    reportOf([check], { with: text }).findings[0]?.remediation.steps.join('\n') ?? '';
  expect(steps(account(false))).toContain('kubectl -n crewai patch serviceaccount crewai-sa');
  expect(steps(worker(off))).toContain('kubectl -n crewai patch deployment crewai-worker');
});
