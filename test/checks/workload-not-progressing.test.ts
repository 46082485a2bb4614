import { describe, expect, it } from 'vitest';
import check from '../../src/checks/workload-not-progressing.ts';
import { CHECKS } from '../../src/checks/index.ts';
import { describeCheck } from '../support/check-table.ts';
import { podEvent } from '../support/pod-events.ts';
import { crewPod, waiting } from '../support/pods.ts';
import { document } from '../support/registry.ts';
import { minutesAgo, reportOf, type Scenario } from '../support/scenario.ts';

type Fields = Readonly<Record<string, unknown>>;

const NAME = 'org-2-crew-9-support-web';
const NS = 'crewai-org-2';
const GROUPS: Readonly<Record<string, string>> = { Job: 'batch/v1', CronJob: 'batch/v1' };

/** A workload of organization 2, made 20 minutes ago. */
function workload(
  kind: string,
  status: Fields | undefined,
  spec: Fields = { replicas: 2 },
  metadata: Fields = {},
): string {
  return document({
    apiVersion: GROUPS[kind] ?? 'apps/v1',
    kind,
    metadata: {
      name: NAME,
      namespace: NS,
      uid: `uid-${kind}`,
      generation: 1,
      creationTimestamp: minutesAgo(20),
      ...metadata,
    },
    spec,
    ...(status ? { status } : {}),
  });
}

const condition = (type: string, status: 'True' | 'False', minutes = 20, more: Fields = {}): Fields => ({
  type,
  status,
  lastTransitionTime: minutesAgo(minutes),
  lastUpdateTime: minutesAgo(minutes),
  ...more,
});
const counts = (ready: number, conditions: readonly Fields[] = []): Fields => ({
  observedGeneration: 1,
  replicas: 2,
  updatedReplicas: 2,
  readyReplicas: ready,
  conditions,
});
const ownedBy = (kind: string, name = NAME): Fields => ({
  ownerReferences: [{ apiVersion: GROUPS[kind] ?? 'apps/v1', kind, name, uid: `uid-${kind}`, controller: true }],
});
const notReady = (minutes: number): Fields => ({
  phase: 'Running',
  conditions: [condition('Ready', 'False', minutes)],
});
const podOf = (kind: string, status: Fields, created = minutesAgo(20), name = `${NAME}-0`): string =>
  crewPod(NS, { name, created, metadata: ownedBy(kind), status });
const lone = (status: Fields, more: Parameters<typeof crewPod>[1] = {}): string =>
  crewPod(NS, { name: 'org-2-crew-9-lone', created: minutesAgo(20), status, ...more });
const crash = { ...waiting('CrashLoopBackOff', 'back-off 5m0s restarting failed container=main'), phase: 'Running' };
const build = (name: string, created: number, phase: string): string =>
  crewPod(NS, { name: `buildkit-org-2-crew-9-${name}`, created: minutesAgo(created), status: { phase } });
const jobOf = (name: string, minutes: number, type: string): string =>
  workload(
    'Job',
    { conditions: [condition(type, 'True')] },
    {},
    {
      name,
      creationTimestamp: minutesAgo(minutes),
      ...ownedBy('CronJob'),
    },
  );

const late = (kind: string) => ({
  object: `${kind}/${NS}/${NAME}`,
  severity: 'high' as const,
  confidence: 'certain' as const,
});
const lonely = { object: `Pod/${NS}/org-2-crew-9-lone`, severity: 'high' as const };

