import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { openBundle } from '../../src/bundle/open-bundle.ts';
import type { Snapshot } from '../../src/model/snapshot.ts';
import { crewaiPlatform } from '../fixtures/crewai.ts';
import { withTemporary } from '../support/bundles.ts';
import { collect, withApi } from '../support/collect-file.ts';
import { troubleshootFiles, writeFiles, type Files } from '../support/foreign-bundles.ts';
import { tools } from '../support/scenario.ts';

const FILES = troubleshootFiles(crewaiPlatform());
const without = (pattern: RegExp): Files =>
  Object.fromEntries(Object.entries(FILES).filter(([path]) => !pattern.test(path)));

const foreign = (files: Files, more: (folder: string) => void = () => undefined): Promise<Snapshot> =>
  withTemporary(async (folder) => {
    writeFiles(folder, files);
    more(folder);
    return (await openBundle(folder, tools, { exposures: true })).snapshot;
  });

const refusals = (snapshot: Snapshot, namespace: string): string[] =>
  snapshot.list('collector-refusals', namespace).map(({ metadata }) => metadata.name);
const exposed = (snapshot: Snapshot): Record<string, object> =>
  Object.fromEntries(
    snapshot.list('exposed-secrets').map(({ metadata, rules, certain }) => [metadata.name, { rules, certain }]),
  );

describe('what whoever collected was refused', () => {
  it('is in our bundles: lists and logs, each right once in each namespace', async () => {
    const snapshot = await withApi(
      {
        forbidden: (path) => path === '/api/v1/events' || path === '/api/v1/namespaces/crewai-org-4/events',
        intercept: (_request, response, url) => {
          if (!url.pathname.startsWith('/api/v1/namespaces/crewai-org-7/pods')) return false;
          response.writeHead(403, { 'content-type': 'application/json' });
          response.end('{"kind":"Status","code":403,"reason":"Forbidden","message":"pods \\"x\\" is forbidden"}');
          return true;
        },
      },
      async ({ url }, folder) => {
        const { file } = await collect(url, join(folder, 'b.tar.gz'));
        return (await openBundle(file, tools)).snapshot;
      },
    );
    expect(refusals(snapshot, 'crewai-org-4')).toEqual(['list events']);
    expect(refusals(snapshot, 'crewai-org-7')).toEqual(['get pods/log']);
    expect(refusals(snapshot, 'crewai')).toEqual([]);
    expect(snapshot.list('collector-refusals').map(({ user }) => user)).toEqual(['jane', 'jane']);
  });

  it('is in those of troubleshoot.sh: by its errors, whatever is said of what is there after all', async () => {
    const message = 'events is forbidden: User "system:serviceaccount:a:b" cannot list resource "events"';
    const snapshot = await foreign({
      ...without(/events\/crewai-org-1/),
      'b/cluster-resources/events-errors.json': JSON.stringify({ '': message }),
      'b/cluster-resources/pods-errors.json': JSON.stringify({ 'crewai-org-1': 'context deadline exceeded' }),
      'b/cluster-resources/pods/logs/crewai-org-2/web/main-logs-errors.log': `${message.replaceAll('events', 'pods')}\n`,
      'b/cluster-resources/pods/logs/crewai/web/main-logs-errors.log': 'context deadline exceeded',
    });
    expect(refusals(snapshot, 'crewai-org-1')).toEqual(['list events']);
    expect(refusals(snapshot, 'crewai-org-2')).toEqual(['get pods/log']);
    expect(refusals(snapshot, 'crewai')).toEqual([]);
    expect(snapshot.list('collector-refusals')[0]).toMatchObject({ user: 'system:serviceaccount:a:b', message });
  });

  it('is in those of troubleshoot.sh: by the namespaces that it left out', async () => {
    const snapshot = await foreign({
      ...without(/crewai-org-1\.json/),
      'b/cluster-resources/auth-cani-list/crewai-org-1.json': '[]',
    });
    expect(refusals(snapshot, 'crewai-org-1')).toEqual(expect.arrayContaining(['list pods', 'list deployments.apps']));
    expect(refusals(snapshot, 'crewai-org-2')).toEqual([]);
  });
});

