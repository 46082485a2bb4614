import { describe, expect, it } from 'vitest';
import { ownerOf } from '../../src/kubernetes/ownership.ts';
import type { KubeObject } from '../../src/model/object.ts';

const object = (more: object): KubeObject => ({ metadata: { name: 'docker-registry', namespace: 'crewai', ...more } });
const HELM = {
  labels: { 'app.kubernetes.io/managed-by': 'Helm' },
  annotations: { 'meta.helm.sh/release-name': 'crewai', 'meta.helm.sh/release-namespace': 'crewai' },
};
const tracking = (id: string): object => ({ annotations: { 'argocd.argoproj.io/tracking-id': id } });
const controller = { apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'web-1', uid: 'u' };

describe('ownerOf', () => {
  it.each<[string, object, string | undefined, string | undefined]>([
    ['nobody', {}, undefined, undefined],
    ['null maps', { labels: null, annotations: null, ownerReferences: null }, undefined, undefined],
    [
      'Flux Kustomization',
      {
        labels: { 'kustomize.toolkit.fluxcd.io/name': 'apps', 'kustomize.toolkit.fluxcd.io/namespace': 'flux-system' },
      },
      'flux',
      'Flux Kustomization flux-system/apps',
    ],
    ['Flux HelmRelease', { labels: { 'helm.toolkit.fluxcd.io/name': 'crewai' } }, 'flux', 'Flux HelmRelease crewai'],
    [
      'Flux over Helm',
      { ...HELM, labels: { ...HELM.labels, 'helm.toolkit.fluxcd.io/name': 'crewai' } },
      'flux',
      'Flux HelmRelease crewai',
    ],
    ['Argo CD by tracking id', tracking('shop:/Secret:crewai/docker-registry'), 'argocd', 'Argo CD application shop'],
    [
      'Argo CD in another namespace',
      tracking('argo_shop:/Secret:crewai/docker-registry'),
      'argocd',
      'Argo CD application argo_shop',
    ],
    ['a copied tracking id: namespace', tracking('shop:/Secret:other/docker-registry'), undefined, undefined],
    ['a copied tracking id: name', tracking('shop:/Secret:crewai/other'), undefined, undefined],
    ['a broken tracking id', tracking('shop'), undefined, undefined],
    ['Argo CD by label', { labels: { 'argocd.argoproj.io/instance': 'shop' } }, 'argocd', 'Argo CD application shop'],
    ['the generic instance label', { labels: { 'app.kubernetes.io/instance': 'shop' } }, undefined, undefined],
    ['Helm', HELM, 'helm', 'Helm release crewai/crewai'],
    ['Helm label alone', { labels: HELM.labels }, undefined, undefined],
    ['Helm annotations alone', { annotations: HELM.annotations }, undefined, undefined],
    [
      'External Secrets',
      {
        labels: { 'reconcile.external-secrets.io/managed': 'true' },
        ownerReferences: [{ ...controller, kind: 'ExternalSecret', controller: true }],
      },
      'synchronizer',
      'External Secrets',
    ],
    [
      'Reflector copy',
      { annotations: { 'reflector.v1.k8s.emberstack.com/reflects': 'crewai/docker-registry' } },
      'synchronizer',
      'Reflector from Secret crewai/docker-registry',
    ],
    [
      'Reflector source',
      { annotations: { 'reflector.v1.k8s.emberstack.com/reflection-allowed': 'true' } },
      undefined,
      undefined,
    ],
    [
      'Replicator',
      { annotations: { 'replicator.v1.mittwald.de/replicate-from': 'a/b' } },
      'synchronizer',
      'Kubernetes Replicator from Secret a/b',
    ],
    ['kubed', { labels: { 'kubed.appscode.com/origin.name': 'x' } }, 'synchronizer', 'Config Syncer (kubed)'],
    [
      'Commander',
      { annotations: { 'astronomer.io/commander-sync': 'platform=astronomer' } },
      'synchronizer',
      'Astronomer Commander',
    ],
    ['a controller', { ownerReferences: [{ ...controller, controller: true }] }, 'controller', 'ReplicaSet web-1'],
    ['an owner that is no controller', { ownerReferences: [controller] }, undefined, undefined],
  ])('%s', (_, metadata, kind, owner) => {
    const ownership = ownerOf(object(metadata));
    expect([ownership?.kind, ownership?.owner]).toEqual([kind, owner]);
  });

  it('takes Helm’s marks for those of a copy when that release is not there', () => {
    expect(ownerOf(object(HELM), () => true)?.kind).toBe('helm');
    expect(ownerOf(object(HELM), () => 'unknown')?.kind).toBe('helm');
    expect(ownerOf(object(HELM), () => false)).toBeUndefined();
    expect(ownerOf(object(HELM), (release, namespace) => `${namespace}/${release}` === 'crewai/crewai')?.advice).toBe(
      'change the values and run helm upgrade crewai -n crewai',
    );
  });
});
