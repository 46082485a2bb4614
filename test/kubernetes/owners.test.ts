import { describe, expect, it } from 'vitest';
import { accountName, podTemplateOf, rootOwner } from '../../src/kubernetes/owners.ts';
import type { KubeObject } from '../../src/model/object.ts';
import type { Resource } from '../../src/model/resource.ts';

const ref = (apiVersion: string, kind: string, name: string, uid = name, controller = true): object => ({
  apiVersion,
  kind,
  name,
  uid,
  controller,
});
const object = (name: string, ...ownerReferences: object[]): KubeObject =>
  ({ metadata: { name, namespace: 'n', uid: name, ownerReferences } }) as KubeObject;
const world =
  (objects: Partial<Record<Resource, KubeObject[]>>) => (resource: Resource, name: string, namespace?: string) =>
    objects[resource]?.find(({ metadata }) => metadata.name === name && metadata.namespace === namespace);

const deployment = object('web');
const replicaSet = object('web-1', ref('apps/v1', 'Deployment', 'web'));
const pod = object('web-1-a', ref('apps/v1', 'ReplicaSet', 'web-1'));

describe('rootOwner', () => {
  it('climbs from the Pod over the ReplicaSet to the Deployment', () => {
    expect(
      rootOwner('pods', pod, world({ 'replicasets.apps': [replicaSet], 'deployments.apps': [deployment] })),
    ).toEqual({
      ref: { apiVersion: 'apps/v1', kind: 'Deployment', namespace: 'n', name: 'web' },
      object: deployment,
      resource: 'deployments.apps',
    });
  });

  it('climbs from the Pod over the Job to the CronJob, whatever version the reference has', () => {
    const cronJob = object('sync');
    const job = object('sync-1', ref('batch/v1beta1', 'CronJob', 'sync'));
    const found = rootOwner(
      'pods',
      object('sync-1-a', ref('batch/v1', 'Job', 'sync-1')),
      world({ 'jobs.batch': [job], 'cronjobs.batch': [cronJob] }),
    );
    expect(found.ref).toEqual({ apiVersion: 'batch/v1', kind: 'CronJob', namespace: 'n', name: 'sync' });
  });

  it.each<[string, KubeObject, ReturnType<typeof world>, object]>([
    ['no owner', object('bare'), world({}), { apiVersion: 'v1', kind: 'Pod', namespace: 'n', name: 'bare' }],
    [
      'a missing ReplicaSet',
      pod,
      world({}),
      { apiVersion: 'apps/v1', kind: 'ReplicaSet', namespace: 'n', name: 'web-1' },
    ],
    [
      'a missing Deployment',
      pod,
      world({ 'replicasets.apps': [replicaSet] }),
      { apiVersion: 'apps/v1', kind: 'Deployment', namespace: 'n', name: 'web' },
    ],
    [
      'a ReplicaSet that was made anew',
      object('web-1-a', ref('apps/v1', 'ReplicaSet', 'web-1', 'older')),
      world({ 'replicasets.apps': [replicaSet], 'deployments.apps': [deployment] }),
      { apiVersion: 'apps/v1', kind: 'ReplicaSet', namespace: 'n', name: 'web-1' },
    ],
    [
      'a custom resource',
      object('p', ref('argoproj.io/v1alpha1', 'Rollout', 'r')),
      world({}),
      { apiVersion: 'argoproj.io/v1alpha1', kind: 'Rollout', namespace: 'n', name: 'r' },
    ],
    [
      'an owner that is no controller',
      object('p', ref('apps/v1', 'ReplicaSet', 'web-1', 'web-1', false)),
      world({ 'replicasets.apps': [replicaSet] }),
      { apiVersion: 'v1', kind: 'Pod', namespace: 'n', name: 'p' },
    ],
    [
      'a Node: a static pod',
      object('p', ref('v1', 'Node', 'node-1')),
      world({}),
      { apiVersion: 'v1', kind: 'Pod', namespace: 'n', name: 'p' },
    ],
  ])('%s', (_, subject, find, expected) => {
    expect(rootOwner('pods', subject, find).ref).toEqual(expected);
  });

  it('takes a view’s words for what it cannot find', () => {
    for (const word of ['absent', 'unknown'] as const) {
      expect(rootOwner('pods', pod, () => word)).toEqual({
        ref: { apiVersion: 'apps/v1', kind: 'ReplicaSet', namespace: 'n', name: 'web-1' },
      });
    }
  });

  it('ends on owners that own each other', () => {
    const a = object('a', ref('apps/v1', 'ReplicaSet', 'b'));
    const b = object('b', ref('apps/v1', 'ReplicaSet', 'a'));
    expect(rootOwner('replicasets.apps', a, world({ 'replicasets.apps': [a, b] })).resource).toBe('replicasets.apps');
  });
});

describe('podTemplateOf', () => {
  const template = { metadata: { labels: { a: 'b' } }, spec: { containers: [] } };
  it.each<[Resource, unknown, unknown]>([
    ['deployments.apps', { spec: { template } }, template],
    ['statefulsets.apps', { spec: { template } }, template],
    ['daemonsets.apps', { spec: { template } }, template],
    ['replicasets.apps', { spec: { template } }, template],
    ['jobs.batch', { spec: { template } }, template],
    ['cronjobs.batch', { spec: { jobTemplate: { spec: { template } } } }, template],
    ['pods', { metadata: { name: 'p' }, spec: template.spec }, { metadata: { name: 'p' }, spec: template.spec }],
    ['pods', { metadata: { name: 'p' } }, undefined],
    ['cronjobs.batch', {}, undefined],
    ['services', { spec: { template } }, undefined],
  ])('%s', (resource, item, expected) => {
    expect(podTemplateOf(resource, item as KubeObject)).toEqual(expected);
  });
});

it.each([
  [{ serviceAccountName: 'a', serviceAccount: 'b' }, 'a'],
  [{ serviceAccount: 'b' }, 'b'],
  [{ serviceAccountName: '' }, 'default'],
  [undefined, 'default'],
])('accountName %j', (spec, name) => {
  expect(accountName(spec)).toBe(name);
});
