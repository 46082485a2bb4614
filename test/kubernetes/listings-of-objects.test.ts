import { describe, expect, it } from 'vitest';
import { type Completeness, listingsOf, unfoldLists } from '../../src/kubernetes/listings-of-objects.ts';
import { refOf, resourceName, resourceOf } from '../../src/kubernetes/resource-of.ts';
import type { KubeObject } from '../../src/model/object.ts';
import { RESOURCE_NAMES, UNLISTED } from '../../src/model/resource.ts';
import { createSnapshot } from '../../src/model/snapshot.ts';
import { helmSecret, secret, TOOLS } from './secret-tools.ts';

const object = (apiVersion: string, kind: string, name: string, more: object = {}): KubeObject => ({
  apiVersion,
  kind,
  metadata: { name, namespace: 'n' },
  ...more,
});
const names = (objects: readonly unknown[], resource: (typeof RESOURCE_NAMES)[number]): string[] =>
  (listingsOf(objects as KubeObject[], TOOLS)[resource]?.items ?? []).map(({ metadata }) => metadata.name);

describe('resourceOf', () => {
  it.each([
    ['v1', 'Pod', 'pods'],
    ['apps/v1', 'Deployment', 'deployments.apps'],
    ['apps/v1beta2', 'Deployment', 'deployments.apps'],
    ['extensions/v1beta1', 'Deployment', 'deployments.apps'],
    ['extensions/v1beta1', 'Ingress', 'ingresses.networking.k8s.io'],
    ['batch/v1beta1', 'CronJob', 'cronjobs.batch'],
    ['autoscaling/v1', 'HorizontalPodAutoscaler', 'horizontalpodautoscalers.autoscaling'],
    ['events.k8s.io/v1', 'Event', 'events'],
    ['rbac.authorization.k8s.io/v1', 'ClusterRoleBinding', 'clusterrolebindings.rbac.authorization.k8s.io'],
    ['v1', 'Secret', 'secrets'],
    ['serving.knative.dev/v1', 'Service', undefined],
    ['apps/v1', 'Pod', undefined],
    ['authorization.k8s.io/v1', 'SubjectAccessReview', undefined],
    ['', 'constructor', undefined],
  ])('%s %s is %s', (apiVersion, kind, resource) => {
    expect(resourceOf(apiVersion, kind)).toBe(resource);
  });

  it('names what permissions and gaps name', () => {
    expect(resourceName('deployments.apps')).toBe('deployments.apps');
    expect(resourceName('registry-secrets')).toBe('secrets');
  });

  it.each([
    ['pods', { metadata: { name: 'p', namespace: 'n' } }, { apiVersion: 'v1', kind: 'Pod', namespace: 'n', name: 'p' }],
    ['namespaces', { metadata: { name: 'n' } }, { apiVersion: 'v1', kind: 'Namespace', name: 'n' }],
    [
      'support-bundle-specs',
      { kind: 'ConfigMap', metadata: { name: 's', namespace: 'n' } },
      { apiVersion: 'v1', kind: 'ConfigMap', namespace: 'n', name: 's' },
    ],
  ] as const)('refOf %s', (resource, item, ref) => {
    expect(refOf(resource, item)).toEqual(ref);
  });
});

