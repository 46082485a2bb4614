import check from '../../src/checks/namespace-name-too-long.ts';
import { describeCheck } from '../support/check-table.ts';

const shared = (length: number): string => 'c'.repeat(length);
// 63 = shared + "-org-" + id
const fits = (digits: number): string => shared(63 - 5 - digits);
const crew = (org: string, namespace: string): string =>
  `{apiVersion: apps/v1, kind: Deployment, metadata: {name: org-${org}-crew-1-a-web, namespace: ${namespace}}, spec: {replicas: 1}}`;
const on = { isolation: 'on' } as const;

describeCheck(check, {
  passes: {
    'short names': {},
    'one digit more fits exactly': { base: { sharedNamespace: fits(2), orgs: [9] } },
    'no organization yet, and room for the first': { base: { sharedNamespace: fits(1), orgs: [] }, settings: on },
  },
  fails: {
    'the next digit does not fit': {
      base: { sharedNamespace: fits(1), orgs: [9] },
      findings: [{ object: `Namespace/${fits(1)}`, severity: 'medium', confidence: 'certain', path: '/metadata/name' }],
    },
    'a known organization does not fit': {
      base: { sharedNamespace: fits(1), orgs: [9] },
      settings: on,
      with: crew('10', fits(1)),
      findings: [{ object: `Namespace/${fits(1)}-org-10`, absent: true, severity: 'high', confidence: 'certain' }],
    },
    'not even the first': {
      base: { sharedNamespace: shared(58), orgs: [] },
      settings: on,
      findings: [{ object: `Namespace/${shared(58)}`, severity: 'medium' }],
    },
    'nobody can tell whether the flag is on': {
      base: { sharedNamespace: shared(60), orgs: [] },
      findings: [{ object: `Namespace/${shared(60)}` }],
    },
  },
  notEvaluated: { 'namespaces refused': { faults: [{ resource: 'namespaces' }] } },
  notApplicable: {
    'isolation is off': {
      base: { sharedNamespace: shared(60), orgs: [1], isolation: 'off' },
      settings: { isolation: 'off' },
    },
  },
});
