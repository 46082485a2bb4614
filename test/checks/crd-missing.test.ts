import check from '../../src/checks/crd-missing.ts';
import { opencranePlatform } from '../fixtures/opencrane.ts';
import { describeCheck } from '../support/check-table.ts';

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
      with: `apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: mcpservers.opencrane.io, creationTimestamp: "2026-01-05T10:00:00Z"}
spec:
  group: opencrane.io
  scope: Namespaced
  names: {kind: MCPServer, listKind: MCPServerList, plural: mcpservers, singular: mcpserver}
  versions: [{name: v1alpha1, served: false, storage: true}]
status:
  storedVersions: [v1alpha1]
  conditions: [{type: NamesAccepted, status: "True"}, {type: Established, status: "True"}]
`,
      findings: [{ object: 'CustomResourceDefinition/mcpservers.opencrane.io', severity: 'high' }],
    },
  },
  notEvaluated: {
    'CRDs refused': { base, faults: [{ resource: 'customresourcedefinitions.apiextensions.k8s.io' }] },
  },
});
