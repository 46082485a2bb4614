import check from '../../src/checks/crd-unhealthy.ts';
import { opencranePlatform } from '../fixtures/opencrane.ts';
import { describeCheck } from '../support/check-table.ts';

const base = opencranePlatform();

describeCheck(check, {
  passes: {
    healthy: { base },
    'new, not yet established': {
      base,
      with: `apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: mcpservers.opencrane.io, creationTimestamp: "2026-11-20T09:59:30Z"}
spec:
  group: opencrane.io
  scope: Namespaced
  names: {kind: MCPServer, listKind: MCPServerList, plural: mcpservers, singular: mcpserver}
  versions: [{name: v1alpha1, served: true, storage: true, schema: {openAPIV3Schema: {type: object, x-kubernetes-preserve-unknown-fields: true}}}]
status:
  storedVersions: [v1alpha1]
  conditions: [{type: Established, status: "False"}]
`,
    },
    'of another group': {
      base,
      with: `apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: mcpservers.example.com, creationTimestamp: "2026-01-05T10:00:00Z"}
spec:
  group: example.com
  scope: Namespaced
  names: {kind: MCPServer, listKind: MCPServerList, plural: mcpservers, singular: mcpserver}
  versions: [{name: v1alpha1, served: true, storage: true, schema: {openAPIV3Schema: {type: object, x-kubernetes-preserve-unknown-fields: true}}}]
status:
  storedVersions: [v1alpha1]
  conditions: [{type: Established, status: "False"}]
`,
    },
  },
  fails: {
    'not established': {
      base,
      with: `apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: mcpservers.opencrane.io, creationTimestamp: "2026-01-05T10:00:00Z"}
spec:
  group: opencrane.io
  scope: Namespaced
  names: {kind: MCPServer, listKind: MCPServerList, plural: mcpservers, singular: mcpserver}
  versions: [{name: v1alpha1, served: true, storage: true, schema: {openAPIV3Schema: {type: object, x-kubernetes-preserve-unknown-fields: true}}}]
status:
  storedVersions: [v1alpha1]
  conditions: [{type: Established, status: "False"}]
`,
      findings: [{ object: 'CustomResourceDefinition/mcpservers.opencrane.io', severity: 'critical' }],
    },
    'no structural schema': {
      base,
      with: `apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: mcpservers.opencrane.io, creationTimestamp: "2026-01-05T10:00:00Z"}
spec:
  group: opencrane.io
  scope: Namespaced
  names: {kind: MCPServer, listKind: MCPServerList, plural: mcpservers, singular: mcpserver}
  versions: [{name: v1alpha1, served: true, storage: true, schema: {openAPIV3Schema: {type: object, x-kubernetes-preserve-unknown-fields: true}}}]
status:
  storedVersions: [v1alpha1]
  conditions: [{type: Established, status: "True"}, {type: NonStructuralSchema, status: "True"}]
`,
      findings: [{ object: 'CustomResourceDefinition/mcpservers.opencrane.io', severity: 'high' }],
    },
  },
  notEvaluated: {
    'no status': {
      base,
      with: `apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: mcpservers.opencrane.io, creationTimestamp: "2026-01-05T10:00:00Z"}
spec:
  group: opencrane.io
  scope: Namespaced
  names: {kind: MCPServer, listKind: MCPServerList, plural: mcpservers, singular: mcpserver}
  versions: [{name: v1alpha1, served: true, storage: true, schema: {openAPIV3Schema: {type: object, x-kubernetes-preserve-unknown-fields: true}}}]
status:
  storedVersions: [v1alpha1]
  conditions: []
`,
    },
    'CRDs refused': { base, faults: [{ resource: 'customresourcedefinitions.apiextensions.k8s.io' }] },
  },
});
