import { execFileSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'vitest';
import type { FaultRequest } from '../../src/apiserver/options.ts';
import type { Plan } from '../../src/bundle/format.ts';
import { crewaiPlatform, type RawObject } from '../fixtures/crewai.ts';
import { crewiso, outcomesOf, reportOf, withFolder, withServer } from './program.ts';

const OBJECTS: readonly RawObject[] = [
  ...crewaiPlatform(),
  {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'settings', namespace: 'crewai' },
    data: { 'app.env': 'LEVEL=debug\nPASSWORD=zq7-in-a-config-map' },
    binaryData: { blob: Buffer.from('four').toString('base64') },
  },
];

const fileIn = (archive: string, path: string): string =>
  execFileSync('tar', ['-xzOf', archive, `b/${path}`], { encoding: 'utf8' });

describe.concurrent('what a bundle is to hold', { timeout: 120_000 }, () => {
  it('is told by --dry-run, which reads no Secret and writes nothing', async ({ expect }) => {
    await withServer({ objects: OBJECTS }, (server, flags) =>
      withFolder(async (folder) => {
        const file = join(folder, 'b.tar.gz');
        const told = await crewiso(['bundle', 'collect', ...flags, '-O', file, '--dry-run', '--exclude', 'events']);
        expect(told).toMatchObject({ code: 0, stderr: '' });
        expect(readdirSync(folder)).toEqual([]);
        expect(server.requests.filter(({ path }) => path.includes('/secrets'))).toEqual([]);
        const before = server.requests.length;
        const collected = await crewiso(['bundle', 'collect', ...flags, '-O', file, '-q', '--exclude', 'events']);
        expect(collected).toMatchObject({ code: 0, stderr: '' });
        const made = server.requests.slice(before).map(({ path }) => path.replace(/\?.*$/, ''));
        const lists = [...told.stdout.matchAll(/^ {2}GET (\/apis?\/\S+)$/gm)].map(([, path]) => path ?? '');
        expect(lists.length).toBeGreaterThan(20);
        for (const path of lists) expect(made).toContain(path);
        expect(lists.some((path) => path.endsWith('/events'))).toBe(false);
        const plan = JSON.parse(fileIn(file, 'plan.json')) as Plan;
        const logs = plan.items.filter(({ id, notApplicable }) => id.startsWith('log:') && !notApplicable).length;
        expect(told.stdout).toContain(`${String(logs)} logs`);
        for (const line of told.stdout.split('\n')) expect(line.length).toBeLessThanOrEqual(100);
      }),
    );
  });

  it('is collected without the data of any Secret where nobody wants that', async ({ expect }) => {
    await withServer({ objects: OBJECTS }, (server, flags) =>
      withFolder(async (folder) => {
        await crewiso(['bundle', 'collect', ...flags, '-O', join(folder, 'b.tar.gz'), '-q', '--no-secret-reads']);
        const asked = server.requests.filter(({ path }) => /\/secrets(?:\/|\?|$)/.test(path));
        expect(asked.map(({ path }) => path.replace(/\?.*$/, ''))).toEqual(['/api/v1/secrets']);
        expect(asked.every(({ accept, path }) => accept.includes('as=Table') && path.includes('Metadata'))).toBe(true);
      }),
    );
  });

  it('is not known where no Deployment of the platform is left, unless flags name its account', async ({ expect }) => {
    const objects = OBJECTS.filter(({ kind }) => kind !== 'Deployment');
    await withServer({ objects }, (_server, flags) =>
      withFolder(async (folder) => {
        const file = join(folder, 'b.tar.gz');
        const named = ['bundle', 'collect', ...flags, '-O', file, '-q', '--platform-namespace', 'crewai'];
        const refused = await crewiso(named);
        expect(refused.code).toBe(4);
        expect(refused.stderr).toContain('--platform-account crewai:');
        expect(readdirSync(folder)).toEqual([]);
        const doctor = await crewiso(['doctor', ...flags, '--platform-namespace', 'crewai']);
        expect(doctor.code).toBe(3);
        expect(doctor.stdout).toContain('no Deployment of CrewAI Platform was found in crewai');
        expect(await crewiso([...named, '--platform-account', 'crewai:crewai-sa'])).toMatchObject({ code: 0 });
        const { namespaces } = JSON.parse(fileIn(file, 'plan.json')) as Plan;
        expect(namespaces.map(({ name }) => name)).toEqual(expect.arrayContaining(['crewai', 'crewai-org-1']));
      }),
    );
  });

  it('is told without logs where pods may not be listed', async ({ expect }) => {
    const faults = ({ path }: FaultRequest): { status: number } | undefined =>
      /\/pods(?:\?|$)/.test(path) ? { status: 403 } : undefined;
    await withServer({ objects: OBJECTS, faults }, async (_server, flags) => {
      const told = await crewiso(['bundle', 'collect', ...flags, '--dry-run', '--platform-namespace', 'crewai']);
      expect(told.code).toBe(0);
      expect(told.stdout).toMatch(/^logs +not known/m);
    });
  });

  it('is less with --exclude, which leaves what needs it not evaluated, and more with --include', async ({
    expect,
  }) => {
    await withServer({ objects: OBJECTS }, (_server, flags) =>
      withFolder(async (folder) => {
        const [less, more] = [join(folder, 'less', 'b.tar.gz'), join(folder, 'b.tar.gz')];
        execFileSync('mkdir', [join(folder, 'less')]);
        const collect = (file: string, ...own: string[]): ReturnType<typeof crewiso> =>
          crewiso(['bundle', 'collect', ...flags, '-O', file, '-q', '--logs', 'none', ...own]);
        expect(await collect(less, '--exclude', 'events,registry-secrets')).toMatchObject({ code: 0, stderr: '' });
        expect(await collect(more, '--include', 'configmap-data')).toMatchObject({ code: 0, stderr: '' });
        const judged = await crewiso(['doctor', '--from', less, '-o', 'json']);
        expect(outcomesOf(reportOf(judged))).toMatchObject({
          'registry-secret-malformed': 'not-evaluated',
          'forbidden-by-rbac': 'not-evaluated',
          'rbac-access-missing': 'passed',
        });
        const kept = fileIn(more, 'namespaces/crewai/configmaps.json');
        expect(kept).toContain('LEVEL=debug');
        expect(kept).not.toContain('zq7-in-a-config-map');
        const named = fileIn(less, 'namespaces/crewai/configmaps.json');
        expect(named).not.toContain('LEVEL');
        // Their sizes, in bytes of the value.
        expect(named).toContain('"<redacted:configmap-value:len=40>"');
        for (const file of [kept, named]) expect(file).not.toContain(Buffer.from('four').toString('base64'));
      }),
    );
  });

  it('is nothing that there is not', async ({ expect }) => {
    const typo = await crewiso(['bundle', 'collect', '--exclude', 'event']);
    expect(typo.code).toBe(2);
    expect(typo.stderr).toContain('did you mean events?');
  });
});
