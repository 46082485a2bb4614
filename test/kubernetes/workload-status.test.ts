import { describe, expect, it } from 'vitest';
import { isFinished, stuckContainers, waitingContainers } from '../../src/kubernetes/pod-status.ts';
import { workloadStatus } from '../../src/kubernetes/workload-status.ts';
import type { KubeObject } from '../../src/model/object.ts';
import type { Pod } from '../../src/model/pods.ts';
import type { Resource } from '../../src/model/resource.ts';

const T = '2026-11-20T09:43:13Z';
const available = { type: 'Available', status: 'False', lastTransitionTime: T, reason: 'MinimumReplicasUnavailable' };
const rolling = { type: 'Progressing', status: 'True', lastUpdateTime: '2026-11-20T09:50:00Z' };
const object = (spec: unknown, status: unknown, metadata: object = {}): KubeObject =>
  ({ metadata: { name: 'x', ...metadata }, spec, status }) as KubeObject;

describe('workloadStatus', () => {
  it.each<[string, Resource, KubeObject, Record<string, unknown>]>([
    [
      'ready',
      'deployments.apps',
      object({ replicas: 2 }, { readyReplicas: 2, updatedReplicas: 2 }),
      { state: 'ready', wanted: 2, ready: 2 },
    ],
    [
      'one replica by default',
      'deployments.apps',
      object({}, { readyReplicas: 1, updatedReplicas: 1 }),
      { state: 'ready', wanted: 1, ready: 1 },
    ],
    [
      'unavailable',
      'deployments.apps',
      object({}, { updatedReplicas: 1, conditions: [available, rolling] }),
      { state: 'progressing', wanted: 1, ready: 0, since: T },
    ],
    [
      'old pods still serve',
      'deployments.apps',
      object({}, { readyReplicas: 1, updatedReplicas: 0, conditions: [rolling] }),
      { state: 'progressing', wanted: 1, ready: 1, since: rolling.lastUpdateTime },
    ],
    [
      'not seen by its controller',
      'deployments.apps',
      object({}, { readyReplicas: 1, updatedReplicas: 1, observedGeneration: 1 }, { generation: 2 }),
      { state: 'progressing', wanted: 1, ready: 1 },
    ],
    [
      'pods refused',
      'deployments.apps',
      object(
        {},
        {
          conditions: [
            available,
            { type: 'ReplicaFailure', status: 'True', reason: 'FailedCreate', message: 'quota', lastTransitionTime: T },
          ],
        },
      ),
      { state: 'failing', wanted: 1, ready: 0, reason: 'FailedCreate', message: 'quota', since: T },
    ],
    [
      'deadline exceeded while old pods serve',
      'deployments.apps',
      object(
        {},
        {
          readyReplicas: 1,
          conditions: [{ type: 'Progressing', status: 'False', reason: 'ProgressDeadlineExceeded' }],
        },
      ),
      { state: 'failing', wanted: 1, ready: 1, reason: 'ProgressDeadlineExceeded' },
    ],
    [
      'scaled to 0',
      'deployments.apps',
      object({ replicas: 0 }, {}),
      { state: 'idle', wanted: 0, ready: 0, reason: 'scaled to 0' },
    ],
    [
      'paused',
      'deployments.apps',
      object({ paused: true }, {}),
      { state: 'idle', wanted: 1, ready: 0, reason: 'paused' },
    ],
    ['a manifest', 'deployments.apps', object({}, undefined), { state: 'unknown', wanted: 1, ready: 0 }],
    [
      'StatefulSet keeping old pods',
      'statefulsets.apps',
      object({}, { readyReplicas: 1, updatedReplicas: 0 }),
      { state: 'ready', wanted: 1, ready: 1 },
    ],
    [
      'StatefulSet not ready',
      'statefulsets.apps',
      object({ replicas: 3 }, { readyReplicas: 1 }),
      { state: 'progressing', wanted: 3, ready: 1 },
    ],
    [
      'ReplicaSet refused',
      'replicasets.apps',
      object({}, { conditions: [{ type: 'ReplicaFailure', status: 'True', reason: 'FailedCreate' }] }),
      { state: 'failing', wanted: 1, ready: 0, reason: 'FailedCreate' },
    ],
    [
      'DaemonSet',
      'daemonsets.apps',
      object({}, { desiredNumberScheduled: 2, numberReady: 2 }),
      { state: 'ready', wanted: 2, ready: 2 },
    ],
    [
      'DaemonSet not ready',
      'daemonsets.apps',
      object({}, { desiredNumberScheduled: 2, numberReady: 1 }),
      { state: 'progressing', wanted: 2, ready: 1 },
    ],
    [
      'DaemonSet without nodes',
      'daemonsets.apps',
      object({}, { desiredNumberScheduled: 0 }),
      { state: 'idle', wanted: 0, ready: 0, reason: 'no node to run on' },
    ],
    [
      'DaemonSet not seen yet',
      'daemonsets.apps',
      object({}, { desiredNumberScheduled: 0 }, { generation: 1 }),
      { state: 'progressing', wanted: 0, ready: 0 },
    ],
    ['DaemonSet in a manifest', 'daemonsets.apps', object({}, undefined), { state: 'unknown', wanted: 0, ready: 0 }],
    [
      'Job running',
      'jobs.batch',
      object({ completions: 2 }, { active: 1, succeeded: 1 }),
      { state: 'progressing', wanted: 2, ready: 1 },
    ],
    [
      'Job failed',
      'jobs.batch',
      object({}, { conditions: [{ type: 'Failed', status: 'True', reason: 'BackoffLimitExceeded' }] }),
      { state: 'failing', wanted: 1, ready: 0, reason: 'BackoffLimitExceeded' },
    ],
    [
      'Job complete',
      'jobs.batch',
      object({}, { succeeded: 1, conditions: [{ type: 'Complete', status: 'True' }] }),
      { state: 'idle', wanted: 1, ready: 1, reason: 'finished' },
    ],
    [
      'Job suspended',
      'jobs.batch',
      object({ suspend: true }, {}),
      { state: 'idle', wanted: 1, ready: 0, reason: 'suspended' },
    ],
    ['Job in a manifest', 'jobs.batch', object({}, undefined), { state: 'unknown', wanted: 1, ready: 0 }],
    ['CronJob', 'cronjobs.batch', object({}, undefined), { state: 'ready', wanted: 0, ready: 0 }],
    [
      'CronJob suspended',
      'cronjobs.batch',
      object({ suspend: true }, {}),
      { state: 'idle', wanted: 0, ready: 0, reason: 'suspended' },
    ],
    [
      'pod ready',
      'pods',
      object({}, { phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }] }),
      { state: 'ready', wanted: 1, ready: 1 },
    ],
    [
      'pod unscheduled',
      'pods',
      object({}, { phase: 'Pending' }, { creationTimestamp: T }),
      { state: 'progressing', wanted: 1, ready: 0, since: T },
    ],
    [
      'pod not ready',
      'pods',
      object(
        {},
        { phase: 'Running', conditions: [{ type: 'Ready', status: 'False', lastTransitionTime: T }] },
        { creationTimestamp: 'earlier' },
      ),
      { state: 'progressing', wanted: 1, ready: 0, since: T },
    ],
    [
      'pod stuck in init',
      'pods',
      object(
        {},
        {
          phase: 'Pending',
          initContainerStatuses: [{ name: 'i', state: { waiting: { reason: 'ImagePullBackOff', message: 'no' } } }],
          containerStatuses: [{ name: 'c', state: { waiting: { reason: 'PodInitializing' } } }],
        },
      ),
      { state: 'failing', wanted: 1, ready: 0, reason: 'ImagePullBackOff', message: 'no' },
    ],
    [
      'pod starting',
      'pods',
      object(
        {},
        { phase: 'Pending', containerStatuses: [{ name: 'c', state: { waiting: { reason: 'ContainerCreating' } } }] },
      ),
      { state: 'progressing', wanted: 1, ready: 0 },
    ],
    [
      'pod done',
      'pods',
      object({}, { phase: 'Succeeded' }),
      { state: 'idle', wanted: 1, ready: 0, reason: 'finished' },
    ],
    [
      'pod evicted',
      'pods',
      object({}, { phase: 'Failed', reason: 'Evicted', message: 'disk' }),
      { state: 'failing', wanted: 1, ready: 0, reason: 'Evicted', message: 'disk' },
    ],
    [
      'pod failed',
      'pods',
      object({}, { phase: 'Failed' }),
      { state: 'failing', wanted: 1, ready: 0, reason: 'Failed' },
    ],
    ['pod in a manifest', 'pods', object({}, undefined), { state: 'unknown', wanted: 1, ready: 0 }],
  ])('%s: %s', (_, resource, subject, status) => {
    expect(workloadStatus(resource, subject)).toEqual(status);
  });

  it('is undefined for what is no workload', () => {
    expect(workloadStatus('services', object({}, {}))).toBeUndefined();
  });
});

it('lists waiting containers, init containers first, and those that are stuck', () => {
  const status = (name: string, reason?: string): unknown => ({
    name,
    state: reason ? { waiting: { reason } } : { running: {} },
  });
  const pod = object(undefined, {
    phase: 'Pending',
    containerStatuses: [status('a', 'CrashLoopBackOff'), status('b'), { name: 'c', state: { waiting: {} } }],
    initContainerStatuses: [status('i', 'PodInitializing')],
  }) as Pod;
  expect(waitingContainers(pod)).toEqual([
    { container: 'i', init: true, reason: 'PodInitializing' },
    { container: 'a', init: false, reason: 'CrashLoopBackOff' },
    { container: 'c', init: false, reason: '' },
  ]);
  expect(stuckContainers(pod).map(({ container }) => container)).toEqual(['a']);
  expect(waitingContainers(object(undefined, { containerStatuses: null }) as Pod)).toEqual([]);
});

it.each([
  ['Succeeded', true],
  ['Failed', true],
  ['Running', false],
  ['Unknown', false],
])('a pod in phase %s is finished: %s', (phase, finished) => {
  expect(isFinished(object(undefined, { phase }) as Pod)).toBe(finished);
});
