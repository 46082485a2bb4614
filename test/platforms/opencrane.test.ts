import { describe, expect, it } from 'vitest';
import { CHECKS } from '../../src/checks/index.ts';
import type { OpencranePlatform } from '../../src/model/opencrane.ts';
import { detectOpencrane, isOpencraneThere, opencraneScope } from '../../src/platforms/opencrane.ts';
import { crewaiPlatform, type RawObject } from '../fixtures/crewai.ts';
import { opencraneDefinitions, opencranePlatform } from '../fixtures/opencrane.ts';
import { put, reportOf, snapshotOf, type Scenario } from '../support/scenario.ts';

const healthy = opencranePlatform();
const platform = (scenario: Scenario): OpencranePlatform => {
  const found = detectOpencrane(snapshotOf(scenario), scenario.settings ?? {});
  if (!('platform' in found)) throw new Error(JSON.stringify(found));
  return found.platform;
};
const watchOf = (scenario: Scenario): unknown => platform(scenario).instances[0]?.components[0]?.watch;
/** Gives the operator of oc-acme another environment. */
const withEnv = (env: object): Scenario => ({
  base: healthy,
  change: (objects) =>
    objects.map((object) =>
      object.kind === 'Deployment' && object.metadata.name === 'oc-acme-operator'
        ? {
            ...object,
            spec: { template: { spec: { serviceAccountName: 'x', containers: [{ name: 'main', ...env }] } } },
          }
        : object,
    ),
});

