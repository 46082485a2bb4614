import { describe, expect, it } from 'vitest';
import check from '../../src/checks/registry-host-uncovered.ts';
import type { RawObject } from '../fixtures/crewai.ts';
import { describeCheck } from '../support/check-table.ts';
import { crewPod, waiting } from '../support/pods.ts';
import { defaultAccount, document, login, secret } from '../support/registry.ts';
import { reportOf, type Scenario } from '../support/scenario.ts';

const pod = 'Pod/crewai-org-2/org-2-crew-9-lone';
const password = login('example-password');
const refused = waiting('ErrImagePull', 'unexpected status code 401 Unauthorized');
const lone = (image: string, more = {}): Scenario => ({ with: crewPod('crewai-org-2', { image, ...more }) });
const running = {
  phase: 'Running',
  containerStatuses: [{ name: 'main', image: '', state: { running: { startedAt: '2026-01-05T10:00:00Z' } } }],
};
const template = (namespace: string, name: string, spec: object, more: object = {}): string =>
  document({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, namespace },
    spec: { replicas: 1, selector: { matchLabels: { a: name } }, template: { metadata: {}, spec }, ...more },
  });
const containers = [{ name: 'main', image: 'private.example.com/crew:1' }];
const account = (names: readonly string[]): string => defaultAccount('crewai-org-2', names);

describeCheck(check, {
  passes: {
    'a healthy platform': {},
    'an image that everybody may pull': lone('nginx:1'),
    'an image that runs': lone('private.example.com/crew:1', { status: running }),
    'a pod that is done': lone('private.example.com/crew:1', { status: { phase: 'Succeeded' } }),
    'no pull secret at all is another check’s': lone('private.example.com/crew:1', { pullSecrets: [] }),
    'a missing pull secret is another check’s': lone('private.example.com/crew:1', { pullSecrets: ['gone'] }),
    'an unreadable pull secret is another check’s': {
      with:
        crewPod('crewai-org-2', { image: 'private.example.com/crew:1', pullSecrets: ['own'] }) +
        secret('crewai-org-2', { name: 'own', content: '{}' }),
    },
    'a second pull secret that covers it': {
      with:
        crewPod('crewai-org-2', { image: 'private.example.com/crew:1', pullSecrets: ['docker-registry', 'own'] }) +
        secret('crewai-org-2', { name: 'own', auths: { '*.example.com': password } }),
    },
    'scaled to nothing': {
      with: template(
        'crewai-org-2',
        'idle',
        { imagePullSecrets: [{ name: 'docker-registry' }], containers },
        { replicas: 0 },
      ),
    },
    'in a namespace of somebody else': { with: crewPod('other', { image: 'private.example.com/crew:1' }) },
  },
  fails: {
    'a registry that nobody has credentials for': {
      ...lone('private.example.com/crew:1'),
      findings: [{ object: pod, severity: 'medium', confidence: 'certain', path: '/spec' }],
    },
    refused: {
      ...lone('private.example.com/crew:1', { status: refused }),
      findings: [{ object: pod, severity: 'high' }],
    },
    'a public registry that refuses': {
      ...lone('ghcr.io/acme/private:1', { status: refused }),
      findings: [{ object: pod, severity: 'high' }],
    },
    'the registry of the platform itself': {
      with: crewPod('crewai-org-2') + secret('crewai-org-2', { auths: { 'images.crewai.com:8443': password } }),
      findings: [{ object: pod, severity: 'high' }],
    },
    'the registry that the platform pushes to': {
      ...lone('builds.example.com/crew:1'),
      change: (objects: readonly RawObject[]) =>
        JSON.parse(
          JSON.stringify(objects).replaceAll(
            '"env":[{"name":"K8S_NAMESPACE"',
            '"env":[{"name":"CONTAINER_REGISTRY_HOSTNAME","value":"builds.example.com"},{"name":"K8S_NAMESPACE"',
          ),
        ) as RawObject[],
      findings: [{ object: pod, severity: 'high' }],
    },
    'a template whose account names the secret': {
      with: template('crewai-org-2', 'new', { containers }) + account(['docker-registry']),
      findings: [{ object: 'Deployment/crewai-org-2/new', severity: 'medium', path: '/spec/template/spec' }],
    },
    'each repository once': {
      ...lone('', {
        spec: {
          containers: ['a', 'b', 'c'].map((name) => ({
            name,
            image: `private.example.com/${name === 'c' ? 'b' : name}`,
          })),
        },
      }),
      findings: [{ object: pod }, { object: pod }],
    },
  },
  notEvaluated: {
    'Secrets refused': { faults: [{ resource: 'registry-secrets' }] },
    'accounts refused': { faults: [{ resource: 'serviceaccounts' }] },
    'pods refused in one namespace': { faults: [{ resource: 'pods', namespace: 'crewai-org-2' }] },
    'CronJobs refused': { faults: [{ resource: 'cronjobs.batch' }] },
  },
  notApplicable: {
    'nothing that names a pull secret': {
      base: { orgs: [] },
      without: ['Deployment/*', 'Pod/*', 'ReplicaSet/*'],
      settings: { platformNamespace: 'crewai' },
    },
  },
});

describe('the entry that was meant', () => {
  it.each([
    ['https://private.example.com:8443', 'port'],
    ['Private.example.com', 'letter case'],
    ['private.example.com/other', 'path'],
    ['*.com', 'number of labels'],
  ])('%s differs in its %s', (host, difference) => {
    const { findings } = reportOf([check], {
      with:
        crewPod('crewai-org-2', { image: 'private.example.com/crew:1', pullSecrets: ['own'] }) +
        secret('crewai-org-2', { name: 'own', auths: { [host]: password } }),
    });
    expect(findings[0]?.message).toContain(host);
    expect(findings[0]?.message).toContain(difference);
  });
});
