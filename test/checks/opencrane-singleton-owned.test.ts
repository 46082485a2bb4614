import check from '../../src/checks/opencrane-singleton-owned.ts';
import { opencranePlatform } from '../fixtures/opencrane.ts';
import { describeCheck } from '../support/check-table.ts';
import { issuerOf } from '../support/opencrane-yaml.ts';

const base = opencranePlatform();

describeCheck(check, {
  passes: {
    'of a release of the same name elsewhere': {
      base,
      with: issuerOf('oc-globex').replace('release-namespace: oc-globex', 'release-namespace: shared'),
    },
    'of a shared release': {
      base,
      with: issuerOf('platform'),
    },
  },
  fails: {
    'an issuer': {
      base,
      with: issuerOf('oc-globex'),
      findings: [{ object: 'ClusterIssuer/letsencrypt' }],
    },
    'an issuer with the label of the chart alone': {
      base,
      with: issuerOf('oc-globex')
        .replace(/ {2}annotations: .*\n/, '')
        .replace('{app', '{app.kubernetes.io/instance: oc-globex, app'),
      findings: [{ object: 'ClusterIssuer/letsencrypt', path: '/metadata/labels/app.kubernetes.io~1instance' }],
    },
    'of the one instance that is here, among several by its policy': {
      base: opencranePlatform({ instances: ['oc-acme'] }),
      with: `${issuerOf('oc-acme')}---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: deny, namespace: oc-acme, labels: {app.kubernetes.io/part-of: opencrane, app.kubernetes.io/component: cross-instance-isolation}}
spec: {podSelector: {}}
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
      with: issuerOf('oc-acme'),
    },
  },
});
