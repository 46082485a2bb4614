import check from '../../src/checks/crd-app-version-incompatible.ts';
import type { References } from '../../src/model/platform.ts';
import { opencranePlatform, opencraneRelease } from '../fixtures/opencrane.ts';
import { describeCheck } from '../support/check-table.ts';
import { mcpServers } from '../support/opencrane-yaml.ts';
import { put } from '../support/scenario.ts';

const base = opencranePlatform();
const TWO_VERSIONS = mcpServers({
  versions:
    '[{name: v1alpha1, served: true, storage: false, schema: {openAPIV3Schema: {type: object}}}, {name: v1beta1, served: true, storage: true, schema: {openAPIV3Schema: {type: object}}}]',
});

const matrix = (served: readonly string[], versions: readonly string[]): References => ({
  versionMatrix: [{ bundle: 'ours', served, versions }],
});

describeCheck(check, {
  passes: {
    healthy: { base },
    'a newer revision that failed': {
      base,
      change: (objects) =>
        put(objects, opencraneRelease('oc-acme', 'oc-acme', { appVersion: '0.2.0', revision: 2, status: 'failed' })),
    },
    'a version of a row that the user added': {
      base,
      change: (objects) => put(objects, opencraneRelease('oc-acme', 'oc-acme', { appVersion: '0.2.0', revision: 2 })),
      references: matrix(['v1alpha1'], ['0.2', '0.3']),
    },
    'CRDs of a row that the user added': {
      base,
      with: TWO_VERSIONS,
      references: matrix(['v1alpha1', 'v1beta1'], ['0.1']),
    },
  },
  fails: {
    'newer than the CRDs': {
      base,
      change: (objects) => put(objects, opencraneRelease('oc-acme', 'oc-acme', { appVersion: '0.2.0', revision: 2 })),
      findings: [{ object: 'Deployment/oc-acme/oc-acme-operator', severity: 'critical' }],
    },
    'newer than what the user added': {
      base,
      change: (objects) => put(objects, opencraneRelease('oc-acme', 'oc-acme', { appVersion: '0.4.0', revision: 2 })),
      references: matrix(['v1alpha1'], ['0.2', '0.3']),
      findings: [{ object: 'Deployment/oc-acme/oc-acme-operator', severity: 'critical' }],
    },
    'between what is built in and what the user added': {
      base,
      change: (objects) => put(objects, opencraneRelease('oc-acme', 'oc-acme', { appVersion: '0.2.0', revision: 2 })),
      references: matrix(['v1alpha1'], ['0.3']),
      findings: [{ object: 'Deployment/oc-acme/oc-acme-operator', severity: 'high' }],
    },
    'older than the CRDs': {
      base,
      change: (objects) => put(objects, opencraneRelease('oc-acme', 'oc-acme', { appVersion: '0.0.9' })),
      findings: [{ object: 'Deployment/oc-acme/oc-acme-operator', severity: 'high' }],
    },
  },
  notEvaluated: {
    'a row for other CRDs is none for these': {
      base,
      with: TWO_VERSIONS,
      references: matrix(['v1beta1'], ['0.1']),
    },
    'latest says nothing': { base, without: ['Secret/oc-globex/sh.helm.release.v1.oc-globex.v1'] },
    'CRDs that no row is for': {
      base,
      with: TWO_VERSIONS,
    },
    'releases refused': { base, faults: [{ resource: 'helm-releases' }] },
  },
});
