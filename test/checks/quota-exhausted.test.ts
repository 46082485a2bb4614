import { describe, expect, it } from 'vitest';
import check from '../../src/checks/quota-exhausted.ts';
import { CHECKS } from '../../src/checks/index.ts';
import { describeCheck } from '../support/check-table.ts';
import { event, replicaSet } from '../support/events.ts';
import { crewPod } from '../support/pods.ts';
import { document } from '../support/registry.ts';
import { reportOf } from '../support/scenario.ts';

type Amounts = Readonly<Record<string, string | number>>;

interface Options {
  readonly namespace?: string;
  readonly spec?: Readonly<Record<string, unknown>>;
  readonly metadata?: Readonly<Record<string, unknown>>;
}

function quota(hard: Amounts, used: Amounts | undefined, options: Options = {}): string {
  const { namespace = 'crewai-org-2', spec = {}, metadata = {} } = options;
  return document({
    apiVersion: 'v1',
    kind: 'ResourceQuota',
    metadata: { name: 'org-quota', namespace, ...metadata },
    spec: { hard, ...spec },
    ...(used ? { status: { hard, used } } : {}),
  });
}

const refusal = (dimension: string, name = 'org-quota'): string =>
  `\n---\n${event(
    'crewai-org-2',
    `Error creating: pods "x" is forbidden: exceeded quota: ${name}, requested: ${dimension}=1, used: ${dimension}=0, limited: ${dimension}=0`,
    replicaSet('org-2-crew-1-sales-web'),
  )}`;

const full = {
  object: 'ResourceQuota/crewai-org-2/org-quota',
  severity: 'high' as const,
  confidence: 'certain' as const,
};
const near = { ...full, severity: 'medium' as const };

describeCheck(check, {
  passes: {
    'less than nine tenths': {
      with: quota({ pods: '10', 'requests.cpu': '1' }, { pods: '8', 'requests.cpu': '899m' }),
    },
    'numbers, not text': {
      with: quota(
        { 'requests.memory': '16Gi', 'requests.cpu': '8', pods: 100 },
        { 'requests.memory': '9000Mi', 'requests.cpu': '900m', pods: 9 },
      ),
    },
    'closed on purpose': { with: quota({ 'services.loadbalancers': '0' }, { 'services.loadbalancers': '0' }) },
    'closed on purpose, and another quota or dimension refused': {
      with: quota({ pods: '0' }, { pods: '0' }) + refusal('pods', 'other') + refusal('services'),
    },
    'a namespace of nobody': {
      with: quota({ pods: '3' }, { pods: '3' }, { namespace: 'other' }) + quota({ pods: '3' }, { pods: '0' }),
    },
    'an organization that was not asked for': {
      with: quota({ pods: '3' }, { pods: '3' }) + quota({ pods: '3' }, { pods: '0' }, { namespace: 'crewai-org-1' }),
      settings: { orgs: ['1'] },
    },
  },
  fails: {
    'used up': { with: quota({ pods: '3' }, { pods: '3' }), findings: [full] },
    'more than all of it': { with: quota({ pods: '3' }, { pods: '4' }), findings: [full] },
    'used although closed': { with: quota({ pods: '0' }, { pods: '1' }), findings: [full] },
    'exactly nine tenths': { with: quota({ 'requests.cpu': '1' }, { 'requests.cpu': '0.9' }), findings: [near] },
    'equal in other units': {
      with: quota(
        { 'requests.memory': '16Gi', 'limits.cpu': 8 },
        { 'requests.memory': '17179869184', 'limits.cpu': '8000m' },
      ),
      findings: [
        { ...full, path: '/status/used/limits.cpu' },
        { ...full, path: '/status/used/requests.memory' },
      ],
    },
    'amounts that floating point confuses': {
      with: quota({ 'requests.storage': '9007199254740993' }, { 'requests.storage': '9007199254740992' }),
      findings: [near],
    },
    'a count of any resource': {
      with: quota({ 'count/deployments.apps': '2' }, { 'count/deployments.apps': '2' }),
      findings: [{ ...full, path: '/status/used/count~1deployments.apps' }],
    },
    'closed, and refused for it': { with: quota({ pods: '0' }, { pods: '0' }) + refusal('pods'), findings: [full] },
    'the namespaces of the platform': {
      base: { platformNamespace: 'control', sharedNamespace: 'crews' },
      with: ['control', 'crews'].map((namespace) => quota({ pods: '3' }, { pods: '3' }, { namespace })).join(''),
      findings: ['control', 'crews'].map((namespace) => ({ object: `ResourceQuota/${namespace}/org-quota` })),
    },
    'although one dimension cannot be read, and one namespace not listed': {
      with: quota({ pods: '3', 'requests.cpu': 'many' }, { pods: '3', 'requests.cpu': '1' }),
      faults: [{ resource: 'resourcequotas', namespace: 'crewai-org-1' }],
      findings: [full],
    },
  },
  notEvaluated: {
    'quotas of a namespace refused': { faults: [{ resource: 'resourcequotas', namespace: 'crewai-org-2' }] },
    'manifests, which have no status': { with: quota({ pods: '3' }, undefined) },
    'a dimension that is not counted yet': { with: quota({ pods: '3' }, {}) },
    'an amount that is none': { with: quota({ pods: '3' }, { pods: 'three' }) },
    'files that are not everything': { completeness: 'none' },
  },
  notApplicable: {
    'no quota': {},
    'no organization and no quota': { base: { orgs: [] } },
    'many organizations without quota': { base: { orgs: Array.from({ length: 50 }, (_, index) => index + 1) } },
  },
});

