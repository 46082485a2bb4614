import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { namespaceOfChange } from '../../src/model/fix.ts';
import type { Report } from '../../src/model/report.ts';
import { crewObjects } from '../fixtures/crewai.ts';
import { waitFor } from './control-plane.ts';
import { FIX_CASES, scopeOf, STOPPED } from './fix-cases.ts';
import { Bench, documentOf, plansByRun } from './fix-runs.ts';
import {
  CUTS,
  isChange,
  killAt,
  leaveAlone,
  READER,
  READER_RIGHTS,
  refuse,
  repairAndUndo,
  TRIES,
} from './fix-tries.ts';
import { adminClient, auditEvents, describeCluster, kubectl, type AuditEvent } from './harness.ts';
import { NODE } from './kubelet.ts';
import { createObjects, installPlatform, removeObjects, type InstalledPlatform } from './platform.ts';

describeCluster('fixes on the real API server', () => {
  const client = adminClient();
  const all = [...FIX_CASES, ...STOPPED];
  let installed: InstalledPlatform;

  beforeAll(async () => {
    const orgs = all.map(({ org }) => org).filter((org) => org !== 43);
    installed = await installPlatform(
      client,
      { orgs },
      (objects) => all.reduce((changed, { change }) => change(changed), objects),
      // What runs in the shared namespace was there before isolation: what is younger is no certain orphan.
      ({ metadata }) => metadata.namespace === 'crewai',
    );
    for (const { apply } of all) await apply?.(client);
    await createObjects(client, READER_RIGHTS);
    // They are stopped by a fix, as they would be.
    const bench = new Bench();
    const { ran } = await bench.plan({
      check: 'workload-orphaned',
      scope: scopeOf(...STOPPED.map(({ org }) => org)),
    });
    const stopped = documentOf(await bench.apply());
    expect([stopped.exit.code, stopped.writes], ran.stdout).toEqual([0, STOPPED.length]);
    await waitFor('the pods of the stopped crews are gone', async () => {
      const list = (await client.demand('GET', '/api/v1/namespaces/crewai/pods')) as {
        items: { metadata: { name: string } }[];
      };
      return !list.items.some(({ metadata }) => /^org-3[1-9]-/.test(metadata.name));
    });
  });

  afterAll(async () => {
    await removeObjects(client, READER_RIGHTS);
    await installed.remove();
  });

  const shared = FIX_CASES.filter((fix) => fix.place === 'crewai');
  const apart = FIX_CASES.filter((fix) => fix.place !== 'crewai');
  const [first, second, third, ...others] = STOPPED;

  describe.each(TRIES)('%s:', (_title, tried) => {
    test.concurrent.each(apart.map((fix) => [fix.name, fix] as const))('%s', (_name, fix) => tried(client, fix));
    // In the shared namespace one is watched after the other: what another one does there would be a difference.
    test.each(shared.map((fix) => [fix.name, fix] as const))('%s', (_name, fix) => tried(client, fix));
  });

  describe('a crew that was stopped in the shared namespace', () => {
    test('is deleted once, and put back', () => repairAndUndo(client, first!));
    test('is left alone once somebody else has changed it', () => leaveAlone(client, second!));
    test('is not deleted by somebody who may not', () => refuse(client, third!));
    const kills = [1, 2].flatMap((write) => CUTS.map((cut) => [write, cut] as const));
    test.each(kills.map((kill, index) => [...kill, others[index]!] as const))(
      'is deleted or put back, killed at write %d: %s',
      (write, cut, fix) => killAt(client, fix, write, cut),
    );
  });

  test('of a deletion with a body, the API server looks for dryRun in that alone', async () => {
    const secrets = '/api/v1/namespaces/crewai-org-1/secrets';
    await client.demand('POST', secrets, { metadata: { name: 'rehearsed' } });
    const remove = async (query: string, body: object): Promise<number> => {
      await client.send('DELETE', `${secrets}/rehearsed${query}`, { apiVersion: 'v1', kind: 'DeleteOptions', ...body });
      return (await client.send('GET', `${secrets}/rehearsed`)).status;
    };
    expect(await remove('', { dryRun: ['All'] })).toBe(200);
    expect(await remove('?dryRun=All', {})).toBe(404);
  });
});

