import { expect, it } from 'vitest';
import check from '../../src/checks/platform-isolation-flag-late.ts';
import { describeCheck } from '../support/check-table.ts';
import { reportOf } from '../support/scenario.ts';

const crew = (org: number, more = '', replicas = 1, kind = 'Deployment'): string =>
  `{apiVersion: apps/v1, kind: ${kind}, metadata: {name: org-${String(org)}-crew-1-a-web, namespace: crewai${more}}, spec: {replicas: ${String(replicas)}}}`;
const on = { isolation: 'on' } as const;
const object = 'Namespace/crewai';

describeCheck(check, {
  passes: {
    'crews in org namespaces only': {},
    'crews at 0 in the shared namespace': { with: crew(1, '', 0) },
    'a build pod in the shared namespace': {
      with: '{apiVersion: v1, kind: Pod, metadata: {name: buildkit-org-1-crew-1-x, namespace: crewai}}',
    },
    'no crew at all': { base: { orgs: [] }, settings: on },
    'a crew of an organization that was not asked for': { with: crew(1), settings: { orgs: ['2'] } },
  },
  fails: {
    'crews in both, the flag inferred': {
      with: crew(1),
      findings: [{ object, severity: 'high', confidence: 'likely' }],
    },
    'crews in the shared namespace only, the flag known': {
      base: { isolation: 'off' },
      settings: on,
      findings: [{ object, confidence: 'certain' }],
    },
    'a crew known by its label, a StatefulSet': {
      with: crew(1, ', labels: {org-id: org-1}', 1, 'StatefulSet').replace('org-1-crew-1-a-web', 'studio'),
      findings: [{ object }],
    },
    'one finding for many crews': { with: `${crew(1)}\n---\n${crew(2)}`, findings: [{ object }] },
  },
  notEvaluated: {
    'nothing tells whether the flag is on': { base: { orgs: [] } },
    'Deployments of the shared namespace refused': {
      base: { platformNamespace: 'platform', sharedNamespace: 'crews' },
      settings: on,
      faults: [{ resource: 'deployments.apps', namespace: 'crews' }],
    },
    'StatefulSets refused': { settings: on, faults: [{ resource: 'statefulsets.apps' }] },
  },
  notApplicable: { 'isolation is off': { base: { isolation: 'off' }, settings: { isolation: 'off' } } },
});

it('says per organization what runs where, and when', () => {
  const at = (time: string): string => `, creationTimestamp: "${time}"`;
  const text = (time: string): string =>
    JSON.stringify(reportOf([check], { with: crew(1, at(time)) }).findings[0]?.evidence);
  expect(text('2025-01-01T00:00:00Z')).toContain('organization 1: 1 in the shared namespace, 3 in crewai-org-1');
  expect(text('2025-01-01T00:00:00Z')).not.toContain('switched back');
  expect(text('2026-11-01T00:00:00Z')).toContain('switched back');
});
