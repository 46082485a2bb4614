import { describe, expect, it } from 'vitest';
import { applyPolicy, baselineOf } from '../../src/audit/policy.ts';
import type { Finding } from '../../src/model/finding.ts';
import type { Waiver } from '../../src/model/policy.ts';
import type { CheckResult } from '../../src/model/report.ts';

const NOW = Date.parse('2026-11-20T10:00:00Z');

const finding = (org: string, more: Partial<Finding> = {}): Finding => ({
  id: `id-${org}-${more.check ?? 'registry-secret-stale'}`,
  check: 'registry-secret-stale',
  severity: 'high',
  object: { apiVersion: 'v1', kind: 'Secret', namespace: `crewai-org-${org}`, name: 'docker-registry' },
  message: 'm',
  confidence: 'certain',
  evidence: [],
  cause: null,
  remediation: { kind: 'none', summary: '', steps: [] },
  tenant: { id: org, namespace: `crewai-org-${org}` },
  ...more,
});

const result = (outcome: CheckResult['outcome'], gaps: readonly number[] = []): CheckResult => ({
  id: 'registry-secret-stale',
  title: '',
  severity: 'high',
  area: 'registry',
  outcome,
  objects: 1,
  findings: 0,
  gaps,
});

const waiver = (more: Partial<Waiver> = {}): Waiver => ({
  check: 'registry-secret-stale',
  reason: 'own account',
  owner: 'team',
  expires: '2026-11-20',
  source: 'waivers.yaml',
  ...more,
});

const run = (waivers: readonly Waiver[], findings = [finding('4')], checks = [result('failed')]) => {
  const { findings: counting, waived } = applyPolicy(findings, checks, { waivers }, NOW);
  return {
    counting: counting.map(({ check, id }) => (check.startsWith('waiver') ? check : id)),
    waived: waived.map(({ id }) => id),
  };
};
const KEPT = { counting: ['id-4-registry-secret-stale'], waived: [] };
const WAIVED = { counting: [], waived: ['id-4-registry-secret-stale'] };
const UNUSED = { counting: ['id-4-registry-secret-stale', 'waiver-unused'], waived: [] };

describe('waivers', () => {
  it.each<[string, Partial<Waiver>, object]>([
    ['of the check, on its last day', {}, WAIVED],
    ['of another check that was not evaluated', { check: 'other-check' }, KEPT],
    ['by object', { object: 'Secret/docker-*' }, WAIVED],
    ['by object with its group', { object: 'Secret./docker-registry' }, WAIVED],
    ['by another object', { object: 'Secret/docker' }, UNUSED],
    ['by another kind', { object: 'RoleBinding/docker-registry' }, UNUSED],
    ['by organization', { orgs: ['7', '4'] }, WAIVED],
    ['by another organization', { orgs: ['40'] }, UNUSED],
    ['by namespace', { namespaces: ['crewai-org-*'] }, WAIVED],
    ['by a namespace whose dot is no wildcard', { namespaces: ['crewai.org.4'] }, UNUSED],
    ['by keys that do not all match', { orgs: ['4'], object: 'Secret/x' }, UNUSED],
    ['expired', { expires: '2026-11-19' }, { counting: ['id-4-registry-secret-stale', 'waiver-expired'], waived: [] }],
  ])('%s', (_name, more, expected) => {
    expect(run([waiver(more)])).toEqual(expected);
  });

  it('says nothing about a waiver whose check could not be evaluated everywhere', () => {
    expect(run([waiver()], [], [result('not-evaluated', [0])])).toEqual({ counting: [], waived: [] });
    expect(run([waiver()], [], [result('failed', [0])])).toEqual({ counting: [], waived: [] });
    expect(run([waiver()], [], [result('passed')])).toEqual({ counting: ['waiver-unused'], waived: [] });
  });

  it('keeps who decided and until when', () => {
    const { waived } = applyPolicy([finding('4')], [result('failed')], { waivers: [waiver()] }, NOW);
    expect(waived[0]?.waiver).toEqual({
      reason: 'own account',
      owner: 'team',
      expires: '2026-11-20',
      source: 'waivers.yaml',
    });
  });
});

describe('a baseline', () => {
  it('tells new, known and gone apart', () => {
    const baseline = [
      { id: 'id-4-registry-secret-stale', check: 'registry-secret-stale' },
      { id: 'gone', check: 'registry-secret-stale' },
      { id: 'hidden', check: 'not-run' },
    ];
    const { findings, compared } = applyPolicy(
      [finding('4'), finding('5')],
      [result('failed')],
      { waivers: [], baseline },
      NOW,
    );
    expect(findings.map(({ state }) => state)).toEqual(['known', 'new']);
    expect(compared).toEqual({ new: 1, known: 1, gone: 1 });
  });

  it('is written from findings, without those about waivers', () => {
    expect(baselineOf([finding('4'), finding('5', { check: 'waiver-unused' })], NOW)).toEqual([
      {
        id: 'id-4-registry-secret-stale',
        check: 'registry-secret-stale',
        object: 'Secret/crewai-org-4/docker-registry',
        since: '2026-11-20',
      },
    ]);
  });
});
