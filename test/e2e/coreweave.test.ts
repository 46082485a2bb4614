import { afterEach, expect, test } from 'vitest';
import type { Report } from '../../src/model/report.ts';
import { coreweaveNamespaces, people, quota } from '../fixtures/coreweave.ts';
import type { RawObject } from '../fixtures/crewai.ts';
import { put } from '../support/scenario.ts';
import { adminClient, adminKubeconfig, crewiso, describeCluster, kubectl } from './harness.ts';
import { createObjects, removeObjects } from './platform.ts';

const OWN = ['--platform', 'coreweave', '--handle', 'acme', '-o', 'json', '--fail-on', 'never', '--allow-incomplete'];

async function doctor(namespace: string | undefined, args: readonly string[] = [], input?: string): Promise<Report> {
  const ran = await crewiso(['doctor', ...OWN, ...args], {
    kubeconfig: adminKubeconfig(namespace),
    ...(input === undefined ? {} : { input }),
  });
  expect(ran.stdout, ran.stderr).toMatch(/^\{/);
  return JSON.parse(ran.stdout) as Report;
}

const found = ({ findings }: Report): string[] =>
  findings
    .map(({ check, object }) => `${check} ${[object.kind, object.namespace, object.name].filter(Boolean).join('/')}`)
    .sort();

async function offline(): Promise<Report> {
  const kinds = 'namespaces,resourcequotas,deployments,roles,rolebindings,clusterroles,clusterrolebindings';
  const { stdout } = await kubectl(['get', kinds, '-A', '-o', 'yaml']);
  return doctor(undefined, ['-f', '-', '--complete=all'], stdout);
}

describeCluster('CoreWeave Classic on the real control plane', () => {
  const client = adminClient();
  let objects: readonly RawObject[] = [];
  afterEach(() => removeObjects(client, objects));

  const install = async (all: readonly RawObject[]): Promise<void> => {
    objects = all;
    await createObjects(client, all);
  };

  test('clean namespaces are clean, live and from files', async () => {
    await install(coreweaveNamespaces({ controllers: true }));
    const report = await doctor('tenant-acme');
    expect([found(report), found(await offline())]).toEqual([[], []]);
    expect(
      report.checks.filter(({ id, outcome }) => id.startsWith('coreweave-') && outcome === 'not-evaluated'),
    ).toEqual([]);
  });

  test('every fault is found by its check, live and from files', async () => {
    const deployment: RawObject = {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'crewai-web', namespace: 'tenant-acme-dev1', labels: { 'app.kubernetes.io/component': 'web' } },
      spec: {
        replicas: 0,
        selector: { matchLabels: { app: 'web' } },
        template: {
          metadata: { labels: { app: 'web' } },
          spec: { containers: [{ name: 'web', image: 'crewai', env: [{ name: 'K8S_NAMESPACE', value: 'crews' }] }] },
        },
      },
    };
    const ids = Array.from({ length: 9 }, (_, index) => `dev${String(index)}`);
    await install(
      put(
        coreweaveNamespaces({ ids, controllers: true }),
        quota('tenant-acme-dev0', { pods: '10' }),
        people('tenant-acme-dev2', 'strangers'),
        deployment,
      ),
    );
    const expected = [
      'coreweave-isolation-infeasible Namespace/crews',
      'coreweave-namespace-limit Namespace/tenant-acme',
      'coreweave-sibling-drift Namespace/tenant-acme-dev0',
      'coreweave-sibling-drift Namespace/tenant-acme-dev2',
    ];
    expect(found(await doctor('default'))).toEqual(['coreweave-context-mismatch Config/e2e', ...expected]);
    expect(found(await offline())).toEqual(expected);
  });
});
