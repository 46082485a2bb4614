import check from '../../src/checks/opencrane-watch-scope-open.ts';
import { opencranePlatform } from '../fixtures/opencrane.ts';
import { describeCheck } from '../support/check-table.ts';

const base = opencranePlatform();

describeCheck(check, {
  passes: {
    healthy: { base },
  },
  fails: {
    'no namespace': {
      base,
      with: `apiVersion: apps/v1
kind: Deployment
metadata:
  name: oc-globex-clustertenant-manager
  namespace: oc-globex
  labels: {app.kubernetes.io/part-of: opencrane, app.kubernetes.io/instance: oc-globex, app.kubernetes.io/component: clustertenant-manager}
spec:
  replicas: 1
  selector: {matchLabels: {app: operator}}
  template:
    metadata: {labels: {app: operator}}
    spec:
      serviceAccountName: oc-globex-clustertenant-manager
      containers:
        - name: main
          image: registry.example.com/opencrane/operator:latest
          env: []
`,
      findings: [{ object: 'Deployment/oc-globex/oc-globex-clustertenant-manager', severity: 'critical' }],
    },
    'one that does not exist': {
      base,
      with: `apiVersion: apps/v1
kind: Deployment
metadata:
  name: oc-globex-clustertenant-manager
  namespace: oc-globex
  labels: {app.kubernetes.io/part-of: opencrane, app.kubernetes.io/instance: oc-globex, app.kubernetes.io/component: clustertenant-manager}
spec:
  replicas: 1
  selector: {matchLabels: {app: operator}}
  template:
    metadata: {labels: {app: operator}}
    spec:
      serviceAccountName: oc-globex-clustertenant-manager
      containers:
        - name: main
          image: registry.example.com/opencrane/operator:latest
          env: [{name: WATCH_NAMESPACE, value: gone}, {name: REQUIRE_WATCH_NAMESPACE, value: "true"}]
`,
      findings: [{ object: 'Deployment/oc-globex/oc-globex-clustertenant-manager', severity: 'high' }],
    },
    'does not insist': {
      base,
      with: `apiVersion: apps/v1
kind: Deployment
metadata:
  name: oc-globex-clustertenant-manager
  namespace: oc-globex
  labels: {app.kubernetes.io/part-of: opencrane, app.kubernetes.io/instance: oc-globex, app.kubernetes.io/component: clustertenant-manager}
spec:
  replicas: 1
  selector: {matchLabels: {app: operator}}
  template:
    metadata: {labels: {app: operator}}
    spec:
      serviceAccountName: oc-globex-clustertenant-manager
      containers:
        - name: main
          image: registry.example.com/opencrane/operator:latest
          env: [{name: WATCH_NAMESPACE, value: oc-globex}]
`,
      findings: [{ object: 'Deployment/oc-globex/oc-globex-clustertenant-manager', severity: 'high' }],
    },
  },
  notEvaluated: {
    'in a Secret': {
      base,
      with: `apiVersion: apps/v1
kind: Deployment
metadata:
  name: oc-globex-clustertenant-manager
  namespace: oc-globex
  labels: {app.kubernetes.io/part-of: opencrane, app.kubernetes.io/instance: oc-globex, app.kubernetes.io/component: clustertenant-manager}
spec:
  replicas: 1
  selector: {matchLabels: {app: operator}}
  template:
    metadata: {labels: {app: operator}}
    spec:
      serviceAccountName: oc-globex-clustertenant-manager
      containers:
        - name: main
          image: registry.example.com/opencrane/operator:latest
          env: [{name: WATCH_NAMESPACE, valueFrom: {secretKeyRef: {name: s, key: k}}}]
`,
    },
    'Deployments refused': { base, faults: [{ resource: 'deployments.apps' }] },
  },
  notApplicable: {
    'a single install': { base: opencranePlatform({ instances: ['oc'] }) },
  },
});
