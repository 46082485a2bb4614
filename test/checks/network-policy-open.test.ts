import { describe, expect, it } from 'vitest';
import check from '../../src/checks/network-policy-open.ts';
import { describeCheck } from '../support/check-table.ts';
import { networkPolicy } from '../support/policies.ts';
import { reportOf } from '../support/scenario.ts';

const into = (rule: string): string => networkPolicy('crewai-org-2', `{podSelector: {}, ingress: [${rule}]}`);
const out = (rule: string): string =>
  networkPolicy('crewai-org-2', `{podSelector: {}, policyTypes: [Egress], egress: [${rule}]}`);
const open = (severity: 'critical' | 'high' | 'low', path: string) => ({
  object: 'NetworkPolicy/crewai-org-2/policy',
  severity,
  confidence: 'certain' as const,
  path,
});

describeCheck(check, {
  passes: {
    'no rule': { with: networkPolicy('crewai-org-2', '{podSelector: {}, ingress: []}') },
    'its own namespace': { with: into('{from: [{podSelector: {}}]}') },
    'a namespace by name': {
      with: into('{from: [{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: crewai}}}]}'),
    },
    'some addresses': { with: into('{from: [{ipBlock: {cidr: 10.0.0.0/8}}]}') },
    'every address but some': { with: into('{from: [{ipBlock: {cidr: 0.0.0.0/0, except: [10.0.0.0/8]}}]}') },
    'rules that are ignored': {
      with: networkPolicy('crewai-org-2', '{podSelector: {}, policyTypes: [Egress], ingress: [{}]}'),
    },
    'name servers': {
      with:
        out('{ports: [{protocol: UDP, port: 53}, {protocol: TCP, port: 53}]}') +
        networkPolicy(
          'crewai-org-1',
          '{podSelector: {}, policyTypes: [Egress], egress: [{to: [{namespaceSelector: {}}], ports: [{protocol: UDP, port: dns}]}]}',
        ),
    },
    'a service by its pods': {
      with: out('{to: [{namespaceSelector: {}, podSelector: {matchLabels: {k8s-app: kube-dns}}}]}'),
    },
    'an ingress controller': {
      with: networkPolicy(
        'crewai-org-2',
        '{podSelector: {matchLabels: {app.kubernetes.io/name: ingress-nginx}}, ingress: [{}]}',
      ),
    },
  },
  fails: {
    'an empty rule': { with: into('{}'), findings: [open('critical', '/spec/ingress/0')] },
    'an empty from': { with: into('{from: [], ports: []}'), findings: [open('critical', '/spec/ingress/0')] },
    'ports for everybody': { with: into('{ports: [{port: 80}]}'), findings: [open('high', '/spec/ingress/0')] },
    'a key of a typed client': {
      with: into('{_from: [{podSelector: {}}]}'),
      findings: [open('critical', '/spec/ingress/0')],
    },
    'every namespace': {
      with: into('{from: [{podSelector: {}}, {namespaceSelector: {}}]}'),
      findings: [open('high', '/spec/ingress/0/from/1')],
    },
    'pods of every namespace': {
      with: into('{from: [{namespaceSelector: {}, podSelector: {matchLabels: {app: x}}}]}'),
      findings: [open('high', '/spec/ingress/0/from/0')],
    },
    'every address': {
      with: into('{from: [{ipBlock: {cidr: 10.0.0.0/8}}, {ipBlock: {cidr: "::/0"}}]}'),
      findings: [open('high', '/spec/ingress/0/from/1')],
    },
    'two rules of one policy': {
      with: into('{ports: [{port: 80}]}, {}'),
      findings: [open('critical', '/spec/ingress/1'), open('high', '/spec/ingress/0')],
    },
    outwards: { with: out('{}'), findings: [open('low', '/spec/egress/0')] },
    'outwards, one port': {
      with: out('{to: [{ipBlock: {cidr: 0.0.0.0/0}}], ports: [{port: 443}]}'),
      findings: [open('low', '/spec/egress/0/to/0')],
    },
    'outwards, name servers and more': {
      with: out('{ports: [{protocol: UDP, port: 53}, {port: 443}]}'),
      findings: [open('low', '/spec/egress/0')],
    },
  },
  notEvaluated: {
    'policies hidden': { faults: [{ resource: 'networkpolicies.networking.k8s.io', namespace: 'crewai-org-2' }] },
  },
  notApplicable: { 'no policy': {}, 'a namespace of nobody': { with: networkPolicy('other', '{ingress: [{}]}') } },
});

describe('a finding of network-policy-open', () => {
  it('shows the rule as it is, and a patch that names namespaces', () => {
    const [finding] = reportOf([check], { with: into('{ports: [{port: 80}]}') }).findings;
    expect(finding?.evidence[0]?.observed).toEqual({ ports: [{ port: 80 }] });
    expect(finding?.remediation.steps.at(-1)).toContain('"path":"/spec/ingress/0/from"');
  });

  it('says that a key was dropped', () => {
    const [finding] = reportOf([check], { with: into('{_from: [{podSelector: {}}]}') }).findings;
    expect(finding?.message).toContain('_from is no field');
  });

  it('leaves a policy to its owner', () => {
    const label = ', labels: {kustomize.toolkit.fluxcd.io/name: tenants}';
    const policy = networkPolicy('crewai-org-2', '{podSelector: {}, ingress: [{}]}', 'policy', label);
    const [finding] = reportOf([check], { with: policy }).findings;
    expect(finding?.remediation.owner).toBe('Flux Kustomization tenants');
  });
});
