import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { describe, it } from 'vitest';
import type { Manifest } from '../../src/bundle/format.ts';
import type { FaultRequest } from '../../src/apiserver/options.ts';
import { crewaiPlatform, type RawObject } from '../fixtures/crewai.ts';
import { crewiso, reportOf, withFolder, withServer } from './program.ts';

const secretOf = (place: string): string => `zq7-only-${place}-knows-this-x`;

/** In each namespace what gives it away: in a name, a label, a value of a Secret, and that value of another. */
function canaries(namespace: string, place: string, other: string): RawObject[] {
  const in_ = { namespace, labels: { canary: `canary-${place}` } };
  return [
    {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { ...in_, name: `canary-${place}-secret` },
      type: 'Opaque',
      data: { password: Buffer.from(secretOf(place)).toString('base64') },
    },
    { apiVersion: 'v1', kind: 'ConfigMap', metadata: { ...in_, name: `canary-${place}-map` }, data: {} },
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { ...in_, name: `canary-${place}-service`, annotations: { note: `got ${secretOf(other)} by mistake` } },
      spec: {},
    },
  ];
}

const OBJECTS: readonly RawObject[] = [
  ...crewaiPlatform({ orgs: [4, 7] }),
  ...canaries('crewai', 'platform', '4'),
  ...canaries('crewai-org-4', '4', '7'),
  ...canaries('crewai-org-7', '7', 'platform'),
  {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'ClusterRoleBinding',
    metadata: { name: 'canary-4-everywhere' },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'view' },
    subjects: [{ kind: 'ServiceAccount', namespace: 'crewai-org-4', name: 'canary-4-account' }],
  },
];

const unpack = (file: string): string => gunzipSync(readFileSync(file)).toString('latin1');

// Each starts the program a dozen times.
describe.concurrent('a bundle split by organization', { timeout: 120_000 }, () => {
  it('holds nothing of one organization in the archive of another, and no Secret of any in any', async ({ expect }) => {
    await withServer({ objects: OBJECTS }, (_server, flags) =>
      withFolder(async (folder) => {
        const ended = await crewiso([
          ...['bundle', 'collect', ...flags, '-O', join(folder, 'b.tar.gz'), '--split-by-org', '-q'],
        ]);
        expect(ended).toMatchObject({ code: 0, stderr: '' });
        const files = readdirSync(folder).sort();
        expect(files).toContain('b-platform.tar.gz');
        expect(files).toEqual(expect.arrayContaining(['b-org-4.tar.gz', 'b-org-7.tar.gz']));
        expect(ended.stdout.trim().split('\n').sort()).toEqual(files.map((file) => join(folder, file)));
        const texts = new Map(files.map((file) => [file, unpack(join(folder, file))]));
        for (const [file, text] of texts) {
          for (const place of ['platform', '4', '7']) expect(text).not.toContain(secretOf(place));
          for (const org of ['4', '7']) {
            const own = file === `b-org-${org}.tar.gz`;
            for (const name of ['secret', 'map', 'service'])
              expect([file, text.includes(`canary-${org}-${name}`)]).toEqual([file, own]);
            // The platform knows its organizations; they do not know of each other.
            if (file !== 'b-platform.tar.gz') expect([file, text.includes(`crewai-org-${org}`)]).toEqual([file, own]);
          }
          expect([file, text.includes('canary-platform-map')]).toEqual([file, file === 'b-platform.tar.gz']);
        }
        for (const file of files) {
          const [verified, judged] = await Promise.all([
            crewiso(['bundle', 'verify', join(folder, file), '--leaks']),
            crewiso(['doctor', '--from', join(folder, file), '-o', 'json']),
          ]);
          expect(verified).toMatchObject({ code: 0, stderr: '' });
          expect([file, judged.code]).toEqual([file, 3]);
          const tenants = reportOf(judged).target.tenants.map(({ namespace }) => namespace);
          const org = /^b-org-(.*)\.tar\.gz$/.exec(file)?.[1];
          expect(judged.stderr.trim()).toBe(org === undefined ? '' : `warning: it is about organization ${org} alone`);
          if (org !== undefined) expect(tenants).toEqual([`crewai-org-${org}`]);
        }
        const markers = [...texts.values()].map((text) => /got <redacted:[^>]*fp=([0-9a-f]+)>/.exec(text)?.[1]);
        expect(new Set(markers.filter(Boolean)).size).toBe(3);
      }),
    );
  });

  it('reads nothing twice: requests do not grow with organizations', async ({ expect }) => {
    const requests = (orgs: readonly number[]): Promise<string[]> =>
      withServer({ objects: crewaiPlatform({ orgs }) }, (server, flags) =>
        withFolder(async (folder) => {
          const args = [...flags, '-O', join(folder, 'b.tar.gz'), '--split-by-org', '--logs', 'none', '-q'];
          expect(await crewiso(['bundle', 'collect', ...args])).toMatchObject({ code: 0, stderr: '' });
          return server.requests.map(({ method, path }) => `${method} ${path}`).sort();
        }),
      );
    const few = await requests([1]);
    expect(await requests([1, 2, 3, 4, 5])).toEqual(few);
  });

  it('says in each archive whether the Secrets of all were looked for', async ({ expect }) => {
    const forbidden = ({ path }: FaultRequest): { status: number } | undefined =>
      /^\/api\/v1\/(?:namespaces\/crewai-org-7\/)?secrets(?:\?|$)/.test(path) ? { status: 403 } : undefined;
    await withServer({ objects: OBJECTS, faults: forbidden }, (_server, flags) =>
      withFolder(async (folder) => {
        const file = join(folder, 'b.tar.gz');
        await crewiso(['bundle', 'collect', ...flags, '-O', file, '--split-by-org', '--logs', 'none']);
        // That of organization 4 holds all of its own Secrets: what of others may be in it was not looked for.
        const own = join(folder, 'b-org-4.tar.gz');
        const again = join(folder, 'again.tar.gz');
        await crewiso(['bundle', 'redact', own, again]);
        for (const name of [own, again]) {
          const { stdout } = await crewiso(['bundle', 'inspect', name, '-o', 'json']);
          const { items, redaction } = JSON.parse(stdout) as Manifest;
          expect(items.find(({ id }) => id === 'list:crewai-org-4/secrets')?.status).toBe('ok');
          expect(redaction.knownValues).toBe('partial');
        }
      }),
    );
  });

  it('says which archive there is none of', async ({ expect }) => {
    const fault = ({ path }: FaultRequest): { status: number } | undefined =>
      path.includes('/namespaces/crewai-org-4') ? { status: 403 } : undefined;
    await withServer({ objects: OBJECTS, faults: fault }, (_server, flags) =>
      withFolder(async (folder) => {
        const ended = await crewiso(['bundle', 'collect', ...flags, '-O', join(folder, 'b.tar.gz'), '--split-by-org']);
        expect(ended.code).toBe(3);
        expect(ended.stdout).toMatch(/^COMPLETE {2}.*b-org-7\.tar\.gz/m);
        expect(ended.stdout).toMatch(/^(PARTIAL|NOTHING) .*b-org-4\.tar\.gz/m);
      }),
    );
  });
});
