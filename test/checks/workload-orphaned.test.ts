import { describe, expect, it } from 'vitest';
import check from '../../src/checks/workload-orphaned.ts';
import { describeCheck } from '../support/check-table.ts';
import { documents } from '../support/events.ts';
import { document } from '../support/registry.ts';
import { minutesAgo, reportOf, type Scenario } from '../support/scenario.ts';

interface Options {
  readonly kind?: string;
  readonly name?: string;
  readonly namespace?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly podLabels?: Readonly<Record<string, string>>;
  readonly metadata?: Readonly<Record<string, unknown>>;
  readonly spec?: Readonly<Record<string, unknown>>;
  readonly status?: Readonly<Record<string, unknown>>;
}

const NAME = 'org-2-crew-12-support-web';
const GROUPS: Readonly<Record<string, string>> = { Pod: 'v1', Job: 'batch/v1', CronJob: 'batch/v1' };

function workload(options: Options = {}): string {
  const { kind = 'Deployment', name = NAME, namespace = 'crewai', labels = { 'org-id': 'org-2' } } = options;
  const template = { metadata: { labels: { app: name, ...options.podLabels } }, spec: { containers: [] } };
  return document({
    apiVersion: GROUPS[kind] ?? 'apps/v1',
    kind,
    metadata: { name, namespace, labels, creationTimestamp: '2026-01-05T10:00:00Z', ...options.metadata },
    spec: kind === 'Pod' ? { containers: [] } : { replicas: 1, template, ...options.spec },
    ...(options.status ? { status: options.status } : {}),
  });
}

const READY = { replicas: 1, updatedReplicas: 1, readyReplicas: 1, availableReplicas: 1 };
const twin = (status: Readonly<Record<string, unknown>> = READY, kind = 'Deployment'): string =>
  workload({ kind, namespace: 'crewai-org-2', status });
const on = { isolation: 'on' } as const;
const orphan = { object: `Deployment/crewai/${NAME}`, severity: 'high' as const };
const likely = { ...orphan, confidence: 'likely' as const };
const build = (metadata: Readonly<Record<string, unknown>>, phase = 'Running'): string =>
  workload({
    kind: 'Pod',
    name: 'buildkit-org-2-crew-12-support-x7k2p',
    labels: { app: 'buildkit-build' },
    metadata,
    status: { phase },
  });
const replicaSet = (owner?: string): string =>
  document({
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    metadata: {
      name: `${NAME}-6d4cf56db6`,
      namespace: 'crewai',
      uid: 'uid-rs',
      ...(owner === undefined
        ? {}
        : {
            ownerReferences: [
              { apiVersion: 'apps/v1', kind: 'Deployment', name: owner, uid: 'uid-d', controller: true },
            ],
          }),
    },
    spec: { replicas: 1, template: { metadata: { labels: { 'org-id': 'org-2' } }, spec: { containers: [] } } },
  });
const podOf = (kind: string, name: string, uid: string, apiVersion = 'apps/v1'): string =>
  workload({
    kind: 'Pod',
    name: `${NAME}-6d4cf56db6-x7k2p`,
    metadata: { ownerReferences: [{ apiVersion, kind, name, uid, controller: true }] },
    status: { phase: 'Running' },
  });

