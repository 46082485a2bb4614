/** What differs from an instance that conforms. */
export interface Rendered {
  /** As charts up to 0.5 write it, or later ones, which ask the downward API. */
  readonly component?: 'operator' | 'clustertenant-manager';
  /** The environment of what watches, as YAML. */
  readonly env?: string;
  /** Whether objects say in which namespace they are: many templates leave that to `--namespace`. */
  readonly namespaced?: boolean;
  /** The policy of `multiInstance.enabled`. */
  readonly isolated?: boolean;
  /** More documents. */
  readonly more?: string;
}

/** Objects of one release of OpenCrane as `helm template <release> --namespace <release>` prints them. */
export function renderedOpencrane(release: string, rendered: Rendered = {}): string {
  const { component = 'operator', namespaced = true, isolated = true, more = '' } = rendered;
  const value =
    component === 'operator' ? `value: ${release}` : 'valueFrom: {fieldRef: {fieldPath: metadata.namespace}}';
  const { env = `[{name: WATCH_NAMESPACE, ${value}}, {name: REQUIRE_WATCH_NAMESPACE, value: "true"}]` } = rendered;
  const place = namespaced ? `\n  namespace: ${release}` : '';
  const labels = (part: string): string => `
    helm.sh/chart: opencrane-0.1.0
    app.kubernetes.io/name: opencrane
    app.kubernetes.io/instance: ${release}
    app.kubernetes.io/version: "0.1.0"
    app.kubernetes.io/managed-by: Helm
    app.kubernetes.io/part-of: opencrane
    app.kubernetes.io/component: ${part}`;
  const workload = (part: string, variables: string): string => `---
# Source: opencrane/templates/${part}-deployment.yaml
apiVersion: apps/v1
kind: Deployment
metadata:
  name: ${release}-${part}${place}
  labels:${labels(part)}
spec:
  replicas: 1
  selector:
    matchLabels:
      app.kubernetes.io/name: opencrane
      app.kubernetes.io/instance: ${release}
      app.kubernetes.io/component: ${part}
  template:
    metadata:
      labels:
        app.kubernetes.io/name: opencrane
        app.kubernetes.io/instance: ${release}
        app.kubernetes.io/component: ${part}
    spec:
      serviceAccountName: ${release}-${part}
      containers:
        - name: ${part}
          image: "registry.example.com/opencrane/${part}:latest"
          env: ${variables}
`;
  return `---
# Source: opencrane/templates/serviceaccount.yaml
apiVersion: v1
kind: ServiceAccount
metadata:
  name: ${release}-${component}${place}
  labels:${labels(component)}
---
# Source: opencrane/templates/rbac.yaml
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata:
  name: ${release}-${component}${place}
  labels:${labels(component)}
rules:
  - apiGroups: ["opencrane.io"]
    resources: ["tenants", "tenants/status", "accesspolicies"]
    verbs: ["get", "list", "watch", "create", "update", "patch", "delete"]
---
# Source: opencrane/templates/rbac.yaml
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata:
  name: ${release}-${component}${place}
  labels:${labels(component)}
roleRef:
  apiGroup: rbac.authorization.k8s.io
  kind: Role
  name: ${release}-${component}
subjects:
  - kind: ServiceAccount
    name: ${release}-${component}
    namespace: ${release}
${workload(component, env)}${workload('control-plane', '[]')}${isolated ? policy(release, place, labels('cross-instance-isolation')) : ''}---
# Source: opencrane/templates/tests/connection.yaml
apiVersion: v1
kind: Pod
metadata:
  name: "${release}-test-connection"${place}
  labels:${labels('test')}
  annotations:
    helm.sh/hook: test
    helm.sh/hook-delete-policy: before-hook-creation
spec:
  restartPolicy: Never
  containers:
    - name: wget
      image: busybox
      command: ["wget"]
      args: ["${release}-control-plane:8080"]
---
# Source: opencrane/templates/migrate-job.yaml
apiVersion: batch/v1
kind: Job
metadata:
  name: ${release}-migrate${place}
  labels:${labels('migrate')}
  annotations:
    helm.sh/hook: pre-install,pre-upgrade
    helm.sh/hook-weight: "-5"
spec:
  template:
    spec:
      restartPolicy: OnFailure
      containers: [{name: migrate, image: registry.example.com/opencrane/migrate:latest}]
---
# Source: opencrane/templates/disabled.yaml
${more}`;
}

const policy = (release: string, place: string, labels: string): string => `---
# Source: opencrane/templates/networkpolicy-cross-instance.yaml
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: ${release}-cross-instance-deny${place}
  labels:${labels}
spec:
  podSelector: {}
  policyTypes: [Ingress, Egress]
  ingress:
    - from:
        - namespaceSelector: {matchExpressions: [{key: kubernetes.io/metadata.name, operator: In, values: [${release}]}]}
  egress:
    - to:
        - namespaceSelector: {matchExpressions: [{key: kubernetes.io/metadata.name, operator: In, values: [${release}]}]}
    - to: [{namespaceSelector: {}}]
      ports: [{protocol: UDP, port: 53}, {protocol: TCP, port: 53}]
`;
