import { expect, test } from 'vitest';
import { coreweaveNamespaces, people, quota } from '../fixtures/coreweave.ts';
import type { RawObject } from '../fixtures/crewai.ts';
import { put } from '../support/scenario.ts';
import { adminClient, adminKubeconfig, describeCluster } from './harness.ts';
import { doctor, expectSameOffline, found, installer, type Judging } from './origins.ts';

/** As the person whose kubeconfig names this namespace. */
const judgingIn = (namespace: string): Judging => ({
  platform: ['--platform', 'coreweave', '--handle', 'acme'],
  kinds: ['namespaces,resourcequotas,deployments,roles,rolebindings,clusterroles,clusterrolebindings'],
  run: { kubeconfig: adminKubeconfig(namespace) },
});

describeCluster('CoreWeave Classic on the real control plane', () => {
  const client = adminClient();
  const install = installer(client);

  test('clean namespaces are clean, live, from files and from a bundle', async () => {
    await install(coreweaveNamespaces({ controllers: true }));
    const judging = judgingIn('tenant-acme');
    const report = await doctor(judging);
    expect(found(report)).toEqual([]);
    await expectSameOffline(judging, report);
    expect(
      report.checks.filter(({ id, outcome }) => id.startsWith('coreweave-') && outcome === 'not-evaluated'),
    ).toEqual([]);
  });

  test('every fault is found by its check, live, from files and from a bundle', async () => {
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
    expect(found(await doctor(judgingIn('default')))).toEqual(['coreweave-context-mismatch Config/e2e', ...expected]);
    const judging = judgingIn('tenant-acme');
    const live = await doctor(judging);
    expect(found(live)).toEqual(expected);
    await expectSameOffline(judging, live);
  });
});
