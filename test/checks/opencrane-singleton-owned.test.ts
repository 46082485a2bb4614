import check from '../../src/checks/opencrane-singleton-owned.ts';
import { opencranePlatform } from '../fixtures/opencrane.ts';
import { describeCheck } from '../support/check-table.ts';

const base = opencranePlatform();

describeCheck(check, {
  passes: {
    'of a shared release': {
      base,
      with: `apiVersion: apiextensions.k8s.io/v1
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
  annotations: {meta.helm.sh/release-name: platform, meta.helm.sh/release-namespace: platform}
`,
    },
  },
  fails: {
    'an issuer': {
      base,
      with: `apiVersion: apiextensions.k8s.io/v1
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
  annotations: {meta.helm.sh/release-name: oc-globex, meta.helm.sh/release-namespace: oc-globex}
`,
      findings: [{ object: 'ClusterIssuer/letsencrypt' }],
    },
    'a secret store': {
      base,
      with: `apiVersion: external-secrets.io/v1
kind: ClusterSecretStore
metadata:
  name: letsencrypt
  labels: {app.kubernetes.io/part-of: opencrane}
  annotations: {meta.helm.sh/release-name: oc-globex, meta.helm.sh/release-namespace: oc-globex}
`,
      findings: [{ object: 'ClusterSecretStore/letsencrypt' }],
    },
  },
  notEvaluated: {
    'issuers refused': { base, faults: [{ resource: 'clusterissuers.cert-manager.io' }] },
  },
  notApplicable: {
    none: { base },
    'a single install': {
      base: opencranePlatform({ instances: ['oc-acme'] }),
      with: `apiVersion: apiextensions.k8s.io/v1
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
  annotations: {meta.helm.sh/release-name: oc-acme, meta.helm.sh/release-namespace: oc-acme}
`,
    },
  },
});