describeCheck(check, {
  passes: {
    'crews in the namespaces of their organizations': {},
    'a platform outside K8S_NAMESPACE': { base: { platformNamespace: 'control', sharedNamespace: 'crews' } },
    'many organizations': { base: { orgs: Array.from({ length: 50 }, (_, index) => index + 1), mode: 'auto' } },
    'a component of the release with a label of an organization': {
      with: workload({
        name: 'crewai-proxy',
        metadata: { labels: { 'org-id': 'org-2', 'app.kubernetes.io/instance': 'crewai' } },
      }),
    },
    "an object that the platform's Helm release made": {
      with: workload({
        metadata: {
          labels: { 'org-id': 'org-2', 'app.kubernetes.io/managed-by': 'Helm' },
          annotations: { 'meta.helm.sh/release-name': 'crewai', 'meta.helm.sh/release-namespace': 'crewai' },
        },
      }),
    },
    'names that only resemble a crew': {
      with: documents(
        workload({ name: 'org-02-crew-1-x-web', labels: {} }),
        workload({ name: 'my-org-2-crew-1-x-web', labels: { 'org-id': 'org-02' } }),
        workload({ name: 'org-2-crew', labels: { 'org-id': '2' } }),
      ),
    },
    'a young build': { with: build({ creationTimestamp: minutesAgo(30) }) },
    'a build that is done': { with: build({}, 'Succeeded') },
    'an excluded organization': { with: workload(), settings: { excludeOrgs: ['2'] } },
    'an organization that was not asked for': { with: workload(), settings: { orgs: ['1'] } },
    'a crew that is being deleted': { with: workload({ metadata: { deletionTimestamp: minutesAgo(1) } }) },
  },
  fails: {
    'a crew in the shared namespace': { with: workload(), findings: [likely] },
    'a certain flag, but no replacement': { settings: on, with: workload(), findings: [likely] },
    'a certain flag and a replacement that is not ready': {
      settings: on,
      with: workload() + twin({ ...READY, readyReplicas: 0 }),
      findings: [likely],
    },
    'a replacement that is ready, but a flag that is inferred': { with: workload() + twin(), findings: [likely] },
    'a certain flag and a replacement that is ready': {
      settings: on,
      with: workload() + twin(),
      findings: [{ ...orphan, confidence: 'certain' }],
    },
    'a replacement that cannot be seen': {
      settings: on,
      with: workload() + twin(),
      faults: [{ resource: 'deployments.apps', namespace: 'crewai-org-2' }],
      findings: [likely],
    },
    'newer than the first crew in a namespace of its own': {
      settings: on,
      with: workload({ metadata: { creationTimestamp: '2026-06-01T00:00:00Z' } }) + twin(),
      findings: [likely],
    },
    'told by its name alone': {
      settings: on,
      with: workload({ labels: {} }) + twin(),
      findings: [likely],
    },
    'told by its label alone': {
      settings: on,
      with: workload({ name: 'assistant' }),
      findings: [{ ...likely, object: 'Deployment/crewai/assistant' }],
    },
    'told by the label in its pod template': {
      settings: on,
      with: workload({ labels: {}, podLabels: { 'org-id': 'org-2' } }) + twin(),
      findings: [{ ...orphan, confidence: 'certain' }],
    },
    'name and label of two organizations': {
      settings: on,
      with: workload({ labels: { 'org-id': 'org-1' } }) + twin(),
      findings: [likely],
    },
    'stopped: scaled to 0, suspended, finished': {
      with: documents(
        workload({ spec: { replicas: 0 } }),
        workload({ kind: 'CronJob', spec: { suspend: true } }),
        workload({ kind: 'Job', status: { conditions: [{ type: 'Complete', status: 'True' }] } }),
        workload({
          kind: 'Job',
          name: `${NAME}-2`,
          status: { conditions: [{ type: 'Failed', status: 'True', reason: 'BackoffLimitExceeded' }] },
        }),
      ),
      findings: [
        { object: `CronJob/crewai/${NAME}`, severity: 'info' },
        { object: `Deployment/crewai/${NAME}`, severity: 'info' },
        { object: `Job/crewai/${NAME}`, severity: 'info' },
        { object: `Job/crewai/${NAME}-2`, severity: 'info' },
      ],
    },
    'paused, but running': { with: workload({ spec: { paused: true } }), findings: [likely] },
    'every kind that runs pods': {
      with: ['StatefulSet', 'DaemonSet', 'Job', 'CronJob'].map((kind) => workload({ kind })).join(''),
      findings: ['CronJob', 'DaemonSet', 'Job', 'StatefulSet'].map((kind) => ({ object: `${kind}/crewai/${NAME}` })),
    },
    'a pod on its own': {
      with: workload({ kind: 'Pod', status: { phase: 'Running' } }),
      findings: [{ ...likely, object: `Pod/crewai/${NAME}` }],
    },
    'one workload once, however many objects it has': {
      with: documents(
        workload({ metadata: { uid: 'uid-d' } }),
        replicaSet(NAME),
        podOf('ReplicaSet', `${NAME}-6d4cf56db6`, 'uid-rs'),
      ),
      findings: [likely],
    },
    'a ReplicaSet that outlived its Deployment': {
      with: documents(replicaSet(), podOf('ReplicaSet', `${NAME}-6d4cf56db6`, 'uid-rs')),
      findings: [{ ...likely, object: `ReplicaSet/crewai/${NAME}-6d4cf56db6` }],
    },
    'pods of a kind that is not read': {
      with: podOf('RayCluster', NAME, 'uid-ray', 'ray.io/v1'),
      findings: [{ ...likely, object: `RayCluster/crewai/${NAME}` }],
    },
    'a build that hangs': {
      with: build({ creationTimestamp: minutesAgo(180) }),
      findings: [{ object: 'Pod/crewai/buildkit-org-2-crew-12-support-x7k2p', confidence: 'likely' }],
    },
    'the shared namespace is not the platform namespace': {
      base: { platformNamespace: 'control', sharedNamespace: 'crews' },
      with: workload({ namespace: 'crews' }),
      findings: [{ object: `Deployment/crews/${NAME}` }],
    },
    'no more than a hint that isolation is on': {
      base: { crewsPerOrg: 0 },
      with: workload({ kind: 'CronJob' }),
      findings: [{ object: `CronJob/crewai/${NAME}`, severity: 'medium', confidence: 'hint' }],
    },
  },
  notEvaluated: {
    'pods of the shared namespace refused': { faults: [{ resource: 'pods', namespace: 'crewai' }] },
    'jobs cut short': { faults: [{ resource: 'jobs.batch', reason: 'truncated' }] },
    'crews, but nothing says whether isolation is on': {
      base: { crewsPerOrg: 0 },
      with: workload(),
    },
    'files that are not everything': { completeness: 'none' },
  },
  notApplicable: {
    'isolation off': { base: { isolation: 'off' } },
    'isolation off by flag, whatever runs where': { with: workload() + twin(), settings: { isolation: 'off' } },
    'no crew yet, and so nothing that the flag would decide': { base: { orgs: [] } },
  },
});

