import { expect, test } from 'vitest';
import { stringifyYaml } from '../../src/manifests/yaml.ts';
import { airflow, astronomerPlatform, houstonConfig } from '../fixtures/astronomer.ts';
import type { RawObject } from '../fixtures/crewai.ts';
import { put } from '../support/scenario.ts';
import { adminClient, describeCluster } from './harness.ts';
import { NODE } from './kubelet.ts';
import { doctor, expectSameOffline, found, installer, type Judging } from './origins.ts';

const JUDGING: Judging = {
  platform: ['--platform', 'astronomer'],
  kinds: [
    'namespaces,pods,services,serviceaccounts,configmaps,secrets,persistentvolumeclaims,resourcequotas',
    'deployments,statefulsets,daemonsets,replicasets,jobs,cronjobs',
    'roles,rolebindings,clusterroles,clusterrolebindings',
  ],
};
const FACTS = { release: 'astronomer', namespace: 'astronomer', by: 'people', version: '0.34.1' } as const;

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
  const install = installer(client);

  test('a clean platform is clean, live, from files and from a bundle', async () => {
    await install(base());
    const report = await doctor(JUDGING);
    expect(report.target.platforms.map(({ id }) => id)).toEqual(['astronomer']);
    expect(found(report)).toEqual([]);
    await expectSameOffline(JUDGING, report);
    expect(report.checks.filter(({ id, outcome }) => id.startsWith('astronomer-') && outcome !== 'passed')).toEqual([]);
  });

  test('every fault is found by its check, live, from files and from a bundle', async () => {
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
    const live = await doctor(JUDGING);
    expect(found(live)).toEqual(expected);
    await expectSameOffline(JUDGING, live);
  });

  test('the manifest of the documentation, repaired by hand, is judged before it is applied', async () => {
    await install([]);
    const manifest = base({ pool: ['airflow-one'] }).filter(
      ({ kind, metadata }) => kind === 'Role' || kind === 'RoleBinding' || metadata.name === 'airflow-one',
    );
    const text = manifest.map((object) => `---\n${stringifyYaml(object)}`).join('');
    const report = await doctor(JUDGING, ['-f', '-', '--complete=all'], { input: text });
    expect(JSON.stringify(report.coverage)).toContain('is enough for versions before 0.34.2');
  });
});
