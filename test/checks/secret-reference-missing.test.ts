import { describe, expect, it } from 'vitest';
import { CHECKS } from '../../src/checks/index.ts';
import check from '../../src/checks/secret-reference-missing.ts';
import { describeCheck } from '../support/check-table.ts';
import { podEvent } from '../support/pod-events.ts';
import { crewPod, waiting, type PodOptions } from '../support/pods.ts';
import { document, login, secret } from '../support/registry.ts';
import { minutesAgo, reportOf } from '../support/scenario.ts';

const missing = 'Secret/crewai-org-2/gone';
const plain = document({
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { name: 'plain', namespace: 'crewai-org-2' },
  type: 'Opaque',
  data: { there: 'ZXhhbXBsZQ==' },
});
const pod = (options: PodOptions): { with: string } => ({ with: plain + crewPod('crewai-org-2', options) });
const container = (fields: object): { with: string } => pod({ container: { ...fields } });
const reference = (name: string, key: string, optional?: boolean): object => ({
  env: [{ name: 'A', valueFrom: { secretKeyRef: { name, key, ...(optional === undefined ? {} : { optional }) } } }],
});
const projected = (name: string): { with: string } =>
  pod({
    spec: {
      volumes: [{ name: 'v', projected: { sources: [{ secret: { name, items: [{ key: 'there', path: 'x' }] } }] } }],
    },
  });
const deployment = (spec: object, metadata: object = {}): string =>
  document({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'new', namespace: 'crewai-org-2', ...metadata },
    spec: {
      template: { spec: { containers: [{ name: 'main', image: 'nginx', ...reference('gone', 'a') }] } },
      ...spec,
    },
  });
const waits = (message: string): Readonly<Record<string, unknown>> => waiting('CreateContainerConfigError', message);

