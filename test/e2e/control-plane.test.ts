import { afterAll, expect, test } from 'vitest';
import { createClient } from './api-client.ts';
import { waitFor } from './control-plane.ts';
import {
  accessForServiceAccount,
  adminClient,
  auditEvents,
  cluster,
  createEvent,
  describeCluster,
  kubeconfigFor,
  kubectl,
  podStatus,
  setLog,
  setPodStatus,
  writeKubeconfig,
} from './harness.ts';
import { NODE } from './kubelet.ts';

const NAMESPACE = 'e2e-control-plane';

interface PodList {
  readonly items: readonly {
    readonly metadata: { readonly name: string };
    readonly status: { readonly phase: string };
  }[];
}

describeCluster('the control plane of these tests', () => {
  const client = adminClient();
  afterAll(async () => {
    await client.send('DELETE', `/api/v1/namespaces/${NAMESPACE}`);
    client.close();
  });

  test('answers people and service accounts by RBAC alone', async () => {
    const reader = kubeconfigFor('reader', ['on-call']);
    expect(await kubectl(['auth', 'whoami', '-o', 'json'], { kubeconfig: reader })).toMatchObject({ status: 0 });
    const pods = await kubectl(['get', 'pods', '-A'], { kubeconfig: reader });
    expect(pods.status).toBe(1);
    expect(pods.stderr).toContain('pods is forbidden: User "reader" cannot list resource "pods"');
    const account = createClient(await accessForServiceAccount(client, 'default', 'default'));
    const review = await account.demand('POST', '/apis/authentication.k8s.io/v1/selfsubjectreviews', {
      apiVersion: 'authentication.k8s.io/v1',
      kind: 'SelfSubjectReview',
    });
    account.close();
    expect(review).toMatchObject({ status: { userInfo: { username: 'system:serviceaccount:default:default' } } });
    const forged = writeKubeconfig({ ...cluster().admin, token: 'e2e.e30.forged' });
    expect((await kubectl(['get', 'pods'], { kubeconfig: forged })).stderr).toContain('Unauthorized');
  });

  test('runs a Deployment to ready pods, shows logs and events, and lets the namespace go', async () => {
    await client.demand('POST', '/api/v1/namespaces', { metadata: { name: NAMESPACE } });
    const labels = { app: 'web' };
    await client.demand('POST', `/apis/apps/v1/namespaces/${NAMESPACE}/deployments`, {
      metadata: { name: 'web' },
      spec: {
        replicas: 2,
        selector: { matchLabels: labels },
        template: {
          metadata: { labels },
          spec: { nodeName: NODE, containers: [{ name: 'web', image: 'registry.example.com/web:1' }] },
        },
      },
    });
    await waitFor('the Deployment has two ready pods', async () => {
      const { body } = await client.send('GET', `/apis/apps/v1/namespaces/${NAMESPACE}/deployments/web`);
      return (body as { status?: { readyReplicas?: number } }).status?.readyReplicas === 2;
    });
    const pods = (await client.demand('GET', `/api/v1/namespaces/${NAMESPACE}/pods`)) as PodList;
    expect(pods.items.map((pod) => pod.status.phase)).toEqual(['Running', 'Running']);
    const pod = pods.items[0]!.metadata.name;
    setLog({ namespace: NAMESPACE, pod, container: 'web' }, ['one', 'two', 'three']);
    expect(await kubectl(['logs', '-n', NAMESPACE, pod, '--tail=2'])).toEqual({
      status: 0,
      stdout: 'two\nthree\n',
      stderr: '',
    });
    const containers = [{ name: 'web', image: 'registry.example.com/web:1' }];
    await setPodStatus(client, NAMESPACE, pod, podStatus.imagePullBackOff(containers, 'Back-off pulling image'));
    await createEvent(
      client,
      { apiVersion: 'v1', kind: 'Pod', namespace: NAMESPACE, name: pod },
      { reason: 'Failed', message: 'no' },
    );
    const described = await kubectl(['get', 'pods', '-n', NAMESPACE, pod, '--no-headers']);
    expect(described.stdout).toMatch(/0\/1\s+ImagePullBackOff/);
    expect(auditEvents('admin').some((event) => event.requestURI.includes(`/pods/${pod}/log`))).toBe(true);
    await client.demand('DELETE', `/api/v1/namespaces/${NAMESPACE}`);
    await waitFor(
      'the namespace is gone',
      async () => (await client.send('GET', `/api/v1/namespaces/${NAMESPACE}`)).status === 404,
    );
  });
});
