import check from '../../src/checks/astronomer-namespace-not-reusable.ts';
import { airflow, astronomerPlatform } from '../fixtures/astronomer.ts';
import { describeCheck } from '../support/check-table.ts';
import { put, type Scenario } from '../support/scenario.ts';

const base = astronomerPlatform();
const claim = '{apiVersion: v1, kind: PersistentVolumeClaim, metadata: {name: data, namespace: airflow-two}}';
const broken: Scenario = { base, with: claim };
const found = [{ object: 'Namespace/airflow-two', severity: 'medium' as const, confidence: 'likely' as const }];
const POD = 'Pod/airflow-one/star-1-scheduler-0';

describeCheck(check, {
  passes: {
    'one in use, one empty': { base },
    'a deployment is hibernated': { base, without: [POD] },
    'what everybody may keep there': {
      base,
      with: '{apiVersion: v1, kind: Secret, metadata: {name: registry, namespace: airflow-two}, type: kubernetes.io/dockerconfigjson}',
    },
    'outside of the pool': { base, with: claim.replace('airflow-two', 'elsewhere') },
  },
  fails: {
    'a volume': { ...broken, findings: found },
    'a release without workloads': {
      base,
      change: (all) => put(all, ...airflow('airflow-two', 'star-9').filter(({ kind }) => kind === 'Secret')),
      findings: found,
    },
    'workloads of a release that is uninstalled': {
      base,
      change: (all) => put(all, ...airflow('airflow-two', 'star-9').filter(({ kind }) => kind === 'Deployment')),
      findings: found,
    },
  },
  notEvaluated: {
    'pods refused': { ...broken, faults: [{ resource: 'pods', namespace: 'airflow-two' }] },
    'volumes refused': { ...broken, faults: [{ resource: 'persistentvolumeclaims' }] },
    'the pool is not known': { ...broken, without: ['ConfigMap/astronomer/astronomer-houston-config'] },
  },
});
