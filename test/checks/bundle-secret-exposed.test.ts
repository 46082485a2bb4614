import { describe, expect, it } from 'vitest';
import check from '../../src/checks/bundle-secret-exposed.ts';
import { describeCheck } from '../support/check-table.ts';
import { reportOf } from '../support/scenario.ts';

const POD = 'cluster-resources/pods/crewai-org-1.json';

describeCheck(check, {
  passes: { 'nothing in any file': { bundle: {} } },
  fails: {
    'what has the shape of a credential': {
      bundle: { exposed: { [POD]: { rules: { openai: 1, 'env-name': 2 }, certain: true } } },
      findings: [{ object: `BundleFile/${POD}`, severity: 'critical', confidence: 'certain' }],
    },
    'what only its name says': {
      bundle: { exposed: { 'b/web.log': { rules: { 'key-value': 1 }, certain: false } } },
      findings: [{ object: 'BundleFile/b/web.log', severity: 'high', confidence: 'likely' }],
    },
  },
  notEvaluated: { 'a file that nobody can read': { bundle: {}, faults: [{ resource: 'exposed-secrets' }] } },
  notApplicable: {
    'a cluster': {},
    'a cluster without a list of namespaces': { faults: [{ resource: 'namespaces' }] },
  },
});

describe('bundle-secret-exposed', () => {
  it('is the organization’s whose namespace the path names', () => {
    const rules = { rules: { jwt: 1 }, certain: true };
    const paths = [POD, 'b/namespaces/crewai-org-2/pods.json', 'b/namespaces/crewai-org-20/pods.json'];
    const { findings } = reportOf([check], {
      bundle: { exposed: Object.fromEntries(paths.map((path) => [path, rules])) },
    });
    const tenants = Object.fromEntries(findings.map(({ object, tenant }) => [object.name, tenant?.id]));
    expect(tenants).toEqual({ [POD]: '1', [paths[1] ?? '']: '2', [paths[2] ?? '']: undefined });
  });
});
