import check from '../../src/checks/crd-missing.ts';
import { opencranePlatform } from '../fixtures/opencrane.ts';
import { describeCheck } from '../support/check-table.ts';
import { mcpServers } from '../support/opencrane-yaml.ts';

const base = opencranePlatform();
const tenant = (more: string): string => `apiVersion: opencrane.io/v1alpha1
kind: Tenant
metadata: {name: user, namespace: oc}
spec: {displayName: user, email: user@example.com${more}}
`;

describeCheck(check, {
  passes: {
    healthy: { base },
    'Tenants without customers': {
      base: opencranePlatform({ instances: ['oc'], tenants: [] }),
      with: tenant(''),
      without: ['CustomResourceDefinition/clustertenants.opencrane.io'],
    },
    'before ClusterTenants': {
      base: opencranePlatform({ instances: ['oc'], tenants: [] }),
      without: ['CustomResourceDefinition/clustertenants.opencrane.io'],
    },
  },
  fails: {
    'a Tenant names a customer, and nothing else needs the kind': {
      base: opencranePlatform({ instances: ['oc'], tenants: [] }),
      with: tenant(', clusterTenantRef: acme'),
      without: ['CustomResourceDefinition/clustertenants.opencrane.io'],
      findings: [{ object: 'CustomResourceDefinition/clustertenants.opencrane.io', absent: true }],
    },
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
