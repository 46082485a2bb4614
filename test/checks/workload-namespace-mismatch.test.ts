import { describe, expect, it } from 'vitest';
import check from '../../src/checks/workload-namespace-mismatch.ts';
import { describeCheck } from '../support/check-table.ts';
import { document } from '../support/registry.ts';
import { reportOf } from '../support/scenario.ts';

interface Options {
  readonly kind?: string;
  readonly name?: string;
  readonly label?: string;
  readonly template?: string;
  readonly metadata?: Readonly<Record<string, unknown>>;
}

const GROUPS: Readonly<Record<string, string>> = { Pod: 'v1', Job: 'batch/v1', CronJob: 'batch/v1' };
const labels = (org: string | undefined) => (org === undefined ? {} : { 'org-id': org });

/** Something that runs pods in the namespace of organization 2. */
function workload({ kind = 'Deployment', name = 'org-7-crew-3-support-web', ...more }: Options = {}): string {
  const template = { metadata: { labels: labels(more.template) }, spec: { containers: [] } };
  const specs: Readonly<Record<string, unknown>> = {
    Pod: { containers: [] },
    CronJob: { jobTemplate: { spec: { template } } },
  };
  return document({
    apiVersion: GROUPS[kind] ?? 'apps/v1',
    kind,
    metadata: { name, namespace: 'crewai-org-2', labels: labels(more.label), ...more.metadata },
    spec: specs[kind] ?? { template },
  });
}

const stray = {
  object: 'Deployment/crewai-org-2/org-7-crew-3-support-web',
  severity: 'critical' as const,
  confidence: 'certain' as const,
};
const mark = {
  object: 'Deployment/crewai-org-2/org-2-crew-3-support-web',
  severity: 'medium' as const,
  confidence: 'certain' as const,
};
const OWN = 'org-2-crew-3-support-web';

describeCheck(check, {
  passes: {
    'crews at home': {},
    'many organizations': { base: { orgs: Array.from({ length: 50 }, (_, index) => index + 1), mode: 'auto' } },
    'a label with a leading zero': { with: workload({ name: OWN, label: 'org-02', template: 'org-002' }) },
    'workloads without a mark': { with: workload({ name: 'log-shipper' }) },
    'labels of another form': { with: workload({ name: 'log-shipper', label: '7', template: 'organization-7' }) },
    'a crew in the shared namespace is another matter': {
      with: workload({ label: 'org-7', metadata: { namespace: 'crewai', labels: { 'org-id': 'org-7' } } }),
    },
    'a namespace that is being deleted': {
      with: `${workload({ label: 'org-7' })}{apiVersion: v1, kind: Namespace, metadata: {name: crewai-org-2}, status: {phase: Terminating}}`,
    },
    'an organization that was not asked for': { with: workload({ label: 'org-7' }), settings: { orgs: ['1'] } },
  },
  fails: {
    'name and labels of another organization': {
      with: workload({ label: 'org-7', template: 'org-7' }),
      findings: [stray],
    },
    'the name alone': { with: workload(), findings: [{ ...stray, confidence: 'likely' }] },
    'the label alone': {
      with: workload({ name: 'assistant', label: 'org-7' }),
      findings: [{ ...stray, object: 'Deployment/crewai-org-2/assistant' }],
    },
    'the label in the pod template alone': {
      with: workload({ name: 'assistant', template: 'org-07' }),
      findings: [{ ...stray, object: 'Deployment/crewai-org-2/assistant' }],
    },
    'an excluded organization among those that are judged': {
      with: workload({ label: 'org-7' }),
      settings: { excludeOrgs: ['7'] },
      findings: [stray],
    },
    'only the label is wrong': { with: workload({ name: OWN, label: 'org-7' }), findings: [mark] },
    'only the pod template is wrong': {
      with: workload({ name: OWN, label: 'org-2', template: 'org-7' }),
      findings: [mark],
    },
    'only the name is wrong': {
      with: workload({ label: 'org-2', template: 'org-2' }),
      findings: [{ ...stray, severity: 'medium', confidence: 'likely' }],
    },
    'a pod that was labelled anew': {
      with: `${workload({ name: OWN, label: 'org-2', template: 'org-2' })}${workload({
        kind: 'Pod',
        name: `${OWN}-x7k2p`,
        label: 'org-7',
        metadata: {
          ownerReferences: [{ apiVersion: 'apps/v1', kind: 'Deployment', name: OWN, uid: 'uid-d', controller: true }],
        },
      })}`,
      findings: [mark],
    },
    'every kind, and a build': {
      with: [
        ...['StatefulSet', 'DaemonSet', 'Job', 'CronJob'].map((kind) => workload({ kind, template: 'org-7' })),
        workload({ kind: 'Pod', name: 'buildkit-org-7-crew-3-support-x7k2p' }),
      ].join(''),
      findings: [
        ...['CronJob', 'DaemonSet', 'Job'].map((kind) => ({ object: `${kind}/crewai-org-2/org-7-crew-3-support-web` })),
        { object: 'Pod/crewai-org-2/buildkit-org-7-crew-3-support-x7k2p', confidence: 'likely' },
        { object: 'StatefulSet/crewai-org-2/org-7-crew-3-support-web' },
      ],
    },
    'numbers beyond those that JavaScript tells apart': {
      with: workload({ name: 'assistant', label: 'org-9007199254740993' }),
      findings: [{ object: 'Deployment/crewai-org-2/assistant' }],
    },
    'although another namespace cannot be listed': {
      with: workload({ label: 'org-7' }),
      faults: [{ resource: 'deployments.apps', namespace: 'crewai-org-1' }],
      findings: [stray],
    },
  },
  notEvaluated: {
    'deployments of a namespace refused': { faults: [{ resource: 'deployments.apps', namespace: 'crewai-org-2' }] },
    'cronjobs not served': { faults: [{ resource: 'cronjobs.batch', reason: 'not-served' }] },
    'files that are not everything': { completeness: 'none' },
  },
  notApplicable: { 'no organization': { base: { orgs: [] } }, 'isolation off': { base: { isolation: 'off' } } },
});

describe('steps of workload-namespace-mismatch', () => {
  const steps = (options: Options) => reportOf([check], { with: workload(options) }).findings[0]?.remediation.steps;

  it('relabel only where nothing but the label of the object is wrong', () => {
    expect(steps({ name: OWN, label: 'org-7' })).toEqual([
      `kubectl -n crewai-org-2 label deployment ${OWN} org-id=org-2 --overwrite`,
    ]);
    expect(steps({ name: OWN, label: 'org-7', template: 'org-7' })?.join('\n')).not.toContain('label deployment');
    expect(steps({ label: 'org-7' })?.join('\n')).toContain('in organization 7');
  });
});
