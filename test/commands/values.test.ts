import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseYaml } from '../../src/manifests/yaml.ts';
import { brokenPlatform } from '../fixtures/broken.ts';
import { crewaiPlatform } from '../fixtures/crewai.ts';
import { crewiso, ROOT, withFolder, withServer } from './program.ts';

const list = (text: string): readonly string[] =>
  (parseYaml(text) as { supportBundle: { crewLogNamespaces: string[] } }).supportBundle.crewLogNamespaces;

describe('values', () => {
  it('lists every organization, numbers in order, and the shared namespace while crews run there', async () => {
    await withServer({ objects: brokenPlatform() }, async (_server, flags) => {
      const { code, stdout, stderr } = await crewiso(['values', ...flags]);
      expect([code, stderr]).toEqual([0, '']);
      expect(list(stdout)).toEqual(['crewai', ...[1, 2, 4, 7, 12, 19].map((org) => `crewai-org-${String(org)}`)]);
    });
  });

  it('leaves the shared namespace out where isolation is complete', async () => {
    await withServer({ objects: crewaiPlatform({ orgs: [1, 10, 2] }) }, async (_server, flags) => {
      const { stdout } = await crewiso(['values', '-o', 'json', '--isolation', 'on', ...flags]);
      expect(list(stdout)).toEqual(['crewai-org-1', 'crewai-org-2', 'crewai-org-10']);
    });
  });

  it('edits a values file and writes nowhere', async () => {
    await withFolder((folder) =>
      withServer({ objects: crewaiPlatform({ orgs: [1] }) }, async (server, flags) => {
        const file = join(folder, 'values.yaml');
        writeFileSync(file, '# ours\nweb: {replicas: 2}\n');
        const { code, stdout } = await crewiso(['values', '--like', file, '--isolation', 'on', ...flags]);
        expect(code).toBe(0);
        expect(stdout).toMatch(/^# ours\nweb: \{ ?replicas: 2 ?\}\n/);
        expect(list(stdout)).toEqual(['crewai-org-1']);
        expect(server.requests.filter(({ method, path }) => method !== 'GET' && !path.includes('reviews'))).toEqual([]);
      }),
    );
  });

  it('says so where there may be more', async () => {
    const files = await crewiso(['values', '-f', `${ROOT}examples/broken`]);
    expect([files.code, files.stderr]).toEqual([
      3,
      expect.stringContaining('there may be more organizations: namespaces'),
    ]);
    expect(list(files.stdout)).toContain('crewai-org-19');
  });

  it.each<[readonly string[], number, string]>([
    [['--like', 'not-there.yaml'], 4, 'cannot read not-there.yaml'],
    [['--like', `${ROOT}README.md`, '-o', 'json'], 2, '--like prints the file as it is'],
    [['--kubeconfig', '/dev/null', '-s', 'http://127.0.0.1:9'], 4, 'cannot'],
  ])('%j', async (args, status, message) => {
    const { code, stdout, stderr } = await crewiso(['values', ...args]);
    expect([code, stdout, stderr]).toEqual([status, '', expect.stringContaining(message)]);
  });

  it('names no platform where there is none', async () => {
    await withServer({ objects: [] }, async (_server, flags) => {
      const { code, stdout, stderr } = await crewiso(['values', ...flags]);
      expect([code, stdout, stderr]).toEqual([3, '', expect.stringContaining('no platform was recognised')]);
    });
  });
});
