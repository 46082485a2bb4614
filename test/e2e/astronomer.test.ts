import { afterEach, expect, test } from 'vitest';
import { stringifyYaml } from '../../src/manifests/yaml.ts';
import type { Report } from '../../src/model/report.ts';
import { airflow, astronomerPlatform, houstonConfig } from '../fixtures/astronomer.ts';
import type { RawObject } from '../fixtures/crewai.ts';
import { put } from '../support/scenario.ts';
import { adminClient, crewiso, describeCluster, kubectl } from './harness.ts';
import { NODE } from './kubelet.ts';
import { createObjects, removeObjects } from './platform.ts';

const KINDS =
  'namespaces,pods,services,serviceaccounts,configmaps,secrets,persistentvolumeclaims,resourcequotas,deployments,statefulsets,daemonsets,replicasets,jobs,cronjobs,roles,rolebindings,clusterroles,clusterrolebindings';
const OWN = ['--platform', 'astronomer', '-o', 'json', '--fail-on', 'never', '--allow-incomplete'];
const FACTS = { release: 'astronomer', namespace: 'astronomer', by: 'people', version: '0.34.1' } as const;

async function doctor(args: readonly string[] = [], input?: string): Promise<Report> {
  const ran = await crewiso(['doctor', ...OWN, ...args], input === undefined ? {} : { input });
  expect(ran.stdout, ran.stderr).toMatch(/^\{/);
  return JSON.parse(ran.stdout) as Report;
}

const found = ({ findings }: Report): string[] =>
  findings.map(
    ({ check, object }) => `${check} ${[object.kind, object.namespace, object.name].filter(Boolean).join('/')}`,
  );

/** The cluster as people save it. */
async function offline(): Promise<Report> {
  const { stdout } = await kubectl(['get', KINDS, '-A', '-o', 'yaml']);
  return doctor(['-f', '-', '--complete=all'], stdout);
}

const base = (options = {}): RawObject[] => astronomerPlatform({ controllers: true, nodeName: NODE, ...options });
/** What an installation without a pool leaves behind. */
const clusterWide: readonly RawObject[] = [
  {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'ClusterRole',
    metadata: { name: 'astronomer-commander' },
    rules: [{ apiGroups: [''], resources: ['secrets'], verbs: ['get', 'list'] }],
  },
  {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'ClusterRoleBinding',
    metadata: { name: 'astronomer-commander' },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'astronomer-commander' },
    subjects: [{ kind: 'ServiceAccount', name: 'astronomer-commander', namespace: 'astronomer' }],
  },
];

describeCluster('Astronomer Software on the real control plane', () => {
  const client = adminClient();
  let objects: readonly RawObject[] = [];
  afterEach(() => removeObjects(client, objects));

  const install = async (all: readonly RawObject[]): Promise<void> => {
    objects = all;
    await createObjects(client, all);
  };

  test('a clean platform is clean, live and from files', async () => {
    await install(base());
    const report = await doctor();
    expect(report.target.platforms.map(({ id }) => id)).toEqual(['astronomer']);
    expect([found(report), found(await offline())]).toEqual([[], []]);
    expect(report.checks.filter(({ id, outcome }) => id.startsWith('astronomer-') && outcome !== 'passed')).toEqual([]);
  });

  test('every fault is found by its check, live and from files', async () => {
    const faulty = put(
      base({ version: '0.37.1' }).filter(
        ({ kind, metadata }) => kind !== 'Namespace' || metadata.name !== 'airflow-gone',
      ),
      houstonConfig(
        { ...FACTS, pool: ['airflow-one', 'airflow-two', 'airflow-gone'] },
        {
          production: { deployments: { preCreatedNamespaces: [{ name: 'airflow-old' }] } },
        },
      ),
      ...base({ pool: ['airflow-one'] }).filter(({ kind }) => kind === 'Role'),
      ...airflow('airflow-two', 'star-9', { nodeName: NODE }).filter(({ kind }) => kind === 'Secret'),
      ...clusterWide,
    );
    await install(faulty);
    const expected = [
      'astronomer-commander-over-privileged ClusterRoleBinding/astronomer-commander',
      'astronomer-config-disagrees ConfigMap/astronomer/astronomer-houston-config',
      'astronomer-namespace-not-reusable Namespace/airflow-two',
      'astronomer-pool-namespace-missing Namespace/airflow-gone',
      'astronomer-role-outdated Role/airflow-one/deployment-commander-role',
    ];
    const live = await doctor();
    expect(found(live).sort()).toEqual(expected);
    expect(found(await offline()).sort()).toEqual(expected);
  });

  test('the manifest of the documentation, repaired by hand, is judged before it is applied', async () => {
    await install([]);
    const manifest = base({ pool: ['airflow-one'] }).filter(
      ({ kind, metadata }) => kind === 'Role' || kind === 'RoleBinding' || metadata.name === 'airflow-one',
    );
    const text = manifest.map((object) => `---\n${stringifyYaml(object)}`).join('');
    const report = await doctor(['-f', '-', '--complete=all'], text);
    expect(JSON.stringify(report.coverage)).toContain('is enough for versions before 0.34.2');
  });
});
