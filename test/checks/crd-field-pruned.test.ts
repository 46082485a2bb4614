import check from '../../src/checks/crd-field-pruned.ts';
import { opencranePlatform } from '../fixtures/opencrane.ts';
import { describeCheck } from '../support/check-table.ts';

const base = opencranePlatform();
const WITHOUT_OBSERVED_GENERATION = `apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: clustertenants.opencrane.io, creationTimestamp: "2026-01-05T10:00:00Z"}
spec:
  group: opencrane.io
  scope: Cluster
  names: {kind: ClusterTenant, listKind: ClusterTenantList, plural: clustertenants, singular: clustertenant}
  versions: [{name: v1alpha1, served: true, storage: true, subresources: {status: {}}, schema: {openAPIV3Schema: {type: object, properties: {spec: {type: object, x-kubernetes-preserve-unknown-fields: true}, status: {type: object, properties: {phase: {type: string}, boundNamespace: {type: string}, provisioner: {type: string}}}}}}}]
status:
  storedVersions: [v1alpha1]
  conditions: [{type: NamesAccepted, status: "True"}, {type: Established, status: "True"}]
`;

describeCheck(check, {
  passes: {
    healthy: { base },
    'an operator that is older than the field': {
      base: opencranePlatform({ instances: ['oc'], tenants: [] }),
      with: WITHOUT_OBSERVED_GENERATION,
    },
  },
  fails: {
    'a field that the manager writes': {
      base,
      with: WITHOUT_OBSERVED_GENERATION,
      findings: [
        {
          object: 'CustomResourceDefinition/clustertenants.opencrane.io',
          severity: 'high',
          confidence: 'likely',
          path: '/spec/versions',
        },
        ...['acme', 'globex', 'initech'].map((name) => ({
          object: `ClusterTenant/${name}`,
          severity: 'medium' as const,
        })),
      ],
    },
    'a field of an object': {
      base,
      with: `apiVersion: opencrane.io/v1alpha1
kind: Tenant
metadata: {name: user-acme, namespace: oc-acme}
spec: {nickname: x, displayName: user-acme, email: user-acme@example.com, clusterTenantRef: acme}
`,
      findings: [{ object: 'Tenant/oc-acme/user-acme', severity: 'medium' }],
    },
  },
  notEvaluated: {
    'CRDs refused': { base, faults: [{ resource: 'customresourcedefinitions.apiextensions.k8s.io' }] },
  },
});
