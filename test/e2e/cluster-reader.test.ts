import { readFileSync } from 'node:fs';
import { afterEach, expect, test } from 'vitest';
import { loadKubeconfig } from '../../src/cluster/kubeconfig.ts';
import { readSnapshot, type SnapshotReading } from '../../src/cluster/snapshot-reader.ts';
import { createTransport, type Transport } from '../../src/cluster/transport.ts';
import { gunzip } from '../../src/kubernetes/gunzip.ts';
import type { ReadPlan } from '../../src/model/reading.ts';
import { RESOURCE_NAMES, RESOURCES } from '../../src/model/resource.ts';
import { accessFor, adminClient, adminKubeconfig, describeCluster, kubeconfigFor, writeKubeconfig } from './harness.ts';

const NAMESPACE = 'cluster-reader';
const GET_PODS = { verb: 'get', group: '', resource: 'pods', namespace: NAMESPACE };
const open: Transport[] = [];
afterEach(() => {
  for (const transport of open.splice(0)) transport.close();
});

const plan: ReadPlan = {
  first: ['namespaces'],
  second: () => [],
  reads: () => RESOURCE_NAMES,
  namedNamespaces: [NAMESPACE],
  scope: () => ({
    platformNamespaces: [NAMESPACE],
    namespaces: [NAMESPACE],
    narrow: false,
    keeps: () => true,
  }),
  questions: () => [
    { identity: { user: 'nobody', groups: [] }, question: GET_PODS },
    { identity: { user: 'root', groups: ['system:masters'] }, question: GET_PODS },
  ],
};

async function read(kubeconfig: string): Promise<SnapshotReading & { readonly transport: Transport }> {
  const access = loadKubeconfig(
    { kubeconfig },
    {
      env: {},
      homedir: '/',
      platform: process.platform,
      readFile: (path) => readFileSync(path, 'utf8'),
      parseYaml: (text) => JSON.parse(text) as unknown,
    },
  );
  const transport = createTransport(access, { version: 'e2e' });
  open.push(transport);
  const tools = { fingerprint: () => 'fp:0', gunzip, parseYaml: (text: string) => JSON.parse(text) as unknown };
  return { ...(await readSnapshot(transport, plan, { now: 0, tools })), transport };
}

describeCluster('the snapshot reader and a real API server', () => {
  test('an administrator sees everything, and no value of a Secret', async () => {
    const client = adminClient();
    await client.demand('POST', '/api/v1/namespaces', { metadata: { name: NAMESPACE } });
    const dockerconfig = JSON.stringify({
      auths: { 'r.example.com': { username: 'bob', password: 'canary-password' } },
    });
    for (const secret of [
      { metadata: { name: 'plain' }, type: 'Opaque', stringData: { value: 'canary-value' } },
      {
        metadata: { name: 'pull' },
        type: 'kubernetes.io/dockerconfigjson',
        stringData: { '.dockerconfigjson': dockerconfig },
      },
    ])
      await client.demand('POST', `/api/v1/namespaces/${NAMESPACE}/secrets`, secret);

    const { snapshot, identity, transport } = await read(adminKubeconfig());
    for (const resource of RESOURCE_NAMES)
      expect([resource, snapshot.completeness(resource, NAMESPACE)]).toEqual([resource, 'complete']);
    expect(snapshot.find('secrets', 'plain', NAMESPACE)).toMatchObject({ kind: 'Secret', type: 'Opaque' });
    expect(snapshot.find('registry-secrets', 'pull', NAMESPACE)).toMatchObject({ parse: 'ok' });
    expect(snapshot.list('access-reviews').map(({ answer }) => answer)).toEqual(['denied', 'allowed']);
    expect(snapshot.origin).toMatchObject({ clusterUid: expect.any(String) as string });
    expect(identity?.user).toBe('admin');
    const everything = JSON.stringify(RESOURCE_NAMES.map((resource) => snapshot.list(resource)));
    expect(everything).not.toMatch(/canary|bob/);
    expect(everything).not.toContain(Buffer.from('canary-value').toString('base64'));
    expect(transport.counts()).toMatchObject({ retried: 0, refused: 0 });
  });

  test('somebody without rights gets a gap with the grant for everything', async () => {
    const { snapshot, transport } = await read(kubeconfigFor('stranger'));
    for (const resource of RESOURCE_NAMES.filter((name) => RESOURCES[name].onDemand === undefined))
      expect(snapshot.completeness(resource)).toMatchObject({
        reason: 'forbidden',
        grant: { verb: expect.any(String) as string },
      });
    expect(transport.counts().retried).toBe(0);
  });

  test('a token that is not known is exit 4', async () => {
    const kubeconfig = writeKubeconfig({ ...accessFor('x'), token: 'unknown-token' });
    await expect(read(kubeconfig)).rejects.toMatchObject({
      exitCode: 4,
      message: 'cluster "e2e" does not accept the credentials of user "e2e": Unauthorized (401)',
    });
  });
});
