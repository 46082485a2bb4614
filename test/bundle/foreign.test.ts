import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { openBundle } from '../../src/bundle/open-bundle.ts';
import type { BundleSnapshot } from '../../src/bundle/bundle-snapshot.ts';
import { NO_REQUESTS } from '../../src/commands/shared/reading.ts';
import type { Report } from '../../src/model/report.ts';
import { qualifiedName } from '../../src/model/object.ts';
import { RESOURCE_NAMES } from '../../src/model/resource.ts';
import { brokenPlatform } from '../fixtures/broken.ts';
import { crewaiPlatform, type RawObject } from '../fixtures/crewai.ts';
import { withTemporary } from '../support/bundles.ts';
import {
  clusterInfoFiles,
  mustGatherFiles,
  supportBundleKitFiles,
  troubleshootFiles,
  writeFiles,
  zipOf,
  type Files,
} from '../support/foreign-bundles.ts';
import { readServed, reportOn, whileServed } from '../support/origins.ts';
import { NOW, tools } from '../support/scenario.ts';

async function read(files: Files): Promise<BundleSnapshot> {
  return withTemporary(async (folder) => {
    writeFiles(folder, files);
    return openBundle(folder, tools);
  });
}

/** The report on a bundle, judged at the time of the scenarios. */
function judged({ snapshot, notes }: BundleSnapshot): Report {
  return reportOn({
    snapshot: { ...snapshot, now: NOW },
    requests: NO_REQUESTS,
    interrupted: false,
    notes,
    settings: {},
  });
}

const outcomes = (report: Report): Map<string, string> =>
  new Map(report.checks.map(({ id, outcome }) => [id, outcome]));
const keysOf = (report: Report): string[] =>
  report.findings.map(({ check, object }) => `${check} ${object.kind} ${qualifiedName(object)}`);

const FORMATS: Readonly<Record<string, (objects: readonly RawObject[]) => Files>> = {
  'troubleshoot.sh': troubleshootFiles,
  'must-gather': mustGatherFiles,
  'kubectl cluster-info dump': clusterInfoFiles,
  'support-bundle-kit': supportBundleKitFiles,
};

describe.each(Object.entries(FORMATS))('a bundle of %s', (name, filesOf) => {
  it.each([
    ['a healthy platform', crewaiPlatform()],
    ['a broken one', brokenPlatform()],
  ])('of %s: what it shows is found, and nothing is passed that it does not show', async (_state, objects) => {
    const live = await whileServed(objects, ({ url }) => readServed(url));
    const expected = reportOn(live);
    const foreign = await read(filesOf(objects));
    expect(foreign.snapshot.origin).toMatchObject({ from: 'bundle', format: name });
    const report = judged(foreign);
    const known = outcomes(expected);
    for (const [check, outcome] of outcomes(report))
      if (outcome === 'passed')
        expect([check, known.get(check)]).toEqual([check, expect.stringMatching(/^(?:passed|not-applicable)$/)]);
    expect(new Set(keysOf(expected))).toEqual(new Set([...keysOf(expected), ...keysOf(report)]));
  });

  it('shows all objects that are in its files, and of kinds that are in none a gap', async () => {
    const objects = crewaiPlatform();
    const { snapshot } = await read(filesOf(objects));
    const deployments = objects.filter(({ kind }) => kind === 'Deployment').length;
    expect(snapshot.list('deployments.apps')).toHaveLength(deployments);
    expect(snapshot.completeness('deployments.apps', 'crewai')).toBe('complete');
    // oc lists every kind; the others say nothing of this one, or of kinds without objects.
    const silent = name !== 'must-gather';
    const completeness = snapshot.completeness('horizontalpodautoscalers.autoscaling', 'crewai');
    expect(completeness === 'complete').toBe(!silent);
    if (silent) expect(completeness).toMatchObject({ reason: 'not-collected' });
    // oc writes Secrets, with the lengths of their values.
    const parsed = snapshot.list('registry-secrets', 'crewai').map(({ parse }) => parse);
    if (silent) expect(snapshot.completeness('registry-secrets', 'crewai')).not.toBe('complete');
    else expect(parsed).toEqual(['redacted']);
  });

  it('has a gap for each file that is taken away, emptied or broken', async () => {
    const files = filesOf(crewaiPlatform());
    const path = Object.keys(files).find((file) => /crewai-org-1\b.*pods\.|pods\/crewai-org-1\./.test(file)) ?? '';
    expect(files[path]).toBeDefined();
    const rest = Object.fromEntries(Object.entries(files).filter(([file]) => file !== path));
    for (const changed of [
      rest,
      { ...files, [path]: '' },
      { ...files, [path]: '{"kind": "PodList", "items": [' },
      { ...files, [path]: 'hello' },
    ]) {
      const { snapshot } = await read(changed);
      expect(snapshot.list('pods', 'crewai-org-1')).toEqual([]);
      expect(snapshot.completeness('pods', 'crewai-org-1')).toMatchObject({ resource: 'pods' });
      expect(snapshot.completeness('pods', 'crewai-org-2')).toBe('complete');
    }
  });
});

