import { execFileSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'vitest';
import type { FaultRequest } from '../../src/apiserver/options.ts';
import type { Plan } from '../../src/bundle/format.ts';
import { crewaiPlatform } from '../fixtures/crewai.ts';
import { crewiso, withFolder, withServer, type Ended } from './program.ts';

const OBJECTS = crewaiPlatform({ orgs: [4, 7, 12, 19] });

const planIn = (archive: string): Plan =>
  JSON.parse(execFileSync('tar', ['-xzOf', archive, 'b/plan.json'], { encoding: 'utf8' })) as Plan;

const namesIn = ({ namespaces }: Plan): readonly string[] => namespaces.map(({ name }) => name);

describe.concurrent('which tenants a bundle is of', { timeout: 120_000 }, () => {
  it.for([
    [['--orgs', 'crewai-org-1?'], ['crewai', 'crewai-org-12', 'crewai-org-19'], { namespaces: ['crewai-org-1?'] }],
    [['--orgs', '*-4,*-7'], ['crewai', 'crewai-org-4', 'crewai-org-7'], { namespaces: ['*-4', '*-7'] }],
    [['-n', 'crewai-org-?'], ['crewai', 'crewai-org-4', 'crewai-org-7'], { namespaces: ['crewai-org-?'] }],
    [['-n', 'crewai-org-7'], ['crewai', 'crewai-org-7'], { namespaces: ['crewai-org-7'] }],
    [['--org', '19,7'], ['crewai', 'crewai-org-7', 'crewai-org-19'], { orgs: ['7', '19'] }],
  ] as const)('%j', async ([flags, expected, selection], { expect }) => {
    await withServer({ objects: OBJECTS }, (server, cluster) =>
      withFolder(async (folder) => {
        const file = join(folder, 'b.tar.gz');
        const ended = await crewiso(['bundle', 'collect', ...cluster, ...flags, '-O', file, '-q']);
        expect(ended).toMatchObject({ code: 0, stderr: '' });
        const plan = planIn(file);
        expect(namesIn(plan)).toEqual(expected);
        expect(plan.narrow).toBe(true);
        expect(plan.selection).toEqual({ tail: 10_000, logs: 'all', ...selection });
        // Nothing is asked of the others, and none of their objects comes along.
        const asked = server.requests.flatMap(({ path }) => /namespaces\/([^/?]+)\//.exec(path)?.[1] ?? []);
        expect([...new Set(asked)].filter((name) => !(expected as readonly string[]).includes(name))).toEqual([]);
        const told = await crewiso(['bundle', 'collect', ...cluster, ...flags, '--dry-run']);
        expect(told.stdout.replaceAll(/\s+/g, ' ')).toContain(`namespaces: ${expected.join(', ')} secrets`);
      }),
    );
  });

  it.for([
    [['--orgs', 'crewai-org-1?,crewai-org-5*'], '--orgs crewai-org-5* matches no tenant namespace'],
    [['-n', 'crewai-?'], '-n crewai-? matches no tenant namespace'],
    [['-n', 'crewai-org-5'], '-n crewai-org-5 is no tenant namespace'],
    [['-n', 'kube-system'], '-n kube-system is no tenant namespace'],
    [['--org', '4,5'], '--org 5: nothing shows such an organization'],
  ] as const)('%j is refused, with what there is', async ([flags, words], { expect }) => {
    await withServer({ objects: OBJECTS }, (_server, cluster) =>
      withFolder(async (folder) => {
        const ended = await crewiso(['bundle', 'collect', ...cluster, ...flags, '-O', join(folder, 'b.tar.gz')]);
        expect(ended).toMatchObject({ code: 2, stdout: '' });
        expect(ended.stderr).toContain(words);
        expect(ended.stderr).toContain('tenant namespaces: crewai-org-4, crewai-org-7, crewai-org-12, crewai-org-19\n');
        expect(ended.stderr).toContain('kubectl crewiso bundle collect --dry-run');
        expect(readdirSync(folder)).toEqual([]);
      }),
    );
  });

  it('is not refused where an organization has no namespace yet, or namespaces cannot be listed', async ({
    expect,
  }) => {
    const late = crewaiPlatform({ orgs: [4], isolation: 'off' });
    await withServer({ objects: late }, async (_server, cluster) => {
      expect((await crewiso(['bundle', 'collect', ...cluster, '--org', '4', '--dry-run'])).code).toBe(0);
      expect((await crewiso(['bundle', 'collect', ...cluster, '--org', '5', '--dry-run'])).code).toBe(2);
    });
    const faults = ({ path }: FaultRequest): { status: number } | undefined =>
      /\/namespaces(?:\?|$)/.test(path) ? { status: 403 } : undefined;
    await withServer({ objects: OBJECTS, faults }, async (_server, cluster) => {
      expect((await crewiso(['bundle', 'collect', ...cluster, '-n', 'crewai-org-4', '--dry-run'])).code).toBe(0);
      const blind = await crewiso(['bundle', 'collect', ...cluster, '-n', 'crewai-org-5*', '--dry-run']);
      expect(blind.code).toBe(2);
      expect(blind.stderr).toContain('namespaces could not be listed');
    });
  });

  it('is told to nobody else where it is split', async ({ expect }) => {
    await withServer({ objects: OBJECTS }, (_server, cluster) =>
      withFolder(async (folder) => {
        const file = join(folder, 'b.tar.gz');
        const flags = ['--orgs', 'crewai-org-4,crewai-org-7', '--split-by-org', '-q'];
        const ended = await crewiso(['bundle', 'collect', ...cluster, '-O', file, ...flags]);
        expect(ended).toMatchObject({ code: 0, stderr: '' });
        expect(readdirSync(folder).sort()).toEqual(['b-org-4.tar.gz', 'b-org-7.tar.gz', 'b-platform.tar.gz']);
        const whole = execFileSync('tar', ['-xzOf', join(folder, 'b-org-4.tar.gz')], { encoding: 'utf8' });
        expect(whole).toContain('org-4');
        expect(whole).not.toContain('org-7');
      }),
    );
  });

  it('goes on as it was begun, and not otherwise', async ({ expect }) => {
    let asked = (): void => undefined;
    const faults = ({ path }: FaultRequest): { delayMs: number } | undefined => {
      if (!path.includes('/limitranges')) return undefined;
      asked();
      return { delayMs: 300 };
    };
    await withServer({ objects: OBJECTS, faults }, (_server, cluster) =>
      withFolder(async (folder) => {
        const file = join(folder, 'b.tar.gz');
        const collect = (...flags: readonly string[]): Promise<Ended> =>
          crewiso(['bundle', 'collect', ...cluster, '-q', ...flags]);
        const begun = ['--orgs', 'crewai-org-1?', '--logs-of', 'all', '--since', '1h', '-l', 'crew in (1)'];
        const killed = await crewiso(['bundle', 'collect', ...cluster, '-q', '-O', file, ...begun], {
          started: (child) => {
            asked = () => setTimeout(() => child.kill('SIGKILL'), 100);
          },
        });
        expect(killed.signal).toBe('SIGKILL');
        asked = () => undefined;
        const resume = ['--resume', `${file}.partial`];
        const other = await collect(...resume, '--org', '4');
        expect(other).toMatchObject({ code: 2, stdout: '' });
        expect(other.stderr).toContain('begun with another choice of --org, --orgs, --since, --selector');
        expect(other.stderr).toContain("goes on with --orgs 'crewai-org-1?' --since 3600s --selector 'crew in (1)'\n");
        expect(other.stderr).toContain('goes on without --org\n');
        expect(await collect(...resume, ...begun.slice(0, -1), 'crew in (1)')).toMatchObject({
          code: 0,
          stdout: `${file}\n`,
        });
        expect((await crewiso(['bundle', 'verify', file])).code).toBe(0);
      }),
    );
  });
});

describe.concurrent('whose logs are in a bundle', { timeout: 120_000 }, () => {
  const logsIn = ({ items }: Plan): readonly string[] =>
    items.flatMap(({ id }) => /^log:([^/]+)\/(?:[^/]*)-(web|worker|redis)-/.exec(id)?.slice(1).join('/') ?? []).sort();

  it.for([
    ['org-id=org-7', ['crewai-org-7/redis', 'crewai-org-7/web', 'crewai-org-7/worker']],
    [
      'org-id in (org-7,org-12),app notin (org-7-crew-1-sales-web,org-12-crew-1-sales-web,org-12-crew-1-sales-redis)',
      ['crewai-org-12/worker', 'crewai-org-7/redis', 'crewai-org-7/worker'],
    ],
    ['org-id=org-5', []],
  ] as const)('%s', async ([selector, expected], { expect }) => {
    await withServer({ objects: OBJECTS }, (server, cluster) =>
      withFolder(async (folder) => {
        const file = join(folder, 'b.tar.gz');
        const flags = ['-l', selector, '--org', '7,12'];
        const ended = await crewiso(['bundle', 'collect', ...cluster, ...flags, '-O', file]);
        expect(ended).toMatchObject({ code: 0, stderr: '' });
        const plan = planIn(file);
        expect(logsIn(plan)).toEqual(expected);
        expect(plan.items.filter(({ id }) => id.startsWith('log:'))).toHaveLength(expected.length);
        expect(plan.selection.selector).toBe(selector);
        expect(server.requests.filter(({ path }) => path.includes('/log?'))).toHaveLength(expected.length);
        // Lists hold all pods.
        const pods = execFileSync('tar', ['-xzOf', file, 'b/namespaces/crewai-org-12/pods.json'], { encoding: 'utf8' });
        expect((JSON.parse(pods) as { items: unknown[] }).items).toHaveLength(3);
        const shown = `organizations 7, 12; logs of pods with ${selector} (${String(expected.length || 'there are none')})`;
        const inspected = await crewiso(['bundle', 'inspect', file]);
        for (const { stdout } of [ended, inspected])
          expect(stdout.replaceAll(/\s+/g, ' ')).toContain(`chosen ${shown}`);
        const told = await crewiso(['bundle', 'collect', ...cluster, ...flags, '--dry-run']);
        const words = expected.length > 0 ? `${String(expected.length)} logs of pods with` : 'none (of pods with';
        expect(told.stdout.replaceAll(/\s+/g, ' ')).toContain(`logs ${words} ${selector}`);
      }),
    );
  });

  it.for([
    ['app=a=b', "found '=', expected: ',' or 'end of string'"],
    ['app in a', "unable to parse requirement: found 'a' expected: '('"],
    ['-bad-=x', 'unable to parse requirement: "-bad-" is not a label name'],
    [',', "found ',', expected: !, identifier, or 'end of string'"],
  ] as const)('%s is refused', async ([selector, words], { expect }) => {
    const ended = await crewiso(['bundle', 'collect', `--selector=${selector}`, '--kubeconfig', '/dev/null']);
    expect(ended).toMatchObject({ code: 2, stdout: '' });
    expect(ended.stderr.split('\n')[0]).toBe(`error: --selector ${selector}: ${words}`);
  });

  it('is not told where that would tell of another organization', async ({ expect }) => {
    await withServer({ objects: OBJECTS }, (_server, cluster) =>
      withFolder(async (folder) => {
        const split = ['bundle', 'collect', ...cluster, '-O', join(folder, 'b.tar.gz'), '--split-by-org', '-q'];
        for (const selector of ['org-id=org-7', 'org-id notin (a,org-7)', 'in=crewai-org-12']) {
          const refused = await crewiso([...split, '-l', selector]);
          expect(refused).toMatchObject({ code: 2, stdout: '' });
          expect(refused.stderr).toContain(`--selector ${selector} names an organization`);
        }
        expect(readdirSync(folder)).toEqual([]);
        expect(await crewiso([...split, '-l', 'crew=1'])).toMatchObject({ code: 0, stderr: '' });
      }),
    );
  });
});
