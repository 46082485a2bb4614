import check from '../../src/checks/crd-owned-by-instance.ts';
import { opencranePlatform } from '../fixtures/opencrane.ts';
import { describeCheck } from '../support/check-table.ts';

const base = opencranePlatform();

describeCheck(check, {
  passes: {
    healthy: { base },
    'kept by Helm': {
      base,
      with: `apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: mcpservers.opencrane.io, creationTimestamp: "2026-01-05T10:00:00Z", annotations: {helm.sh/resource-policy: keep, meta.helm.sh/release-name: oc-acme, meta.helm.sh/release-namespace: oc-acme}}
spec:
  group: opencrane.io
  scope: Namespaced
  names: {kind: MCPServer, listKind: MCPServerList, plural: mcpservers, singular: mcpserver}
  versions: [{name: v1alpha1, served: true, storage: true, schema: {openAPIV3Schema: {type: object, x-kubernetes-preserve-unknown-fields: true}}}]
status:
  storedVersions: [v1alpha1]
  conditions: [{type: NamesAccepted, status: "True"}, {type: Established, status: "True"}]
`,
    },
  },
  fails: {
    'an owner reference': {
      base,
      with: `apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: mcpservers.opencrane.io, creationTimestamp: "2026-01-05T10:00:00Z", ownerReferences: [{apiVersion: v1, kind: ConfigMap, name: a, uid: u}]}
spec:
  group: opencrane.io
  scope: Namespaced
  names: {kind: MCPServer, listKind: MCPServerList, plural: mcpservers, singular: mcpserver}
  versions: [{name: v1alpha1, served: true, storage: true, schema: {openAPIV3Schema: {type: object, x-kubernetes-preserve-unknown-fields: true}}}]
status:
  storedVersions: [v1alpha1]
  conditions: [{type: NamesAccepted, status: "True"}, {type: Established, status: "True"}]
`,
      findings: [{ object: 'CustomResourceDefinition/mcpservers.opencrane.io', path: '/metadata/ownerReferences' }],
    },
  },
  notEvaluated: {
    'CRDs refused': { base, faults: [{ resource: 'customresourcedefinitions.apiextensions.k8s.io' }] },
    'Deployments refused': { base, faults: [{ resource: 'deployments.apps' }] },
  },
  notApplicable: {
    'a single install': { base: opencranePlatform({ instances: ['oc'] }) },
  },
});
