import { describe, expect, it } from 'vitest';
import check from '../../src/checks/quota-requests-unset.ts';
import { CHECKS } from '../../src/checks/index.ts';
import { describeCheck } from '../support/check-table.ts';
import { event, replicaSet } from '../support/events.ts';
import { crewPod } from '../support/pods.ts';
import { document } from '../support/registry.ts';
import { reportOf } from '../support/scenario.ts';

const quota = (hard: object, spec: object = {}, namespace = 'crewai-org-2'): string =>
  document({
    apiVersion: 'v1',
    kind: 'ResourceQuota',
    metadata: { name: 'org-quota', namespace },
    spec: { hard, ...spec },
  });
const range = (limits: object, type = 'Container'): string =>
  document({
    apiVersion: 'v1',
    kind: 'LimitRange',
    metadata: { name: 'range', namespace: 'crewai-org-2' },
    spec: { limits: [{ type, ...limits }] },
  });
const pod = (resources: object, more: Parameters<typeof crewPod>[1] = {}): string =>
  crewPod('crewai-org-2', { container: { resources }, ...more });
/** Nothing of the crew's own, so that only what a scenario adds is judged. */
const alone = { without: ['Deployment/crewai-org-2/*', 'ReplicaSet/crewai-org-2/*', 'Pod/crewai-org-2/*'] };
const lone = { object: 'Pod/crewai-org-2/org-2-crew-9-lone', path: '/spec', severity: 'high' as const };
const priority = (operator: string): object => ({
  scopeSelector: { matchExpressions: [{ scopeName: 'PriorityClass', operator, values: ['high'] }] },
});

describeCheck(check, {
  passes: {
    'all is stated': {
      ...alone,
      with:
        quota({ 'requests.cpu': '1', 'limits.memory': '1Gi' }) +
        pod({ requests: { cpu: '1' }, limits: { memory: '1Gi' } }),
    },
    'a limit is also the request': { ...alone, with: quota({ cpu: '1' }) + pod({ limits: { cpu: '1' } }) },
    'a default': { with: quota({ 'limits.cpu': '1', cpu: '1' }) + range({ default: { cpu: '1' } }) },
    'a default request': { with: quota({ 'requests.memory': '1Gi' }) + range({ defaultRequest: { memory: '1Mi' } }) },
    'what the API server makes of max and min': {
      with:
        quota({ 'limits.cpu': '1', 'requests.memory': '1Gi' }) + range({ max: { cpu: '1' }, min: { memory: '1Mi' } }),
    },
    'the pod as a whole': {
      ...alone,
      with: quota({ cpu: '1' }) + pod({}, { spec: { resources: { limits: { cpu: '1' } } } }),
    },
    'a scope that does not match': {
      ...alone,
      with:
        quota({ cpu: '1' }, { scopes: ['Terminating'] }) +
        quota({ 'limits.cpu': '1' }, { scopes: ['NotBestEffort'] }) +
        pod({}),
    },
    'a class of priority that may be the default one': {
      ...alone,
      with: quota({ cpu: '1' }, priority('In')) + pod({}),
    },
    'another class of priority': {
      ...alone,
      with: quota({ cpu: '1' }, priority('In')) + pod({}, { spec: { priorityClassName: 'low' } }),
    },
    'pods that have ended': {
      ...alone,
      with:
        quota({ cpu: '1' }) +
        pod({}, { status: { phase: 'Succeeded' } }) +
        pod({ limits: { cpu: '1' } }, { name: 'live' }),
    },
  },
  fails: {
    'nothing is stated': { ...alone, with: quota({ cpu: '1' }) + pod({}), findings: [lone] },
    'only the request where the limit is demanded': {
      ...alone,
      with: quota({ 'limits.cpu': '1' }) + pod({ requests: { cpu: '1' } }),
      findings: [lone],
    },
    'only the other resource': {
      ...alone,
      with: quota({ cpu: '1', memory: '1Gi' }) + pod({ limits: { cpu: '1' } }),
      findings: [lone],
    },
    'an init container': {
      ...alone,
      with:
        quota({ cpu: '1' }) +
        pod({ limits: { cpu: '1' } }, { spec: { initContainers: [{ name: 'init', image: 'i' }] } }),
      findings: [lone],
    },
    'a LimitRange of another type': {
      ...alone,
      with: quota({ cpu: '1' }) + range({ default: { cpu: '1' } }, 'Pod') + pod({}),
      findings: [lone],
    },
    'a default request where the limit is demanded': {
      ...alone,
      with: quota({ 'limits.cpu': '1' }) + range({ defaultRequest: { cpu: '1' }, min: { cpu: '1' } }) + pod({}),
      findings: [lone],
    },
    'scopes that match': {
      ...alone,
      with: quota({ cpu: '1' }, { scopes: ['NotTerminating', 'BestEffort'] }) + pod({}),
      findings: [lone],
    },
    'its class of priority': {
      ...alone,
      with: quota({ cpu: '1' }, priority('In')) + pod({}, { spec: { priorityClassName: 'high' } }),
      findings: [lone],
    },
    workloads: {
      with: quota({ cpu: '1' }),
      findings: ['redis', 'web', 'worker'].map((part) => ({
        object: `Deployment/crewai-org-2/org-2-crew-1-sales-${part}`,
        path: '/spec/template/spec',
      })),
    },
    'the platform': {
      with: quota({ cpu: '1' }, {}, 'crewai'),
      findings: ['buildkit', 'web', 'worker'].map((part) => ({ object: `Deployment/crewai/crewai-${part}` })),
    },
  },
  notEvaluated: {
    'quotas hidden': { faults: [{ resource: 'resourcequotas', namespace: 'crewai-org-2' }] },
    'LimitRanges hidden': {
      with: quota({ cpu: '1' }),
      faults: [{ resource: 'limitranges', namespace: 'crewai-org-2' }],
    },
    'files that are not everything': { with: quota({ cpu: '1' }), completeness: 'none' },
  },
  notApplicable: {
    'no quota': {},
    'quotas of other things': { with: quota({ pods: '10', 'requests.storage': '1Ti', 'count/secrets': '5' }) },
  },
});

describe('a finding of quota-requests-unset', () => {
  it('says it as the API server does', () => {
    const containers = [{ name: 'b' }, { name: 'a' }, { name: 'c', resources: { limits: { cpu: '1' } } }];
    const { findings } = reportOf([check], {
      ...alone,
      with: quota({ 'requests.cpu': '1', 'limits.memory': '1Gi' }) + crewPod('crewai-org-2', { spec: { containers } }),
    });
    expect(findings[0]?.message).toContain('limits.memory for: a,b,c; requests.cpu for: a,b');
  });

  it('explains what the quota refused', () => {
    const refused = event(
      'crewai-org-2',
      'Error creating: pods "x" is forbidden: failed quota: org-quota: must specify requests.cpu for: main',
      replicaSet('org-2-crew-1-sales-web'),
    );
    const chosen = CHECKS.filter(({ id }) => id === check.id || id === 'forbidden-by-admission');
    const { findings } = reportOf(chosen, { with: `${quota({ 'requests.cpu': '1' })}${refused}` });
    const refusal = findings.find((finding) => finding.check === 'forbidden-by-admission');
    expect(findings.find(({ id }) => id === refusal?.cause)?.object.name).toBe('org-2-crew-1-sales-web');
  });
});
