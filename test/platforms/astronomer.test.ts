import { describe, expect, it } from 'vitest';
import { houstonConfig, astronomerPlatform, type AstronomerOptions } from '../fixtures/astronomer.ts';
import { crewaiPlatform } from '../fixtures/crewai.ts';
import { detectAstronomer } from '../../src/platforms/astronomer.ts';
import type { AstronomerPlatform } from '../../src/model/astronomer.ts';
import type { Settings } from '../../src/model/platform.ts';
import { platformsOf, put, snapshotOf, type Scenario } from '../support/scenario.ts';

const detected = (scenario: Scenario, settings: Settings = {}): ReturnType<typeof detectAstronomer> =>
  detectAstronomer(snapshotOf(scenario), settings);

function platform(scenario: Scenario, settings: Settings = {}): AstronomerPlatform {
  const detection = detected(scenario, settings);
  if (!('platform' in detection)) throw new Error(JSON.stringify(detection));
  return detection.platform;
}

const base = (options: AstronomerOptions = {}): Scenario => ({ base: astronomerPlatform(options) });
const FACTS = { release: 'astronomer', namespace: 'astronomer', pool: ['x'], by: 'people', version: '0.34.1' } as const;

describe('the pool, in every era', () => {
  it.each([
    ['people, before 0.29', { version: '0.28.3', by: 'people' }],
    ['the chart, 0.29 and newer', { version: '0.37.1', by: 'chart' }],
    ['the chart, 2.0 and newer', { version: '2.1.0', by: 'chart' }],
    ['people, 2.0 and newer', { version: '2.1.0', by: 'people' }],
    ['Commander alone, with Houston in another cluster', { version: '1.1.0', houston: false }],
  ] as const)('%s', (_name, options) => {
    const { pool, tenants, version, account } = platform(base(options));
    expect([pool.state, pool.names]).toEqual(['on', ['airflow-one', 'airflow-two']]);
    expect(tenants.map(({ namespace, exists }) => [namespace, exists])).toEqual([
      ['airflow-one', true],
      ['airflow-two', true],
    ]);
    expect([version, account]).toEqual([options.version, { namespace: 'astronomer', name: 'astronomer-commander' }]);
  });

  it('takes the local file over the other one, and does not merge lists', () => {
    const both = houstonConfig(FACTS, {
      production: { deployments: { manualNamespaceNames: false, preCreatedNamespaces: [{ name: 'old' }] } },
      local: { deployments: { manualNamespaceNames: true, preCreatedNamespaces: [{ name: 'new' }] } },
    });
    const { pool } = platform({ ...base(), change: (objects) => put(objects, both) });
    expect([pool.state, pool.names]).toEqual(['on', ['new']]);
    expect(pool.lists.map(({ where }) => where)).toEqual([
      'local-production.yaml deployments.preCreatedNamespaces',
      'production.yaml deployments.preCreatedNamespaces',
    ]);
  });

  it('takes what the local file leaves out from the other one', () => {
    const both = houstonConfig(FACTS, {
      production: { deployments: { preCreatedNamespaces: [{ name: 'there' }] } },
      local: { deployments: { manualNamespaceNames: true } },
    });
    expect(platform({ ...base(), change: (objects) => put(objects, both) }).pool.names).toEqual(['there']);
  });

  it('is off where Houston does not say otherwise', () => {
    const off = houstonConfig(FACTS, { local: '# nothing\n' });
    const { pool, tenants } = platform({ ...base(), change: (objects) => put(objects, off) });
    expect([pool.state, tenants]).toEqual(['off', []]);
  });

  it.each([
    [
      'Houston is not here, and an older Commander has no list',
      { without: ['ConfigMap/astronomer/astronomer-houston-config'] },
    ],
    ['the ConfigMap may not be read', { faults: [{ resource: 'houston-configs' }] }],
    ['a file of it is no YAML', { change: (objects) => put(objects, houstonConfig(FACTS, { local: 'a: [' })) }],
    [
      'its list is of another form',
      {
        change: (objects) =>
          put(objects, houstonConfig(FACTS, { local: { deployments: { preCreatedNamespaces: 'a' } } })),
      },
    ],
    ['it is redacted', { change: (objects) => put(objects, houstonConfig(FACTS, { local: '***HIDDEN***' })) }],
  ] as readonly (readonly [string, Scenario])[])('is unknown, and not empty: %s', (_name, scenario) => {
    expect(platform({ ...base(), ...scenario }).pool).toMatchObject({ state: 'unknown', names: [] });
  });

  it('is what the values say where nothing else can be seen', () => {
    const { pool } = platform({
      ...base({ by: 'chart', version: '0.37.1' }),
      faults: [{ resource: 'houston-configs' }],
    });
    expect([pool.names, pool.chart]).toEqual([
      ['airflow-one', 'airflow-two'],
      { createsRoles: true, createsNamespaces: true },
    ]);
  });
});

