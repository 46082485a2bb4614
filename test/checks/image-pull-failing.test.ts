import { describe, expect, it } from 'vitest';
import check from '../../src/checks/image-pull-failing.ts';
import { CHECKS } from '../../src/checks/index.ts';
import { CREW_IMAGE, REGISTRY, type RawObject } from '../fixtures/crewai.ts';
import { describeCheck } from '../support/check-table.ts';
import { podEvent } from '../support/pod-events.ts';
import { crewPod, waiting } from '../support/pods.ts';
import { login, secret } from '../support/registry.ts';
import { minutesAgo, reportOf, type Scenario } from '../support/scenario.ts';

const lone = 'Pod/crewai-org-2/org-2-crew-9-lone';
const backOff = (cause: string): Readonly<Record<string, unknown>> =>
  waiting('ImagePullBackOff', `Back-off pulling image "${CREW_IMAGE}": ErrImagePull: ${cause}`);
const refused = backOff('failed to fetch oauth token: unexpected status: 401 Unauthorized');

/** Gives the pod of one workload another status. */
const stuck =
  (start: string, status: object) =>
  (objects: readonly RawObject[]): readonly RawObject[] =>
    objects.map((object) =>
      object.kind === 'Pod' && object.metadata.name.startsWith(start) ? { ...object, status } : object,
    );

describeCheck(check, {
  passes: {
    'a healthy platform': {},
    'a young pod': { with: crewPod('crewai-org-2', { created: minutesAgo(0.5), status: refused }) },
    'a pod that is done': { with: crewPod('crewai-org-2', { status: { ...refused, phase: 'Failed' } }) },
    'a pod that goes away': {
      with: crewPod('crewai-org-2', { metadata: { deletionTimestamp: minutesAgo(1) }, status: refused }),
    },
    'a build pod that cannot mount': {
      with:
        crewPod('crewai-org-2', { status: waiting('PodInitializing') }) +
        podEvent('crewai-org-2', 'org-2-crew-9-lone', 'FailedMount', 'secret "docker-registry" not found'),
    },
    'another organization of another platform': { with: crewPod('other-org-2', { status: refused }) },
  },
  fails: {
    'a workload without any ready pod': {
      change: stuck('org-2-crew-1-sales-web', refused),
      findings: [
        { object: 'Deployment/crewai-org-2/org-2-crew-1-sales-web', severity: 'critical', confidence: 'likely' },
      ],
    },
    'a workload with another pod that is ready': {
      with: crewPod('crewai-org-2', {
        status: refused,
        metadata: {
          ownerReferences: [
            {
              apiVersion: 'apps/v1',
              kind: 'ReplicaSet',
              name: 'org-2-crew-1-sales-web-6d4cf56db6',
              uid: 'uid-crewai-org-2-org-2-crew-1-sales-web-6d4cf56db6',
              controller: true,
            },
          ],
        },
      }),
      findings: [{ object: 'Deployment/crewai-org-2/org-2-crew-1-sales-web', severity: 'high' }],
    },
    'without ReplicaSets': {
      change: stuck('org-2-crew-1-sales-web', refused),
      faults: [{ resource: 'replicasets.apps' }],
      findings: [{ object: 'Deployment/crewai-org-2/org-2-crew-1-sales-web', severity: 'critical' }],
    },
    'a pod on its own, by an event': {
      with:
        crewPod('crewai-org-2', { status: waiting('ImagePullBackOff', `Back-off pulling image "${CREW_IMAGE}"`) }) +
        podEvent('crewai-org-2', 'org-2-crew-9-lone', 'Failed', `Failed to pull image "${CREW_IMAGE}": not found`),
      findings: [{ object: lone, severity: 'critical', confidence: 'likely' }],
    },
    'the platform itself': {
      base: { platformNamespace: 'crewai', sharedNamespace: 'crews' },
      change: stuck('crewai-worker', refused),
      findings: [{ object: 'Deployment/crewai/crewai-worker' }],
    },
    'in the shared namespace': {
      base: { isolation: 'off' },
      with: crewPod('crewai', { status: waiting('InvalidImageName', 'couldn’t parse') }),
      findings: [{ object: 'Pod/crewai/org-2-crew-9-lone' }],
    },
    'two images of one workload are two findings': {
      with: crewPod('crewai-org-2', {
        spec: {
          containers: [
            { name: 'a', image: 'a' },
            { name: 'b', image: 'b' },
            { name: 'c', image: 'b' },
          ],
        },
        status: {
          phase: 'Pending',
          containerStatuses: ['a', 'b', 'c'].map((name) => ({
            name,
            image: '',
            state: { waiting: { reason: 'ErrImagePull' } },
          })),
        },
      }),
      findings: [
        { object: lone, confidence: 'certain' },
        { object: lone, confidence: 'certain' },
      ],
    },
  },
  notEvaluated: {
    'pods refused': { faults: [{ resource: 'pods' }] },
    'pods refused in one namespace': { faults: [{ resource: 'pods', namespace: 'crewai-org-2' }] },
  },
  notApplicable: { 'no pods': { without: ['Pod/*'] } },
});

describe('the cause of a pull that is refused', () => {
  const expired = `e30.${Buffer.from('{"exp":1767225600}').toString('base64url')}.x`;
  const bad = (auths: Record<string, unknown>): string => secret('crewai-org-2', { auths });
  const causes: Record<string, Scenario & { cause: string }> = {
    'registry-secret-missing': { cause: 'registry-secret-missing', without: ['Secret/crewai-org-2/docker-registry'] },
    'registry-secret-type-wrong': {
      cause: 'registry-secret-type-wrong',
      with: secret('crewai-org-2', { type: 'Opaque', content: '{"auths":{}}' }),
    },
    'registry-secret-malformed': { cause: 'registry-secret-malformed', with: bad({ [REGISTRY]: { auth: '!' } }) },
    'registry-token-expired': { cause: 'registry-token-expired', with: bad({ [REGISTRY]: login(expired) }) },
    'registry-secret-stale': { cause: 'registry-secret-stale', with: bad({ [REGISTRY]: login('example-old') }) },
  };

  it.each(Object.entries(causes))('%s', (_name, { cause, ...scenario }) => {
    const { findings } = reportOf(CHECKS, { ...scenario, change: stuck('org-2-crew-1-sales-web', refused) });
    const finding = findings.find(({ check: id }) => id === 'image-pull-failing');
    expect(findings.find(({ id }) => id === finding?.cause)?.check).toBe(cause);
  });

  it('is the source, in the shared namespace', () => {
    const { findings } = reportOf(CHECKS, {
      base: { isolation: 'off' },
      with: secret('crewai', { content: '{}' }),
      change: stuck('org-2-crew-1-sales-web', refused),
    });
    const finding = findings.find(({ check: id }) => id === 'image-pull-failing');
    expect(findings.find(({ id }) => id === finding?.cause)?.check).toBe('registry-source-secret-broken');
  });

  it('is not looked for when the image does not exist', () => {
    const { findings } = reportOf(CHECKS, {
      without: ['Secret/crewai-org-2/docker-registry'],
      change: stuck('org-2-crew-1-sales-web', backOff('not found')),
    });
    expect(findings.find(({ check: id }) => id === 'image-pull-failing')?.cause).toBeNull();
  });
});
