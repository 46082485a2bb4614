import check from '../../src/checks/pod-security-level-low.ts';
import { describeCheck } from '../support/check-table.ts';
import { labelled } from '../support/policies.ts';

const level = (name: string, enforce: string): string =>
  labelled(name, { 'pod-security.kubernetes.io/enforce': enforce });
const both = (one: string, two: string): string => level('crewai-org-1', one) + level('crewai-org-2', two);
const settings = { podSecurity: 'baseline' as const };
const path = '/metadata/labels/pod-security.kubernetes.io~1enforce';
const low = { object: 'Namespace/crewai-org-2', path, severity: 'high' as const };

describeCheck(check, {
  passes: {
    'as expected, or stricter': { settings, with: both('baseline', 'restricted') },
    'nothing but privileged expected': { settings: { podSecurity: 'privileged' } },
    'a word that is no level, which the server takes for restricted': { settings, with: both('baseline', 'strict') },
  },
  fails: {
    'no label': {
      settings,
      with: level('crewai-org-1', 'baseline'),
      findings: [{ ...low, confidence: 'likely' }],
    },
    'a lower level': {
      settings: { podSecurity: 'restricted' },
      with: both('restricted', 'baseline'),
      findings: [{ ...low, confidence: 'certain' }],
    },
    'only warnings': {
      settings,
      with:
        level('crewai-org-1', 'baseline') +
        labelled('crewai-org-2', { 'pod-security.kubernetes.io/warn': 'restricted' }),
      findings: [low],
    },
    'every tenant, and not the platform': {
      settings,
      findings: [{ ...low, object: 'Namespace/crewai-org-1' }, low],
    },
  },
  notEvaluated: { 'namespaces hidden': { settings, faults: [{ resource: 'namespaces' }] } },
  notApplicable: {
    'nobody says a level': {},
    'a level in a namespace, but none expected': { with: both('privileged', 'baseline') },
  },
});
