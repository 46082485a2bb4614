import check from '../../src/checks/opencrane-cluster-tenant-not-ready.ts';
import { opencranePlatform } from '../fixtures/opencrane.ts';
import { describeCheck } from '../support/check-table.ts';

const base = opencranePlatform();

describeCheck(check, {
  passes: {
    healthy: { base },
    new: {
      base,
      with: `apiVersion: opencrane.io/v1alpha1
kind: ClusterTenant
metadata: {name: acme, generation: 1, creationTimestamp: "2026-11-20T09:55:00Z"}
spec: {displayName: acme, isolationTier: shared, compute: {mode: shared}, resources: {quota: {cpu: "8", memory: 16Gi, pods: 40}}}
status: {phase: provisioning}
`,
    },
    'its CRD has no observedGeneration': {
      base,
      with: `apiVersion: opencrane.io/v1alpha1
kind: ClusterTenant
metadata: {name: acme, generation: 3, creationTimestamp: "2026-01-05T10:00:00Z"}
spec: {displayName: acme, isolationTier: shared, compute: {mode: shared}, resources: {quota: {cpu: "8", memory: 16Gi, pods: 40}}}
status: {phase: ready, boundNamespace: opencrane-acme}
`,
    },
  },
  fails: {
    'pending for long': {
      base,
      with: `apiVersion: opencrane.io/v1alpha1
kind: ClusterTenant
metadata: {name: acme, generation: 1, creationTimestamp: "2026-01-05T10:00:00Z"}
spec: {displayName: acme, isolationTier: shared, compute: {mode: shared}, resources: {quota: {cpu: "8", memory: 16Gi, pods: 40}}}
status: {phase: provisioning}
`,
      findings: [{ object: 'ClusterTenant/acme', severity: 'high', path: '/status/phase' }],
    },
    'ready without a namespace': {
      base,
      with: `apiVersion: opencrane.io/v1alpha1
kind: ClusterTenant
metadata: {name: acme, generation: 1, creationTimestamp: "2026-01-05T10:00:00Z"}
spec: {displayName: acme, isolationTier: shared, compute: {mode: shared}, resources: {quota: {cpu: "8", memory: 16Gi, pods: 40}}}
status: {phase: ready}
`,
      findings: [{ object: 'ClusterTenant/acme', path: '/status/boundNamespace' }],
    },
    'ready for an older spec': {
      base,
      with: `apiVersion: opencrane.io/v1alpha1
kind: ClusterTenant
metadata: {name: acme, generation: 2, creationTimestamp: "2026-01-05T10:00:00Z"}
spec: {displayName: acme, isolationTier: shared, compute: {mode: shared}, resources: {quota: {cpu: "8", memory: 16Gi, pods: 40}}}
status: {phase: ready, boundNamespace: opencrane-acme, provisioner: shared, observedGeneration: 1}
`,
      findings: [{ object: 'ClusterTenant/acme', severity: 'medium' }],
    },
  },
  notEvaluated: {
    'ClusterTenants refused': { base, faults: [{ resource: 'clustertenants.opencrane.io' }] },
  },
});
