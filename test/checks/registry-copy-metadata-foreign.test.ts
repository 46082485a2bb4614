import { expect, it } from 'vitest';
import check from '../../src/checks/registry-copy-metadata-foreign.ts';
import { helmReleaseSecret } from '../fixtures/crewai.ts';
import { describeCheck } from '../support/check-table.ts';
import { document, login, secret } from '../support/registry.ts';
import { minutesAgo, reportOf } from '../support/scenario.ts';

const object = 'Secret/crewai-org-2/docker-registry';
const auths = { 'images.crewai.com': login('example-password') };
const copy = (metadata: object, namespace = 'crewai-org-2'): string =>
  secret(namespace, { auths, metadata: { ...metadata } });
const helm = (releaseNamespace: string, labels: object = { 'app.kubernetes.io/managed-by': 'Helm' }): object => ({
  labels,
  annotations: { 'meta.helm.sh/release-name': 'crewai', 'meta.helm.sh/release-namespace': releaseNamespace },
});
const owned = (kind: string, apiVersion = 'external-secrets.io/v1'): object => ({
  ownerReferences: [{ apiVersion, kind, name: 'registry', uid: 'uid-of-it' }],
});
const applied = (namespace: string): object => ({
  annotations: {
    'kubectl.kubernetes.io/last-applied-configuration': JSON.stringify({
      metadata: { namespace },
      data: { x: 'example-password' },
    }),
  },
});
const refused = document({
  apiVersion: 'v1',
  kind: 'Event',
  metadata: { name: 'refused', namespace: 'crewai-org-2' },
  reason: 'OwnerRefInvalidNamespace',
  message:
    'ownerRef [external-secrets.io/v1/ExternalSecret, namespace: crewai-org-2, name: registry] does not exist in namespace',
  lastTimestamp: minutesAgo(1),
  involvedObject: { apiVersion: 'v1', kind: 'Secret', namespace: 'crewai-org-2', name: 'docker-registry' },
});

describeCheck(check, {
  passes: {
    'a healthy platform': {},
    'marks of a release that is there': { with: copy(helm('crewai')) },
    'marks of a release of its own namespace': {
      with: copy(helm('crewai-org-2')) + document(helmReleaseSecret('crewai-org-2', 'crewai')),
    },
    'an owner of a cluster-scoped kind': {
      with: copy(owned('ClusterExternalSecret'), 'crewai') + copy(owned('ClusterExternalSecret')),
    },
    'an owner of its own': { with: copy(owned('ExternalSecret')) },
    'a namespace as the owner': { with: copy(owned('Namespace', 'v1'), 'crewai') + copy(owned('Namespace', 'v1')) },
    'a copy that a synchronizer makes': {
      with: copy({
        annotations: {
          'reflector.v1.k8s.emberstack.com/reflects': 'crewai/docker-registry',
          'kubectl.kubernetes.io/last-applied-configuration': '{"metadata":{"namespace":"crewai"}}',
        },
      }),
    },
    'last applied here': { with: copy(applied('crewai-org-2')) },
    'whatever the source has': { with: copy({ ...helm('gone'), ...owned('ExternalSecret') }, 'crewai') },
  },
  fails: {
    'the owner of the source': {
      with: copy(owned('ExternalSecret'), 'crewai') + copy(owned('ExternalSecret')),
      findings: [{ object, severity: 'high', confidence: 'likely', path: '/metadata/ownerReferences' }],
    },
    'an owner that the garbage collector refused': {
      with: copy(owned('ExternalSecret')) + refused,
      findings: [{ object, severity: 'high', confidence: 'certain' }],
    },
    'the owner of the source, of a kind known to be namespaced': {
      with: copy(owned('Secret', 'v1'), 'crewai') + copy(owned('Secret', 'v1')),
      findings: [{ object, severity: 'high', confidence: 'certain' }],
    },
    'marks of a release that sed made up': {
      with: copy(helm('crewai-org-2')),
      findings: [{ object, severity: 'medium', confidence: 'likely' }],
    },
    'marks without the label': { with: copy(helm('crewai-org-2', {})), findings: [{ object, severity: 'medium' }] },
    'applied in another namespace': {
      with: copy(applied('crewai')),
      findings: [{ object, severity: 'low', confidence: 'certain' }],
    },
    'everything at once': {
      with: copy({ ...helm('crewai-org-2'), ...owned('ExternalSecret') }) + copy(owned('ExternalSecret'), 'crewai'),
      findings: [{ object, severity: 'high' }],
    },
  },
  notEvaluated: {
    'Secrets refused': { faults: [{ resource: 'secrets' }] },
    'Secrets refused in one namespace': { faults: [{ resource: 'secrets', namespace: 'crewai-org-2' }] },
    'Secrets refused where the release would be': {
      with: copy(helm('elsewhere')),
      faults: [{ resource: 'secrets', namespace: 'elsewhere' }],
    },
  },
  notApplicable: { 'no copies': { without: ['Secret/crewai-org-*'] } },
});

it('removes exactly the foreign fields', () => {
  const { findings } = reportOf([check], { with: copy(helm('crewai-org-2')) });
  expect(findings[0]?.remediation.steps).toEqual([
    'kubectl -n crewai-org-2 label secret docker-registry app.kubernetes.io/managed-by-',
    'kubectl -n crewai-org-2 annotate secret docker-registry meta.helm.sh/release-name- meta.helm.sh/release-namespace-',
  ]);
});
