import { lstatSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, it } from 'vitest';
import { createApiServer, type ApiServer } from '../../src/apiserver/server.ts';
import { parseYamlDocuments } from '../../src/manifests/yaml.ts';
import type { Report } from '../../src/model/report.ts';
import { brokenPlatform } from '../fixtures/broken.ts';
import { crewiso, reportOf, withFolder, type Ended } from './program.ts';

let server: ApiServer;
beforeAll(async () => {
  server = createApiServer({ objects: brokenPlatform(), anonymous: { user: 'oncall', groups: ['system:masters'] } });
  await server.listen();
});
afterAll(() => server.close());

const doctor = (argv: readonly string[], env: Record<string, string> = {}): Promise<Ended> =>
  crewiso(['doctor', '--server', server.url, '--kubeconfig', '/dev/null', ...argv], { env });

/** What two runs on one cluster have in common. */
function lasting({ run, target, ...report }: Report): unknown {
  const { takenAt, ...origin } = target.origin;
  return { ...report, target: { ...target, origin }, ran: run.id !== '' && takenAt !== '' };
}

describe.concurrent('formats: stdout is exactly one document, the exit code is always the same', () => {
  it.for<[string[], Record<string, string>]>([
    [[], {}],
    [['-o', 'table', '-w', '--show', 'all'], {}],
    [['-o', 'short'], {}],
    [['-o', 'short', '--min-severity', 'critical'], {}],
    [['-o', 'name', '--no-headers'], {}],
    [['-o', 'json', '--min-severity', 'critical'], {}],
    [['-o', 'yaml'], {}],
    [['-ojson', '-v', '2'], {}],
    [['--color', 'always', '--ascii'], { COLUMNS: '60' }],
    [['-o', 'json', '-q', '--show', 'passed'], { CI: 'true', TERM: 'dumb', LANG: 'C' }],
  ])('%j %j', async ([argv, env], { expect }) => {
    const { code, stdout, stderr } = await doctor(argv, env);
    expect(code).toBe(1);
    expect(stdout.endsWith('\n')).toBe(true);
    if (!argv.includes('-v')) expect(stderr).toBe('');
    if (argv.some((word) => word.endsWith('json'))) {
      expect(reportOf({ stdout } as Ended).exit.code).toBe(1);
    } else if (argv.includes('yaml')) {
      expect(parseYamlDocuments(stdout)).toEqual([
        expect.objectContaining({ value: expect.objectContaining({ kind: 'Report' }) as unknown, warnings: [] }),
      ]);
    } else if (argv.includes('name')) {
      const lines = stdout.trimEnd().split('\n');
      expect(lines.filter((line) => !/^(-n \S+ )?[a-z.0-9]+\/\S+$/.test(line))).toEqual([]);
      expect(new Set(lines).size).toBe(lines.length);
    } else {
      expect(stdout.slice(0, 60)).toContain('NOT HEALTHY');
    }
  });

  it('two runs say the same', async ({ expect }) => {
    const [one, two] = await Promise.all([
      doctor(['-o', 'json']),
      doctor(['-o', 'json', '--min-severity', 'high', '-w']),
    ]);
    expect(lasting(reportOf(one))).toEqual(lasting(reportOf(two)));
  });

  it('--fail-on is what changes the exit code', async ({ expect }) => {
    const codes = await Promise.all(['low', 'never'].map(async (limit) => (await doctor(['--fail-on', limit])).code));
    expect(codes).toEqual([1, 0]);
  });
});

describe.concurrent('colour', () => {
  it.for<[string[], Record<string, string>, boolean]>([
    [[], {}, false],
    [['--color', 'always'], { NO_COLOR: '1' }, true],
    [['--color=always'], {}, true],
    [['--color', 'never'], { FORCE_COLOR: '1' }, false],
    [['--color', 'auto'], { FORCE_COLOR: '1' }, true],
    [['--color', 'auto'], {}, false],
    [[], { CLICOLOR_FORCE: '1' }, true],
    [[], { FORCE_COLOR: '1', NO_COLOR: '1' }, false],
    [[], { FORCE_COLOR: '0' }, false],
    [['-o', 'json', '--color', 'always'], {}, false],
  ])('%j %j: %s', async ([argv, env, colored], { expect }) => {
    const { stdout, stderr } = await doctor(argv, env);
    expect(stdout.includes('\u001b[')).toBe(colored);
    // Node itself warns about NO_COLOR beside FORCE_COLOR.
    expect(stderr).toBe('');
  });

  it('help and errors follow --color as well', async ({ expect }) => {
    const help = await crewiso(['doctor', '--help'], { env: { NO_COLOR: '1', FORCE_COLOR: '1' } });
    expect(help.stdout + help.stderr).not.toContain('\u001b');
    const wrong = await crewiso(['doctor', '--color', 'never', '--no-such-flag'], { env: { FORCE_COLOR: '1' } });
    expect(wrong.stderr).not.toContain('\u001b');
  });
});

describe.concurrent('width and characters', () => {
  it('COLUMNS=80: prose keeps within it, commands stay whole', async ({ expect }) => {
    const { stdout } = await doctor([], { COLUMNS: '80' });
    const long = stdout.split('\n').filter((line) => line.length > 80);
    expect(long.filter((line) => !/^\s+(# )?(kubectl|helm|echo) /.test(line))).toEqual([]);
    expect(stdout.split('\n').filter((line) => /\s$/.test(line))).toEqual([]);
  });

  it.for<[string[], Record<string, string>]>([
    [[], { LANG: 'C' }],
    [['-o', 'short'], { LC_ALL: 'POSIX' }],
    [['--ascii'], {}],
  ])('%j %j is ASCII', async ([argv, env], { expect }) => {
    const { stdout } = await doctor(argv, env);
    expect(stdout).toMatch(/^[\n\u0020-\u007e]+$/);
  });
});

describe.concurrent('--out', () => {
  it('writes each file from the one run, beside stdout', async ({ expect }) => {
    await withFolder(async (folder) => {
      const [json, table] = [join(folder, 'r.json'), join(folder, 'r.txt')];
      const before = server.requests.length;
      const ended = await doctor([
        '-o',
        'json',
        '--out',
        `json=${json}`,
        '--out',
        `table=${table}`,
        '--color',
        'always',
      ]);
      expect(ended.code).toBe(1);
      expect(readFileSync(json, 'utf8')).toBe(ended.stdout);
      expect(readFileSync(table, 'utf8')).toMatch(/^NOT HEALTHY/);
      expect(readdirSync(folder).sort()).toEqual(['r.json', 'r.txt']);
      expect(lstatSync(json).isFile()).toBe(true);
      expect(server.requests.length).toBeGreaterThan(before);
    });
  });

  it('that cannot be written is exit 4; stdout has the report all the same', async ({ expect }) => {
    const ended = await doctor(['-o', 'json', '--out', 'json=/nonexistent/r.json']);
    expect(ended.code).toBe(4);
    expect(ended.stderr).toMatch(/^error: cannot write \/nonexistent\/r\.json: ENOENT/);
    expect(reportOf(ended).kind).toBe('Report');
  });
});
