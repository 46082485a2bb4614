import check from '../../src/checks/coreweave-isolation-infeasible.ts';
import { coreweaveNamespaces } from '../fixtures/coreweave.ts';
import { crewaiPlatform, type CrewaiOptions, type RawObject } from '../fixtures/crewai.ts';
import { describeCheck } from '../support/check-table.ts';
import { put } from '../support/scenario.ts';

const settings = { handle: 'acme', isolation: 'on' } as const;
const SHARED = 'tenant-acme';
const crewai = (options: CrewaiOptions = {}, ids: readonly string[] = []): readonly RawObject[] =>
  put(coreweaveNamespaces({ ids }), ...crewaiPlatform({ sharedNamespace: SHARED, ...options }));
const crew = (org: number): string =>
  `{apiVersion: apps/v1, kind: Deployment, metadata: {name: org-${String(org)}-crew-1-a-web, namespace: ${SHARED}}, spec: {replicas: 1}}`;
const broken = { base: crewai({ orgs: [] }), settings, with: crew(1000) };

describeCheck(check, {
  passes: {
    'ids of one digit': { base: crewai(), settings },
    'the last id that fits': { base: crewai({ orgs: [] }), settings, with: crew(999) },
  },
  fails: {
    'an id of four digits': {
      ...broken,
      findings: [{ object: 'Namespace/tenant-acme-org-1000', absent: true, severity: 'high', confidence: 'certain' }],
    },
    'K8S_NAMESPACE is not of the organization': {
      base: put(coreweaveNamespaces(), ...crewaiPlatform({ orgs: [] })),
      settings,
      findings: [{ object: 'Namespace/crewai' }],
    },
    'K8S_NAMESPACE is a sibling with a long name': {
      base: crewai({ sharedNamespace: 'tenant-acme-prod', orgs: [] }, ['prod']),
      settings,
      with: crew(1).replace(SHARED, 'tenant-acme-prod'),
      findings: [{ object: 'Namespace/tenant-acme-prod-org-1' }],
    },
    'no room for one more': {
      base: crewai({ orgs: [1, 2, 3, 4, 5, 6, 7, 8, 9] }),
      settings,
      with: crew(10),
      findings: [{ object: 'Namespace/tenant-acme', severity: 'high' }],
    },
    'automatic mode': { base: crewai({ mode: 'auto' }), settings, findings: [{ object: 'Namespace/tenant-acme' }] },
  },
  notEvaluated: {
    'Deployments refused': { ...broken, faults: [{ resource: 'deployments.apps' }] },
  },
  notApplicable: {
    'isolation is off': { ...broken, settings: { ...settings, isolation: 'off' } },
    'no CrewAI Platform': { base: coreweaveNamespaces(), settings },
  },
});