describeCluster('an organization that is provisioned', () => {
  const client = adminClient();
  let installed: InstalledPlatform;

  beforeAll(async () => {
    installed = await installPlatform(client, { orgs: [1] });
  });
  afterAll(() => installed.remove());

  test('can be deployed to by the platform, twice is once, and it can be taken back', async () => {
    const bench = new Bench();
    const asPlatform = ['--as', 'system:serviceaccount:crewai:crewai-sa', '-n', 'crewai-org-42'];
    const [deployment] = crewObjects(42, 'crewai-org-42', {
      crewsPerOrg: 1,
      controllers: true,
      nodeName: NODE,
    }).filter(({ kind, metadata }) => kind === 'Deployment' && metadata.name === 'org-42-crew-1-sales-web');
    const deploy = (): ReturnType<typeof kubectl> =>
      kubectl(['create', '-f', '-', ...asPlatform], { input: JSON.stringify({ ...deployment, status: undefined }) });
    expect((await deploy()).status).not.toBe(0);
    const ran = await bench.run([
      'provision',
      '42',
      '--platform-namespace',
      'crewai',
      '--yes',
      '--pull-secret-on-account',
    ]);
    expect([ran.status, ran.stderr], ran.stdout).toEqual([0, '']);
    expect(ran.stdout).toContain('verified  namespace-missing fixed in crewai-org-42');
    expect(await deploy()).toMatchObject({ status: 0, stderr: '' });
    await waitFor('the deployment is ready', async () => {
      const { body } = await client.send(
        'GET',
        '/apis/apps/v1/namespaces/crewai-org-42/deployments/org-42-crew-1-sales-web',
      );
      return (body as { status?: { readyReplicas?: number } }).status?.readyReplicas === 1;
    });
    expect((await kubectl(['get', 'secrets', '-o', 'name', ...asPlatform])).stdout).toContain('secret/docker-registry');
    const again = await bench.run(['provision', '42', '--platform-namespace', 'crewai', '--yes', '-o', 'json']);
    expect([again.status, documentOf(again).writes]).toEqual([0, 0]);
    // Somebody's deployment is in it now: the namespace stays.
    const refused = documentOf(await bench.undo());
    expect([refused.exit.code, refused.writes]).toEqual([6, 0]);
    expect(refused.refused?.why.join()).toMatch(/it holds \w+ org-42-crew-1-sales-web\S*, which is not ours/);
    await kubectl(['delete', 'deployment', '--wait', 'org-42-crew-1-sales-web', ...asPlatform]);
    await waitFor('its pods are gone', async () => {
      const { items } = (await client.demand('GET', '/api/v1/namespaces/crewai-org-42/pods')) as { items: unknown[] };
      return items.length === 0;
    });
    expect(documentOf(await bench.undo()).exit.code).toBe(0);
    await waitFor(
      'it is gone',
      async () => (await client.send('GET', '/api/v1/namespaces/crewai-org-42')).status === 404,
    );
  });
});

describeCluster('forty broken organizations', () => {
  const client = adminClient();
  const orgs = Array.from({ length: 40 }, (_, index) => index + 1);
  let installed: InstalledPlatform;

  beforeAll(async () => {
    installed = await installPlatform(
      client,
      { orgs, sharedNamespace: 'forty', platformNamespace: 'forty', release: 'forty', crewsPerOrg: 0 },
      (objects) =>
        objects.filter(({ kind, metadata }) => {
          const org = Number(/^forty-org-(\d+)$/.exec(metadata.namespace ?? '')?.[1] ?? 0);
          if (org === 0) return true;
          return kind !== (org % 2 === 0 ? 'RoleBinding' : 'Secret');
        }),
    );
  });
  afterAll(() => installed.remove());

  test('are repaired by one command, one of them first, and once', async () => {
    const bench = new Bench();
    const command = ['doctor', '--fix', '--yes', '--isolation', 'on', '--platform-namespace', 'forty', '--canary', '7'];
    const ran = await bench.run([...command, '-o', 'json']);
    const document = documentOf(ran);
    expect([ran.status, document.exit, document.writes, document.steps.length], ran.stderr).toEqual([
      0,
      document.exit,
      40,
      40,
    ]);
    expect(document.steps[0]?.tenant).toBe('forty-org-7');
    expect(document.verifications.filter(({ result }) => result !== 'fixed')).toEqual([]);
    const clean = await bench.run(['doctor', '--isolation', 'on', '--platform-namespace', 'forty', '-o', 'json']);
    const report = JSON.parse(clean.stdout) as Report;
    expect([clean.status, report.findings.map(({ check, message }) => `${check}: ${message}`)]).toEqual([0, []]);
    const again = documentOf(await bench.run([...command, '-o', 'json']));
    expect([again.exit.code, again.writes]).toEqual([0, 0]);
  });
});

describeCluster('everything that the program has written so far', () => {
  test('was rehearsed before, and is in the namespaces of its plan', () => {
    const plans = plansByRun();
    const byRun = new Map<string, AuditEvent[]>();
    for (const event of auditEvents('admin')) {
      const run = / run\/(\S+)/.exec(event.userAgent ?? '')?.[1];
      if (run !== undefined) byRun.set(run, [...(byRun.get(run) ?? []), event]);
    }
    const writing = [...byRun].filter(([, events]) => events.some(isChange));
    expect(writing.length).toBeGreaterThan(50);
    for (const [run, events] of writing) {
      const first = events.findIndex(isChange);
      const rehearsed = events.slice(0, first).some(({ requestURI }) => requestURI.includes('dryRun=All'));
      expect([run, rehearsed]).toEqual([run, true]);
      const planned = new Set(plans.get(run)?.steps.map(namespaceOfChange));
      for (const { objectRef, verb, requestURI } of events.filter(isChange)) {
        const namespace = objectRef?.resource === 'namespaces' ? objectRef.name : objectRef?.namespace;
        // The name of a Namespace that is made is in the body, which the audit log does not hold.
        const known = namespace ?? (verb === 'create' && requestURI.startsWith('/api/v1/namespaces?') ? 'new' : '');
        expect([run, known, planned.has(known) || known === 'new']).toEqual([run, known, true]);
      }
    }
    expect(auditEvents(READER).filter(isChange)).toEqual([]);
  });
});
