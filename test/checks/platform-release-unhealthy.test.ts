import { expect, it } from 'vitest';
import check from '../../src/checks/platform-release-unhealthy.ts';
import { helmReleaseSecret, type RawObject } from '../fixtures/crewai.ts';
import { describeCheck } from '../support/check-table.ts';
import { NOW, put, reportOf } from '../support/scenario.ts';

const FIRST = 'Secret/crewai/sh.helm.release.v1.crewai.v1';
/** Revisions from 1 by status; the last one was written so many minutes ago. */
const revisions =
  (minutes: number, ...statuses: string[]) =>
  (objects: readonly RawObject[]): readonly RawObject[] =>
    put(
      objects,
      ...statuses.map((status, index) => {
        const secret = helmReleaseSecret('crewai', 'crewai', { revision: index + 1, status });
        const modifiedAt = String(Math.floor(NOW / 1000) - minutes * 60);
        return { ...secret, metadata: { ...secret.metadata, labels: { ...secret.metadata.labels, modifiedAt } } };
      }),
    );
const configMap = (status: string): string =>
  `{apiVersion: v1, kind: ConfigMap, metadata: {name: crewai.v1, namespace: crewai, labels: {owner: helm, name: crewai, status: ${status}, version: "1"}}}`;
const unmanaged = (objects: readonly RawObject[]): readonly RawObject[] =>
  objects.map((object) => ({ ...object, metadata: { ...object.metadata, labels: {}, annotations: {} } }));
const record = (revision: number): string => `Secret/crewai/sh.helm.release.v1.crewai.v${String(revision)}`;

describeCheck(check, {
  passes: {
    'one deployed revision': {},
    'a failed one under a deployed one': { change: revisions(60, 'superseded', 'failed', 'deployed') },
    'an upgrade that runs right now': { change: revisions(9, 'deployed', 'pending-upgrade') },
    'a first installation that runs right now': { change: revisions(9, 'pending-install') },
    'revision 10 after revision 9': {
      change: revisions(60, ...Array.from({ length: 8 }, () => 'superseded'), 'failed', 'deployed'),
    },
    'a release of something else': {
      change: (objects) => [...objects, helmReleaseSecret('crewai', 'postgres', { status: 'failed' })],
    },
    'records in ConfigMaps': { without: [FIRST], with: configMap('deployed') },
  },
  fails: {
    'pending for longer than ten minutes': {
      change: revisions(11, 'deployed', 'pending-upgrade'),
      findings: [{ object: record(2), severity: 'high', confidence: 'certain' }],
    },
    'a failed upgrade': { change: revisions(1, 'deployed', 'failed'), findings: [{ object: record(2) }] },
    'a removal that did not finish': { change: revisions(1, 'uninstalling'), findings: [{ object: record(1) }] },
    'two deployed at once': { change: revisions(60, 'deployed', 'deployed'), findings: [{ object: record(2) }] },
    'none deployed': { change: revisions(60, 'superseded', 'superseded'), findings: [{ object: record(2) }] },
    'records in ConfigMaps': {
      without: [FIRST],
      with: configMap('failed'),
      findings: [{ object: 'ConfigMap/crewai/crewai.v1' }],
    },
  },
  notEvaluated: {
    'Secrets refused': { faults: [{ resource: 'secrets', namespace: 'crewai' }] },
    'neither Secrets nor ConfigMaps hold a record: the SQL driver': { without: [FIRST] },
    'Deployments refused': {
      settings: { platformNamespace: 'crewai' },
      faults: [{ resource: 'deployments.apps', namespace: 'crewai' }],
    },
  },
  notApplicable: {
    'no Helm at all': { without: [FIRST], change: unmanaged },
  },
});

it('rolls back to the last revision that was good', () => {
  const { findings } = reportOf([check], {
    change: revisions(30, 'superseded', 'deployed', 'failed', 'pending-rollback'),
  });
  expect(findings[0]?.remediation.steps).toEqual(['helm history crewai -n crewai', 'helm rollback crewai 2 -n crewai']);
  expect(findings[0]?.evidence.map(({ observed }) => observed)).toEqual(['pending-rollback', 'failed', 'deployed']);
});
