import { describe, expect, it } from 'vitest';
import { secretEntry } from '../../src/kubernetes/secret-entry.ts';
import { secret } from './secret-tools.ts';

const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration';
const annotated = (annotations: unknown): unknown =>
  secretEntry(secret(undefined, { metadata: { name: 's', annotations } })).metadata.annotations;

describe('secretEntry', () => {
  it('keeps type, names of the data and metadata', () => {
    const metadata = {
      name: 's',
      namespace: 'n',
      uid: 'u',
      labels: { 'app.kubernetes.io/managed-by': 'Helm' },
      ownerReferences: [{ apiVersion: 'v1', kind: 'X', name: 'x', uid: 'x' }],
    };
    expect(secretEntry(secret({ b: 'hunter2', a: '' }, { metadata: { ...metadata, managedFields: [] } }))).toEqual({
      apiVersion: 'v1',
      kind: 'Secret',
      metadata,
      type: 'kubernetes.io/dockerconfigjson',
      keys: ['a', 'b'],
    });
  });

  it('defaults the type and leaves out keys where there is no data', () => {
    expect(secretEntry({ metadata: { name: 's' } })).toEqual({
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 's' },
      type: 'Opaque',
    });
    expect(secretEntry(secret({})).keys).toEqual([]);
  });
});

describe('annotations', () => {
  it.each([
    ['{"metadata":{"namespace":"crewai"},"data":{"a":"hunter2"}}', '{"metadata":{"namespace":"crewai"}}'],
    ['{"metadata":{"namespace":"Hunter2!"}}', '{}'],
    ['{"metadata":{}}', '{}'],
    ['hunter2', '{}'],
    [5, '{}'],
  ])('last-applied %j becomes %j', (value, kept) => {
    expect(annotated({ [LAST_APPLIED]: value })).toEqual({ [LAST_APPLIED]: kept });
  });

  it.each([
    'meta.helm.sh/release-name',
    'helm.sh/hook',
    'kustomize.toolkit.fluxcd.io/checksum',
    'argocd.argoproj.io/tracking-id',
    'reconcile.external-secrets.io/data-hash',
    'reflector.v1.k8s.emberstack.com/reflects',
    'replicator.v1.mittwald.de/replicated-from-version',
    'kubed.appscode.com/origin',
    'sealedsecrets.bitnami.com/managed',
    'astronomer.io/commander-sync',
    'kubernetes.io/service-account.name',
  ])('%s keeps its value, which names an owner', (key) => {
    expect(annotated({ [key]: 'crewai' })).toEqual({ [key]: 'crewai' });
  });

  it.each(['openshift.io/token-secret.value', 'note', 'evilhelm.sh/x', 'example.com/helm.sh/x'])(
    '%s does not',
    (key) => {
      expect(annotated({ [key]: 'hunter2' })).toEqual({ [key]: '<not kept>' });
    },
  );

  it('takes null', () => {
    expect(annotated(null)).toBeUndefined();
  });
});