describe('steps of workload-orphaned', () => {
  const remediation = (scenario: Scenario) => reportOf([check], scenario).findings[0]?.remediation;
  const scale = `kubectl -n crewai scale deployment ${NAME} --replicas=0`;

  it('only stop the copy once the flag is certain and the replacement ready', () => {
    expect(remediation({ settings: on, with: workload() + twin() })?.steps).toEqual([scale]);
  });

  it('ask for the flag where it is inferred, and for a deployment where there is no replacement', () => {
    const steps = remediation({ with: workload() })?.steps ?? [];
    expect(steps.join('\n')).toContain('Flipper.enabled?(:k8s_namespace_isolation)');
    expect(steps).toContain(`kubectl -n crewai-org-2 rollout status deployment ${NAME} --timeout=5m`);
    expect(steps.some((step) => step.startsWith('# only if it prints true'))).toBe(true);
    expect(steps.at(-1)).toBe(scale);
  });

  it('suspend what makes Jobs, and never delete what cannot be scaled without saying so', () => {
    expect(remediation({ with: workload({ kind: 'CronJob' }) })?.steps.at(-1)).toBe(
      `kubectl -n crewai patch cronjob ${NAME} --type=merge -p '{"spec":{"suspend":true}}'`,
    );
    expect(remediation({ with: workload({ kind: 'DaemonSet' }) })?.steps.at(-1)).toMatch(/^# /);
  });

  it('name what still leads requests to it', () => {
    const service = document({
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: NAME, namespace: 'crewai' },
      spec: { selector: { app: NAME } },
    });
    const ingress = document({
      apiVersion: 'networking.k8s.io/v1',
      kind: 'Ingress',
      metadata: { name: 'sales', namespace: 'crewai' },
      spec: {
        rules: [{ host: 'sales.example.com', http: { paths: [{ backend: { service: { name: NAME } } }] } }],
      },
    });
    const [finding] = reportOf([check], { settings: on, with: workload() + twin() + service + ingress }).findings;
    expect(finding?.remediation.steps[0]).toMatch(/^# Ingress sales in crewai still leads requests/);
    expect(JSON.stringify(finding?.evidence)).toContain('sales.example.com');
  });

  it('leave it to its owner where a change by hand would be reverted', () => {
    const flux = { 'kustomize.toolkit.fluxcd.io/name': 'apps', 'kustomize.toolkit.fluxcd.io/namespace': 'flux-system' };
    const found = remediation({
      settings: on,
      with: workload({ metadata: { labels: { 'org-id': 'org-2', ...flux } } }),
    });
    expect(found?.owner).toBe('Flux Kustomization flux-system/apps');
    expect(found?.steps.every((step) => step.startsWith('# '))).toBe(true);
  });
});
