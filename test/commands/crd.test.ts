import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, test } from 'vitest';
import { crewiso } from './program.ts';

const folder = mkdtempSync(join(tmpdir(), 'crewiso-crd-'));

const definition = (properties: object): object => ({
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: 'widgets.example.com' },
  spec: {
    group: 'example.com',
    names: { kind: 'Widget', plural: 'widgets' },
    scope: 'Namespaced',
    versions: [
      {
        name: 'v1',
        served: true,
        storage: true,
        schema: {
          openAPIV3Schema: { type: 'object', properties: { spec: { type: 'object', properties } } },
        },
      },
    ],
  },
});

function write(name: string, ...objects: readonly object[]): string {
  const file = join(folder, name);
  writeFileSync(file, objects.map((object) => JSON.stringify(object)).join('\n---\n'));
  return file;
}

const string = { type: 'string' };
const widget = {
  apiVersion: 'example.com/v1',
  kind: 'Widget',
  metadata: { name: 'w', namespace: 'one' },
  spec: { b: 'x' },
};
const old = write('old.yaml', definition({ a: string, b: string }), widget);
const less = write('less.yaml', definition({ a: string }));
const more = write('more.yaml', definition({ a: string, b: string, c: string }));

function requireValid(name: string, document: unknown): void {
  const text = readFileSync(fileURLToPath(new URL(`../../schemas/${name}.schema.json`, import.meta.url)), 'utf8');
  const schema = JSON.parse(text.replaceAll('"properties":', '"additionalProperties": false, "properties":')) as object;
  const validate = new Ajv2020({ strict: false, allErrors: true }).compile(schema);
  validate(document);
  expect(validate.errors).toBeNull();
}

describe('crd diff', () => {
  test('says what breaks, and which objects', async () => {
    const { code, stdout } = await crewiso(['crd', 'diff', old, less, '-o', 'json']);
    const document = JSON.parse(stdout) as { crds: { changes: unknown[]; objects: { affected: unknown[] } }[] };
    requireValid('crd-diff', document);
    expect(code).toBe(1);
    const [kind] = document.crds;
    expect(kind?.changes).toMatchObject([
      { path: 'spec.b', rule: 'property-removed', verdict: 'breaking', objects: 1 },
    ]);
    expect(kind?.objects.affected).toMatchObject([{ namespace: 'one', name: 'w', dropped: ['spec.b'] }]);
  });

  test('what only adds ends with 0, in every format', async () => {
    for (const format of ['table', 'yaml', 'markdown']) {
      const { code, stdout } = await crewiso(['crd', 'diff', old, more, '-o', format]);
      expect(stdout).toContain('spec.c');
      expect(code).toBe(0);
    }
  });

  test('reads a folder of a git revision without touching what lies there', async () => {
    const repository = mkdtempSync(join(tmpdir(), 'crewiso-git-'));
    const git = (...words: readonly string[]): string =>
      execFileSync('git', ['-c', 'user.name=a', '-c', 'user.email=a@example.com', ...words], {
        cwd: repository,
        encoding: 'utf8',
      });
    mkdirSync(join(repository, 'crds'));
    git('init', '-q');
    writeFileSync(join(repository, 'crds/w.yaml'), readFileSync(old));
    git('add', '.');
    git('commit', '-qm', 'one');
    writeFileSync(join(repository, 'crds/w.yaml'), readFileSync(less));
    const { code, stdout } = await crewiso(['crd', 'diff', 'HEAD:crds', 'crds', '-o', 'json'], { cwd: repository });
    expect(code).toBe(1);
    expect(stdout).toContain('property-removed');
    expect((await crewiso(['crd', 'diff', 'HEAD:nothing', 'crds'], { cwd: repository })).code).toBe(4);
    const plan = await crewiso(['crd', 'plan', '-f', 'crds', '--to', 'HEAD:crds', '-o', 'json'], { cwd: repository });
    const { steps } = JSON.parse(plan.stdout) as { steps: { phase: string; commands: string[] }[] };
    const [fetch = '', rehearse] = steps.find(({ phase }) => phase === 'definitions')?.commands ?? [];
    execFileSync('bash', ['-c', fetch], { cwd: repository });
    expect(readFileSync(join(repository, 'new-definitions/crds/w.yaml'))).toEqual(readFileSync(old));
    expect(rehearse).toContain('-f new-definitions/crds');
  });

  test.each([String.raw`C:\charts\crds`, 'C:/charts/crds', 'd:/crds'])('%s is no revision of git', async (source) => {
    const { code, stderr } = await crewiso(['crd', 'diff', source, less]);
    expect(code).toBe(4);
    expect(stderr).toContain('no such file or folder');
  });

  test('a source that is none', async () => {
    const { code, stderr } = await crewiso(['crd', 'diff', join(folder, 'absent'), less]);
    expect(code).toBe(4);
    expect(stderr).toContain('no such file or folder');
  });
});

