import check from '../../src/checks/opencrane-dedicated-unpinned.ts';
import { opencranePlatform } from '../fixtures/opencrane.ts';
import { describeCheck } from '../support/check-table.ts';

const base = opencranePlatform();

describeCheck(check, {
  passes: {
    healthy: { base },
  },
  fails: {
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
