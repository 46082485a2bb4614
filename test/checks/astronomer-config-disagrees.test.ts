import check from '../../src/checks/astronomer-config-disagrees.ts';
import { astronomerPlatform, houstonConfig, type AstronomerOptions } from '../fixtures/astronomer.ts';
import { describeCheck } from '../support/check-table.ts';
import { put, type Scenario } from '../support/scenario.ts';

const FACTS = {
  release: 'astronomer',
  namespace: 'astronomer',
  by: 'people',
  version: '0.34.1',
  pool: ['airflow-one', 'airflow-two'],
} as const;
const base = astronomerPlatform();
const told = (value: string, options: AstronomerOptions = {}): Scenario => ({
  base: astronomerPlatform(options),
  change: (all) =>
    all.map(
      (object) =>
        JSON.parse(
          JSON.stringify(object).replace('NAMES","value":"true"', `NAMES","value":"${value}"`),
        ) as typeof object,
    ),
});
const configured = (deployments: object, production?: object): Scenario => ({
  base,
  change: (all) =>
    put(
      all,
      houstonConfig(FACTS, {
        local: { deployments },
        ...(production ? { production: { deployments: production } } : {}),
      }),
    ),
});
const on = (...names: string[]): object => ({
  manualNamespaceNames: true,
  preCreatedNamespaces: names.map((name) => ({ name })),
});
const CONFIG = 'ConfigMap/astronomer/astronomer-houston-config';
const COMMANDER = 'Deployment/astronomer/astronomer-commander';

describeCheck(check, {
  passes: {
    'all say the same': { base },
    'written by the chart': { base: astronomerPlatform({ by: 'chart', version: '2.0.1' }) },
    'the same names in another order': configured(on('airflow-one', 'airflow-two'), on('airflow-two', 'airflow-one')),
    'Houston elsewhere': { base: astronomerPlatform({ houston: false, version: '1.2.0' }) },
  },
  fails: {
    'Commander was not told': {
      ...told('false'),
      findings: [{ object: COMMANDER, severity: 'high', confidence: 'certain' }],
    },
    'Houston was not told': { ...configured({}), findings: [{ object: COMMANDER, severity: 'high' }] },
    'another spelling of true': { ...told('True'), findings: [{ object: COMMANDER }] },
    'no name in the list': { ...configured(on()), findings: [{ object: CONFIG, severity: 'high' }] },
    "the platform's own namespace": {
      ...configured(on('airflow-one', 'astronomer')),
      findings: [{ object: CONFIG, severity: 'high' }],
    },
    'a name twice': {
      ...configured(on('airflow-one', 'airflow-one')),
      findings: [{ object: CONFIG, severity: 'medium' }],
    },
    'the two files differ': {
      ...configured(on('airflow-one'), on('airflow-one', 'airflow-two')),
      findings: [{ object: CONFIG, severity: 'medium', path: 'production.yaml deployments.preCreatedNamespaces' }],
    },
    'the ConfigMap was edited by hand': {
      base: astronomerPlatform({ by: 'chart', version: '0.37.0' }),
      change: (all) => put(all, houstonConfig({ ...FACTS, by: 'chart', pool: ['airflow-one'] })),
      findings: [{ object: 'Secret/astronomer/sh.helm.release.v1.astronomer.v1', severity: 'medium' }],
    },
  },
  notEvaluated: {
    "Houston's ConfigMap refused": { ...told('false'), faults: [{ resource: 'houston-configs' }] },
    'a file of it is no YAML': { base, change: (all) => put(all, houstonConfig(FACTS, { local: ': : [' })) },
  },
  notApplicable: {
    'no pool': {
      ...told('false'),
      change: (all) => put(told('false').change?.(all) ?? [], houstonConfig(FACTS, { local: {} })),
    },
  },
});