describeCheck(check, {
  passes: {
    'a healthy platform': {},
    'a healthy platform without organizations': { base: { orgs: [] } },
    'a platform outside K8S_NAMESPACE': {
      base: { platformNamespace: 'control', sharedNamespace: 'crews', isolation: 'off' },
    },
    'many organizations': { base: { orgs: Array.from({ length: 50 }, (_, index) => index + 1), mode: 'auto' } },
    'scaled to 0': { with: workload('Deployment', counts(0, [condition('ReplicaFailure', 'True')]), { replicas: 0 }) },
    paused: {
      with: workload('Deployment', counts(0, [condition('Available', 'False')]), { replicas: 2, paused: true }),
    },
    'a rollout of less than ten minutes': {
      with: workload('Deployment', counts(1, [condition('Available', 'False', 9)])) + podOf('Deployment', notReady(9)),
    },
    'scaled just now: its condition is as old as the last rollout': {
      with:
        workload(
          'Deployment',
          counts(1, [condition('Progressing', 'True', 500), condition('Available', 'True', 500)]),
        ) +
        podOf('Deployment', { phase: 'Pending' }, minutesAgo(1), `${NAME}-0`) +
        podOf(
          'Deployment',
          { phase: 'Running', conditions: [condition('Ready', 'True')] },
          minutesAgo(20),
          `${NAME}-1`,
        ),
    },
    'a StatefulSet whose second pod just starts': {
      with:
        workload('StatefulSet', counts(1)) +
        podOf('StatefulSet', { phase: 'Running', conditions: [condition('Ready', 'True')] }) +
        podOf('StatefulSet', { phase: 'Pending' }, minutesAgo(1), `${NAME}-1`),
    },
    'a DaemonSet that no node wants': {
      with: workload('DaemonSet', { observedGeneration: 1, desiredNumberScheduled: 0, numberReady: 0 }),
    },
    'a Job between two attempts': {
      with: workload('Job', { failed: 1 }, {}) + podOf('Job', { phase: 'Failed' }),
    },
    'a Job that is done, and one that is suspended': {
      with:
        workload('Job', { conditions: [condition('Complete', 'True')] }, {}) +
        workload('Job', { active: 0 }, { suspend: true }, { name: `${NAME}-2` }),
    },
    'a CronJob whose newest Job went well': {
      with: workload('CronJob', {}, {}) + jobOf('a', 90, 'Failed') + jobOf('b', 30, 'Complete'),
    },
    'pods that are done or going away': {
      with:
        lone({ phase: 'Succeeded' }) +
        lone(crash, { name: 'org-2-crew-9-going', metadata: { deletionTimestamp: minutesAgo(1) } }),
    },
    'a pod pending for less than ten minutes': { with: lone({ phase: 'Pending' }, { created: minutesAgo(9) }) },
    'an image that is not there yet': {
      with: lone(waiting('ImagePullBackOff', 'Back-off pulling image "x"'), { created: minutesAgo(9) }),
    },
    'a build whose first container is done': {
      with: lone(notReady(60), { spec: { restartPolicy: 'Never' } }),
    },
    'a build that failed and was built again': { with: build('a', 60, 'Failed') + build('b', 50, 'Succeeded') },
    'a crew of an excluded organization in the shared namespace': {
      with: crewPod('crewai', { name: 'org-9-crew-1-x', status: crash }),
      settings: { excludeOrgs: ['9'] },
    },
    'an organization that was not asked for': { with: lone(crash), settings: { orgs: ['1'] } },
  },
  fails: {
    'pods that may not be created': {
      with: workload('Deployment', counts(0, [condition('ReplicaFailure', 'True', 1, { reason: 'FailedCreate' })])),
      findings: [late('Deployment')],
    },
    'a rollout beyond its deadline': {
      with: workload(
        'Deployment',
        counts(1, [condition('Progressing', 'False', 1, { reason: 'ProgressDeadlineExceeded' })]),
      ),
      findings: [late('Deployment')],
    },
    'unavailable for more than ten minutes': {
      with: workload('Deployment', counts(1, [condition('Available', 'False', 11)])),
      findings: [late('Deployment')],
    },
    'a pod that is not ready for more than ten minutes': {
      with: workload('Deployment', counts(1, [condition('Available', 'True')])) + podOf('Deployment', notReady(11)),
      findings: [late('Deployment')],
    },
    'a crash loop, from the first minute': {
      with: workload('Deployment', counts(1)) + podOf('Deployment', crash, minutesAgo(1)),
      findings: [late('Deployment')],
    },
    'a crash loop behind a status that is still good': {
      with: workload('Deployment', counts(2)) + podOf('Deployment', crash),
      findings: [late('Deployment')],
    },
    'a crash loop of a Deployment that cannot be listed': {
      with: workload('Deployment', counts(1)) + podOf('Deployment', crash),
      faults: [{ resource: 'deployments.apps', namespace: NS }],
      findings: [late('Deployment')],
    },
    'a StatefulSet without its pods': { with: workload('StatefulSet', counts(0)), findings: [late('StatefulSet')] },
    'a DaemonSet with a pod that is not ready': {
      with:
        workload('DaemonSet', { observedGeneration: 1, desiredNumberScheduled: 1, numberReady: 0 }) +
        podOf('DaemonSet', notReady(11)),
      findings: [late('DaemonSet')],
    },
    'a ReplicaSet on its own': {
      with: workload('ReplicaSet', counts(0, [condition('ReplicaFailure', 'True', 1)])),
      findings: [late('ReplicaSet')],
    },
    'a Job that failed': {
      with: workload('Job', { conditions: [condition('Failed', 'True', 1, { reason: 'BackoffLimitExceeded' })] }, {}),
      findings: [late('Job')],
    },
    'a Job that never got a pod': { with: workload('Job', {}, {}), findings: [late('Job')] },
    'a CronJob whose newest Job failed': {
      with: workload('CronJob', {}, {}) + jobOf('a', 90, 'Complete') + jobOf('b', 30, 'Failed'),
      findings: [late('CronJob')],
    },
    'a pod that cannot be scheduled': {
      with: lone({
        phase: 'Pending',
        conditions: [condition('PodScheduled', 'False', 20, { reason: 'Unschedulable', message: '0/3 nodes' })],
      }),
      findings: [lonely],
    },
    'a pod pending for more than ten minutes': { with: lone(waiting('ContainerCreating')), findings: [lonely] },
    'a container without its Secret': {
      with: lone(waiting('CreateContainerConfigError', 'secret "x" not found'), { created: minutesAgo(1) }),
      findings: [lonely],
    },
    'an image that does not come': { with: lone(waiting('ImagePullBackOff')), findings: [lonely] },
    'a pod on its own that failed': { with: lone({ phase: 'Failed', reason: 'Evicted' }), findings: [lonely] },
    'a build that failed': {
      with: build('a', 50, 'Succeeded') + build('b', 40, 'Failed'),
      findings: [{ object: `Pod/${NS}/buildkit-org-2-crew-9-b` }],
    },
    'a component of the platform': {
      with: crewPod('crewai', { name: 'crewai-migrate', status: crash }),
      findings: [{ object: 'Pod/crewai/crewai-migrate' }],
    },
    'although another namespace cannot be listed': {
      with: lone(crash),
      faults: [{ resource: 'pods', namespace: 'crewai-org-1' }],
      findings: [lonely],
    },
  },
  notEvaluated: {
    'pods of a namespace refused': { faults: [{ resource: 'pods', namespace: NS }] },
    'pods missing, where pods cannot be listed': {
      with: workload('StatefulSet', counts(0)),
      faults: [{ resource: 'pods', namespace: NS }],
    },
    'manifests, which have no status': { with: workload('Deployment', undefined) },
    'files that are not everything': { completeness: 'none' },
  },
});

