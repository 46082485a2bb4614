import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { readBundle } from '../../src/bundle/bundle-reader.ts';
import { unpacked } from '../../src/bundle/byte-source.ts';
import type { Manifest, Plan } from '../../src/bundle/format.ts';
import { openBundle } from '../../src/bundle/open-bundle.ts';
import { LIMITS } from '../../src/bundle/limits.ts';
import { renamedPlan } from '../../src/bundle/other-names.ts';
import { logId, logPath } from '../../src/bundle/paths.ts';
import { redactArchive } from '../../src/bundle/redact-archive.ts';
import { PseudonymousRedactor } from '../../src/bundle/redaction/pseudonymous.ts';
import { Pseudonyms } from '../../src/bundle/redaction/pseudonyms.ts';
import { Redactor } from '../../src/bundle/redaction/redactor.ts';
import { readTar } from '../../src/bundle/tar-reader.ts';
import { verifyBundle } from '../../src/bundle/verify.ts';
import { object } from '../cluster/fake-api.ts';
import { crewaiPlatform } from '../fixtures/crewai.ts';
import { opencranePlatform } from '../fixtures/opencrane.ts';
import { HEAD, withTemporary } from '../support/bundles.ts';
import { collect, withApi } from '../support/collect-file.ts';
import { troubleshootFiles, writeFiles, type Files } from '../support/foreign-bundles.ts';
import { collectFrom, whileServed } from '../support/origins.ts';
import { renameBundle, unpackedText } from '../support/pseudonymous.ts';
import { tools } from '../support/scenario.ts';
import { partOf } from '../../src/bundle/collect-scope.ts';
import { LISTS, SCOPE } from '../support/small-cluster.ts';

const KEY = Buffer.alloc(32, 5);
/** Other projects' files, which are none of this repository's. */
const REAL = ['../../../shared', '../../../../shared']
  .map((folder) =>
    fileURLToPath(new URL(`${folder}/data/troubleshoot-bundle/support-bundle-v0.50.tar.gz`, import.meta.url)),
  )
  .find((path) => existsSync(path));

interface Documents {
  readonly plan: Plan;
  readonly manifest: Manifest;
  readonly paths: readonly string[];
}

async function documentsOf(file: string): Promise<Documents> {
  const paths: string[] = [];
  const read = await readBundle(file, ({ path }) => Promise.resolve(void paths.push(path)));
  return { ...read, paths };
}

async function pathsOf(file: string): Promise<readonly string[]> {
  const paths: string[] = [];
  for await (const { path } of readTar(unpacked(file, LIMITS), LIMITS)) paths.push(path);
  return paths;
}

/** The small cluster with organizations 4 and 7, collected. */
const collected = <T>(use: (file: string, folder: string) => Promise<T>): Promise<T> =>
  withApi({}, async ({ url }, folder) => {
    const { file } = await collect(url, join(folder, 'in.tar.gz'));
    return use(file, folder);
  });

async function foreign<T>(files: Files, use: (file: string, folder: string) => Promise<T>): Promise<T> {
  return withTemporary(async (folder) => {
    writeFiles(folder, files);
    const file = join(folder, 'in.tar.gz');
    execFileSync('tar', ['-czf', file, '-C', folder, 'b']);
    return use(file, folder);
  });
}

