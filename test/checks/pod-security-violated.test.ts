import { describe, expect, it } from 'vitest';
import check from '../../src/checks/pod-security-violated.ts';
import { CHECKS } from '../../src/checks/index.ts';
import { describeCheck } from '../support/check-table.ts';
import { event, replicaSet } from '../support/events.ts';
import { crewPod } from '../support/pods.ts';
import { labelled } from '../support/policies.ts';
import { reportOf } from '../support/scenario.ts';

const enforcing = (level: string, more: Readonly<Record<string, string>> = {}): string =>
  labelled('crewai-org-2', { 'pod-security.kubernetes.io/enforce': level, ...more });
const alone = { without: ['Deployment/crewai-org-2/*', 'ReplicaSet/crewai-org-2/*', 'Pod/crewai-org-2/*'] };
const safe = {
  allowPrivilegeEscalation: false,
  capabilities: { drop: ['ALL'] },
  runAsNonRoot: true,
  seccompProfile: { type: 'RuntimeDefault' },
};
const pod = (securityContext: object, more: Parameters<typeof crewPod>[1] = {}): string =>
  crewPod('crewai-org-2', { container: { securityContext }, ...more });
const lone = { object: 'Pod/crewai-org-2/org-2-crew-9-lone', path: '/spec' };
const web = 'org-2-crew-1-sales-web';
const refusal = event(
  'crewai-org-2',
  'Error creating: pods "x" is forbidden: violates PodSecurity "restricted:latest": runAsNonRoot != true (pod or container "main" must set securityContext.runAsNonRoot=true)',
  replicaSet(web),
);

describeCheck(check, {
  passes: {
    baseline: { with: enforcing('baseline') },
    'restricted, and all that it asks for': { ...alone, with: enforcing('restricted') + pod(safe) },
    'an older version': {
      ...alone,
      with:
        enforcing('restricted', { 'pod-security.kubernetes.io/enforce-version': 'v1.0' }) + pod({ runAsNonRoot: true }),
    },
    'pods that have ended': {
      ...alone,
      with: enforcing('restricted') + pod(safe) + pod({}, { name: 'done', status: { phase: 'Succeeded' } }),
    },
  },
  fails: {
    'a pod that was never made by a workload': {
      ...alone,
      with: enforcing('baseline') + pod({ privileged: true }),
      findings: [{ ...lone, severity: 'medium', confidence: 'likely' }],
    },
    'an init container': {
      ...alone,
      with:
        enforcing('baseline') +
        pod(safe, { spec: { initContainers: [{ name: 'i', securityContext: { privileged: true } }] } }),
      findings: [lone],
    },
    'a word that is no level': { ...alone, with: enforcing('strict') + pod({}), findings: [lone] },
    'pods from before the label': {
      with: enforcing('restricted'),
      findings: ['redis', 'web', 'worker'].map((part) => ({
        object: `Deployment/crewai-org-2/org-2-crew-1-sales-${part}`,
        path: '/spec/template/spec',
        severity: 'medium',
        confidence: 'likely',
      })),
    },
    'pods that were refused': {
      with: enforcing('restricted') + refusal,
      findings: [
        { object: `Deployment/crewai-org-2/${web}`, severity: 'high', confidence: 'certain' },
        ...['redis', 'worker'].map((part) => ({
          object: `Deployment/crewai-org-2/org-2-crew-1-sales-${part}`,
          severity: 'medium' as const,
        })),
      ],
    },
    'no pod': {
      without: [
        'Pod/crewai-org-2/*',
        'Deployment/crewai-org-2/org-2-crew-1-sales-r*',
        'Deployment/crewai-org-2/org-2-crew-1-sales-wo*',
      ],
      with: enforcing('restricted'),
      findings: [{ object: `Deployment/crewai-org-2/${web}`, severity: 'high', confidence: 'likely' }],
    },
    'the platform': {
      with: labelled('crewai', { 'pod-security.kubernetes.io/enforce': 'restricted' }),
      findings: ['buildkit', 'web', 'worker'].map((part) => ({ object: `Deployment/crewai/crewai-${part}` })),
    },
  },
  notEvaluated: {
    'namespaces hidden': { faults: [{ resource: 'namespaces' }] },
    'pods hidden': { ...alone, with: enforcing('baseline'), faults: [{ resource: 'pods', namespace: 'crewai-org-2' }] },
  },
  notApplicable: {
    'no label': {},
    'privileged, with warnings': { with: enforcing('privileged', { 'pod-security.kubernetes.io/warn': 'restricted' }) },
  },
});

describe('a finding of pod-security-violated', () => {
  it('explains what was refused', () => {
    const chosen = CHECKS.filter(({ id }) => id === check.id || id === 'forbidden-by-admission');
    const { findings } = reportOf(chosen, { with: enforcing('restricted') + refusal });
    const refused = findings.find((finding) => finding.check === 'forbidden-by-admission');
    expect(findings.find(({ id }) => id === refused?.cause)?.object.name).toBe(web);
  });

  it('speaks in the words of the API server, with the level', () => {
    const { findings } = reportOf([check], { ...alone, with: enforcing('baseline') + pod({ privileged: true }) });
    expect(findings[0]?.message).toContain(
      'violates PodSecurity "baseline:latest": privileged (container "main" must not set securityContext.privileged=true)',
    );
  });
});
