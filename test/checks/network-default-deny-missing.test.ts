import { describe, expect, it } from 'vitest';
import check from '../../src/checks/network-default-deny-missing.ts';
import { opencranePlatform } from '../fixtures/opencrane.ts';
import { describeCheck } from '../support/check-table.ts';
import { networkPolicy } from '../support/policies.ts';
import { reportOf } from '../support/scenario.ts';

const DENY = '{podSelector: {}, policyTypes: [Ingress]}';
const deny = (namespace: string, spec = DENY): string => networkPolicy(namespace, spec, 'deny');
const missing = {
  object: 'NetworkPolicy/crewai-org-2/default-deny-ingress',
  absent: true,
  severity: 'low' as const,
  confidence: 'certain' as const,
};

describeCheck(check, {
  passes: {
    'OpenCrane, of whose instances none has one': { base: opencranePlatform() },
    'OpenCrane, of whose instances each has one': {
      base: opencranePlatform(),
      with: deny('oc-acme') + deny('oc-globex'),
    },
    'the only instance of OpenCrane': { base: opencranePlatform({ instances: ['oc-acme'] }), with: deny('oc-acme') },
    'every tenant denies': { with: deny('crewai-org-1') + deny('crewai-org-2') },
    'in other words': {
      with:
        deny('crewai-org-1', '{ingress: [{from: [{podSelector: {}}]}]}') +
        deny('crewai-org-2', '{podSelector: {matchLabels: {}}, policyTypes: [Egress, Ingress]}'),
    },
    'one of several policies': {
      with:
        deny('crewai-org-1') +
        networkPolicy('crewai-org-2', '{podSelector: {matchLabels: {a: b}}}', 'a') +
        deny('crewai-org-2'),
    },
  },
  fails: {
    'a namespace that was forgotten': { with: deny('crewai-org-1'), findings: [missing] },
    'for some pods only': {
      with: deny('crewai-org-1') + deny('crewai-org-2', '{podSelector: {matchLabels: {app: web}}}'),
      findings: [missing],
    },
    'for egress only': {
      with: deny('crewai-org-1') + deny('crewai-org-2', '{podSelector: {}, policyTypes: [Egress]}'),
      findings: [missing],
    },
    'one of several instances of OpenCrane': {
      base: opencranePlatform(),
      with: deny('oc-acme'),
      findings: [
        {
          object: 'NetworkPolicy/oc-globex/default-deny-ingress',
          absent: true,
          severity: 'high',
          confidence: 'certain',
        },
      ],
    },
    'although another namespace could not be listed': {
      base: { orgs: [1, 2, 3] },
      with: deny('crewai-org-1'),
      faults: [{ resource: 'networkpolicies.networking.k8s.io', namespace: 'crewai-org-3' }],
      findings: [missing],
    },
  },
  notEvaluated: {
    'policies hidden': { faults: [{ resource: 'networkpolicies.networking.k8s.io' }] },
    'the policies of the other tenant hidden': {
      with: deny('crewai-org-1'),
      faults: [{ resource: 'networkpolicies.networking.k8s.io', namespace: 'crewai-org-2' }],
    },
    'files that are not everything': { with: deny('crewai-org-1'), completeness: 'none' },
  },
  notApplicable: {
    'an ordinary installation': {},
    'policies of other kinds': { with: networkPolicy('crewai-org-1', '{podSelector: {matchLabels: {a: b}}}') },
    'the platform denies, and no tenant': { with: deny('crewai') },
  },
});

describe('a finding of network-default-deny-missing', () => {
  it('names who has one, and prints a policy that lets in the namespace and the platform', () => {
    const [finding] = reportOf([check], { with: deny('crewai-org-1') }).findings;
    expect(finding?.evidence.map(({ message }) => message).join('\n')).toContain('crewai-org-1');
    const [command = ''] = finding?.remediation.steps ?? [];
    expect(command).toContain('"values":["crewai-org-2","crewai"]');
    expect(finding?.tenant).toEqual({ id: '2', namespace: 'crewai-org-2' });
  });
});
