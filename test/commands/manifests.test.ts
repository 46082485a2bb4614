import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'vitest';
import { crewiso, outcomesOf, reportOf, ROOT, withFolder } from './program.ts';

const CLEAN = join(ROOT, 'examples/clean/platform.yaml');
const BROKEN = join(ROOT, 'examples/broken/platform.yaml');
const clean = readFileSync(CLEAN, 'utf8');

describe.concurrent('-f', () => {
  it.for<[string, string[], number]>([
    ['a folder that holds everything', ['-f', 'examples/clean', '--complete=all'], 0],
    ['the same, spelled out', ['-f', 'examples/clean', '--complete-all'], 0],
    ['a file', ['-f', CLEAN, '--complete=all'], 0],
    ['files that only prove presence', ['-f', CLEAN], 3],
    ['… which is accepted', ['-f', CLEAN, '--allow-incomplete'], 0],
    ['a broken platform', ['-f', BROKEN, '--complete=all'], 1],
    ['… in part', ['-f', BROKEN], 1],
  ])('%s', async ([, argv, expected], { expect }) => {
    const ended = await crewiso(['doctor', ...argv, '-o', 'json']);
    const report = reportOf(ended);
    expect({ code: ended.code, inside: report.exit.code, stderr: ended.stderr }).toEqual({
      code: expected,
      inside: expected,
      stderr: '',
    });
    expect(report.target.origin.from).toBe('manifests');
    expect(report.run.requests.total).toBe(0);
  });

  it('--complete is whole for the kinds that are there, and only those', async ({ expect }) => {
    const [none, present, all] = await Promise.all(
      [[], ['--complete'], ['--complete=all']].map(async (argv) =>
        reportOf(await crewiso(['doctor', '-f', CLEAN, '-o', 'json', ...argv])),
      ),
    );
    const passed = (report: typeof none): number =>
      Object.values(report ? outcomesOf(report) : {}).filter((outcome) => outcome === 'passed').length;
    expect(passed(none)).toBeLessThan(passed(present));
    expect(passed(present)).toBeLessThanOrEqual(passed(all));
    const gaps = present?.coverage.gaps.map(({ resource }) => resource) ?? [];
    expect(gaps).not.toContain('namespaces');
    expect(gaps).not.toContain('deployments.apps');
  });

  it('standard input', async ({ expect }) => {
    const { code, stdout, stderr } = await crewiso(['doctor', '-f', '-', '--complete=all'], { input: clean });
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/^HEALTHY/);
  });

  it('JSON, and a List of it', async ({ expect }) => {
    const namespace = (name: string) => ({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
    const input = JSON.stringify({ apiVersion: 'v1', kind: 'List', items: [namespace('a'), namespace('b')] });
    const ended = await crewiso(['doctor', '-f', '-', '-o', 'json'], { input });
    expect({ code: ended.code, inside: reportOf(ended).exit.code }).toEqual({ code: 3, inside: 3 });
  });

  it('a folder inside the folder is read with -R only', async ({ expect }) => {
    await withFolder(async (folder) => {
      mkdirSync(join(folder, 'inner'));
      writeFileSync(join(folder, 'one.yaml'), 'apiVersion: v1\nkind: Namespace\nmetadata: {name: other}\n');
      copyFileSync(CLEAN, join(folder, 'inner', 'platform.yaml'));
      writeFileSync(join(folder, 'README.md'), '# not a manifest: [');
      const [flat, deep] = await Promise.all(
        [[], ['-R']].map(async (argv) => reportOf(await crewiso(['doctor', '-f', folder, ...argv, '-o', 'json']))),
      );
      expect(flat?.target.platforms).toEqual([]);
      expect(deep?.target.platforms).toHaveLength(1);
    });
  });

  it('several sources, and where a finding stands', async ({ expect }) => {
    await withFolder(async (folder) => {
      const file = join(folder, 'more.yaml');
      writeFileSync(file, '# a comment\n---\napiVersion: v1\nkind: Namespace\nmetadata:\n  name: crewai-org-012\n');
      const ended = await crewiso(['doctor', '-f', CLEAN, '-f', file, '--complete=all', '-o', 'json']);
      expect(ended.code).toBe(0);
      expect(reportOf(ended).findings).toMatchObject([
        { check: 'namespace-name-malformed', severity: 'medium', location: { file, line: 3 } },
      ]);
    });
  });

  it('a broken document: the rest is judged, and what it held is unknown', async ({ expect }) => {
    await withFolder(async (folder) => {
      const file = join(folder, 'platform.yaml');
      writeFileSync(file, `${clean}---\nkind: Secret\n  metadata: [\n`);
      const ended = await crewiso(['doctor', '-f', file, '--complete=all', '-o', 'json']);
      const report = reportOf(ended);
      expect({ code: ended.code, inside: report.exit.code }).toEqual({ code: 3, inside: 3 });
      expect(report.target.platforms).toHaveLength(1);
      expect(ended.stderr).toMatch(new RegExp(`^warning: ${file}:\\d+: `));
    });
  });

  it.for<[string, string]>([
    ['nothing that is YAML', '{{{ nothing'],
    ['no object', 'just text'],
    ['bytes', '\u0000\u0001\u0002'],
  ])('%s is exit 4', async ([, input], { expect }) => {
    const { code, stdout, stderr } = await crewiso(['doctor', '-f', '-', '-o', 'json'], { input });
    expect({ code, stdout }).toEqual({ code: 4, stdout: '' });
    expect(stderr).toMatch(/^error: nothing could be read: /);
  });

  it.for([['/nonexistent/x.yaml'], ['https://example.com/x.yaml'], ['']])(
    '%j is exit 4 or wrong usage',
    async ([source = ''], { expect }) => {
      const { code, stdout, stderr } = await crewiso(['doctor', '-f', source]);
      expect([2, 4]).toContain(code);
      expect(stdout).toBe('');
      expect(stderr).toMatch(/^error: /);
    },
  );

  it.for([['--context', 'x'], ['--token', 't'], ['-s', 'https://x'], ['--as', 'x'], ['--insecure-skip-tls-verify']])(
    'with %j is wrong usage',
    async (flags, { expect }) => {
      const { code, stdout, stderr } = await crewiso(['doctor', '-f', CLEAN, ...flags]);
      expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
      expect(stderr).toContain('-f reads files');
    },
  );
});
