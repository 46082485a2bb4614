import { expect, it } from 'vitest';
import foreign from '../../src/checks/flux-reference-foreign.ts';
import check from '../../src/checks/flux-not-ready.ts';
import { kustomization } from '../fixtures/flux.ts';
import { describeCheck } from '../support/check-table.ts';
import { onFlux } from '../support/flux.ts';
import { minutesAgo, put, reportOf, type Scenario } from '../support/scenario.ts';

type Raw = Readonly<Record<string, string>>;
const condition = (type: string, status: string, more: Raw = {}): Raw => ({
  type,
  status,
  reason: 'ReconciliationFailed',
  message: 'failed',
  lastTransitionTime: minutesAgo(30),
  ...more,
});
const withStatus = (
  conditions: readonly Raw[],
  spec: object = {},
  metadata: object = {},
): Pick<Scenario, 'change'> => ({
  change: (objects) => {
    const object = kustomization('frontend', 'apps', { serviceAccountName: 'frontend', ...spec });
    return put(objects, {
      ...object,
      metadata: { ...object.metadata, ...metadata },
      status: { conditions, lastAttemptedRevision: 'main@sha1:1' },
    });
  },
});
const FAILED = condition('Ready', 'False');
const FINDING = { object: 'Kustomization/frontend/apps', severity: 'high', confidence: 'certain' } as const;

describeCheck(check, {
  passes: {
    ready: onFlux(),
    'failed a moment ago': onFlux(withStatus([condition('Ready', 'False', { lastTransitionTime: minutesAgo(5) })])),
    suspended: onFlux(withStatus([FAILED], { suspend: true })),
    'at work': onFlux(withStatus([FAILED, condition('Reconciling', 'True', { reason: 'Progressing' })])),
    'just made': onFlux(withStatus([], {}, { creationTimestamp: minutesAgo(1) })),
  },
  fails: {
    'not ready': { ...onFlux(withStatus([FAILED])), findings: [FINDING] },
    'at work again after a failure': {
      ...onFlux(withStatus([FAILED, condition('Reconciling', 'True', { reason: 'ProgressingWithRetry' })])),
      findings: [FINDING],
    },
    stalled: { ...onFlux(withStatus([condition('Stalled', 'True')])), findings: [FINDING] },
    'without a time': {
      ...onFlux(withStatus([{ type: 'Ready', status: 'False', reason: 'BuildFailed', message: '' }])),
      findings: [FINDING],
    },
  },
  notEvaluated: {
    'no status in what was read': onFlux(withStatus([])),
    'HelmReleases refused': onFlux({ faults: [{ resource: 'helmreleases.helm.toolkit.fluxcd.io' }] }),
  },
});

it.each([
  [
    "can't access 'GitRepository/backend/apps', cross-namespace references have been blocked",
    'AccessDenied',
    /blocked/,
  ],
  [
    'Namespace/podinfo dry-run failed (Forbidden): namespaces "podinfo" is forbidden: User …',
    'ReconciliationFailed',
    /may not apply/,
  ],
  ['Deployment/x dry-run failed, reason: Forbidden, error: …', 'ReconciliationFailed', /may not apply/],
  ['Foo/x dry-run failed: no matches for kind "Foo" in version "v1"', 'ReconciliationFailed', /not defined/],
  ["Source 'GitRepository/frontend/apps' not found", 'ArtifactFailed', /source/],
  ["dependency 'frontend/infra' not found", 'DependencyNotReady', /depends on/],
  ['timeout waiting for: [Deployment/frontend/web status: InProgress]', 'HealthCheckFailed', /healthy/],
  ['', 'PruneFailed', /deleted/],
  ['kustomize build failed: …', 'BuildFailed', /built/],
  ['something else', 'SomeReason', /SomeReason/],
])('says what %s means', (message, reason, words) => {
  const { findings } = reportOf([check], onFlux(withStatus([{ ...FAILED, message, reason }])));
  expect(findings.map((finding) => finding.message)).toEqual([expect.stringMatching(words)]);
});

it('follows from what blocks its source', () => {
  const sourceRef = { kind: 'GitRepository', name: 'apps', namespace: 'backend' };
  const { findings } = reportOf([foreign, check], onFlux(withStatus([FAILED], { sourceRef })));
  const found = findings.find((finding) => finding.check === check.id);
  expect(findings.find(({ id }) => id === found?.cause)?.check).toBe(foreign.id);
});