describe('one of our bundles, with the names of organizations changed', () => {
  it('has them nowhere: plan, manifest, paths, objects, logs', () =>
    collected(async (file, folder) => {
      const out = join(folder, 'out.tar.gz');
      const { pseudonyms, names } = await renameBundle(file, out, ['orgs'], KEY);
      expect(names).toBe(2);
      const four = pseudonyms.orgId('4');
      expect(await unpackedText(file)).toContain('crewai-org-4');
      expect(await unpackedText(out)).not.toMatch(/org-[47]\b|"org":"[47]"|"[47]":\{/);
      const { plan, manifest, paths } = await documentsOf(out);
      expect(plan.pseudonyms).toEqual(['orgs']);
      expect(manifest.pseudonyms).toEqual(['orgs']);
      expect(plan.namespaces).toContainEqual({ name: `crewai-org-${four}`, org: four });
      expect(plan.items).toContainEqual(
        expect.objectContaining({
          id: `log:crewai-org-${four}/crew/web/current`,
          path: `namespaces/crewai-org-${four}/logs/crew/web.log`,
          org: four,
        }),
      );
      expect(Object.keys(manifest.orgs).sort()).toEqual([four, pseudonyms.orgId('7')].sort());
      expect(paths).toContain(`namespaces/crewai-org-${four}/pods.json`);
      expect(plan.items).toHaveLength((await documentsOf(file)).plan.items.length);
    }));

  it('is a whole bundle, without secrets', () =>
    collected(async (file, folder) => {
      const out = join(folder, 'out.tar.gz');
      await renameBundle(file, out, ['orgs'], KEY);
      expect(await verifyBundle(out, new Redactor({ key: KEY }))).toMatchObject({ outcome: 'intact', problems: [] });
    }));

  it('is the same with the same key, and another with another', () =>
    collected(async (file, folder) => {
      const out = (name: string): string => join(folder, name);
      await renameBundle(file, out('a'), ['orgs'], KEY);
      await renameBundle(file, out('b'), ['orgs'], KEY);
      await renameBundle(file, out('c'), ['orgs'], Buffer.alloc(32, 6));
      expect(await unpackedText(out('b'))).toBe(await unpackedText(out('a')));
      expect(await unpackedText(out('c'))).not.toBe(await unpackedText(out('a')));
    }));

  it('does not change when it is redacted again', () =>
    collected(async (file, folder) => {
      const [once, twice] = [join(folder, 'once'), join(folder, 'twice')];
      await renameBundle(file, once, ['orgs'], KEY);
      await redactArchive(once, twice, { redaction: new Redactor({ key: KEY }) });
      expect(await unpackedText(twice)).toBe(await unpackedText(once));
    }));

  it('may be of one organization alone', () =>
    withApi({}, async ({ url }, folder) => {
      const [file, out] = [join(folder, 'in.tar.gz'), join(folder, 'out.tar.gz')];
      await collect(url, file, { scope: partOf(SCOPE, '4'), head: { ...HEAD, only: ['4'] }, top: 'b-org-4' });
      const { pseudonyms } = await renameBundle(file, out, ['orgs'], KEY);
      const { plan, manifest } = await documentsOf(out);
      expect(plan.only).toEqual([pseudonyms.orgId('4')]);
      expect(manifest.only).toEqual(plan.only);
      expect((await pathsOf(out))[0]).toBe(`b-org-${pseudonyms.orgId('4')}/plan.json`);
    }));

  it('has none in the digest that stands for a long name', () =>
    collected(async (file) => {
      const { plan } = await documentsOf(file);
      const name = {
        namespace: 'crewai-org-4',
        pod: `org-4-crew-1-${'a'.repeat(90)}`,
        container: 'web',
        previous: false,
      };
      const pseudonyms = new Pseudonyms({ key: KEY, kinds: ['orgs'] });
      pseudonyms.learnText(logId(name), false);
      pseudonyms.settle();
      const four = pseudonyms.orgId('4');
      const [item] = renamedPlan({ ...plan, items: [{ id: logId(name), path: logPath(name) }] }, pseudonyms).items;
      expect(item?.path).toBe(
        logPath({ ...name, namespace: `crewai-org-${four}`, pod: name.pod.replace('org-4', `org-${four}`) }),
      );
      expect(item?.path).not.toContain(/~[0-9a-f]{12}/.exec(logPath(name))?.[0]);
    }));

  it('keeps in a name what says what it is: OpenCrane', () =>
    whileServed(opencranePlatform(), async ({ url }) =>
      withTemporary(async (folder) => {
        const [file, out] = [join(folder, 'in.tar.gz'), join(folder, 'out.tar.gz')];
        await collectFrom(url, {}, file);
        const { pseudonyms } = await renameBundle(file, out, ['orgs'], KEY);
        const acme = pseudonyms.all().get('acme') ?? '';
        expect(acme).toMatch(/^anon[0-9a-f]{10}$/);
        const { snapshot } = await openBundle(out, tools);
        expect(snapshot.find('namespaces', `opencrane-${acme}`)).toBeDefined();
        expect(snapshot.find('clustertenants.opencrane.io', acme)).toBeDefined();
        expect(await unpackedText(out)).not.toMatch(/\bacme\b/);
      }),
    ));
});

describe('one of our bundles, with the names of hosts and users changed', () => {
  const rbac = 'rbac.authorization.k8s.io';
  const lists = {
    ...LISTS,
    '/api/v1/nodes': [
      object('node-a', undefined, { status: { addresses: [{ type: 'InternalIP', address: '10.1.2.3' }] } }),
    ],
    [`/apis/${rbac}/v1/clusterrolebindings`]: [
      object('b', undefined, {
        roleRef: { kind: 'ClusterRole', name: 'admin', apiGroup: rbac },
        subjects: ['admin', 'jane@acme.com'].map((name) => ({ kind: 'User', name, apiGroup: rbac })),
      }),
    ],
    '/apis/networking.k8s.io/v1/ingresses': [object('i', 'crewai', { spec: { rules: [{ host: 'crews.acme.com' }] } })],
  };
  const head = { ...HEAD, cluster: { server: 'https://api.acme.com:6443', context: 'jane@api-acme-com:6443' } };

  it('has them nowhere, and is whole', () =>
    withApi({ lists }, async ({ url }, folder) => {
      const [file, out] = [join(folder, 'in.tar.gz'), join(folder, 'out.tar.gz')];
      await collect(url, file, { head, top: 'crewiso-api-acme-com-6443-20261120T100633Z' });
      expect(await unpackedText(file)).toMatch(/acme[\s\S]*jane[\s\S]*node-a[\s\S]*10\.1\.2\.3/);
      await renameBundle(file, out, ['hosts', 'users'], KEY);
      const text = await unpackedText(out);
      expect(text).not.toMatch(/acme|jane|node-a|10\.1\.2\.3/);
      expect(text).toContain('crewai-org-4');
      expect(text).toContain('"roleRef":{"kind":"ClusterRole","name":"admin"');
      expect(text).not.toContain('"kind":"User","name":"admin"');
      expect(await verifyBundle(out, new Redactor({ key: KEY }))).toMatchObject({ outcome: 'intact', problems: [] });
      const { plan } = await documentsOf(out);
      expect(plan.pseudonyms).toEqual(['hosts', 'users']);
      expect(plan.cluster.server).toMatch(/^https:\/\/h[0-9a-f]{8}\.h[0-9a-f]{8}\.invalid:6443$/);
      expect(plan.cluster.context).toMatch(/^context-[0-9a-f]{8}$/);
      expect(plan.collector?.groups).toEqual(['system:authenticated']);
      expect((await pathsOf(out))[0]).toMatch(/^bundle-[0-9a-f]{8}-20261120T100633Z\/plan\.json$/);
    }));

  it('may have those of organizations changed afterwards, and says both', () =>
    withApi({ lists }, async ({ url }, folder) => {
      const [file, first, second] = ['in', 'first', 'second'].map((name) => join(folder, name)) as [
        string,
        string,
        string,
      ];
      await collect(url, file, { head });
      await renameBundle(file, first, ['users'], KEY);
      await renameBundle(first, second, ['orgs'], KEY);
      expect((await documentsOf(second)).manifest.pseudonyms).toEqual(['orgs', 'users']);
      expect(await unpackedText(second)).not.toMatch(/jane|org-[47]\b/);
    }));
});

describe('what cannot be done without a name staying', () => {
  it('is not done: a name that is left is found, and nothing is written', () =>
    collected(async (file, folder) => {
      const pseudonyms = new Pseudonyms({ key: KEY, kinds: ['orgs'] });
      const plain = new Redactor({ key: KEY });
      const redaction = new PseudonymousRedactor(plain, pseudonyms);
      // One that forgets files.
      redaction.file = (content, format) => plain.file(content, format);
      const out = join(folder, 'out.tar.gz');
      await expect(redactArchive(file, out, { redaction, pseudonyms })).rejects.toMatchObject({ exitCode: 70 });
      expect(readdirSync(folder)).toEqual(['in.tar.gz']);
    }));
});

describe('a bundle of another tool, with the names of organizations changed', () => {
  const FILES = {
    ...troubleshootFiles(crewaiPlatform({ orgs: [4, 42] })),
    'b/cluster-resources/pods/logs/crewai-org-4/org-4-crew-1-a-web/web.log': 'org_id=4 crewai-org-42 4 workers\n',
    'b/cluster-resources/pods-errors.json': '{"crewai-org-4":"namespaces \\"crewai-org-4\\" not found"}',
    'b/notes.yaml': 'organizations:\n- org-id: 4\n  namespace: crewai-org-4\n',
    'b/picture-org-4.png': 'a\u0000b',
  };

  it('has them nowhere', () =>
    foreign(FILES, async (file, folder) => {
      const out = join(folder, 'out.tar.gz');
      const { pseudonyms, withheld } = await renameBundle(file, out, ['orgs'], KEY);
      const four = pseudonyms.orgId('4');
      const text = await unpackedText(out);
      expect(text).not.toMatch(/org-4\b|org-42\b|org_id=4\b|org-id: 4\b/);
      expect(text).toContain(`org_id=${four} crewai-org-${pseudonyms.orgId('42')} 4 workers`);
      expect(text).toContain(`- org-id: ${four}\n  namespace: crewai-org-${four}\n`);
      expect(withheld.map(({ path }) => path)).toEqual([`picture-org-${four}.png`]);
      expect(text).toContain(`"path": "picture-org-${four}.png"`);
      const paths = await pathsOf(out);
      expect(paths).toContain(`b/cluster-resources/pods/crewai-org-${four}.json`);
      expect(paths).toHaveLength(new Set(paths).size);
      expect(text).toMatch(/"pseudonyms": \[\s+"orgs"\s+\]/);
    }));

  it('still says so when it is redacted again', () =>
    foreign(FILES, async (file, folder) => {
      const [once, twice] = [join(folder, 'once.tar.gz'), join(folder, 'twice.tar.gz')];
      await renameBundle(file, once, ['orgs'], KEY);
      await redactArchive(once, twice, { redaction: new Redactor({ key: KEY }) });
      expect(await unpackedText(twice)).toMatch(/"pseudonyms": \[\s+"orgs"\s+\]/);
    }));

  it('is read as before', () =>
    foreign(FILES, async (file, folder) => {
      const out = join(folder, 'out.tar.gz');
      const { pseudonyms } = await renameBundle(file, out, ['orgs'], KEY);
      const [before, after] = [await openBundle(file, tools), await openBundle(out, tools)];
      const names = (resource: 'pods' | 'rolebindings.rbac.authorization.k8s.io' | 'namespaces', of: typeof before) =>
        of.snapshot.list(resource).map(({ metadata }) => JSON.stringify([metadata.namespace, metadata.name]));
      for (const resource of ['pods', 'rolebindings.rbac.authorization.k8s.io', 'namespaces'] as const)
        expect(names(resource, after).sort()).toEqual(
          names(resource, before)
            .map((name) => pseudonyms.replace(name, true))
            .sort(),
        );
    }));

  it('that no tool made is refused: nothing tells whose it is', () =>
    foreign({ 'b/a.txt': 'x' }, async (file, folder) => {
      await expect(renameBundle(file, join(folder, 'out.tar.gz'), ['orgs'])).rejects.toMatchObject({ exitCode: 4 });
    }));

  it.skipIf(REAL === undefined)(
    `may be a real one${REAL === undefined ? ' (skipped: there is none beside the checkout, in shared/data)' : ''}`,
    () =>
      withTemporary(async (folder) => {
        const out = join(folder, 'out.tar.gz');
        await renameBundle(REAL ?? '', out, ['orgs'], KEY);
        expect(await pathsOf(out)).toContain('support-bundle/version.yaml');
      }),
  );
});
