/** The manager of the second instance, as YAML, with this environment (a YAML flow list). */
export const managerWith = (env: string): string => `apiVersion: apps/v1
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
          env: ${env}
`;

interface McpServers {
  readonly group?: string;
  readonly created?: string;
  /** The rest of a flow mapping: `, annotations: {…}`. */
  readonly metadata?: string;
  readonly versions?: string;
  readonly stored?: string;
  readonly conditions?: string;
}

/** The CRD of `mcpservers`, as YAML, long established unless said otherwise. */
export const mcpServers = ({
  group = 'opencrane.io',
  created = '2026-01-05T10:00:00Z',
  metadata = '',
  versions = '[{name: v1alpha1, served: true, storage: true, schema: {openAPIV3Schema: {type: object, x-kubernetes-preserve-unknown-fields: true}}}]',
  stored = '[v1alpha1]',
  conditions = '[{type: NamesAccepted, status: "True"}, {type: Established, status: "True"}]',
}: McpServers): string => `apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: mcpservers.${group}, creationTimestamp: "${created}"${metadata}}
spec:
  group: ${group}
  scope: Namespaced
  names: {kind: MCPServer, listKind: MCPServerList, plural: mcpservers, singular: mcpserver}
  versions: ${versions}
status:
  storedVersions: ${stored}
  conditions: ${conditions}
`;

/** A ClusterIssuer of this Helm release, with its CRD, as YAML. */
export const issuerOf = (release: string): string => `apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: clusterissuers.cert-manager.io}
spec:
  group: cert-manager.io
  scope: Cluster
  names: {kind: ClusterIssuer, listKind: ClusterIssuerList, plural: clusterissuers, singular: clusterissuer}
  versions: [{name: v1, served: true, storage: true, schema: {openAPIV3Schema: {type: object}}}]
---
apiVersion: cert-manager.io/v1
kind: ClusterIssuer
metadata:
  name: letsencrypt
  labels: {app.kubernetes.io/part-of: opencrane}
  annotations: {meta.helm.sh/release-name: ${release}, meta.helm.sh/release-namespace: ${release}}
`;
