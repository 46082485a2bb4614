import { expect, it } from 'vitest';
import check from '../../src/checks/astronomer-pool-namespace-missing.ts';
import { astronomerPlatform, houstonConfig } from '../fixtures/astronomer.ts';
import { describeCheck } from '../support/check-table.ts';
import { put, reportOf, type Scenario } from '../support/scenario.ts';

const base = astronomerPlatform();
const FACTS = { release: 'astronomer', namespace: 'astronomer', by: 'people', version: '0.34.1' } as const;
const listing = (...pool: string[]): Scenario => ({
  base,
  change: (all) => put(all, houstonConfig({ ...FACTS, pool })),
});
const missing = { base, without: ['Namespace/airflow-two'] };

describeCheck(check, {
  passes: {
    'every namespace there': { base },
    'one that is not of the pool is gone': { ...listing('airflow-one'), without: ['Namespace/airflow-two'] },
    'Houston elsewhere': { base: astronomerPlatform({ houston: false, version: '1.1.0' }) },
  },
  fails: {
    'one is missing': {
      ...missing,
      findings: [{ object: 'Namespace/airflow-two', absent: true, severity: 'high', confidence: 'certain' }],
    },
    'a name that is none': {
      ...listing('airflow-one', 'Team_A'),
      findings: [{ object: 'Namespace/Team_A', absent: true }],
    },
    'one is being deleted': {
      base,
      with: '{apiVersion: v1, kind: Namespace, metadata: {name: airflow-two}, status: {phase: Terminating}}',
      findings: [{ object: 'Namespace/airflow-two', absent: false }],
    },
    'one that only Commander knows of': {
      base: astronomerPlatform({ houston: false, version: '1.1.0' }),
      without: ['Namespace/airflow-one'],
      findings: [{ object: 'Namespace/airflow-one', absent: true }],
    },
  },
  notEvaluated: {
    'namespaces refused': { ...missing, faults: [{ resource: 'namespaces' }] },
    "Houston's ConfigMap refused": { ...missing, faults: [{ resource: 'houston-configs' }] },
    'Houston is not here and Commander was told nothing': {
      base,
      without: ['ConfigMap/astronomer/astronomer-houston-config'],
    },
  },
  notApplicable: {
    'no pool': { base, change: (all) => put(all, houstonConfig({ ...FACTS, pool: [] }, { local: {} })) },
  },
});

it.each([
  [{ version: '0.36.1' }, 3],
  [{ version: '0.36.1', by: 'chart' }, undefined],
  [{ version: 'edge' }, undefined],
] as const)('%j: what the fix makes', (options, changes) => {
  const { findings } = reportOf([check], { base: astronomerPlatform(options), without: ['Namespace/airflow-two'] });
  expect(findings.map(({ remediation }) => remediation.changes)).toEqual([changes]);
});