describe('crd plan', () => {
  test('an object in the way blocks', async () => {
    const { code, stdout } = await crewiso(['crd', 'plan', '-f', old, '--to', less, '-o', 'json']);
    const document = JSON.parse(stdout) as {
      state: string;
      steps: { phase: string; state: string; objects: string[] }[];
    };
    requireValid('crd-plan', document);
    expect(code).toBe(1);
    expect(document.state).toBe('blocked');
    expect(document.steps.find(({ phase }) => phase === 'repair')?.objects).toEqual(['one/w']);
    // Nothing after it is to be done before it.
    const at = document.steps.findIndex(({ phase }) => phase === 'repair');
    expect(new Set(document.steps.slice(at).map(({ state }) => state))).toEqual(new Set(['blocked']));
  });

  test('instances of OpenCrane are found by their Deployments, and by nothing else of them', async () => {
    const labels = (release: string): object => ({
      'app.kubernetes.io/part-of': 'opencrane',
      'app.kubernetes.io/component': 'operator',
      'app.kubernetes.io/instance': release,
    });
    const of = (kind: string, release: string): object => ({
      apiVersion: 'apps/v1',
      kind,
      metadata: { name: 'operator', namespace: release, labels: labels(release) },
    });
    const tenants = (properties: object): object => {
      const text = JSON.stringify(definition(properties));
      return JSON.parse(text.replaceAll('example.com', 'opencrane.io')) as object;
    };
    const there = write('there.yaml', tenants({ a: string }), of('Deployment', 'oc-b'), of('Deployment', 'oc-a'));
    const decoys = write('decoys.yaml', tenants({ a: string }), of('StatefulSet', 'oc-c'));
    const to = write('to.yaml', tenants({ a: string, b: string }));
    const titles = async (from: string): Promise<readonly string[]> => {
      const { stdout } = await crewiso(['crd', 'plan', '-f', from, '--to', to, '-o', 'json']);
      const { steps } = JSON.parse(stdout) as { steps: { phase: string; title: string }[] };
      return steps.filter(({ phase }) => phase === 'instances').map(({ title }) => title);
    };
    expect(await titles(there)).toEqual(['the canary oc-a/oc-a', 'then oc-b/oc-b']);
    expect(await titles(decoys)).toEqual(['upgrade the instances, one as a canary first']);
  });

  test('the files of a chart beside the definitions are taken away before they are applied', async () => {
    const place = mkdtempSync(join(tmpdir(), 'crewiso-chart-'));
    writeFileSync(join(place, 'w.yaml'), readFileSync(more));
    writeFileSync(join(place, 'Chart.yaml'), 'name: widgets\nversion: 0.1.0\n');
    const { code, stdout } = await crewiso(['crd', 'plan', '-f', old, '--to', place, '-o', 'json']);
    expect(code).toBe(0);
    const { notes, steps } = JSON.parse(stdout) as { notes: object[]; steps: { phase: string; commands: string[] }[] };
    expect(notes).toEqual([]);
    const commands = steps.find(({ phase }) => phase === 'definitions')?.commands ?? [];
    const cwd = mkdtempSync(join(tmpdir(), 'crewiso-cwd-'));
    for (const command of commands.slice(0, 2)) execFileSync('bash', ['-c', command], { cwd });
    expect(readdirSync(join(cwd, 'new-definitions'))).toEqual(['w.yaml']);
    expect(commands[2]).toMatch(/ -f new-definitions$/);
  });

  test('the canary comes first', async () => {
    const { code, stdout } = await crewiso(['crd', 'plan', '-f', old, '--to', more, '--instance', 'b/b,a/a']);
    expect(code).toBe(0);
    expect(stdout.indexOf('the canary b/b')).toBeLessThan(stdout.indexOf('then a/a'));
  });
});

// Definitions of the real platform are not part of the repository.
const real = process.env.CREWISO_OPENCRANE_CRDS ?? '';
const releases = [join(real, '0.2.0'), join(real, '0.5.0')] as const;
describe.skipIf(real === '' || !releases.every((place) => existsSync(place)))(
  'OpenCrane 0.2.0 to 0.5.0 (CREWISO_OPENCRANE_CRDS names a folder with both)',
  () => {
    test('only adds, and going back does not', async () => {
      const forth = await crewiso(['crd', 'diff', ...releases, '-o', 'json']);
      expect(forth.code).toBe(0);
      const { crds } = JSON.parse(forth.stdout) as { crds: { changes: { path: string; rule: string }[] }[] };
      expect(crds.flatMap(({ changes }) => changes.map(({ path, rule }) => `${path} ${rule}`))).toEqual([
        ' crd-added',
        'spec.clusterTenantRef property-added',
      ]);
      expect((await crewiso(['crd', 'diff', releases[1], releases[0]])).code).toBe(1);
    });

    test('is planned without a step that is blocked, and going back is not decided', async () => {
      const [before, after] = releases;
      const forth = await crewiso(['crd', 'plan', '-f', before, '--to', after]);
      expect(forth.code).toBe(0);
      expect(forth.stdout).toContain('crd/clustertenants.opencrane.io crd/tenants.opencrane.io');
      expect(forth.stdout).not.toMatch(/BLOCKED|UNDECIDED/);
      const back = await crewiso(['crd', 'plan', '-f', after, '--to', before]);
      expect(back.code).toBe(3);
      expect(back.stdout).toContain('tenants.opencrane.io spec.clusterTenantRef breaks');
    });
  },
);
