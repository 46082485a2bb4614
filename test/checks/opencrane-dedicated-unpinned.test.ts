import check from '../../src/checks/opencrane-dedicated-unpinned.ts';
import { opencranePlatform } from '../fixtures/opencrane.ts';
import { describeCheck } from '../support/check-table.ts';

const base = opencranePlatform();
const acme = (tier: string, compute: string): string => `apiVersion: opencrane.io/v1alpha1
kind: ClusterTenant
metadata: {name: acme, generation: 1, creationTimestamp: "2026-01-05T10:00:00Z"}
spec: {displayName: acme, isolationTier: ${tier}, compute: ${compute}}
status: {phase: ready, boundNamespace: opencrane-acme, provisioner: shared, observedGeneration: 1}
`;
const node = (taint: string): string => `apiVersion: v1
kind: Node
metadata: {name: pool-node-1, labels: {opencrane.io/node-pool: dedicated-pool}}
spec: {taints: [${taint}]}
`;

describeCheck(check, {
  passes: {
    healthy: { base },
    'a node that lets nobody else stay either': {
      base,
      with: node('{key: opencrane.io/dedicated, value: dedicated-pool, effect: NoExecute}'),
    },
    'a Job of a CronJob, whose template says it': {
      base,
      with: `apiVersion: batch/v1
kind: Job
metadata:
  name: nightly-1
  namespace: opencrane-initech
  ownerReferences: [{apiVersion: batch/v1, kind: CronJob, name: nightly, uid: u, controller: true}]
spec: {template: {spec: {containers: [{name: main, image: a}]}}}
`,
    },
  },
  fails: {
    'its mode alone says so, and no pool is named': {
      base,
      with: acme('shared', '{mode: dedicated}'),
      findings: [{ object: 'ClusterTenant/acme', severity: 'high', path: '/spec/compute/nodePool' }],
    },
    'its tier alone says so, and no pool is named': {
      base,
      with: acme('dedicatedNodes', '{mode: shared}'),
      findings: [{ object: 'ClusterTenant/acme', severity: 'high', path: '/spec/compute/nodePool' }],
    },
    'a node that only prefers to keep others away': {
      base,
      with: node('{key: opencrane.io/dedicated, value: dedicated-pool, effect: PreferNoSchedule}'),
      findings: [{ object: 'Node/pool-node-1', path: '/spec/taints' }],
    },
    'a node that keeps the pods of another pool away': {
      base,
      with: node('{key: opencrane.io/dedicated, value: another, effect: NoSchedule}'),
      findings: [{ object: 'Node/pool-node-1', path: '/spec/taints' }],
    },
    'a template that is not pinned': {
      base,
      with: `apiVersion: apps/v1
kind: Deployment
metadata: {name: gateway, namespace: opencrane-initech, labels: {opencrane.io/tenant: user-acme}}
spec:
  replicas: 1
  selector: {matchLabels: {app: gateway}}
  template:
    metadata: {labels: {app: gateway}}
    spec:
      containers: [{name: main, image: "registry.example.com/opencrane/gateway:1"}]
`,
      findings: [{ object: 'Deployment/opencrane-initech/gateway', severity: 'high' }],
    },
    'a template that is tolerant, and goes anywhere': {
      base,
      with: `apiVersion: apps/v1
kind: Deployment
metadata: {name: gateway, namespace: opencrane-initech, labels: {opencrane.io/tenant: user-acme}}
spec:
  replicas: 1
  selector: {matchLabels: {app: gateway}}
  template:
    metadata: {labels: {app: gateway}}
    spec:
      containers: [{name: main, image: "registry.example.com/opencrane/gateway:1"}]
      tolerations: [{key: opencrane.io/dedicated, operator: Equal, value: dedicated-pool, effect: NoSchedule}]
`,
      findings: [{ object: 'Deployment/opencrane-initech/gateway' }],
    },
    'a template that is not tolerant': {
      base,
      with: `apiVersion: apps/v1
kind: Deployment
metadata: {name: gateway, namespace: opencrane-initech, labels: {opencrane.io/tenant: user-acme}}
spec:
  replicas: 1
  selector: {matchLabels: {app: gateway}}
  template:
    metadata: {labels: {app: gateway}}
    spec:
      containers: [{name: main, image: "registry.example.com/opencrane/gateway:1"}]
      nodeSelector: {opencrane.io/node-pool: dedicated-pool}
`,
      findings: [{ object: 'Deployment/opencrane-initech/gateway' }],
    },
    'no node': {
      base,
      without: ['Node/pool-node-1'],
      findings: [{ object: 'ClusterTenant/initech', severity: 'medium' }],
    },
  },
  notEvaluated: {
    'nodes refused': { base, faults: [{ resource: 'nodes' }] },
    'ClusterTenants refused': { base, faults: [{ resource: 'clustertenants.opencrane.io' }] },
  },
  notApplicable: {
    'nobody has nodes of its own': { base: opencranePlatform({ tenants: ['acme'] }) },
  },
});
