import { describe, expect, it } from 'vitest';
import check from '../../src/checks/workload-orphan-leftovers.ts';
import { describeCheck } from '../support/check-table.ts';
import { document } from '../support/registry.ts';
import { reportOf } from '../support/scenario.ts';

const VERSIONS: Readonly<Record<string, string>> = {
  Ingress: 'networking.k8s.io/v1',
  HorizontalPodAutoscaler: 'autoscaling/v2',
};

/** An object of a crew of organization 2 in the shared namespace. */
function object(kind: string, more: Readonly<Record<string, unknown>> = {}, name = 'org-2-crew-12-support'): string {
  const { metadata = {}, ...rest } = more as { metadata?: Readonly<Record<string, unknown>> };
  return document({
    apiVersion: VERSIONS[kind] ?? 'v1',
    kind,
    metadata: { name, namespace: 'crewai', labels: { 'org-id': 'org-2' }, ...metadata },
    ...(kind === 'Secret' ? { type: 'Opaque', data: { KEY: 'ZXhhbXBsZS1wYXNzd29yZA==' } } : {}),
    ...rest,
  });
}

const KINDS = [
  'Ingress',
  'Service',
  'HorizontalPodAutoscaler',
  'ConfigMap',
  'ServiceAccount',
  'PersistentVolumeClaim',
  'Secret',
];
const left = { object: 'Namespace/crewai', severity: 'medium' as const, confidence: 'likely' as const };
const on = { isolation: 'on' } as const;
const owner = (kind: string, apiVersion = 'apps/v1') => ({
  metadata: { ownerReferences: [{ apiVersion, kind, name: 'x', uid: 'uid-x' }] },
});

describeCheck(check, {
  passes: {
    'a healthy platform': {},
    'a platform outside K8S_NAMESPACE': { base: { platformNamespace: 'control', sharedNamespace: 'crews' } },
    'many organizations': { base: { orgs: Array.from({ length: 50 }, (_, index) => index + 1), mode: 'auto' } },
    'what workloads and Services own': {
      with: object('ConfigMap', owner('Deployment')) + object('Secret', owner('Service', 'v1')),
    },
    'what a repair keeps for its undo': {
      with: object('Secret', {
        metadata: { labels: { 'org-id': 'org-2', 'app.kubernetes.io/managed-by': 'kubectl-crewiso' } },
      }),
    },
    'what is on its way': {
      with: object('Service', { metadata: { deletionTimestamp: '2026-11-20T09:59:00Z' } }),
    },
    "what the platform's Helm release made": {
      with: object('Secret', {
        metadata: {
          labels: { 'org-id': 'org-2', 'app.kubernetes.io/managed-by': 'Helm' },
          annotations: { 'meta.helm.sh/release-name': 'crewai', 'meta.helm.sh/release-namespace': 'crewai' },
        },
      }),
    },
    'names and labels that only resemble': {
      with:
        object('Service', { metadata: { labels: { 'org-id': 'org-02' } } }, 'org-02-crew-1-x') +
        object('ConfigMap', { metadata: { labels: null } }, 'organic'),
    },
    'an excluded organization': { with: object('Service'), settings: { excludeOrgs: ['2'] } },
    'an excluded organization that nothing else names': {
      with: object('Service', { metadata: { labels: { 'org-id': 'org-9' } } }, 'org-9-crew-1-x'),
      settings: { excludeOrgs: ['9'] },
    },
    'an organization that was not asked for': {
      with: object('Service', { metadata: { labels: { 'org-id': 'org-9' } } }, 'org-9-crew-1-x'),
      settings: { orgs: ['1'] },
    },
  },
  fails: {
    ...Object.fromEntries(
      KINDS.map((kind) => [
        kind,
        { with: object(kind), findings: [{ ...left, severity: kind === 'Ingress' ? ('high' as const) : 'medium' }] },
      ]),
    ),
    'with a certain flag': { settings: on, with: object('ConfigMap'), findings: [{ ...left, confidence: 'certain' }] },
    'told by the name alone': {
      settings: on,
      with: object('ConfigMap', { metadata: { labels: null } }),
      findings: [left],
    },
    'told by the label alone': { settings: on, with: object('ConfigMap', {}, 'assistant'), findings: [left] },
    'a Service that is reachable from outside': {
      with: object('Service', { spec: { type: 'NodePort' } }),
      findings: [{ ...left, severity: 'high' }],
    },
    'one of a kind that is not read owns it': {
      with: object('Secret', owner('Certificate', 'cert-manager.io/v1')),
      findings: [left],
    },
    'one finding per organization, in order of their numbers': {
      with:
        KINDS.map((kind) => object(kind)).join('') +
        object('ConfigMap', { metadata: { labels: {} } }, 'org-10-crew-1-x') +
        object('ConfigMap', { metadata: { labels: {} } }, 'org-9-crew-1-x'),
      findings: [{ ...left, severity: 'high' }, left, left],
    },
    'no more than a hint that isolation is on': {
      base: { crewsPerOrg: 0 },
      with: object('Ingress'),
      findings: [{ ...left, confidence: 'hint' }],
    },
    'beside what cannot be listed': {
      with: object('Service'),
      faults: [{ resource: 'secrets', namespace: 'crewai' }],
      findings: [left],
    },
  },
  notEvaluated: {
    'secrets of the shared namespace refused': { faults: [{ resource: 'secrets', namespace: 'crewai' }] },
    'services cut short': { faults: [{ resource: 'services', reason: 'truncated' }] },
    'leftovers, but nothing says whether isolation is on': {
      base: { orgs: [] },
      with: object('Service'),
    },
    'files that are not everything': { completeness: 'none' },
  },
  notApplicable: {
    'isolation off': { base: { isolation: 'off' } },
    'no organization': { base: { orgs: [] } },
  },
});

describe('a finding of workload-orphan-leftovers', () => {
  const [finding] = reportOf([check], { with: KINDS.map((kind) => object(kind)).join('') }).findings;

  it('names kinds, hosts and what holds data', () => {
    expect(finding?.message).toBe(
      'Of organization 2, 1 Ingress, 1 Service, 1 HorizontalPodAutoscaler, 1 ConfigMap, 1 ServiceAccount, 1 PersistentVolumeClaim, 1 Secret are left in crewai, reachable from outside',
    );
    expect(finding?.tenant?.namespace).toBe('crewai-org-2');
    expect(JSON.stringify(finding?.evidence)).toContain('holds data');
    expect(JSON.stringify(finding)).not.toContain('ZXhhbXBsZS1wYXNzd29yZA');
  });

  it('never makes deleting data a command', () => {
    const commands = finding?.remediation.steps.filter((step) => !step.startsWith('#')) ?? [];
    expect(commands).toHaveLength(1);
    expect(commands[0]).not.toMatch(/secret|persistentvolumeclaim/);
  });
});
