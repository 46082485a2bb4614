import { describe, expect, it } from 'vitest';
import check from '../../src/checks/network-cross-tenant-allowed.ts';
import { describeCheck } from '../support/check-table.ts';
import { labelled, networkPolicy } from '../support/policies.ts';
import { reportOf } from '../support/scenario.ts';

const from = (selector: string, more = ''): string =>
  networkPolicy(
    'crewai-org-2',
    `{podSelector: {}, ingress: [{from: [{podSelector: {}}, {namespaceSelector: ${selector}${more}}]}]}`,
  );
const to = (selector: string): string =>
  networkPolicy(
    'crewai-org-2',
    `{podSelector: {}, policyTypes: [Egress], egress: [{to: [{namespaceSelector: ${selector}}]}]}`,
  );
const named = (...names: readonly string[]): string =>
  `{matchExpressions: [{key: kubernetes.io/metadata.name, operator: In, values: [${names.join(', ')}]}]}`;
const allowed = {
  object: 'NetworkPolicy/crewai-org-2/policy',
  path: '/spec/ingress/0/from/1',
  severity: 'critical' as const,
  confidence: 'certain' as const,
};
const teams = (one: string, two: string): string =>
  labelled('crewai-org-1', { team: one }) + labelled('crewai-org-2', { team: two });

describeCheck(check, {
  passes: {
    'its own namespace and the platform': { with: from(named('crewai', 'crewai-org-2')) },
    'a namespace of nobody': { with: from(named('monitoring')) },
    'a label that others do not carry': { with: teams('a', 'b') + from('{matchLabels: {team: b}}') },
    'everybody, which is the matter of another check': { with: from('{}') },
    'no namespace selector': { with: networkPolicy('crewai-org-2', '{ingress: [{from: [{podSelector: {}}]}, {}]}') },
    'rules that are ignored': {
      with: networkPolicy(
        'crewai-org-2',
        `{policyTypes: [Egress], ingress: [{from: [{namespaceSelector: ${named('crewai-org-1')}}]}]}`,
      ),
    },
  },
  fails: {
    'a tenant by name': { with: from(named('crewai', 'crewai-org-1')), findings: [allowed] },
    'some pods of a tenant': {
      with: from('{matchLabels: {kubernetes.io/metadata.name: crewai-org-1}}', ', podSelector: {matchLabels: {a: b}}'),
      findings: [allowed],
    },
    'a label that both carry': { with: teams('a', 'a') + from('{matchLabels: {team: a}}'), findings: [allowed] },
    'a label that some namespace lacks': {
      with: teams('a', 'b') + from('{matchExpressions: [{key: team, operator: NotIn, values: [b]}]}'),
      findings: [allowed],
    },
    outwards: {
      with: to(named('crewai-org-1')),
      findings: [{ ...allowed, path: '/spec/egress/0/to/0', severity: 'high' }],
    },
    'a tenant that was not asked for': {
      with: from(named('crewai-org-1')),
      settings: { orgs: ['2'] },
      findings: [allowed],
    },
  },
  notEvaluated: {
    'policies hidden': { faults: [{ resource: 'networkpolicies.networking.k8s.io', namespace: 'crewai-org-2' }] },
    'namespaces hidden': { with: from('{matchLabels: {team: a}}'), faults: [{ resource: 'namespaces' }] },
  },
  notApplicable: { 'no policy': {} },
});

describe('a finding of network-cross-tenant-allowed', () => {
  it('tells names from other labels', () => {
    const evidence = (text: string): string =>
      reportOf([check], { with: text })
        .findings.flatMap((finding) => finding.evidence[0]?.message ?? [])
        .join();
    expect(evidence(teams('a', 'a') + from('{matchLabels: {team: a}}'))).toContain('by labels that are not the name');
    expect(evidence(from(named('crewai-org-1')))).not.toContain('by labels that are not the name');
  });

  it('is one for many tenants', () => {
    const orgs = Array.from({ length: 200 }, (_, index) => index + 1);
    const labels = orgs.map((org) => labelled(`crewai-org-${org}`, { team: 'a' })).join('');
    const { findings } = reportOf([check], { base: { orgs }, with: labels + from('{matchLabels: {team: a}}') });
    expect(findings.map(({ message }) => message)).toEqual([expect.stringContaining('199 namespaces')]);
  });
});
