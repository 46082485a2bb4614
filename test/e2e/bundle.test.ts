import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { execFileSync } from 'node:child_process';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Manifest, Plan } from '../../src/bundle/format.ts';
import type { Report } from '../../src/model/report.ts';
import type { RawObject } from '../fixtures/crewai.ts';
import { secretsSeenIn, SHAPES } from '../support/secret-scanner.ts';
import { CANARIES, canariesIn, plantCanaries } from './canaries.ts';
import { TENANT_FAULTS } from './faults.ts';
import { adminClient, auditEvents, crewiso, describeCluster, kubeconfigFor, kubectl, type Ran } from './harness.ts';
import { createObjects, installPlatform, removeObjects, type InstalledPlatform } from './platform.ts';

const SECRET = 'canary-e2e-5Tq8zLw2';

const found = (report: Report): string[] => report.findings.map(({ check, id }) => `${check} ${id}`).sort();

const inspect = async (file: string): Promise<Manifest> =>
  JSON.parse((await crewiso(['bundle', 'inspect', file, '-o', 'json'])).stdout) as Manifest;

/** Every file of an archive, and its name, as tar unpacks it. */
function unpacked(archive: string, folder: string): Map<string, string> {
  mkdirSync(folder);
  execFileSync('tar', ['-xzf', archive, '-C', folder]);
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return new Map(
    entries.map(({ parentPath, name }) => {
      const path = join(parentPath, name);
      return [path.slice(folder.length + 1), readFileSync(path, 'latin1')];
    }),
  );
}