describe('listingsOf', () => {
  it('sorts objects by resource and keeps unknown fields', () => {
    const listings = listingsOf(
      [
        object('v1', 'Pod', 'p', { spec: { future: [1] } }),
        object('apps/v1', 'Deployment', 'd'),
        object('example.com/v1', 'Pod', 'foreign'),
      ],
      TOOLS,
    );
    expect(listings.pods?.items).toEqual([object('v1', 'Pod', 'p', { spec: { future: [1] } })]);
    expect(listings['deployments.apps']?.items).toHaveLength(1);
    expect(JSON.stringify(listings)).not.toContain('foreign');
  });

  it('unfolds lists, also nested ones and those that leave out the kind of their items', () => {
    const pods = { kind: 'PodList', apiVersion: 'v1', items: [{ metadata: { name: 'a' } }, { metadata: {} }, null] };
    const list = { kind: 'List', apiVersion: 'v1', items: [pods, object('v1', 'Pod', 'b'), { kind: 'Pod' }, 'text'] };
    expect(names([list], 'pods')).toEqual(['a', 'b']);
    expect(unfoldLists([{ kind: 'PodList', items: [] }, 5])).toEqual([]);
  });

  it('takes the last of two objects with one name', () => {
    const listings = listingsOf(
      [object('extensions/v1beta1', 'Deployment', 'd'), object('apps/v1', 'Deployment', 'd')],
      TOOLS,
    );
    expect(listings['deployments.apps']?.items).toEqual([object('apps/v1', 'Deployment', 'd')]);
  });

  it('clears the namespace of cluster-scoped objects, as the API server does', () => {
    expect(listingsOf([object('v1', 'Namespace', 'crewai')], TOOLS).namespaces?.items[0]?.metadata).toEqual({
      name: 'crewai',
    });
  });

  it('drops managedFields', () => {
    const pod = { kind: 'Pod', apiVersion: 'v1', metadata: { name: 'p', managedFields: [] } } as KubeObject;
    expect(listingsOf([pod], TOOLS).pods?.items[0]?.metadata).toEqual({ name: 'p' });
  });

  it('reduces Secrets into the inventory and the derived listings', () => {
    const labels = { 'troubleshoot.sh/kind': 'support-bundle' };
    const spec = { 'support-bundle-spec': 'spec: {collectors: [{logs: {namespace: crewai}}]}' };
    const objects = [
      secret({ '.dockerconfigjson': '{"auths":{"h":{"username":"u","password":"hunter2"}}}' }),
      helmSecret({ name: 'crewai', version: 1, info: { status: 'deployed' }, manifest: 'hunter2' }),
      secret({ password: 'hunter2' }, { type: 'Opaque', metadata: { name: 'other', namespace: 'crewai' } }),
      secret(spec, { type: 'Opaque', metadata: { name: 'spec', namespace: 'crewai', labels } }),
      object('v1', 'ConfigMap', 'spec-2', { metadata: { name: 'spec-2', labels }, data: spec }),
    ];
    const listings = listingsOf(objects, TOOLS);
    expect(names(objects, 'secrets')).toEqual(['docker-registry', 'sh.helm.release.v1.crewai.v3', 'other', 'spec']);
    expect(names(objects, 'registry-secrets')).toEqual(['docker-registry']);
    expect(names(objects, 'helm-releases')).toEqual(['sh.helm.release.v1.crewai.v3']);
    expect(names(objects, 'support-bundle-specs')).toEqual(['spec', 'spec-2']);
    expect(JSON.stringify(listings)).not.toMatch(/hunter2|aHVudGVyM/);
  });

  it('makes a gap of a Helm release that it cannot read, in its namespace', () => {
    const broken = { ...helmSecret({}), data: { release: '***HIDDEN***' } };
    expect(listingsOf([broken], TOOLS, 'all')['helm-releases']).toEqual({
      items: [],
      gaps: [
        {
          resource: 'secrets',
          namespace: 'crewai',
          reason: 'failed',
          detail: 'the Helm release in Secret sh.helm.release.v1.crewai.v3 could not be read: its data is redacted',
        },
      ],
    });
  });

  it('writes events of events.k8s.io in the fields of core events', () => {
    const event = object('events.k8s.io/v1', 'Event', 'e', {
      regarding: { kind: 'Pod', name: 'p' },
      note: 'Back-off',
      reason: 'BackOff',
      deprecatedCount: 3,
      deprecatedLastTimestamp: '2026-01-01T00:00:00Z',
      eventTime: null,
      reportingController: 'kubelet',
    });
    expect(listingsOf([event], TOOLS).events?.items[0]).toEqual(
      object('v1', 'Event', 'e', {
        involvedObject: { kind: 'Pod', name: 'p' },
        message: 'Back-off',
        reason: 'BackOff',
        count: 3,
        lastTimestamp: '2026-01-01T00:00:00Z',
        eventTime: null,
        reportingController: 'kubelet',
        reportingComponent: 'kubelet',
      }),
    );
  });
});

describe('completeness', () => {
  const objects = [object('v1', 'Pod', 'p'), secret(undefined)];
  const complete = (completeness: Completeness): string[] => {
    const snapshot = createSnapshot({
      origin: { from: 'manifests', files: [] },
      now: 0,
      listings: listingsOf(objects, TOOLS, completeness),
    });
    return RESOURCE_NAMES.filter(
      (resource) => !UNLISTED.has(resource) && snapshot.completeness(resource) === 'complete',
    );
  };

  it('none: absence says nothing', () => {
    expect(complete('none')).toEqual([]);
    expect(listingsOf(objects, TOOLS).pods?.gaps).toEqual([
      {
        resource: 'pods',
        reason: 'not-collected',
        detail: 'the files may not hold every Pod: pass --complete if they are whole for the kinds in them',
      },
    ]);
  });

  it('kinds-present: the kinds in the files, and what is derived from them', () => {
    expect(complete('kinds-present')).toEqual([
      'pods',
      'secrets',
      'registry-secrets',
      'helm-releases',
      'support-bundle-specs',
    ]);
    expect(listingsOf(objects, TOOLS, 'kinds-present').events?.gaps[0]?.detail).toBe(
      'the files hold no Event: pass --complete=all if there is none',
    );
  });

  it('all: everything but what only an API server can answer', () => {
    expect(complete('all')).toEqual(RESOURCE_NAMES.filter((resource) => !UNLISTED.has(resource)));
    expect(listingsOf(objects, TOOLS, 'all')).not.toHaveProperty('access-reviews');
  });
});
