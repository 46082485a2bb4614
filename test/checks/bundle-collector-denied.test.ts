import { describe, expect, it } from 'vitest';
import check from '../../src/checks/bundle-collector-denied.ts';
import { describeCheck } from '../support/check-table.ts';
import { reportOf } from '../support/scenario.ts';

const refused = (namespace: string, ...rights: string[]): { namespace: string; rights: string[]; user: string } => ({
  namespace,
  rights,
  user: 'jane',
});

describeCheck(check, {
  passes: {
    'nothing was refused': { bundle: {} },
    'what is refused shows nothing of what crews do': {
      bundle: { refused: [refused('crewai-org-1', 'list services')] },
    },
    'namespaces of nobody': { bundle: { refused: [refused('other', 'list pods')] } },
    'an organization that nobody asked about': {
      bundle: { refused: [refused('crewai-org-1', 'list pods')] },
      settings: { orgs: ['2'] },
    },
  },
  fails: {
    'pods, logs, events, Deployments': {
      bundle: {
        refused: [
          refused('crewai-org-1', 'list services', 'list pods', 'list events'),
          refused('crewai-org-2', 'get pods/log'),
        ],
      },
      findings: [
        { object: 'Namespace/crewai-org-1', severity: 'medium', confidence: 'certain' },
        { object: 'Namespace/crewai-org-2', severity: 'medium' },
      ],
    },
  },
  notEvaluated: { 'no word about it': { bundle: {}, faults: [{ resource: 'collector-refusals' }] } },
  notApplicable: { 'a cluster': {}, 'no organization': { base: { orgs: [] }, bundle: {} } },
});

describe('bundle-collector-denied', () => {
  it('says who may grant what to whom, and leaves the exit code to what could not be seen', () => {
    const { findings, exit } = reportOf([check], { bundle: { refused: [refused('crewai-org-1', 'list pods')] } });
    expect(findings[0]?.remediation.steps[0]).toBe(
      'kubectl crewiso rbac --for bundle --org 1 --subject User:jane | kubectl apply -f -',
    );
    expect(exit.code).toBe(0);
    const nobody = { namespace: 'crewai-org-1', rights: ['list pods'] };
    const [unnamed] = reportOf([check], { bundle: { refused: [nobody] } }).findings;
    expect(unnamed?.remediation.steps.every((step) => step.startsWith('# '))).toBe(true);
  });
});
