import check from '../../src/checks/namespace-name-malformed.ts';
import { describeCheck } from '../support/check-table.ts';

const namespace = (name: string): string => `{apiVersion: v1, kind: Namespace, metadata: {name: ${name}}}`;

describeCheck(check, {
  passes: {
    'exact names': {},
    'names of other families': {
      with: ['crewai-crews', 'crewai-organic-1', 'crewai-dev-org-4', 'my-crewai-org-4'].map(namespace).join('\n---\n'),
    },
    'names that only a regular expression would confuse': {
      base: { sharedNamespace: 'crew.ai' },
      with: namespace('crewxai-org-04'),
    },
  },
  fails: {
    'a leading zero': {
      with: namespace('crewai-org-04'),
      findings: [{ object: 'Namespace/crewai-org-04', severity: 'medium', confidence: 'certain' }],
    },
    'no id, and something after it': {
      with: `${namespace('crewai-org-')}\n---\n${namespace('crewai-org-4-old')}`,
      findings: [{ object: 'Namespace/crewai-org-' }, { object: 'Namespace/crewai-org-4-old' }],
    },
  },
  notEvaluated: { 'namespaces refused': { faults: [{ resource: 'namespaces' }] } },
  notApplicable: { 'no organization yet': { base: { orgs: [] } } },
});
