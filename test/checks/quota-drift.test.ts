import check from '../../src/checks/quota-drift.ts';
import { opencranePlatform } from '../fixtures/opencrane.ts';
import { describeCheck } from '../support/check-table.ts';

const base = opencranePlatform();

describeCheck(check, {
  passes: {
    healthy: { base },
    'the operator is yet to act': {
      base,
      with: `apiVersion: opencrane.io/v1alpha1
kind: ClusterTenant
metadata: {name: acme, generation: 2, creationTimestamp: "2026-01-05T10:00:00Z"}
spec: {displayName: acme, isolationTier: shared, compute: {mode: shared}, resources: {quota: {cpu: "8", memory: 16Gi, pods: 40}}}
status: {phase: ready, boundNamespace: opencrane-acme, provisioner: shared, observedGeneration: 1}
---
apiVersion: v1
kind: ResourceQuota
metadata: {name: opencrane-cluster-tenant-quota, namespace: opencrane-acme}
spec: {hard: {pods: "1"}}
status: {hard: {pods: "1"}, used: {pods: "1"}}
`,
    },
  },
  fails: {
    'no quota': {
      base,
      without: ['ResourceQuota/opencrane-acme/*'],
      findings: [
        { object: 'ResourceQuota/opencrane-acme/opencrane-cluster-tenant-quota', absent: true, severity: 'high' },
      ],
    },
    'no limits': {
      base,
      without: ['LimitRange/opencrane-acme/*'],
      findings: [{ object: 'LimitRange/opencrane-acme/opencrane-cluster-tenant-limits', absent: true }],
    },
    'more than was asked for': {
      base,
      with: `apiVersion: v1
kind: ResourceQuota
metadata: {name: opencrane-cluster-tenant-quota, namespace: opencrane-acme}
spec: {hard: {requests.cpu: "8", requests.memory: 16Gi, pods: "40", services: "3"}}
status: {hard: {requests.cpu: "8", requests.memory: 16Gi, pods: "40", services: "3"}, used: {pods: "1"}}
`,
      findings: [
        {
          object: 'ResourceQuota/opencrane-acme/opencrane-cluster-tenant-quota',
          severity: 'medium',
          path: '/spec/hard/services',
        },
      ],
    },
  },
  notEvaluated: {
    'quotas refused': { base, faults: [{ resource: 'resourcequotas' }] },
    'ClusterTenants refused': { base, faults: [{ resource: 'clustertenants.opencrane.io' }] },
  },
});
