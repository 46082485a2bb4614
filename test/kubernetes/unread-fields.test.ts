import { describe, expect, it } from 'vitest';
import { withoutUnread } from '../../src/kubernetes/unread-fields.ts';
import type { KubeObject } from '../../src/model/object.ts';
import type { Resource } from '../../src/model/resource.ts';

const metadata = { name: 'web', namespace: 'crewai-org-1', labels: { app: 'web' } };
const controlled = {
  ...metadata,
  ownerReferences: [{ apiVersion: 'apps/v1', kind: 'Deployment', name: 'web', uid: 'u', controller: true }],
};
const container = { name: 'main', image: 'nginx', env: [{ name: 'A', value: 'b' }], future: { x: 1 } };
const spec = { serviceAccountName: 'web', volumes: [{ name: 'v' }], futureField: [1], containers: [container] };
const fullSpec = {
  ...spec,
  tolerations: [{ key: 'x' }],
  affinity: {},
  containers: [{ ...container, livenessProbe: {}, volumeMounts: [] }],
};
/** Of a template it matters which nodes its pods may run on. */
const template = { ...spec, tolerations: [{ key: 'x' }] };
const status = { phase: 'Running', containerStatuses: [{ name: 'main', ready: true }] };
const fullStatus = { ...status, podIP: '10.0.0.1', containerStatuses: [{ name: 'main', ready: true, imageID: 'x' }] };

describe('fields that no check reads', () => {
  it.each<[Resource, object, object]>([
    ['pods', { metadata, spec: fullSpec, status: fullStatus }, { metadata, spec, status }],
    ['pods', { metadata }, { metadata }],
    ['pods', { metadata, spec: { containers: null } }, { metadata, spec: { containers: null } }],
    [
      'deployments.apps',
      { metadata, spec: { replicas: 1, template: { metadata, spec: fullSpec } }, status: { replicas: 1 } },
      { metadata, spec: { replicas: 1, template: { metadata, spec: template } }, status: { replicas: 1 } },
    ],
    [
      'replicasets.apps',
      { metadata: controlled, spec: { replicas: 1, template: { spec } }, status: { replicas: 1 } },
      { metadata: controlled, spec: { replicas: 1 }, status: { replicas: 1 } },
    ],
    [
      'replicasets.apps',
      { metadata, spec: { template: { spec: fullSpec } } },
      { metadata, spec: { template: { spec: template } } },
    ],
    ['services', { metadata, spec: { tolerations: 1 } }, { metadata, spec: { tolerations: 1 } }],
  ])('are left out of %s', (resource, full, bare) => {
    const before = JSON.stringify(full);
    expect(withoutUnread(resource, full as KubeObject)).toEqual(bare);
    expect(JSON.stringify(full)).toBe(before);
  });
});