describe('OpenCrane', () => {
  it('is found with its instances, accounts and tenants', () => {
    const found = platform({ base: healthy });
    expect(found.instances.map(({ namespace, release }) => [namespace, release])).toEqual([
      ['oc-acme', 'oc-acme'],
      ['oc-globex', 'oc-globex'],
    ]);
    expect(
      found.instances.map(({ components }) => components.map(({ name, account }) => `${name} ${account}`)),
    ).toEqual([
      ['operator oc-acme-operator', 'control-plane oc-acme-control-plane'],
      ['clustertenant-manager oc-globex-clustertenant-manager', 'control-plane oc-globex-control-plane'],
    ]);
    expect(found.ownNamespaces).toEqual(['oc-acme', 'oc-globex']);
    expect(found.platformNamespace).toBeUndefined();
    expect(found.account).toBeUndefined();
    expect(found.tenants.map(({ id, namespace, exists }) => [id, namespace, exists])).toEqual([
      ['acme', 'opencrane-acme', true],
      ['globex', 'opencrane-globex', true],
      ['initech', 'opencrane-initech', true],
    ]);
    expect(isOpencraneThere(snapshotOf({ base: healthy }))).toBe(true);
  });

  it('has one account and namespace where there is one instance', () => {
    const found = platform({ base: opencranePlatform({ instances: ['oc'], tenants: [] }) });
    expect([found.platformNamespace, found.account]).toEqual(['oc', { namespace: 'oc', name: 'oc-operator' }]);
  });

  it.each<[string, Scenario, object]>([
    ['a value', { base: healthy }, { value: 'oc-acme' }],
    [
      'a variable of it',
      withEnv({
        env: [
          { name: 'A', value: 'x' },
          { name: 'WATCH_NAMESPACE', value: '$(A)-y' },
        ],
      }),
      { value: 'x-y' },
    ],
    [
      'the downward API',
      withEnv({ env: [{ name: 'WATCH_NAMESPACE', valueFrom: { fieldRef: { fieldPath: 'metadata.namespace' } } }] }),
      { value: 'oc-acme', source: 'field metadata.namespace' },
    ],
    [
      'a ConfigMap',
      {
        ...withEnv({ envFrom: [{ configMapRef: { name: 'settings' } }] }),
        with: '{apiVersion: v1, kind: ConfigMap, metadata: {name: settings, namespace: oc-acme}, data: {WATCH_NAMESPACE: x}}',
      },
      { value: 'x' },
    ],
    ['nothing', withEnv({}), { value: '' }],
    [
      'a Secret, which is not read',
      withEnv({ env: [{ name: 'WATCH_NAMESPACE', valueFrom: { secretKeyRef: { name: 's', key: 'k' } } }] }),
      { unknown: expect.any(String) as string },
    ],
  ])('resolves WATCH_NAMESPACE from %s', (_name, scenario, expected) => {
    expect(watchOf(scenario)).toMatchObject(expected);
  });

  it('knows tenants by status, label, name and Tenants in a namespace, and none of another cluster', () => {
    const found = platform({
      base: [],
      with: `
{apiVersion: opencrane.io/v1alpha1, kind: ClusterTenant, metadata: {name: bound}, status: {boundNamespace: elsewhere}}
---
{apiVersion: opencrane.io/v1alpha1, kind: ClusterTenant, metadata: {name: labelled}}
---
{apiVersion: v1, kind: Namespace, metadata: {name: l, labels: {opencrane.io/cluster-tenant: labelled}}}
---
{apiVersion: opencrane.io/v1alpha1, kind: ClusterTenant, metadata: {name: named}}
---
{apiVersion: v1, kind: Namespace, metadata: {name: opencrane-named}}
---
{apiVersion: opencrane.io/v1alpha1, kind: ClusterTenant, metadata: {name: away}, spec: {isolationTier: dedicatedCluster}, status: {boundNamespace: away}}
---
{apiVersion: opencrane.io/v1alpha1, kind: ClusterTenant, metadata: {name: unbound}}
---
{apiVersion: opencrane.io/v1, kind: Tenant, metadata: {name: jane, namespace: legacy}}
`,
    });
    expect(found.tenants.map(({ id, namespace, exists }) => [id, namespace, exists])).toEqual([
      ['bound', 'elsewhere', false],
      ['labelled', 'l', true],
      ['legacy', 'legacy', false],
      ['named', 'opencrane-named', true],
    ]);
  });

  it('judges the tenants that the user chose', () => {
    const ids = (settings: Scenario['settings']): string[] =>
      platform({ base: healthy, ...(settings && { settings }) }).tenants.map(({ id }) => id);
    expect(ids({ orgs: ['acme'] })).toEqual(['acme']);
    expect(ids({ namespaces: ['opencrane-globex'] })).toEqual(['globex']);
    expect(ids({ excludeOrgs: ['acme'] })).toEqual(['globex', 'initech']);
  });

  it('is no platform by its CRDs alone, unless the user asks for it', () => {
    const left = { base: opencraneDefinitions() };
    expect(detectOpencrane(snapshotOf(left), {})).toMatchObject({ gaps: [] });
    expect(detectOpencrane(snapshotOf(left), { platforms: ['opencrane'] })).toHaveProperty('platform');
    expect(isOpencraneThere(snapshotOf({ base: crewaiPlatform() }))).toBe(false);
    expect(detectOpencrane(snapshotOf({ base: crewaiPlatform() }), {})).toHaveProperty('none');
  });

  it('is looked for in its own and its tenants namespaces, and what strays elsewhere is kept', () => {
    const scope = opencraneScope(snapshotOf({ base: healthy }), {});
    expect(scope.platformNamespaces).toEqual(['oc-acme', 'oc-globex']);
    expect(scope.namespaces).toEqual([
      ...scope.platformNamespaces,
      ...['acme', 'globex', 'initech'].map((id) => `opencrane-${id}`),
    ]);
    const stray = (labels: object): RawObject => ({ metadata: { name: 'a', namespace: 'shop', labels } }) as RawObject;
    expect(scope.keeps('pods', stray({ 'opencrane.io/tenant': 'jane' }))).toBe(true);
    expect(scope.keeps('pods', stray({}))).toBe(false);
    expect(scope.keeps('tenants.opencrane.io', stray({}))).toBe(true);
  });

  it.each<[string, readonly RawObject[]]>([
    ['two instances', healthy],
    ['one instance', opencranePlatform({ instances: ['oc'], tenants: ['acme'] })],
    ['no tenant', opencranePlatform({ tenants: [] })],
    ['beside CrewAI Platform', put(crewaiPlatform(), ...healthy)],
  ])('is silent when it is healthy: %s', (_name, base) => {
    const { findings, checks } = reportOf(CHECKS, { base });
    expect(findings.map(({ check, message }) => `${check}: ${message}`)).toEqual([]);
    expect(checks.filter(({ outcome }) => outcome === 'errored' || outcome === 'not-evaluated')).toEqual([]);
  });
});
