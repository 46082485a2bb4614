import { describe, expect, it } from 'vitest';
import { networkDocument } from '../../src/audit/access-document.ts';
import { networkMatrix } from '../../src/audit/network-matrix.ts';
import { accessRun } from '../../src/commands/shared/access-run.ts';
import { NO_REQUESTS } from '../../src/commands/shared/reading.ts';
import type { NetworkMatrix } from '../../src/model/access-document.ts';
import type { Gap } from '../../src/model/snapshot.ts';
import { createAccessReporter } from '../../src/reporters/access.ts';
import { networkPolicy } from '../support/policies.ts';
import { document } from '../support/registry.ts';
import { NOW, platformsOf, snapshotOf, type Scenario } from '../support/scenario.ts';

function matrixOf(scenario: Scenario): NetworkMatrix & {
  readonly code: number;
  readonly table: string;
  readonly gaps: readonly Gap[];
} {
  const snapshot = snapshotOf(scenario);
  const platforms = platformsOf(snapshot, scenario.settings);
  const { matrix, gaps } = networkMatrix({ snapshot, platforms });
  const reading = { snapshot, requests: NO_REQUESTS, interrupted: false, notes: [], settings: {} };
  const run = accessRun({ reading, platform: platforms[0], version: '0.0.0', startedAt: NOW }, gaps);
  const answer = networkDocument(run, matrix);
  const options = { color: false, width: 80, ascii: false, tty: false, wide: false, headers: true, show: [] };
  const table = createAccessReporter('table')(answer, { ...options, minSeverity: 'info' });
  return { ...matrix, gaps, code: answer.exit.code, table };
}

const orgs = (n: number): number[] => Array.from({ length: n }, (_, index) => index + 1);
const deny = (namespace: string): string =>
  networkPolicy(namespace, '{podSelector: {}, ingress: [{from: [{podSelector: {}}]}]}', 'own-only');
const rows = ({ groups }: NetworkMatrix): string[] =>
  groups.map(
    ({ namespaces, reaches, own, outside }) => `${namespaces.join()}: ${reaches.join()} own ${own} out ${outside}`,
  );

describe('networkMatrix', () => {
  it('has everybody reach everybody without policies, in two rows', () => {
    const matrix = matrixOf({ base: { orgs: orgs(3) } });
    expect(rows(matrix)).toEqual([
      'crewai-org-1,crewai-org-2,crewai-org-3: all,all own all out all',
      'crewai: all,none own all out all',
    ]);
    expect(matrix.crossTenant).toEqual({ all: 6, part: 0, none: 0, unknown: 0 });
    expect(matrix.code).toBe(0);
  });

  it('keeps tenants apart, together in one row however many they are', () => {
    const matrix = matrixOf({
      base: { orgs: orgs(30) },
      with: orgs(30)
        .map((org) => deny(`crewai-org-${org}`))
        .join(''),
    });
    expect(matrix.groups.map(({ namespaces, reaches, own }) => [namespaces.length, reaches, own])).toEqual([
      [30, ['none', 'all'], 'all'],
      [1, ['none', 'none'], 'all'],
    ]);
    expect(matrix.crossTenant).toEqual({ all: 0, part: 0, none: 870, unknown: 0 });
    expect(matrix.pairs).toEqual([]);
  });

  it('tells who reaches a single port, in one direction', () => {
    const redis = networkPolicy(
      'crewai-org-2',
      '{podSelector: {}, ingress: [{from: [{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: crewai-org-1}}}], ports: [{port: 6379}]}]}',
    );
    const matrix = matrixOf({ with: deny('crewai-org-1') + redis });
    expect(matrix.pairs).toEqual([{ from: 'crewai-org-1', to: 'crewai-org-2', state: 'part', ports: 'TCP 6379' }]);
    expect(matrix.table).toContain('crewai-org-1 -> crewai-org-2: TCP 6379');
    for (const line of matrix.table.split('\n')) expect(line.length).toBeLessThanOrEqual(80);
  });

  it('does not know what policies out of sight say', () => {
    const matrix = matrixOf({
      with: deny('crewai-org-1'),
      faults: [{ resource: 'networkpolicies.networking.k8s.io', namespace: 'crewai-org-2' }],
    });
    expect(matrix.crossTenant).toEqual({ all: 0, part: 0, none: 0, unknown: 2 });
    expect(matrix.code).toBe(3);
    expect(matrix.table).toContain('it is not known');
  });

  it('does not know which addresses pods without one have', () => {
    const block = networkPolicy(
      'crewai-org-2',
      '{podSelector: {}, ingress: [{from: [{ipBlock: {cidr: 10.0.0.0/8}}]}]}',
    );
    const matrix = matrixOf({ with: deny('crewai-org-1') + block });
    expect(matrix.crossTenant).toEqual({ all: 0, part: 0, none: 1, unknown: 1 });
    expect(matrix.code).toBe(3);
  });

  it('judges pods to come where there are none, and leaves out what has neither', () => {
    const without = ['Pod/crewai-org-2/*', 'Pod/crewai-org-1/*', 'Deployment/crewai-org-1/*'];
    const matrix = matrixOf({ without, with: deny('crewai-org-2') });
    expect(matrix.left).toEqual([{ namespace: 'crewai-org-1', why: 'has no pods' }]);
    expect(rows(matrix)).toEqual(['crewai-org-2: none,all own all out all', 'crewai: none,none own all out all']);
  });

  it.each([
    'adminnetworkpolicies.policy.networking.k8s.io',
    'ciliumnetworkpolicies.cilium.io',
    'globalnetworkpolicies.crd.projectcalico.org',
  ])('claims no more than NetworkPolicies say where %s are served', (name) => {
    const matrix = matrixOf({ with: deny('crewai-org-1') + deny('crewai-org-2') + definitionOf(name) });
    expect(matrix.crossTenant).toEqual({ all: 0, part: 0, none: 2, unknown: 0 });
    expect(matrix.notes.join()).toContain(name);
    expect(matrix.gaps.map(({ resource, reason }) => `${resource} ${reason}`)).toEqual([`${name} not-collected`]);
    expect(matrix.code).toBe(3);
    expect(matrix.table).toContain('by NetworkPolicies alone');
  });

  it('minds no definition that is not served, nor what the network plugin keeps besides', () => {
    const matrix = matrixOf({
      with:
        deny('crewai-org-1') +
        definitionOf('ciliumnetworkpolicies.cilium.io', false) +
        definitionOf('ciliumendpoints.cilium.io') +
        definitionOf('ippools.crd.projectcalico.org'),
    });
    expect([matrix.gaps, matrix.code]).toEqual([[], 0]);
    expect(matrix.table).not.toContain('alone');
  });

  it('does not know whether there are others where definitions may not be listed', () => {
    const resource = 'customresourcedefinitions.apiextensions.k8s.io';
    const matrix = matrixOf({ faults: [{ resource }] });
    expect(matrix.gaps).toMatchObject([{ resource, reason: 'forbidden' }]);
    expect(matrix.code).toBe(3);
  });
});

const definitionOf = (name: string, served = true): string => {
  const [plural = '', ...group] = name.split('.');
  return document({
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name },
    spec: {
      group: group.join('.'),
      scope: 'Cluster',
      names: { plural, kind: plural },
      versions: [{ name: 'v1', served, storage: true }],
    },
  });
};
