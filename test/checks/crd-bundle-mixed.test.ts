import check from '../../src/checks/crd-bundle-mixed.ts';
import { opencranePlatform } from '../fixtures/opencrane.ts';
import { describeCheck } from '../support/check-table.ts';
import { mcpServers } from '../support/opencrane-yaml.ts';

const base = opencranePlatform();

describeCheck(check, {
  passes: {
    healthy: { base },
  },
  fails: {
    'one that is not served': {
      base,
      with: mcpServers({ versions: '[{name: v1alpha1, served: false, storage: true}]' }),
      findings: [{ object: 'CustomResourceDefinition/mcpservers.opencrane.io' }],
    },
    'one that is stored otherwise': {
      base,
      with: mcpServers({ versions: '[{name: v1alpha1, served: true, storage: false}]' }),
      findings: [{ object: 'CustomResourceDefinition/mcpservers.opencrane.io' }],
    },
    'one of another release': {
      base,
      with: mcpServers({ versions: '[{name: v1beta1, served: true, storage: true}]' }),
      findings: [{ object: 'CustomResourceDefinition/mcpservers.opencrane.io' }],
    },
  },
  notEvaluated: {
    'CRDs refused': { base, faults: [{ resource: 'customresourcedefinitions.apiextensions.k8s.io' }] },
  },
});
