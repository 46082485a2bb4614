import check from '../../src/checks/registry-secret-missing.ts';
import { describeCheck } from '../support/check-table.ts';
import { podEvent } from '../support/pod-events.ts';
import { crewPod, waiting } from '../support/pods.ts';
import { document, login, secret } from '../support/registry.ts';
import { minutesAgo } from '../support/scenario.ts';

const object = 'Secret/crewai-org-2/docker-registry';
const without = [object];
const retrieve =
  'Unable to retrieve some image pull secrets (docker-registry); attempting to pull the image may not succeed.';
const namespace = (name: string, metadata: object, phase = 'Active'): string =>
  document({ apiVersion: 'v1', kind: 'Namespace', metadata: { name, ...metadata }, status: { phase } });

describeCheck(check, {
  passes: {
    'a healthy platform': {},
    'a namespace that is being deleted': {
      without,
      with: namespace('crewai-org-2', { deletionTimestamp: minutesAgo(1) }, 'Terminating'),
    },
    'pods that pull with another secret that covers them': {
      base: { crewsPerOrg: 0 },
      without,
      with:
        crewPod('crewai-org-2', { pullSecrets: ['own'] }) +
        secret('crewai-org-2', { name: 'own', auths: { 'images.crewai.com': login('example-password') } }),
    },
    'a young namespace to which a synchronizer copies': {
      without,
      with:
        namespace('crewai-org-2', { creationTimestamp: minutesAgo(5) }) +
        secret('crewai', {
          auths: { 'images.crewai.com': login('example-password') },
          metadata: { annotations: { 'reflector.v1.k8s.emberstack.com/reflection-auto-enabled': 'true' } },
        }),
    },
  },
  fails: {
    'pods that run from images of the node': {
      without,
      findings: [{ object, absent: true, severity: 'high', confidence: 'certain' }],
    },
    'no workloads': {
      base: { crewsPerOrg: 0 },
      without,
      findings: [{ object, absent: true, severity: 'medium', confidence: 'certain' }],
    },
    'a pod that cannot pull': {
      without,
      with: crewPod('crewai-org-2', {
        status: waiting('ImagePullBackOff', 'Back-off pulling image "x": ErrImagePull: 401 Unauthorized'),
      }),
      findings: [{ object, severity: 'critical' }],
    },
    'a pod that waits for another tag is no reason': {
      without,
      with: crewPod('crewai-org-2', { status: waiting('ErrImagePull', 'manifest unknown') }),
      findings: [{ object, severity: 'high' }],
    },
    'a build pod that cannot mount it': {
      without,
      with:
        crewPod('crewai-org-2', {
          name: 'buildkit-org-2-crew-1-x',
          volumes: ['docker-registry'],
          status: { phase: 'Pending' },
        }) +
        podEvent(
          'crewai-org-2',
          'buildkit-org-2-crew-1-x',
          'FailedMount',
          'MountVolume.SetUp failed for volume "docker-config" : secret "docker-registry" not found',
        ),
      findings: [{ object, severity: 'critical' }],
    },
    'another secret of its own that covers other registries': {
      base: { crewsPerOrg: 0 },
      without,
      with:
        crewPod('crewai-org-2', { pullSecrets: ['own'] }) +
        secret('crewai-org-2', { name: 'own', auths: { 'other.example.com': login('example-password') } }),
      findings: [{ object, severity: 'high' }],
    },
    'a synchronizer that has had its time': {
      without,
      with:
        namespace('crewai-org-2', { creationTimestamp: minutesAgo(15) }) +
        secret('crewai', {
          auths: { 'images.crewai.com': login('example-password') },
          metadata: { annotations: { 'reflector.v1.k8s.emberstack.com/reflection-auto-enabled': 'true' } },
        }),
      findings: [{ object, severity: 'high' }],
    },
    'events, where Secrets are refused': {
      faults: [{ resource: 'secrets' }],
      with: podEvent('crewai-org-2', 'some-pod', 'FailedToRetrieveImagePullSecret', retrieve),
      findings: [{ object, absent: true, confidence: 'likely' }],
    },
    'the source is gone as well': {
      without: ['Secret/crewai/docker-registry', object],
      findings: [{ object, severity: 'high' }],
    },
    'every organization': {
      base: { orgs: [1, 2, 10] },
      without: ['Secret/crewai-org-*'],
      findings: ['1', '2', '10'].map((org) => ({ object: `Secret/crewai-org-${org}/docker-registry` })),
    },
  },
  notEvaluated: {
    'Secrets refused': { faults: [{ resource: 'secrets' }] },
    'Secrets refused in one namespace': { faults: [{ resource: 'secrets', namespace: 'crewai-org-2' }] },
    'an event about another secret': {
      faults: [{ resource: 'secrets' }],
      with: podEvent(
        'crewai-org-2',
        'some-pod',
        'FailedToRetrieveImagePullSecret',
        retrieve.replace('docker', 'old-docker'),
      ),
    },
    'namespaces refused, and nothing seen in one': {
      base: { isolation: 'off' },
      faults: [{ resource: 'namespaces' }],
    },
  },
  notApplicable: { 'no organization yet': { base: { orgs: [] } } },
});
