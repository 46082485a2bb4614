import check from '../../src/checks/crd-unhealthy.ts';
import { opencranePlatform } from '../fixtures/opencrane.ts';
import { describeCheck } from '../support/check-table.ts';
import { mcpServers } from '../support/opencrane-yaml.ts';

const base = opencranePlatform();

describeCheck(check, {
  passes: {
    healthy: { base },
    'new, not yet established': {
      base,
      with: mcpServers({ created: '2026-11-20T09:59:30Z', conditions: '[{type: Established, status: "False"}]' }),
    },
    'of another group': {
      base,
      with: mcpServers({ group: 'example.com', conditions: '[{type: Established, status: "False"}]' }),
    },
  },
  fails: {
    'going, with all its objects, however new it is': {
      base,
      with: mcpServers({
        created: '2026-11-20T09:59:30Z',
        conditions: '[{type: Established, status: "True"}, {type: Terminating, status: "True"}]',
      }),
      findings: [{ object: 'CustomResourceDefinition/mcpservers.opencrane.io', severity: 'critical' }],
    },
    'served under names that are contested': {
      base,
      with: mcpServers({
        conditions: '[{type: Established, status: "True"}, {type: NamesAccepted, status: "False"}]',
      }),
      findings: [{ object: 'CustomResourceDefinition/mcpservers.opencrane.io', severity: 'high' }],
    },
    'not established': {
      base,
      with: mcpServers({ conditions: '[{type: Established, status: "False"}]' }),
      findings: [{ object: 'CustomResourceDefinition/mcpservers.opencrane.io', severity: 'critical' }],
    },
    'no structural schema': {
      base,
      with: mcpServers({
        conditions: '[{type: Established, status: "True"}, {type: NonStructuralSchema, status: "True"}]',
      }),
      findings: [{ object: 'CustomResourceDefinition/mcpservers.opencrane.io', severity: 'high' }],
    },
  },
  notEvaluated: {
    'no status': {
      base,
      with: mcpServers({ conditions: '[]' }),
    },
    'CRDs refused': { base, faults: [{ resource: 'customresourcedefinitions.apiextensions.k8s.io' }] },
  },
});
