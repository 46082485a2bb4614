import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { CHECKS } from '../../src/checks/index.ts';
import { readConfig } from '../../src/commands/shared/config-file.ts';
import { readPolicy, writeBaseline } from '../../src/commands/shared/policy-files.ts';
import { parseYaml } from '../../src/manifests/yaml.ts';
import { reportOf } from '../support/scenario.ts';

const NOW = Date.parse('2026-11-20T10:00:00Z');
const folders: string[] = [];
afterEach(async () => {
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true });
});

async function file(text: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'crewiso-'));
  folders.push(folder);
  await writeFile(join(folder, 'file.yaml'), text);
  return join(folder, 'file.yaml');
}

const waivers = (entry: string): string => `apiVersion: crewiso/v1\nkind: Waivers\nwaivers:\n- ${entry}\n`;
const GOOD = '{check: registry-secret-stale, orgs: [7, "12"], reason: r, owner: o, expires: 2027-03-31}';

describe('--waivers', () => {
  it('reads a waiver, organizations as text', async () => {
    const path = await file(waivers(GOOD));
    expect(await readPolicy({ waivers: path }, CHECKS, NOW)).toEqual({
      waivers: [
        {
          check: 'registry-secret-stale',
          orgs: ['7', '12'],
          reason: 'r',
          owner: 'o',
          expires: '2027-03-31',
          source: path,
        },
      ],
    });
  });

  it.each([
    ['an unknown check', GOOD.replace('registry-secret-stale', 'registry-secret-stall'), 'did you mean|no such check'],
    ['no reason', GOOD.replace('reason: r, ', ''), 'needs reason'],
    ['no owner', GOOD.replace('owner: o, ', ''), 'needs owner'],
    ['no end', GOOD.replace(', expires: 2027-03-31', ''), 'needs expires'],
    ['an end too far away', GOOD.replace('2027-03-31', '2028-03-31'), 'more than 366 days'],
    ['no date', GOOD.replace('2027-03-31', 'never'), 'is not a date'],
    ['a key that is a typo', GOOD.replace('orgs', 'org'), 'key org'],
    ['an object without kind', GOOD.replace('{', '{object: docker-registry, '), 'Kind/name'],
  ])('refuses %s', async (_name, entry, reason) => {
    const path = await file(waivers(entry));
    await expect(readPolicy({ waivers: path }, CHECKS, NOW)).rejects.toMatchObject({
      exitCode: 2,
      message: expect.stringMatching(new RegExp(reason)) as string,
    });
  });

  it('refuses what is no such file', async () => {
    await expect(readPolicy({ waivers: '/no/such/file' }, CHECKS, NOW)).rejects.toMatchObject({ exitCode: 2 });
    const path = await file('a: [');
    await expect(readPolicy({ waivers: path }, CHECKS, NOW)).rejects.toMatchObject({ exitCode: 2 });
  });
});

describe('--baseline', () => {
  it('reads back what --write-baseline wrote, and an older report', async () => {
    const report = reportOf(CHECKS, { without: ['RoleBinding/crewai-org-2/crewai-sa-edit'] });
    expect(report.findings.length).toBeGreaterThan(0);
    const path = await file('');
    await writeBaseline(path, report, NOW);
    const ids = report.findings.map(({ id }) => id);
    expect((await readPolicy({ baseline: path }, CHECKS, NOW)).baseline?.map(({ id }) => id)).toEqual(ids);
    expect(await readFile(path, 'utf8')).toContain('kind: Waivers');
    const older = await file(JSON.stringify(report));
    expect((await readPolicy({ baseline: older }, CHECKS, NOW)).baseline?.map(({ id }) => id)).toEqual(ids);
  });

  it('refuses another document', async () => {
    const path = await file('apiVersion: v1\nkind: ConfigMap\n');
    await expect(readPolicy({ baseline: path }, CHECKS, NOW)).rejects.toMatchObject({ exitCode: 2 });
  });
});

describe('--config', () => {
  const config = `apiVersion: crewiso/v1
kind: Config
settings: {registry-secret: pull, isolation: on}
contexts:
  prod: {isolation: off, platform-account: "crewai:robot", exclude-org: [9]}
`;

  it('gives the settings of a context over the common ones', async () => {
    const read = readConfig(await file(config), {}, parseYaml);
    expect(read.for('prod')).toEqual({
      registrySecret: 'pull',
      isolation: 'off',
      account: { namespace: 'crewai', name: 'robot' },
      excludeOrgs: ['9'],
    });
    expect(read.for('other')).toEqual({ registrySecret: 'pull', isolation: 'on' });
    expect(read.for(undefined)).toEqual({ registrySecret: 'pull', isolation: 'on' });
  });

  it('is named by the environment, and may be absent', async () => {
    expect(readConfig(undefined, { CREWISO_CONFIG: await file(config) }, parseYaml).for('other').isolation).toBe('on');
    expect(readConfig(undefined, { XDG_CONFIG_HOME: '/no/such/folder' }, parseYaml).for('other')).toEqual({});
  });

  it.each([
    ['a missing file that was named', undefined, 'cannot be read'],
    ['an unknown setting', 'settings: {isolatoin: on}', 'did you mean isolation'],
    ['a wrong value', 'settings: {mode: both}', 'auto or manual'],
    ['a wrong account', 'settings: {platform-account: robot}', 'NAMESPACE:NAME'],
    ['an unknown key', 'context: {}', 'there are settings and contexts'],
  ])('refuses %s', async (_name, text, reason) => {
    const path = text === undefined ? '/no/such/file' : await file(`apiVersion: crewiso/v1\nkind: Config\n${text}\n`);
    expect(() => readConfig(path, {}, parseYaml)).toThrow(reason);
  });
});
