import { expect, it } from 'vitest';
import check from '../../src/checks/registry-secret-unused.ts';
import { CREW_IMAGE } from '../fixtures/crewai.ts';
import { describeCheck } from '../support/check-table.ts';
import { crewPod, waiting } from '../support/pods.ts';
import { defaultAccount, document, login, secret } from '../support/registry.ts';
import { reportOf } from '../support/scenario.ts';

const pod = 'Pod/crewai-org-2/org-2-crew-9-lone';
const deployment = 'Deployment/crewai-org-2/new';
const refused = waiting('ErrImagePull', 'unexpected status code 401 Unauthorized');
const template = (spec: object, more: object = {}, metadata: object = {}): string =>
  document({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'new', namespace: 'crewai-org-2', ...metadata },
    spec: { selector: { matchLabels: { a: 'new' } }, template: { spec }, ...more },
  });
const account = (names: readonly string[]): string => defaultAccount('crewai-org-2', names);
const containers = [{ name: 'main', image: CREW_IMAGE }];
const own = secret('crewai-org-2', { name: 'own', auths: { 'images.crewai.com': login('example-password') } });

describeCheck(check, {
  passes: {
    'a healthy platform': {},
    'the account names it': { with: template({ containers }) + account(['docker-registry']) },
    'another secret covers the image': { with: template({ containers, imagePullSecrets: [{ name: 'own' }] }) + own },
    'an image of another registry': {
      with: template({ containers: [{ name: 'main', image: 'private.example.com/crew' }] }),
    },
    'an image that runs': {
      with: crewPod('crewai-org-2', {
        pullSecrets: [],
        status: { containerStatuses: [{ name: 'main', image: '', state: { running: {} } }] },
      }),
    },
    'an image that everybody may pull': {
      with:
        secret('crewai-org-2', { auths: { 'docker.io': login('example-password') } }) +
        template({ containers: [{ name: 'main', image: 'nginx' }] }),
    },
    'scaled to nothing': { with: template({ containers }, { replicas: 0 }) },
    'no registry secret is another check’s': {
      with: template({ containers }),
      without: ['Secret/crewai-org-2/docker-registry'],
    },
  },
  fails: {
    'neither the template nor its account names it': {
      with: template({ containers }),
      findings: [
        {
          object: deployment,
          severity: 'low',
          confidence: 'certain',
          path: '/spec/template/spec/imagePullSecrets',
        },
      ],
    },
    'a list of its own hides the account’s': {
      with:
        template({ containers, imagePullSecrets: [{ name: 'own' }] }) +
        account(['docker-registry']) +
        secret('crewai-org-2', { name: 'own', auths: { 'other.example.com': login('example-password') } }),
      findings: [{ object: deployment, severity: 'low' }],
    },
    'a pod that the registry refuses': {
      with: crewPod('crewai-org-2', { pullSecrets: [], status: refused }),
      findings: [{ object: pod, severity: 'high' }],
    },
    'a pod that is older than the account’s list': {
      with: crewPod('crewai-org-2', { pullSecrets: [], status: refused }) + account(['docker-registry']),
      findings: [{ object: pod, severity: 'high' }],
    },
  },
  notEvaluated: {
    'Secrets refused': { faults: [{ resource: 'registry-secrets' }] },
    'accounts refused': { with: template({ containers }), faults: [{ resource: 'serviceaccounts' }] },
    'Deployments refused in one namespace': { faults: [{ resource: 'deployments.apps', namespace: 'crewai-org-2' }] },
  },
  notApplicable: { 'no registry secret anywhere': { without: ['Secret/crewai*'] } },
});

it('adds to the list that the pods read', () => {
  const steps = (text: string): readonly string[] | undefined =>
    reportOf([check], { with: text }).findings[0]?.remediation.steps;
  expect(steps(template({ containers }))).toEqual([
    `kubectl -n crewai-org-2 patch serviceaccount default -p '{"imagePullSecrets":[{"name":"docker-registry"}]}'`,
    'kubectl -n crewai-org-2 rollout restart deployment/new',
  ]);
  const other = secret('crewai-org-2', { name: 'own', auths: { 'other.example.com': login('example-password') } });
  expect(steps(template({ containers, imagePullSecrets: [{ name: 'own' }] }) + other)).toEqual([
    `kubectl -n crewai-org-2 patch deployment new -p '{"spec":{"template":{"spec":{"imagePullSecrets":[{"name":"docker-registry"}]}}}}'`,
  ]);
});

it('keeps what the account names already, because a patch replaces its list', () => {
  const steps = (text: string): readonly string[] | undefined =>
    reportOf([check], { with: text }).findings[0]?.remediation.steps;
  const other = secret('crewai-org-2', { name: 'own', auths: { 'other.example.com': login('example-password') } });
  expect(steps(template({ containers }) + account(['own']) + other)?.[0]).toBe(
    `kubectl -n crewai-org-2 patch serviceaccount default -p '{"imagePullSecrets":[{"name":"own"},{"name":"docker-registry"}]}'`,
  );
  const late = crewPod('crewai-org-2', { pullSecrets: [], status: refused });
  expect(steps(late + account(['docker-registry']))).toEqual([
    '# the account only helps new pods: delete and create pod/org-2-crew-9-lone again',
  ]);
});
