import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import check from '../../src/checks/namespace-terminating.ts';
import type { RawObject } from '../fixtures/crewai.ts';
import { describeCheck } from '../support/check-table.ts';
import { minutesAgo, reportOf } from '../support/scenario.ts';

const ending = (name: string, minutes: number, conditions = ''): string =>
  `{apiVersion: v1, kind: Namespace, metadata: {name: ${name}, deletionTimestamp: "${minutesAgo(minutes)}"}, status: {phase: Terminating, conditions: [${conditions}]}}`;
const condition = (type: string, status = 'True'): string =>
  `{type: ${type}, status: "${status}", message: "${type} says why", lastTransitionTime: "${minutesAgo(20)}"}`;

describeCheck(check, {
  passes: {
    'active namespaces': {},
    'a namespace of nobody here': { with: ending('other', 60) },
    'a name that is no tenant': { with: ending('crewai-organic-1', 60) },
  },
  fails: {
    'for longer than ten minutes': {
      with: ending('crewai-org-2', 11, condition('NamespaceFinalizersRemaining')),
      findings: [
        { object: 'Namespace/crewai-org-2', severity: 'critical', confidence: 'certain', path: '/status/phase' },
      ],
    },
    'just now': {
      with: ending('crewai-org-2', 9),
      findings: [{ object: 'Namespace/crewai-org-2', severity: 'medium' }],
    },
    'the shared namespace': {
      with: ending('crewai', 30),
      findings: [{ object: 'Namespace/crewai', severity: 'critical' }],
    },
    'a deletion asked for, the phase not yet written': {
      with: ending('crewai-org-2', 30).replace('phase: Terminating', 'phase: Active'),
      findings: [{ object: 'Namespace/crewai-org-2', severity: 'critical' }],
    },
    'by phase and condition alone': {
      with: `{apiVersion: v1, kind: Namespace, metadata: {name: crewai-org-2}, status: {phase: Terminating, conditions: [${condition('NamespaceContentRemaining')}]}}`,
      findings: [{ object: 'Namespace/crewai-org-2', severity: 'critical' }],
    },
    'by phase alone, of unknown age': {
      with: '{apiVersion: v1, kind: Namespace, metadata: {name: crewai-org-2}, status: {phase: Terminating}}',
      findings: [{ object: 'Namespace/crewai-org-2', severity: 'medium' }],
    },
  },
  notEvaluated: { 'namespaces refused': { faults: [{ resource: 'namespaces' }] } },
});

it('names what holds it, and only that', () => {
  const conditions = [condition('NamespaceDeletionDiscoveryFailure'), condition('NamespaceContentRemaining', 'False')];
  const [finding] = reportOf([check], { with: ending('crewai-org-2', 30, conditions.join(', ')) }).findings;
  expect(finding?.message).toContain('NamespaceDeletionDiscoveryFailure says why');
  expect(finding?.message).not.toContain('NamespaceContentRemaining');
  expect(finding?.remediation.steps).toContain('kubectl get apiservices');
  expect(finding?.since).toBe(minutesAgo(30));
});

it('reads what a namespace controller writes', () => {
  // From a Kubernetes 1.36 API server: a ConfigMap with a finalizer that nobody serves.
  const path = new URL('../fixtures/namespace-terminating.json', import.meta.url);
  const recorded = JSON.parse(readFileSync(path, 'utf8')) as RawObject;
  const change = (objects: readonly RawObject[]): readonly RawObject[] => [...objects, recorded];
  const [finding] = reportOf([check], { change }).findings;
  expect(finding).toMatchObject({
    object: { name: 'crewai-org-8' },
    severity: 'critical',
    since: '2026-11-20T09:43:04Z',
  });
  expect(finding?.message).toContain('example.com/hold in 1 resource instances');
  expect(finding?.evidence.map(({ observed }) => observed)).toEqual([
    'Terminating',
    'NamespaceContentRemaining',
    'NamespaceFinalizersRemaining',
  ]);
  expect(finding?.remediation.steps).not.toContain('kubectl get apiservices');
});