describe('troubleshoot.sh', () => {
  const files = troubleshootFiles(crewaiPlatform());
  const without = (pattern: RegExp): Files =>
    Object.fromEntries(Object.entries(files).filter(([path]) => !pattern.test(path)));

  it.each<readonly [string, string, object]>([
    [
      'pods is forbidden: User "x" cannot list',
      'forbidden',
      { grant: { verb: 'list', resource: 'pods', namespace: 'crewai-org-1' } },
    ],
    ['the server could not find the requested resource', 'not-served', {}],
    ['context deadline exceeded', 'failed', {}],
  ])('says why there is no file: %s', async (message, reason, more) => {
    const { snapshot } = await read({
      ...without(/pods\/crewai-org-1/),
      'b/cluster-resources/pods-errors.json': JSON.stringify({ 'crewai-org-1': message, 'crewai-org-2': 'old' }),
    });
    expect(snapshot.completeness('pods', 'crewai-org-1')).toMatchObject({ reason, detail: message, ...more });
    expect(snapshot.completeness('pods', 'crewai-org-2')).toBe('complete');
  });

  it('says it for all namespaces, and in a list for kinds that are in none', async () => {
    const { snapshot } = await read({
      ...without(/clusterrolebindings|rolebindings\//),
      'b/cluster-resources/clusterrolebindings-errors.json': JSON.stringify(['clusterrolebindings is forbidden: no']),
      'b/cluster-resources/rolebindings-errors.json': JSON.stringify({ '': 'rolebindings is forbidden: no' }),
    });
    expect(snapshot.completeness('clusterrolebindings.rbac.authorization.k8s.io')).toMatchObject({
      reason: 'forbidden',
    });
    expect(snapshot.completeness('rolebindings.rbac.authorization.k8s.io', 'crewai')).toMatchObject({
      reason: 'forbidden',
    });
  });

  it('collects nothing where whoever collects may not get pods', async () => {
    const { snapshot } = await read({
      ...without(/crewai-org-1\.json/),
      'b/cluster-resources/auth-cani-list/crewai-org-1.json': JSON.stringify([
        { verbs: ['list'], apiGroups: [''], resources: ['pods'] },
      ]),
    });
    expect(snapshot.completeness('deployments.apps', 'crewai-org-1')).toMatchObject({ reason: 'forbidden' });
  });

  it('writes namespaces in three shapes, of which one is all of them', async () => {
    const list = JSON.parse(files['b/cluster-resources/namespaces.json']!) as { items: object[] };
    const shaped = (value: unknown): Files => ({
      ...files,
      'b/cluster-resources/namespaces.json': JSON.stringify(value),
    });
    expect((await read(files)).snapshot.completeness('namespaces')).toBe('complete');
    for (const value of [list.items, { kind: 'Namespace', apiVersion: 'v1', ...list.items[0] }]) {
      const { snapshot } = await read(shaped(value));
      expect(snapshot.list('namespaces').length).toBeGreaterThan(0);
      expect(snapshot.completeness('namespaces')).toMatchObject({ reason: 'not-collected' });
    }
  });

  it('once had no extensions, capitals, and a folder in place of a file', async () => {
    const crb = files['b/cluster-resources/clusterrolebindings.json']!;
    const old: Files = {
      ...without(/clusterrolebindings|clusterroles/),
      'b/cluster-resources/clusterRoleBindings': crb,
      'b/cluster-resources/clusterroles': files['b/cluster-resources/clusterroles.json']!,
      'b/cluster-resources/statefulsets-errors.json/crewai.json': '{}',
    };
    const { snapshot } = await read(old);
    expect(snapshot.completeness('clusterrolebindings.rbac.authorization.k8s.io')).toBe('complete');
    expect(snapshot.list('clusterroles.rbac.authorization.k8s.io').length).toBeGreaterThan(0);
  });

  it('masks values, which then are unknown and not what is written', async () => {
    const hidden = Object.fromEntries(
      Object.entries(files).map(([path, text]) => [
        path,
        text.replaceAll('"value": "crewai"', '"value": "***HIDDEN***-x"'),
      ]),
    );
    const report = judged(await read(hidden));
    expect(report.target.platforms[0]?.sharedNamespace).toBe('crewai');
    expect(JSON.stringify(report.coverage)).toContain('redacted');
  });

  /** Other projects' files, which are none of this repository's. */
  const beside = ['../../../shared', '../../../../shared'].map((folder) =>
    fileURLToPath(new URL(`${folder}/data/troubleshoot-bundle/support-bundle-v0.50.tar.gz`, import.meta.url)),
  );
  const real = beside.find((path) => existsSync(path));
  it.skipIf(real === undefined)(
    `opens a real one and audits it${real === undefined ? ' (skipped: there is none beside the checkout, in shared/data)' : ''}`,
    async () => {
      const read = await openBundle(real ?? '', tools);
      expect(read.snapshot.origin).toMatchObject({
        from: 'bundle',
        format: 'troubleshoot.sh',
        kubernetes: 'v1.24.4+k3s1',
      });
      expect(read.snapshot.list('namespaces').map(({ metadata }) => metadata.name)).toEqual([
        'default',
        'kube-node-lease',
        'kube-public',
        'kube-system',
      ]);
      expect(read.snapshot.completeness('pods')).toBe('complete');
      expect(read.snapshot.list('pods', 'kube-system').length).toBeGreaterThan(3);
      expect(read.snapshot.completeness('serviceaccounts', 'default')).toMatchObject({ reason: 'not-collected' });
      const report = judged(read);
      expect(report.checks.filter(({ outcome }) => outcome === 'errored')).toEqual([]);
      for (const resource of RESOURCE_NAMES) expect(read.snapshot.gaps(resource)).toBeDefined();
    },
  );
});

describe('an archive of any kind', () => {
  const files = supportBundleKitFiles(crewaiPlatform());

  it('is read as a zip', async () => {
    await withTemporary(async (folder) => {
      const file = join(folder, 'b.zip');
      await writeFile(file, zipOf(files));
      const { snapshot } = await openBundle(file, tools);
      expect(snapshot.list('pods').length).toBeGreaterThan(5);
      expect(new Date(snapshot.now).toISOString()).toBe('2026-11-20T00:00:00.000Z');
    });
  });

  it.each<readonly [string, Buffer]>([
    ['another name before the file', zipOf(files, { local: () => 'other' })],
    ['files that share bytes', zipOf(files, { offset: () => 0 })],
    ['a size that is too small', zipOf(files, { size: () => 1 })],
    ['a size that is too large', zipOf(files, { size: (size) => size + 1 })],
    ['a name that leads outside', zipOf({ '../x': 'x' })],
    ['no end', zipOf(files).subarray(0, -22)],
    ['xz', Buffer.from('fd377a585a000000', 'hex')],
    ['age', Buffer.from('age-encryption.org/v1\n')],
  ])('is refused with %s', async (_name, bytes) => {
    await withTemporary(async (folder) => {
      const file = join(folder, 'b.zip');
      await writeFile(file, bytes);
      await expect(openBundle(file, tools)).rejects.toMatchObject({ exitCode: 4 });
    });
  });

  it('is refused where no known tool made it, by what was looked for', async () => {
    await expect(read({ 'a/b.txt': 'x' })).rejects.toMatchObject({
      exitCode: 4,
      suggestions: [expect.stringContaining('cluster-resources/'), expect.anything()],
    });
  });
});