describeCheck(check, {
  passes: {
    'a healthy platform': {},
    'references that hold': container({ ...reference('plain', 'there'), envFrom: [{ secretRef: { name: 'plain' } }] }),
    'a projected volume that holds': projected('plain'),
    'optional references': pod({
      container: { ...reference('gone', 'a', true), envFrom: [{ secretRef: { name: 'gone', optional: true } }] },
      spec: { volumes: [{ name: 'v', secret: { secretName: 'gone', optional: true } }] },
    }),
    'an optional key': container(reference('plain', 'gone', true)),
    'a pod that is done': pod({ pullSecrets: ['gone'], status: { phase: 'Succeeded' } }),
    'scaled to nothing': { with: deployment({ replicas: 0 }) },
    'a hook of Helm': { with: deployment({}, { annotations: { 'helm.sh/hook': 'pre-install' } }) },
    'a workload of four minutes': { with: deployment({}, { creationTimestamp: minutesAgo(4) }) },
    'a Secret that OpenShift makes': pod({ pullSecrets: ['default-dockercfg-x7k2p'] }),
    'a volume that could not be mounted at first': {
      with:
        crewPod('crewai-org-2', { status: { phase: 'Running' }, volumes: ['docker-registry'] }) +
        podEvent('crewai-org-2', 'org-2-crew-9-lone', 'FailedMount', 'secret "docker-registry" not found'),
    },
  },
  fails: {
    'to pull with, while nothing fails': {
      ...pod({ pullSecrets: ['gone'] }),
      findings: [{ object: missing, absent: true, severity: 'medium', confidence: 'certain' }],
    },
    'to pull with, and the registry refuses': {
      ...pod({ pullSecrets: ['gone'], status: waiting('ErrImagePull', '401 Unauthorized') }),
      findings: [{ object: missing, severity: 'high' }],
    },
    'as a volume': { ...pod({ volumes: ['gone'] }), findings: [{ object: missing, absent: true, severity: 'high' }] },
    'in a projected volume': { ...projected('gone'), findings: [{ object: missing, severity: 'high' }] },
    'in a variable': { ...container(reference('gone', 'a')), findings: [{ object: missing, severity: 'high' }] },
    'in envFrom, of an init container': {
      ...pod({ spec: { initContainers: [{ name: 'i', image: 'a', envFrom: [{ secretRef: { name: 'gone' } }] }] } }),
      findings: [{ object: missing, severity: 'high' }],
    },
    'a key': {
      ...container(reference('plain', 'gone')),
      findings: [{ object: 'Secret/crewai-org-2/plain', absent: false, severity: 'high', confidence: 'certain' }],
    },
    'a key of the registry secret': {
      ...pod({
        spec: {
          volumes: [
            { name: 'v', secret: { secretName: 'docker-registry', items: [{ key: 'config.json', path: 'x' }] } },
          ],
        },
      }),
      findings: [{ object: 'Secret/crewai-org-2/docker-registry', absent: false }],
    },
    'several workloads, one Secret': {
      with: deployment({}) + crewPod('crewai-org-2', { volumes: ['gone'] }),
      findings: [{ object: missing }],
    },
    'in the platform’s own namespace': {
      base: { platformNamespace: 'crewai', sharedNamespace: 'crews' },
      with: crewPod('crewai', { volumes: ['gone'] }),
      findings: [{ object: 'Secret/crewai/gone' }],
    },
    'a volume that the kubelet cannot mount, where Secrets are refused': {
      with:
        crewPod('crewai-org-2', { volumes: ['gone'] }) +
        podEvent(
          'crewai-org-2',
          'org-2-crew-9-lone',
          'FailedMount',
          'MountVolume.SetUp failed for volume "v" : secret "gone" not found',
        ),
      faults: [{ resource: 'secrets' }],
      findings: [{ object: missing, confidence: 'likely' }],
    },
    'a key that a container waits for, where only names are known': {
      with:
        document({
          apiVersion: 'v1',
          kind: 'Secret',
          metadata: { name: 'plain', namespace: 'crewai-org-2' },
          type: 'Opaque',
        }) +
        crewPod('crewai-org-2', {
          container: { ...reference('plain', 'gone') },
          status: waits("couldn't find key gone in Secret crewai-org-2/plain"),
        }),
      findings: [{ object: 'Secret/crewai-org-2/plain', absent: false, confidence: 'certain' }],
    },
    'a Secret that a container waits for, where Secrets are refused': {
      ...pod({ container: { ...reference('gone', 'a') }, status: waits('secret "gone" not found') }),
      faults: [{ resource: 'secrets' }],
      findings: [{ object: missing, absent: true, confidence: 'certain' }],
    },
  },
  notEvaluated: {
    'Secrets refused': { faults: [{ resource: 'secrets' }] },
    'Secrets refused in one namespace': { faults: [{ resource: 'secrets', namespace: 'crewai-org-2' }] },
    'Jobs refused': { faults: [{ resource: 'jobs.batch' }] },
  },
  notApplicable: {
    'nothing that refers to a Secret': {
      base: { orgs: [] },
      without: ['Deployment/*', 'Pod/*', 'ReplicaSet/*'],
      settings: { platformNamespace: 'crewai' },
    },
  },
});

describe('the registry secret', () => {
  it('is a consequence of registry-secret-missing, and is copied', () => {
    const { findings } = reportOf(CHECKS, { without: ['Secret/crewai-org-2/docker-registry'] });
    const finding = findings.find(({ check: id }) => id === 'secret-reference-missing');
    expect(findings.find(({ id }) => id === finding?.cause)?.check).toBe('registry-secret-missing');
    expect(finding?.remediation.steps.join()).toContain('create secret generic docker-registry');
  });

  it('of another name is never copied, only named', () => {
    const { findings } = reportOf([check], {
      with:
        crewPod('crewai-org-2', { volumes: ['gone'] }) +
        secret('crewai', { name: 'gone', auths: { a: login('example-password') } }),
    });
    expect(findings[0]?.remediation.steps).toEqual([
      'kubectl -n crewai-org-2 get secrets',
      '# of the same name, perhaps with another content: in crewai',
    ]);
  });
});
