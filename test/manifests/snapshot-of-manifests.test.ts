import { describe, expect, it } from 'vitest';
import type { SecretTools } from '../../src/model/derived.ts';
import { RESOURCE_NAMES, RESOURCES, type Resource } from '../../src/model/resource.ts';
import type { Snapshot } from '../../src/model/snapshot.ts';
import { readObjects } from '../../src/manifests/read.ts';
import { snapshotOfManifests, type ManifestSnapshotOptions } from '../../src/manifests/snapshot-of-manifests.ts';
import { parseYaml } from '../../src/manifests/yaml.ts';

const tools: SecretTools = {
  fingerprint: (text) => `fp:${String(text.length)}`,
  gunzip: () => {
    throw new Error('no gzip here');
  },
  parseYaml,
};

function snapshotOf(text: string, options: Partial<ManifestSnapshotOptions> = {}): Snapshot {
  const read = { ...readObjects(text, 'f.yaml'), files: ['f.yaml'] };
  return snapshotOfManifests(read, { now: 0, complete: 'all', tools, ...options });
}

const TEXT = `apiVersion: v1
kind: Pod
metadata: {name: a}
---
apiVersion: v1
kind: Namespace
metadata: {name: ns, namespace: nonsense}
---
apiVersion: extensions/v1beta1
kind: Deployment
metadata: {name: d, namespace: ns}
---
apiVersion: x/v1
kind: Unknown
metadata: {name: u}
`;

describe('snapshotOfManifests', () => {
  it('places objects without namespace where it is told', () => {
    expect(snapshotOf(TEXT).list('pods', 'default')).toHaveLength(1);
    const snapshot = snapshotOf(TEXT, { defaultNamespace: 'crewai' });
    expect(snapshot.list('pods', 'crewai')).toHaveLength(1);
    expect(snapshot.find('namespaces', 'ns')?.metadata.namespace).toBeUndefined();
    expect(snapshot.origin).toEqual({ from: 'manifests', files: ['f.yaml'] });
  });

  it.each<[Resource, string, string, string | undefined, number]>([
    ['pods', 'Pod', 'a', 'default', 1],
    ['namespaces', 'Namespace', 'ns', undefined, 5],
    ['deployments.apps', 'Deployment', 'd', 'ns', 9],
  ])('knows where the object of %s stands, by any version of its group', (_, kind, name, namespace, line) => {
    const apiVersion = kind === 'Deployment' ? 'apps/v1' : 'v1';
    const ref = { apiVersion, kind, name, ...(namespace === undefined ? {} : { namespace }) };
    expect(snapshotOf(TEXT).locate(ref)).toMatchObject({ file: 'f.yaml', line });
    expect(snapshotOf(TEXT).locate({ ...ref, name: 'other' })).toBeUndefined();
  });

  it('proves absence only as far as the files are said to be complete', () => {
    const gaps = (complete: ManifestSnapshotOptions['complete'], resource: Resource): unknown => {
      const known = snapshotOf(TEXT, { complete }).completeness(resource);
      return known === 'complete' ? known : known.reason;
    };
    expect([gaps('all', 'pods'), gaps('all', 'services')]).toEqual(['complete', 'complete']);
    expect([gaps('kinds-present', 'pods'), gaps('kinds-present', 'services')]).toEqual(['complete', 'not-collected']);
    expect([gaps('none', 'pods'), gaps('none', 'services')]).toEqual(['not-collected', 'not-collected']);
  });

  it.each(RESOURCE_NAMES.filter((resource) => !RESOURCES[resource].onDemand))(
    'calls %s incomplete when any document could not be read',
    (resource) => {
      const known = snapshotOf(`${TEXT}---\na: [\n---\nb: [\n`).completeness(resource);
      expect(known).not.toBe('complete');
      if (resource === 'access-reviews') return;
      expect(known).toMatchObject({ reason: 'failed' });
      expect(known).toHaveProperty(
        'detail',
        expect.stringMatching(/^f\.yaml:17 could not be read: .* \(and 1 more\)$/),
      );
    },
  );

  it('is not made incomplete by warnings', () => {
    expect(snapshotOf(`${TEXT}kind: Unknown2\n`).completeness('pods')).toBe('complete');
  });

  it('keeps no value of a Secret', () => {
    const secret = 'apiVersion: v1\nkind: Secret\nmetadata: {name: s}\nstringData: {k: s3cr3t}\ndata: {k: czNjcjN0}\n';
    const snapshot = snapshotOf(secret);
    expect(snapshot.list('secrets')).toHaveLength(1);
    expect(JSON.stringify(RESOURCE_NAMES.map((resource) => snapshot.list(resource)))).not.toMatch(/s3cr3t|czNjcjN0/);
  });
});
