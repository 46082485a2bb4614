import check from '../../src/checks/opencrane-cluster-tenant-not-ready.ts';
import { opencranePlatform } from '../fixtures/opencrane.ts';
import { describeCheck } from '../support/check-table.ts';

const base = opencranePlatform();
const acme = (status: string, metadata = 'generation: 1, creationTimestamp: "2026-01-05T10:00:00Z"'): string =>
  `apiVersion: opencrane.io/v1alpha1
kind: ClusterTenant
metadata: {name: acme, ${metadata}}
spec: {displayName: acme, isolationTier: shared, compute: {mode: shared}}
status: {${status}}
`;
const LAGGING = 'phase: ready, boundNamespace: opencrane-acme, observedGeneration: 1';

describeCheck(check, {
  passes: {
    healthy: { base },
    'looked at a moment ago': {
      base,
      with: acme(
        `${LAGGING}, lastReconciled: "2026-11-20T09:55:00Z"`,
        'generation: 2, creationTimestamp: "2026-01-05T10:00:00Z"',
      ),
    },
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
    'failed, however new it is': {
      base,
      with: acme('phase: failed', 'generation: 1, creationTimestamp: "2026-11-20T09:59:00Z"'),
      findings: [{ object: 'ClusterTenant/acme', severity: 'high', path: '/status/phase' }],
    },
    'last looked at long ago': {
      base,
      with: acme(
        `${LAGGING}, lastReconciled: "2026-11-20T08:00:00Z"`,
        'generation: 2, creationTimestamp: "2026-01-05T10:00:00Z"',
      ),
      findings: [{ object: 'ClusterTenant/acme', severity: 'medium', path: '/status/observedGeneration' }],
    },
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
