import check from '../../src/checks/crd-missing.ts';
import { opencranePlatform } from '../fixtures/opencrane.ts';
import { describeCheck } from '../support/check-table.ts';
import { mcpServers } from '../support/opencrane-yaml.ts';

const base = opencranePlatform();

describeCheck(check, {
  passes: {
    healthy: { base },
    'before ClusterTenants': {
      base: opencranePlatform({ instances: ['oc'], tenants: [] }),
      without: ['CustomResourceDefinition/clustertenants.opencrane.io'],
    },
  },
  fails: {
    'all are missing': {
      base,
      without: ['CustomResourceDefinition/*'],
      findings: ['accesspolicies', 'clustertenants', 'mcpservers', 'schedules', 'skillregistries', 'tenants'].map(
        (name) => ({
          object: `CustomResourceDefinition/${name}.opencrane.io`,
          absent: true,
          severity: 'critical' as const,
        }),
      ),
    },
    'one serves nothing': {
      base,
      with: mcpServers({ versions: '[{name: v1alpha1, served: false, storage: true}]' }),
      findings: [{ object: 'CustomResourceDefinition/mcpservers.opencrane.io', severity: 'high' }],
    },
  },
  notEvaluated: {
    'CRDs refused': { base, faults: [{ resource: 'customresourcedefinitions.apiextensions.k8s.io' }] },
  },
});
