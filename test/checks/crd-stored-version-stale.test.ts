import check from '../../src/checks/crd-stored-version-stale.ts';
import { opencranePlatform } from '../fixtures/opencrane.ts';
import { describeCheck } from '../support/check-table.ts';

const base = opencranePlatform();

describeCheck(check, {
  passes: {
    healthy: { base },
  },
  fails: {
    'a version that is not there any more': {
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
  storedVersions: [v0, v1alpha1]
  conditions: [{type: NamesAccepted, status: "True"}, {type: Established, status: "True"}]
`,
      findings: [{ object: 'CustomResourceDefinition/mcpservers.opencrane.io', severity: 'high' }],
    },
    'a pending migration': {
      base,
      with: `apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: mcpservers.opencrane.io, creationTimestamp: "2026-01-05T10:00:00Z"}
spec:
  group: opencrane.io
  scope: Namespaced
  names: {kind: MCPServer, listKind: MCPServerList, plural: mcpservers, singular: mcpserver}
  versions: [{name: v1alpha1, served: true, storage: false, schema: {openAPIV3Schema: {type: object}}}, {name: v1beta1, served: true, storage: true, schema: {openAPIV3Schema: {type: object}}}]
status:
  storedVersions: [v1alpha1, v1beta1]
  conditions: [{type: NamesAccepted, status: "True"}, {type: Established, status: "True"}]
`,
      findings: [{ object: 'CustomResourceDefinition/mcpservers.opencrane.io', severity: 'medium' }],
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
  storedVersions: []
  conditions: [{type: NamesAccepted, status: "True"}, {type: Established, status: "True"}]
`,
    },
    'CRDs refused': { base, faults: [{ resource: 'customresourcedefinitions.apiextensions.k8s.io' }] },
  },
});