describeCluster('a bundle of a platform with faults', () => {
  const client = adminClient();
  const orgs = [90, ...TENANT_FAULTS.map(({ org }) => org).filter((org) => ![0, 18, 24].includes(org))];
  const folder = mkdtempSync(join(tmpdir(), 'crewiso-'));
  const file = join(folder, 'b.tar.gz');
  const secrets: RawObject[] = [
    {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 'canary', namespace: 'crewai-org-90' },
      type: 'Opaque',
      data: { value: Buffer.from(SECRET).toString('base64') },
    },
    {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'canary', namespace: 'crewai-org-90', annotations: { note: `uses ${SECRET}` } },
      data: { 'app.env': `PASSWORD=${SECRET}` },
    },
  ];
  let installed: InstalledPlatform;
  let collected: Ran;
  let planted: string;

  beforeAll(async () => {
    installed = await installPlatform(client, { orgs }, (objects) =>
      TENANT_FAULTS.reduce((changed, fault) => fault.change(changed), objects),
    );
    for (const fault of TENANT_FAULTS) await fault.apply?.(client);
    await createObjects(client, secrets);
    ({ planted } = await plantCanaries(client));
    collected = await crewiso(['bundle', 'collect', '-O', file]);
  });

  afterAll(async () => {
    rmSync(folder, { recursive: true, force: true });
    await removeObjects(client, secrets);
    await installed.remove();
  });

  test('is collected whole and judged like the cluster', async () => {
    expect(collected.stderr).toBe('');
    const { items } = await inspect(file);
    // Pods have logs only where there is a kubelet; what it does not serve is the node's, not the bundle's.
    expect(items.filter(({ id, status }) => id.startsWith('list:') && status !== 'ok' && status !== 'empty')).toEqual(
      [],
    );
    const live = JSON.parse((await crewiso(['doctor', '-o', 'json', '--isolation', 'on'])).stdout) as Report;
    const offline = JSON.parse(
      (await crewiso(['doctor', '--from', file, '-o', 'json', '--isolation', 'on'])).stdout,
    ) as Report;
    expect(found(offline)).toEqual(found(live));
    expect(live.findings.length).toBeGreaterThan(10);
  });

  test('holds no Secret, is intact, and read by other tools', async () => {
    const verified = await crewiso(['bundle', 'verify', file, '--leaks']);
    expect(verified.stdout).toMatch(/^INTACT/);
    const tar = execFileSync('gzip', ['-dc', file], { maxBuffer: 1024 ** 3 });
    expect(tar.includes(SECRET)).toBe(false);
    expect(tar.includes(Buffer.from(SECRET).toString('base64'))).toBe(false);
    const pods = execFileSync('tar', ['-xzOf', file, 'b/namespaces/crewai/pods.json']);
    // kubectl takes it for what the API server answers.
    const printed = await kubectl(['create', '--dry-run=client', '-o', 'name', '-f', '-'], { input: pods.toString() });
    expect(printed.stdout.split('\n').filter((line) => line.startsWith('pod/')).length).toBeGreaterThan(0);
  });

  test('gives none of the secrets away that stand in objects, events and logs, whatever is made of it', async () => {
    // What is looked for is there, and seen by the scanner as long as nobody took it out.
    expect(canariesIn(planted)).toEqual(CANARIES);
    expect((await secretsSeenIn(planted)).length).toBeGreaterThanOrEqual(SHAPES.length);
    const split = join(folder, 'split');
    mkdirSync(split);
    const again = join(folder, 'again.tar.gz');
    const said = [
      collected,
      await crewiso(['bundle', 'collect', '-O', join(split, 's.tar.gz'), '--split-by-org', '-v', '8']),
      await crewiso(['bundle', 'redact', file, again]),
      await crewiso(['bundle', 'inspect', file, '--gaps', '--redactions']),
      await crewiso(['bundle', 'inspect', file, '-o', 'json']),
      await crewiso(['doctor', '--from', file, '-o', 'json', '--show', 'all']),
    ];
    const archives = [file, again, ...readdirSync(split).map((name) => join(split, name))];
    expect(archives.length).toBeGreaterThan(orgs.length);
    const texts = new Map(said.map(({ stdout, stderr }, index) => [`output ${String(index)}`, stdout + stderr]));
    for (const [index, archive] of archives.entries())
      for (const [path, text] of unpacked(archive, join(folder, `unpacked-${String(index)}`)))
        texts.set(`${archive} ${path}`, `${path}\n${text}`);
    expect(texts.size).toBeGreaterThan(500);
    const leaks = [...texts].flatMap(([where, text]) => canariesIn(text).map((canary) => `${where}: ${canary}`));
    expect(leaks).toEqual([]);
    const seen: string[] = [];
    for (const [where, text] of texts) seen.push(...(await secretsSeenIn(text)).map((found) => `${where}: ${found}`));
    expect(seen).toEqual([]);
  });

  test('with other names is judged alike, and tells nobody the old ones', async () => {
    const renamed = join(folder, 'renamed.tar.gz');
    const kinds = ['--pseudonyms', 'orgs,hosts,users'];
    expect(await crewiso(['bundle', 'redact', file, renamed, '-q', ...kinds])).toMatchObject({ status: 0, stderr: '' });
    expect((await crewiso(['bundle', 'verify', renamed, '--leaks'])).stdout).toMatch(/^INTACT/);
    const checksOf = async (bundle: string): Promise<string[]> => {
      const { stdout } = await crewiso(['doctor', '--from', bundle, '-o', 'json', '--isolation', 'on']);
      return (JSON.parse(stdout) as Report).findings.map(({ check }) => check).sort();
    };
    expect(await checksOf(renamed)).toEqual(await checksOf(file));
    const old = new RegExp(`org-(?:${orgs.join('|')})(?![0-9])`);
    const texts = unpacked(renamed, join(folder, 'unpacked-renamed'));
    expect(texts.size).toBeGreaterThan(100);
    expect([...texts].filter(([path, text]) => old.test(path) || old.test(text)).map(([path]) => path)).toEqual([]);
    expect([...unpacked(file, join(folder, 'unpacked-old'))].some(([path]) => old.test(path))).toBe(true);
  });

  test('holds the tenants that globs choose, and the logs of the pods that a selector does', async () => {
    const chosen = join(folder, 'chosen.tar.gz');
    const planIn = (archive: string): Plan =>
      JSON.parse(
        execFileSync('tar', ['-xzOf', archive, `${basename(archive, '.tar.gz')}/plan.json`]).toString(),
      ) as Plan;
    await crewiso(['bundle', 'collect', '-O', chosen, '-q', '--orgs', 'crewai-org-9?', '-l', 'no-such-label=x']);
    const { namespaces, items } = planIn(chosen);
    expect(namespaces.map(({ name }) => name)).toEqual(
      planIn(file)
        .namespaces.map(({ name }) => name)
        .filter((name) => !name.includes('-org-') || /-org-9.$/.test(name)),
    );
    expect(namespaces.map(({ name }) => name)).toContain('crewai-org-90');
    expect(items.filter(({ id }) => id.startsWith('log:'))).toEqual([]);
    expect(planIn(file).items.some(({ id }) => id.startsWith('log:'))).toBe(true);
    const none = await crewiso(['bundle', 'collect', '-O', join(folder, 'none.tar.gz'), '--orgs', 'crewia-*']);
    expect(none.status).toBe(2);
    expect(none.stderr).toContain('tenant namespaces: crewai-org-');
  });

  test('differs from a later one in what was done in between', async () => {
    const later = join(folder, 'later.tar.gz');
    await client.demand('DELETE', '/api/v1/namespaces/crewai-org-90/secrets/canary');
    await crewiso(['bundle', 'collect', '-O', later, '-q', '--org', '90']);
    const { status, stdout } = await crewiso(['bundle', 'diff', file, later, '--org', '90', '-o', 'json']);
    const { objects } = JSON.parse(stdout) as { objects: { change: string; object: { kind: string; name: string } }[] };
    // What no Secret holds any more is no secret: the note that names it shows.
    expect(objects.map(({ change, object }) => `${change} ${object.kind} ${object.name}`)).toEqual([
      'changed ConfigMap canary',
      'removed Secret canary',
    ]);
    expect(status).toBe(1);
  });

  test('takes the rights that rbac prints and no other, and writes nothing', async () => {
    const roles = await crewiso(['rbac', '--for', 'bundle', '--subject', 'User:packer']);
    await kubectl(['apply', '-f', '-'], { input: roles.stdout });
    try {
      const mine = join(folder, 'mine.tar.gz');
      const ran = await crewiso(['bundle', 'collect', '-O', mine], { kubeconfig: kubeconfigFor('packer') });
      expect(ran.stderr).toBe('');
      const { items } = await inspect(mine);
      expect(items.filter(({ status }) => status === 'forbidden')).toEqual([]);
      const verbs = new Set(auditEvents('packer').map(({ verb }) => verb));
      expect([...verbs].sort()).toEqual(['create', 'get', 'list']);
      const created = auditEvents('packer').filter(({ verb }) => verb === 'create');
      expect([...new Set(created.map(({ objectRef }) => objectRef?.resource))]).toEqual(['selfsubjectreviews']);
    } finally {
      await kubectl(['delete', '-f', '-'], { input: roles.stdout });
    }
  });

  test('is smaller, valid and honest for whoever may only read the platform’s namespaces', async () => {
    const roles = await crewiso(['rbac', '--for', 'bundle', '--subject', 'User:tenant', '--org', '90']);
    await kubectl(['apply', '-f', '-'], { input: roles.stdout });
    try {
      const mine = join(folder, 'least.tar.gz');
      const flags = ['--platform-namespace', 'crewai', '--org', '90'];
      const ran = await crewiso(['bundle', 'collect', '-O', mine, ...flags], { kubeconfig: kubeconfigFor('tenant') });
      expect(ran.status).toBe(3);
      const { items } = await inspect(mine);
      const own = items.filter(({ id }) => /^list:crewai(?:-org-90)?\//.test(id) && !id.endsWith('/namespaces'));
      expect(own.filter(({ status }) => status !== 'ok' && status !== 'empty')).toEqual([]);
      expect(items.find(({ id }) => id === 'list:*/deployments.apps')?.status).toBe('forbidden');
      expect((await crewiso(['bundle', 'verify', mine])).status).toBe(0);
      const report = JSON.parse((await crewiso(['doctor', '--from', mine, '-o', 'json', ...flags])).stdout) as Report;
      expect(report.exit.code).toBe(3);
    } finally {
      await kubectl(['delete', '-f', '-'], { input: roles.stdout });
    }
  });
});
