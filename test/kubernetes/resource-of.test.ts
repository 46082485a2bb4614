import { describe, expect, it } from 'vitest';
import { resourceOf } from '../../src/kubernetes/resource-of.ts';
import { RESOURCE_NAMES, RESOURCES, UNLISTED, type Resource } from '../../src/model/resource.ts';

const listed = RESOURCE_NAMES.filter((name) => RESOURCES[name].from === undefined && !UNLISTED.has(name));

describe('the resource of an apiVersion and kind', () => {
  it.each(listed)('%s', (name) => {
    expect(resourceOf(RESOURCES[name].apiVersion, RESOURCES[name].kind)).toBe(name);
  });

  it.each<[apiVersion: string, kind: string, Resource | undefined]>([
    ['batch/v1beta1', 'CronJob', 'cronjobs.batch'],
    ['extensions/v1beta1', 'Deployment', 'deployments.apps'],
    ['extensions/v1beta1', 'Ingress', 'ingresses.networking.k8s.io'],
    ['events.k8s.io/v1', 'Event', 'events'],
    ['extensions/v1beta1', 'Event', undefined],
    ['apps/v1', 'Pod', undefined],
    ['v1', 'Deployment', undefined],
    ['serving.knative.dev/v1', 'Service', undefined],
    ['v1', 'constructor', undefined],
  ])('%s %s is %s', (apiVersion, kind, resource) => {
    expect(resourceOf(apiVersion, kind)).toBe(resource);
  });
});
