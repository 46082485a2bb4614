import check from '../../src/checks/opencrane-watch-scope-open.ts';
import { opencranePlatform } from '../fixtures/opencrane.ts';
import { describeCheck } from '../support/check-table.ts';
import { managerWith } from '../support/opencrane-yaml.ts';

const base = opencranePlatform();

describeCheck(check, {
  passes: {
    healthy: { base },
  },
  fails: {
    'no namespace': {
      base,
      with: managerWith('[]'),
      findings: [{ object: 'Deployment/oc-globex/oc-globex-clustertenant-manager', severity: 'critical' }],
    },
    'one that does not exist': {
      base,
      with: managerWith('[{name: WATCH_NAMESPACE, value: gone}, {name: REQUIRE_WATCH_NAMESPACE, value: "true"}]'),
      findings: [{ object: 'Deployment/oc-globex/oc-globex-clustertenant-manager', severity: 'high' }],
    },
    'does not insist': {
      base,
      with: managerWith('[{name: WATCH_NAMESPACE, value: oc-globex}]'),
      findings: [{ object: 'Deployment/oc-globex/oc-globex-clustertenant-manager', severity: 'high' }],
    },
  },
  notEvaluated: {
    'in a Secret': {
      base,
      with: managerWith('[{name: WATCH_NAMESPACE, valueFrom: {secretKeyRef: {name: s, key: k}}}]'),
    },
    'Deployments refused': { base, faults: [{ resource: 'deployments.apps' }] },
  },
  notApplicable: {
    'a single install': { base: opencranePlatform({ instances: ['oc'] }) },
  },
});
