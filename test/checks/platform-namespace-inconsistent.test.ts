import check from '../../src/checks/platform-namespace-inconsistent.ts';
import { describeCheck } from '../support/check-table.ts';

const deployment = (component: string, container: string, more = 'replicas: 1'): string =>
  `{apiVersion: apps/v1, kind: Deployment, metadata: {name: crewai-${component}, namespace: crewai, labels: {app.kubernetes.io/instance: crewai, app.kubernetes.io/component: ${component}}}, spec: {${more}, template: {spec: {containers: [${container}]}}}}`;
const container = (env: string): string => `{name: crewai-platform-x, image: "r/crewai:1", ${env}}`;
const value = (name: string): string => container(`env: [{name: K8S_NAMESPACE, value: "${name}"}]`);
const job = (kind: string, spec: string, status = ''): string =>
  `{apiVersion: batch/v1, kind: ${kind}, metadata: {name: migrate, namespace: crewai, labels: {app.kubernetes.io/instance: crewai}}, spec: ${spec}${status}}`;
const template = `{template: {spec: {containers: [${value('other')}]}}}`;
const configMap = (data: string): string =>
  `{apiVersion: v1, kind: ConfigMap, metadata: {name: settings, namespace: crewai}, data: {${data}}}`;
const fromSettings = container('envFrom: [{configMapRef: {name: settings}}]');
const join = (...documents: string[]): string => documents.join('\n---\n');

describeCheck(check, {
  passes: {
    'one value everywhere': {},
    'a platform namespace that is another one': { base: { platformNamespace: 'platform', sharedNamespace: 'crews' } },
    'a sidecar with a value of its own': {
      with: deployment(
        'web',
        `{name: agent, image: "agent:1", env: [{name: K8S_NAMESPACE, value: agents}]}, ${value('crewai')}`,
      ),
    },
    'a finished Job of an older time': {
      with: job('Job', template, ', status: {conditions: [{type: Complete, status: "True"}]}'),
    },
    'a Job without the variable': { with: job('Job', `{template: {spec: {containers: [${container('env: []')}]}}}`) },
    'a Job of another release': { with: job('Job', template).replace('instance: crewai', 'instance: other') },
    'a component that is scaled to nothing': { with: deployment('worker', value('other'), 'replicas: 0') },
    'the same value by a ConfigMap': {
      with: join(deployment('worker', fromSettings), configMap('K8S_NAMESPACE: crewai')),
    },
  },
  fails: {
    'the worker works elsewhere': {
      with: join(deployment('worker', value('other')), '{apiVersion: v1, kind: Namespace, metadata: {name: other}}'),
      findings: [
        {
          object: 'Deployment/crewai/crewai-worker',
          severity: 'high',
          confidence: 'certain',
          path: '/spec/template/spec/containers',
        },
      ],
    },
    'not set in the worker': {
      with: deployment('worker', container('env: []')),
      findings: [{ object: 'Deployment/crewai/crewai-worker' }],
    },
    'empty in web': {
      with: deployment('web', value('')),
      findings: [{ object: 'Deployment/crewai/crewai-web' }],
    },
    'a ConfigMap that does not exist': {
      with: deployment('worker', fromSettings),
      findings: [{ object: 'Deployment/crewai/crewai-worker' }],
    },
    'a Job template': {
      with: join(job('Job', template), '{apiVersion: v1, kind: Namespace, metadata: {name: other}}'),
      findings: [{ object: 'Job/crewai/migrate' }],
    },
    'a CronJob template': {
      with: join(
        job('CronJob', `{jobTemplate: {spec: ${template}}}`),
        '{apiVersion: v1, kind: Namespace, metadata: {name: other}}',
      ),
      findings: [{ object: 'CronJob/crewai/migrate', path: '/spec/jobTemplate/spec/template/spec/containers' }],
    },
    'no such namespace': {
      with: join(deployment('web', value('gone')), deployment('worker', value('gone'))),
      findings: [{ object: 'Namespace/gone', absent: true, severity: 'high' }],
    },
  },
  notEvaluated: {
    'Deployments refused': {
      settings: { platformNamespace: 'crewai' },
      faults: [{ resource: 'deployments.apps', namespace: 'crewai' }],
    },
    'the ConfigMap refused': {
      with: deployment('worker', fromSettings),
      faults: [{ resource: 'configmaps', namespace: 'crewai' }],
    },
    'a value in a Secret': {
      with: deployment(
        'worker',
        container('env: [{name: K8S_NAMESPACE, valueFrom: {secretKeyRef: {name: s, key: k}}}]'),
      ),
    },
    'Jobs refused': { faults: [{ resource: 'jobs.batch', namespace: 'crewai' }] },
    'namespaces refused, the shared one among them': {
      without: ['Namespace/crewai'],
      faults: [{ resource: 'namespaces' }],
    },
  },
});
