import check from '../../src/checks/opencrane-operators-overlap.ts';
import { opencranePlatform } from '../fixtures/opencrane.ts';
import { describeCheck } from '../support/check-table.ts';
import { managerWith } from '../support/opencrane-yaml.ts';

const base = opencranePlatform();

describeCheck(check, {
  passes: {
    healthy: { base },
    'two of one release': {
      base,
      with: managerWith('[{name: WATCH_NAMESPACE, value: oc-globex}]').replace(
        'name: oc-globex-clustertenant-manager',
        'name: oc-globex-second-manager',
      ),
    },
    'one that is scaled to nothing': {
      base,
      with: managerWith('[]').replace('replicas: 1', 'replicas: 0'),
    },
  },
  fails: {
    'one watches everything': {
      base,
      with: managerWith('[]'),
      findings: [{ object: 'Deployment/oc-globex/oc-globex-clustertenant-manager' }],
    },
  },
  notEvaluated: {
    'in a Secret': {
      base,
      with: managerWith('[{name: WATCH_NAMESPACE, valueFrom: {secretKeyRef: {name: s, key: k}}}]'),
    },
    'Deployments refused': { base, faults: [{ resource: 'deployments.apps' }] },
  },
});