it('keeps nothing of the ConfigMap but the pool', () => {
  const snapshot = snapshotOf(base({ by: 'chart', version: '2.0.0' }));
  const [config] = snapshot.list('houston-configs');
  expect(config?.files.map(({ nested }) => nested?.names ?? [])).toEqual([[], ['airflow-one', 'airflow-two']]);
  expect(JSON.stringify(config)).not.toContain('example-password');
});

describe('recognising it', () => {
  it('finds nothing on CrewAI Platform, and both where both are', () => {
    expect(detected({ base: crewaiPlatform() })).toMatchObject({ none: expect.any(String) as string });
    const both = [
      ...crewaiPlatform(),
      ...astronomerPlatform().filter(({ metadata }) => metadata.name !== 'kube-system'),
    ];
    expect(platformsOf(snapshotOf({ base: both })).map(({ id }) => id)).toEqual(['crewai', 'astronomer']);
  });

  it('is not misled by a name', () => {
    const other = 'apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: fleet-commander, namespace: fleet}';
    expect(detected({ base: [], with: other })).toMatchObject({ none: expect.any(String) as string });
  });

  it('asks which of two', () => {
    const two = [...astronomerPlatform(), ...astronomerPlatform({ namespace: 'second', pool: ['c'] })];
    expect(detected({ base: two })).toEqual({
      several: [
        { namespace: 'astronomer', release: 'astronomer' },
        { namespace: 'second', release: 'astronomer' },
      ],
    });
    expect(platform({ base: two }, { platformNamespace: 'second' }).allTenants.map(({ id }) => id)).toEqual(['c']);
  });

  it('leaves out a control plane, whose Commanders are elsewhere', () => {
    expect(detected({ ...base(), without: ['Deployment/astronomer/astronomer-commander'] })).toMatchObject({
      none: expect.any(String) as string,
    });
  });

  it('judges a RoleBinding alone in a file that leaves Deployments out', () => {
    const scenario: Scenario = {
      base: astronomerPlatform().filter(({ kind }) => kind === 'Role' || kind === 'RoleBinding'),
      completeness: 'kinds-present',
    };
    const { tenants, pool, account } = platform(scenario);
    expect(tenants.map(({ id, exists }) => [id, exists])).toEqual([
      ['airflow-one', 'unknown'],
      ['airflow-two', 'unknown'],
    ]);
    expect([pool.state, account]).toEqual(['unknown', { namespace: 'astronomer', name: 'astronomer-commander' }]);
    // A whole dump with a left-over RoleBinding is no platform, unless the user says so.
    expect(detected({ ...scenario, completeness: 'all' })).toMatchObject({ none: expect.any(String) as string });
    expect(platform({ ...scenario, completeness: 'all' }, { platforms: ['astronomer'] }).tenants).toHaveLength(2);
  });
});

describe('what Commander needs', () => {
  const words = (version: string): string[] =>
    (platform(base({ version })).needs.version ?? []).map(
      ({ verb, group, resource }) => `${verb} ${group}/${resource}`,
    );

  it.each([
    ['0.28.9', ['list */*', '* rbac.authorization.k8s.io/roles'], ['escalate rbac.authorization.k8s.io/roles']],
    ['0.34.1', ['escalate rbac.authorization.k8s.io/roles'], ['patch policy/poddisruptionbudgets', 'list */*']],
    ['0.34.2', ['patch policy/poddisruptionbudgets'], ['get batch/jobs']],
    ['0.36.0', ['get batch/jobs', 'deletecollection /configmaps'], ['create /pods']],
    [
      '0.37.0',
      ['create /pods', 'create /pods/exec'],
      ['escalate rbac.authorization.k8s.io/roles', 'deletecollection /pods'],
    ],
    ['1.1.0', ['deletecollection /pods'], ['list apps/deployments']],
    ['2.1.0', ['list apps/deployments'], ['delete /namespaces', 'create /namespaces', 'get /nodes']],
  ])('in %s', (version, needed, not) => {
    expect(words(version)).toEqual(expect.arrayContaining(needed));
    expect(words(version).filter((word) => not.includes(word))).toEqual([]);
  });

  it('is not known without a version', () => {
    const { needs } = platform(base({ version: 'edge' }));
    expect([needs.version, needs.later.map(({ since }) => since)]).toEqual([
      undefined,
      ['0.26.0', '0.27.0', '0.29.0', '0.34.2', '0.35.0', '0.36.0', '0.37.0', '1.1.0', '2.0.0'],
    ]);
  });
});
