import check from '../../src/checks/opencrane-singleton-owned.ts';
import { opencranePlatform } from '../fixtures/opencrane.ts';
import { describeCheck } from '../support/check-table.ts';
import { issuerOf } from '../support/opencrane-yaml.ts';

const base = opencranePlatform();

describeCheck(check, {
  passes: {
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
