import check from '../../src/checks/opencrane-tenant-misplaced.ts';
import { opencranePlatform } from '../fixtures/opencrane.ts';
import { describeCheck } from '../support/check-table.ts';

const base = opencranePlatform();
const STRAY = `apiVersion: apps/v1
kind: Deployment
metadata: {name: gateway, namespace: shop, labels: {opencrane.io/tenant: user-acme}}
spec:
  replicas: 1
  selector: {matchLabels: {app: gateway}}
  template:
    metadata: {labels: {app: gateway}}
    spec:
      containers: [{name: main, image: "registry.example.com/opencrane/gateway:1"}]
`;
const user = (namespace: string, spec: string): string => `apiVersion: opencrane.io/v1alpha1
kind: Tenant
metadata: {name: user-acme, namespace: ${namespace}}
spec: {displayName: user-acme, email: user-acme@example.com, ${spec}}
`;

describeCheck(check, {
  passes: {
    healthy: { base },
    'suspended, whatever it names': { base, with: user('oc-acme', 'clusterTenantRef: nobody, suspended: true') },
    'pods of one of two users of that name': {
      base,
      with: `${STRAY}---\n${user('oc-globex', 'clusterTenantRef: globex')}`,
    },
    'pods of a customer whose namespace is in another cluster': {
      base,
      with: `${STRAY}---
apiVersion: opencrane.io/v1alpha1
kind: ClusterTenant
metadata: {name: acme, generation: 1, creationTimestamp: "2026-01-05T10:00:00Z"}
spec: {displayName: acme, isolationTier: dedicatedCluster}
status: {phase: ready, boundNamespace: elsewhere}
`,
    },
    'without a customer': {
      base,
      with: `apiVersion: opencrane.io/v1alpha1
kind: Tenant
metadata: {name: user-acme, namespace: oc-acme}
spec: {displayName: user-acme, email: user-acme@example.com, clusterTenantRef: ''}
`,
    },
  },
  fails: {
    'pods in another namespace': {
      base,
      with: STRAY,
      findings: [{ object: 'Deployment/shop/gateway', severity: 'critical' }],
    },
    'a customer that is not there': {
      base,
      with: `apiVersion: opencrane.io/v1alpha1
kind: Tenant
metadata: {name: user-acme, namespace: oc-acme}
spec: {displayName: user-acme, email: user-acme@example.com, clusterTenantRef: nobody}
`,
      findings: [{ object: 'Tenant/oc-acme/user-acme', severity: 'high' }],
    },
    'a customer without a namespace': {
      base,
      with: `apiVersion: opencrane.io/v1alpha1
kind: ClusterTenant
metadata: {name: acme, generation: 1, creationTimestamp: "2026-01-05T10:00:00Z"}
spec: {displayName: acme, isolationTier: shared, compute: {mode: shared}, resources: {quota: {cpu: "8", memory: 16Gi, pods: 40}}}
status: {phase: pending}
`,
      findings: [{ object: 'Tenant/oc-acme/user-acme', severity: 'high' }],
    },
    'in the namespace of another customer': {
      base,
      with: `apiVersion: opencrane.io/v1alpha1
kind: Tenant
metadata: {name: user-new, namespace: opencrane-globex}
spec: {displayName: user-acme, email: user-acme@example.com, clusterTenantRef: acme}
`,
      findings: [{ object: 'Tenant/opencrane-globex/user-new', severity: 'high' }],
    },
  },
  notEvaluated: {
    'Tenants refused': { base, faults: [{ resource: 'tenants.opencrane.io' }] },
    'pods refused': { base, faults: [{ resource: 'pods' }] },
  },
});
