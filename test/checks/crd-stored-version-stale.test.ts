import check from '../../src/checks/crd-stored-version-stale.ts';
import { opencranePlatform } from '../fixtures/opencrane.ts';
import { describeCheck } from '../support/check-table.ts';
import { mcpServers } from '../support/opencrane-yaml.ts';

const base = opencranePlatform();

describeCheck(check, {
  passes: {
    healthy: { base },
  },
  fails: {
    'a version that is not there any more': {
      base,
      with: mcpServers({ stored: '[v0, v1alpha1]' }),
      findings: [{ object: 'CustomResourceDefinition/mcpservers.opencrane.io', severity: 'high' }],
    },
    'a pending migration': {
      base,
      with: mcpServers({
        versions:
          '[{name: v1alpha1, served: true, storage: false, schema: {openAPIV3Schema: {type: object}}}, {name: v1beta1, served: true, storage: true, schema: {openAPIV3Schema: {type: object}}}]',
        stored: '[v1alpha1, v1beta1]',
      }),
      findings: [{ object: 'CustomResourceDefinition/mcpservers.opencrane.io', severity: 'medium' }],
    },
  },
  notEvaluated: {
    'no status': {
      base,
      with: mcpServers({ stored: '[]' }),
    },
    'CRDs refused': { base, faults: [{ resource: 'customresourcedefinitions.apiextensions.k8s.io' }] },
  },
});
