import check from '../../src/checks/opencrane-bound-namespace-wrong.ts';
import { opencranePlatform } from '../fixtures/opencrane.ts';
import { describeCheck } from '../support/check-table.ts';

const base = opencranePlatform();

describeCheck(check, {
  passes: {
    healthy: { base },
    'made by a backend that names it': {
      base,
      with: `apiVersion: opencrane.io/v1alpha1
kind: ClusterTenant
metadata: {name: acme, generation: 1, creationTimestamp: "2026-01-05T10:00:00Z"}
spec: {displayName: acme, isolationTier: shared, compute: {mode: shared}, resources: {quota: {cpu: "8", memory: 16Gi, pods: 40}}}
status: {phase: ready, boundNamespace: acme-prod, provisioner: webhook}
---
apiVersion: v1
kind: Namespace
metadata: {name: acme-prod, labels: {opencrane.io/cluster-tenant: acme}}
`,
    },
    'not ready yet': {
      base,
      with: `apiVersion: opencrane.io/v1alpha1
kind: ClusterTenant
metadata: {name: acme, generation: 1, creationTimestamp: "2026-01-05T10:00:00Z"}
spec: {displayName: acme, isolationTier: shared, compute: {mode: shared}}
status: {phase: provisioning, boundNamespace: gone}
`,
    },
    'in another cluster': {
      base,
      with: `apiVersion: opencrane.io/v1alpha1
kind: ClusterTenant
metadata: {name: acme, generation: 1, creationTimestamp: "2026-01-05T10:00:00Z"}
spec: {displayName: acme, isolationTier: dedicatedCluster, compute: {mode: shared}, resources: {quota: {cpu: "8", memory: 16Gi, pods: 40}}}
status: {phase: ready, boundNamespace: gone}
`,
    },
  },
  fails: {
    'a namespace that does not exist': {
      base,
      without: ['Namespace/opencrane-acme'],
      findings: [{ object: 'ClusterTenant/acme' }],
    },
    'one of two': {
      base,
      with: `apiVersion: opencrane.io/v1alpha1
kind: ClusterTenant
metadata: {name: acme, generation: 1, creationTimestamp: "2026-01-05T10:00:00Z"}
spec: {displayName: acme, isolationTier: shared, compute: {mode: shared}, resources: {quota: {cpu: "8", memory: 16Gi, pods: 40}}}
status: {phase: ready, boundNamespace: opencrane-globex, provisioner: webhook}
`,
      findings: [{ object: 'ClusterTenant/acme' }, { object: 'ClusterTenant/globex' }],
    },
    'not its own': {
      base,
      with: `apiVersion: opencrane.io/v1alpha1
kind: ClusterTenant
metadata: {name: acme, generation: 1, creationTimestamp: "2026-01-05T10:00:00Z"}
spec: {displayName: acme, isolationTier: shared, compute: {mode: shared}, resources: {quota: {cpu: "8", memory: 16Gi, pods: 40}}}
status: {phase: ready, boundNamespace: other, provisioner: shared}
---
apiVersion: v1
kind: Namespace
metadata: {name: other, labels: {opencrane.io/cluster-tenant: acme}}
`,
      findings: [{ object: 'ClusterTenant/acme' }],
    },
    'no label': {
      base,
      with: `apiVersion: v1
kind: Namespace
metadata: {name: opencrane-acme}
`,
      findings: [{ object: 'ClusterTenant/acme' }],
    },
  },
  notEvaluated: {
    'namespaces refused': { base, without: ['Namespace/opencrane-acme'], faults: [{ resource: 'namespaces' }] },
    'ClusterTenants refused': { base, faults: [{ resource: 'clustertenants.opencrane.io' }] },
  },
});