describe('a finding of quota-exhausted', () => {
  it('names the scope, who takes most, and a patch to adapt', () => {
    const resources = (cpu: string) => ({ container: { resources: { requests: { cpu } } } });
    const [finding] = reportOf([check], {
      with: [
        quota({ 'requests.cpu': '2' }, { 'requests.cpu': '2' }),
        crewPod('crewai-org-2', { name: 'big', ...resources('1500m') }),
        crewPod('crewai-org-2', { name: 'small', ...resources('0.5') }),
        crewPod('crewai-org-2', { name: 'over', ...resources('8'), status: { phase: 'Succeeded' } }),
      ].join(''),
    }).findings;
    expect(finding?.message).toBe('ResourceQuota org-quota in crewai-org-2 has 2 of 2 requests.cpu in use (100 %)');
    expect(finding?.evidence.flatMap(({ message }) => message ?? [])).toEqual([
      '1 pod of Pod big: 75 % of what is used',
      '1 pod of Pod small: 25 % of what is used',
    ]);
    expect(finding?.remediation.steps.at(-1)).toBe(
      `kubectl -n crewai-org-2 patch resourcequota org-quota --type=merge -p '{"spec":{"hard":{"requests.cpu":"4"}}}'`,
    );
  });

  it('counts pods by their workload', () => {
    const [finding] = reportOf([check], { with: quota({ pods: '3' }, { pods: '3' }) }).findings;
    expect(finding?.evidence.flatMap(({ message }) => message ?? [])).toEqual(
      ['redis', 'web', 'worker'].map((part) => `1 pod of Deployment org-2-crew-1-sales-${part}: 33 % of what is used`),
    );
  });

  it.each<[string, Readonly<Record<string, unknown>>, string]>([
    ['scopes', { scopes: ['NotTerminating'] }, 'for scope NotTerminating'],
    [
      'a scope selector',
      { scopeSelector: { matchExpressions: [{ scopeName: 'PriorityClass', operator: 'In', values: ['high'] }] } },
      'for scope PriorityClass In high',
    ],
  ])('says %s and then names no consumer', (_name, spec, words) => {
    const [finding] = reportOf([check], { with: quota({ pods: '3' }, { pods: '3' }, { spec }) }).findings;
    expect(finding?.message).toContain(words);
    expect(finding?.evidence).toHaveLength(1);
  });

  it('leaves the quota to its owner', () => {
    const metadata = { labels: { 'kustomize.toolkit.fluxcd.io/name': 'tenants' } };
    const [finding] = reportOf([check], { with: quota({ pods: '3' }, { pods: '3' }, { metadata }) }).findings;
    expect(finding?.remediation.owner).toBe('Flux Kustomization tenants');
    expect(finding?.remediation.steps.join('\n')).not.toContain('patch');
  });

  it('explains what it refused', () => {
    const found = CHECKS.filter(({ id }) => id === check.id || id === 'forbidden-by-admission');
    const { findings } = reportOf(found, { with: quota({ pods: '0' }, { pods: '0' }) + refusal('pods') });
    const root = findings.find((finding) => finding.check === check.id);
    expect(root).toBeDefined();
    expect(findings.find((finding) => finding.check !== check.id)?.cause).toBe(root?.id);
  });
});