describe('a finding of workload-not-progressing', () => {
  const findingOf = (scenario: Scenario) => reportOf([check], scenario).findings[0];

  it('gives the reason of the pod, the last event and the log to read', () => {
    const finding = findingOf({
      with: [
        workload('Deployment', counts(1, [condition('Available', 'False', 11)])),
        podOf('Deployment', crash),
        podEvent(NS, `${NAME}-0`, 'BackOff', 'Back-off restarting failed container main'),
      ].join(''),
    });
    expect(finding?.message).toBe(`Deployment ${NAME} in ${NS} has 1 of 2 pods ready: CrashLoopBackOff`);
    expect(finding?.evidence.map(({ type }) => type)).toEqual(['condition', 'event']);
    expect(finding?.remediation.steps[0]).toBe(`kubectl -n ${NS} logs ${NAME}-0 -c main --previous`);
    expect(finding?.since).toBe(minutesAgo(20));
  });

  it('adds what the pods say to a deadline that passed', () => {
    const exceeded = condition('Progressing', 'False', 1, { reason: 'ProgressDeadlineExceeded' });
    const finding = findingOf({
      with: workload('Deployment', counts(1, [exceeded])) + podOf('Deployment', waiting('CreateContainerConfigError')),
    });
    expect(finding?.message).toContain('ready: ProgressDeadlineExceeded, CreateContainerConfigError');
  });

  it.each([
    [
      'image-pull-failing',
      { with: lone(waiting('ImagePullBackOff', 'Back-off pulling image "x": ErrImagePull: 401 Unauthorized')) },
    ],
    ['secret-reference-missing', { with: lone(waiting('ContainerCreating'), { volumes: ['absent'] }) }],
    [
      'forbidden-by-admission',
      {
        with: workload(
          'Deployment',
          counts(0, [
            condition('ReplicaFailure', 'True', 1, {
              reason: 'FailedCreate',
              message: `pods "${NAME}-x" is forbidden: exceeded quota: org-quota, requested: pods=1, used: pods=3, limited: pods=3`,
            }),
          ]),
        ),
      },
    ],
    [
      'forbidden-by-rbac',
      {
        with: `${lone(crash)}${podEvent(NS, 'other', 'Failed', `secrets is forbidden: User "system:serviceaccount:crewai:crewai-sa" cannot create resource "secrets" in API group "" in the namespace "${NS}"`)}`,
      },
    ],
  ] satisfies [string, Scenario][])('follows from %s', (cause, scenario) => {
    const found = CHECKS.filter(({ id }) => id === cause || id === check.id);
    expect(found.map(({ id }) => id)).toEqual([cause, check.id]);
    const { findings } = reportOf(found, scenario);
    const root = findings.find((finding) => finding.check === cause);
    expect(root).toBeDefined();
    expect(findings.find((finding) => finding.check === check.id)?.cause).toBe(root?.id);
  });
});
