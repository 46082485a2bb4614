import check from '../../src/checks/crd-app-version-incompatible.ts';
import { opencranePlatform, opencraneRelease } from '../fixtures/opencrane.ts';
import { describeCheck } from '../support/check-table.ts';
import { mcpServers } from '../support/opencrane-yaml.ts';
import { put } from '../support/scenario.ts';

const base = opencranePlatform();

describeCheck(check, {
  passes: {
    healthy: { base },
  },
  fails: {
    'newer than the CRDs': {
      base,
      change: (objects) => put(objects, opencraneRelease('oc-acme', 'oc-acme', { appVersion: '0.2.0', revision: 2 })),
      findings: [{ object: 'Deployment/oc-acme/oc-acme-operator', severity: 'critical' }],
    },
    'older than the CRDs': {
      base,
      change: (objects) => put(objects, opencraneRelease('oc-acme', 'oc-acme', { appVersion: '0.0.9' })),
      findings: [{ object: 'Deployment/oc-acme/oc-acme-operator', severity: 'high' }],
    },
  },
  notEvaluated: {
    'latest says nothing': { base, without: ['Secret/oc-globex/sh.helm.release.v1.oc-globex.v1'] },
    'CRDs that no row is for': {
      base,
      with: mcpServers({
        versions:
          '[{name: v1alpha1, served: true, storage: false, schema: {openAPIV3Schema: {type: object}}}, {name: v1beta1, served: true, storage: true, schema: {openAPIV3Schema: {type: object}}}]',
      }),
    },
    'releases refused': { base, faults: [{ resource: 'helm-releases' }] },
  },
});
