import { describe, expect, it } from 'vitest';
import check from '../../src/checks/network-egress-blocked.ts';
import { describeCheck } from '../support/check-table.ts';
import { crewPod } from '../support/pods.ts';
import { networkPolicy } from '../support/policies.ts';
import { document } from '../support/registry.ts';
import { reportOf } from '../support/scenario.ts';

const out = (rules: string, namespace = 'crewai-org-2', name = 'policy'): string =>
  networkPolicy(namespace, `{podSelector: {}, policyTypes: [Egress], egress: [${rules}]}`, name);
const DNS = '{ports: [{protocol: UDP, port: 53}, {protocol: TCP, port: 53}]}';
const PLATFORM = '{to: [{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: crewai}}}]}';
const blocked = (severity: 'high' | 'medium', namespace = 'crewai-org-2') => ({
  object: `NetworkPolicy/${namespace}/policy`,
  severity,
  confidence: 'likely' as const,
  path: '/spec/egress',
});
const service = document({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 'crewai-web', namespace: 'crewai' },
  spec: { selector: { 'app.kubernetes.io/workload': 'crewai-web' }, ports: [{ port: 80, targetPort: 3000 }] },
});
const toPort = (port: number): string =>
  `{to: [{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: crewai}}}], ports: [{port: ${port}}]}`;
const dnsBy = (to: string): string =>
  `{to: [${to}], ports: [{protocol: UDP, port: 53}, {protocol: TCP, port: 53}]}, ${PLATFORM}`;

describeCheck(check, {
  passes: {
    'name servers and the platform': { with: out(`${DNS}, ${PLATFORM}`) },
    'in policies of their own': { with: out(DNS) + out(PLATFORM, 'crewai-org-2', 'another') },
    everything: { with: out('{}') },
    'name servers by namespace': {
      with: out(dnsBy('{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: kube-system}}}')),
    },
    'name servers by a label that their namespace may have': {
      with: out(dnsBy('{namespaceSelector: {matchLabels: {name: kube-system}}}')),
    },
    'a cache on the node': { with: out(dnsBy('{ipBlock: {cidr: 169.254.20.10/32}}')) },
    'name servers of its own': { with: out(dnsBy('{podSelector: {matchLabels: {app: dns}}}')) },
    'the port of the pods behind the Service': { with: service + out(`${DNS}, ${toPort(3000)}`) },
    'the API server for the platform': {
      with: out(`${DNS}, {to: [{ipBlock: {cidr: 10.0.0.1/32}}], ports: [{port: 6443}]}`, 'crewai'),
    },
    'pods on the network of the node': {
      without: ['Pod/crewai-org-2/*'],
      with:
        networkPolicy('crewai-org-2', '{podSelector: {matchLabels: {a: b}}, policyTypes: [Egress]}') +
        crewPod('crewai-org-2', { metadata: { labels: { a: 'b' } }, spec: { hostNetwork: true } }) +
        out(`${DNS}, ${PLATFORM}`, 'crewai-org-1'),
    },
  },
  fails: {
    'nothing at all': { with: out(''), findings: [blocked('high'), blocked('medium')] },
    'only UDP': {
      with: out(`{ports: [{protocol: UDP, port: 53}]}, ${PLATFORM}`),
      findings: [blocked('medium')],
    },
    'only TCP, for it is the default': { with: out(`{ports: [{port: 53}]}, ${PLATFORM}`), findings: [blocked('high')] },
    'its own namespace only': {
      with: out('{to: [{podSelector: {}}]}'),
      findings: [blocked('high'), blocked('medium')],
    },
    'a namespace that name servers are not in': {
      with: out(dnsBy('{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: crewai}}}')),
      findings: [blocked('high')],
    },
    'no platform': { with: out(DNS), findings: [blocked('medium')] },
    'the port of the Service, which is not that of the pods': {
      with: service + out(`${DNS}, ${toPort(80)}`),
      findings: [blocked('medium')],
    },
    'no API server for the platform': {
      with: out(`${DNS}, {to: [{podSelector: {}}]}`, 'crewai'),
      findings: [blocked('medium', 'crewai')],
    },
    'no pod yet': {
      without: ['Pod/crewai-org-2/*'],
      with: out(PLATFORM.replace('crewai}', 'crewai}')),
      findings: [blocked('high')],
    },
    'buildkit for build pods': {
      with:
        out(`${DNS}, ${toPort(80)}`) +
        crewPod('crewai-org-2', { name: 'build', metadata: { labels: { app: 'buildkit-build' } } }),
      findings: [blocked('medium')],
    },
  },
  notEvaluated: {
    'policies hidden': { faults: [{ resource: 'networkpolicies.networking.k8s.io', namespace: 'crewai-org-2' }] },
    'pods hidden': {
      with: out(`${DNS}, ${PLATFORM}`),
      faults: [{ resource: 'pods', namespace: 'crewai-org-2' }],
    },
  },
  notApplicable: {
    'no policy': {},
    'policies for what comes in': { with: networkPolicy('crewai-org-2', '{podSelector: {}}') },
  },
});

describe('a finding of network-egress-blocked', () => {
  it('prints a policy that allows what is missing, for the same pods', () => {
    const policy = networkPolicy(
      'crewai-org-2',
      '{podSelector: {matchLabels: {org-id: org-2}}, policyTypes: [Egress]}',
    );
    const { findings } = reportOf([check], { with: policy });
    const commands = findings.flatMap(({ remediation }) => remediation.steps);
    expect(commands.map((command) => /"name":"([^"]+)"/.exec(command)?.[1])).toEqual(['allow-dns', 'allow-platform']);
    for (const command of commands) expect(command).toContain('"podSelector":{"matchLabels":{"org-id":"org-2"}}');
  });
});