describe('secrets in the files of a bundle', () => {
  const pod = (env: object, annotations: object = {}): string =>
    JSON.stringify({
      kind: 'PodList',
      apiVersion: 'v1',
      items: [
        {
          metadata: { name: 'p', namespace: 'crewai-org-1', annotations },
          spec: { containers: [{ name: 'main', image: 'i', env: [env] }] },
        },
      ],
    });

  it('are found wherever the redactor finds them, in files of any kind, and counted', async () => {
    const snapshot = await foreign({
      ...FILES,
      'b/cluster-resources/pods/crewai-org-1.json': pod({ name: 'DB_PASSWORD', value: 'hunter2-hunter3' }),
      'b/cluster-resources/pods/crewai-org-2.json': pod(
        { name: 'MODEL', value: 'gpt-4o' },
        {
          'kubectl.kubernetes.io/last-applied-configuration': '{"kind":"Secret","stringData":{"a":"hunter2-hunter3"}}',
        },
      ),
      'b/cluster-resources/pods/logs/crewai/web/main.log': `a\nGET https://u:hunter6-hunter7@host/\n`,
      'b/other/notes.yaml': `password: hunter8-hunter9\n`,
    });
    expect(exposed(snapshot)).toEqual({
      'b/cluster-resources/pods/crewai-org-1.json': { rules: { 'env-name': 1 }, certain: false },
      'b/cluster-resources/pods/crewai-org-2.json': { rules: { 'known-value': 1 }, certain: true },
      'b/cluster-resources/pods/logs/crewai/web/main.log': { rules: { 'url-userinfo': 1 }, certain: true },
      'b/other/notes.yaml': { rules: { 'key-value': 1 }, certain: false },
    });
    expect(snapshot.gaps('exposed-secrets')).toEqual([]);
    expect(JSON.stringify(snapshot.list('exposed-secrets'))).not.toContain('hunter');
  });

  it('are in what Flux is told only where a name or a shape says so', async () => {
    const release = (values: object): string =>
      JSON.stringify([
        {
          apiVersion: 'helm.toolkit.fluxcd.io/v2',
          kind: 'HelmRelease',
          metadata: { name: 'cache', namespace: 'crewai-org-1' },
          spec: { values },
          status: { lastAttemptedConfigDigest: `sha256:${'0f1e2d3c'.repeat(8)}` },
        },
      ]);
    const snapshot = await foreign({
      ...FILES,
      'b/cluster-resources/custom-resources/helmreleases/a.json': release({ greeting: 'hello', replicas: 12345 }),
      'b/cluster-resources/custom-resources/helmreleases/b.json': release({ db: { password: 'hunter2-hunter3' } }),
    });
    expect(exposed(snapshot)).toEqual({
      'b/cluster-resources/custom-resources/helmreleases/b.json': { rules: { 'field-name': 1 }, certain: false },
    });
  });

  it('are looked for by what Secrets in it hold', async () => {
    const data = { password: Buffer.from('sv97-greets-you').toString('base64') };
    const secrets = {
      kind: 'SecretList',
      apiVersion: 'v1',
      items: [{ metadata: { name: 's', namespace: 'a' }, data }],
    };
    const snapshot = await foreign({
      ...FILES,
      'b/secrets.json': JSON.stringify(secrets),
      'b/a.log': 'it said sv97-greets-you\n',
    });
    expect(exposed(snapshot)).toMatchObject({ 'b/a.log': { rules: { 'known-value': 1 }, certain: true } });
  });

  it('are none where they were masked, and what is always taken out is none', async () => {
    const applied = { 'kubectl.kubernetes.io/last-applied-configuration': '{"kind":"Pod","spec":{"nodeName":"n"}}' };
    const snapshot = await foreign({
      ...FILES,
      'b/cluster-resources/pods/crewai-org-1.json': pod({ name: 'DB_PASSWORD', value: '***HIDDEN***' }, applied),
    });
    expect(exposed(snapshot)).toEqual({});
  });

  it('may be in what is no text: that is said', async () => {
    const snapshot = await foreign(FILES, (folder) => {
      writeFileSync(join(folder, 'b/archive.tar.gz'), gzipSync('x'));
    });
    expect(snapshot.completeness('exposed-secrets')).toMatchObject({
      reason: 'failed',
      detail: expect.stringContaining('archive.tar.gz') as string,
    });
  });

  it('are in none of ours, and nobody looks who does not want to know', async () => {
    await withApi({}, async ({ url }, folder) => {
      const { file } = await collect(url, join(folder, 'b.tar.gz'));
      const searched = await openBundle(file, tools, { exposures: true });
      expect(exposed(searched.snapshot)).toEqual({});
      expect(searched.snapshot.completeness('exposed-secrets')).toBe('complete');
      expect((await openBundle(file, tools)).snapshot.completeness('exposed-secrets')).not.toBe('complete');
    });
  });
});
