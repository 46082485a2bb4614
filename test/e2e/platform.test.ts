import { afterEach, expect, test } from 'vitest';
import { adminClient, describeCluster, kubectl } from './harness.ts';
import { installPlatform, type InstalledPlatform } from './platform.ts';

describeCluster('a CrewAI Platform on the real control plane', () => {
  const client = adminClient();
  let installed: InstalledPlatform | undefined;
  afterEach(() => installed?.remove());

  const canIn = async (namespace: string): Promise<string> => {
    const args = ['auth', 'can-i', 'get', 'secrets', '-n', namespace, '--as=system:serviceaccount:crewai:crewai-sa'];
    return (await kubectl(args)).stdout.trim();
  };

  test('manual mode: pods run, and rights end where a RoleBinding is missing', async () => {
    installed = await installPlatform(client, { orgs: [1, 2] }, (objects) =>
      objects.filter(({ kind, metadata }) => kind !== 'RoleBinding' || metadata.namespace !== 'crewai-org-2'),
    );
    expect(installed.namespaces).toEqual(['crewai', 'crewai-org-1', 'crewai-org-2']);
    const pods = await kubectl(['get', 'pods', '-A', '-l', 'org-id=org-2', '--no-headers']);
    expect(pods.stdout.trim().split('\n')).toHaveLength(3);
    expect(pods.stdout).toMatch(/^crewai-org-2\s+org-2-crew-1-sales-redis-\S+\s+1\/1\s+Running/);
    expect([await canIn('crewai-org-1'), await canIn('crewai-org-2')]).toEqual(['yes', 'no']);
  });

  test('auto mode: a ClusterRoleBinding reaches every namespace, and removing leaves nothing', async () => {
    installed = await installPlatform(client, { orgs: [7], mode: 'auto', crewsPerOrg: 2 });
    expect(await canIn('crewai-org-7')).toBe('yes');
    await installed.remove();
    expect((await client.send('GET', '/api/v1/namespaces/crewai-org-7')).status).toBe(404);
    expect(await canIn('default')).toBe('no');
  });
});
