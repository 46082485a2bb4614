import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { expect, it } from 'vitest';
import { all, itemsById, readBundle } from '../../src/bundle/bundle-reader.ts';
import { openBundle } from '../../src/bundle/open-bundle.ts';
import type { RawObject } from '../fixtures/crewai.ts';
import { fluxPlatform } from '../fixtures/flux.ts';
import { withTemporary } from '../support/bundles.ts';
import { collectFrom, whileServed } from '../support/origins.ts';
import { put, tools } from '../support/scenario.ts';

/** Told by no name and no shape. */
const canary = (place: string): string => `Zq7x ${place} Kp5Tq8`;
const PLACES = ['value', 'list', 'rendered', 'substitute', 'patch', 'digest'] as const;

const status = (more: object): object => ({
  observedGeneration: 1,
  conditions: [{ type: 'Ready', status: 'True', reason: 'Succeeded', message: 'fine' }],
  ...more,
});
const object = (apiVersion: string, kind: string, name: string, spec: object, more: object = {}): RawObject => ({
  apiVersion,
  kind,
  metadata: { name, namespace: 'frontend' },
  spec,
  status: status(more),
});

const OBJECTS = put(
  fluxPlatform(),
  object(
    'helm.toolkit.fluxcd.io/v2',
    'HelmRelease',
    'cache',
    {
      serviceAccountName: 'frontend',
      chart: { spec: { chart: 'valkey', sourceRef: { kind: 'HelmRepository', name: 'charts' } } },
      values: { greeting: canary('value'), several: [{ deep: canary('list') }], port: 987654321, replicas: 3 },
      postRenderers: [{ kustomize: { patches: [{ patch: `greeting: ${canary('rendered')}` }] } }],
    },
    { lastAttemptedConfigDigest: canary('digest') },
  ),
  object('kustomize.toolkit.fluxcd.io/v1', 'Kustomization', 'apps', {
    serviceAccountName: 'frontend',
    sourceRef: { kind: 'GitRepository', name: 'apps' },
    postBuild: { substitute: { greeting: canary('substitute') } },
    patches: [{ patch: canary('patch'), target: { kind: 'Deployment' } }],
  }),
  // The definition of the fixture serves it in no other version.
  object('image.toolkit.fluxcd.io/v1beta2', 'ImagePolicy', 'latest', {
    imageRepositoryRef: { name: 'web', namespace: 'backend' },
  }),
);

it('holds what checks read of Flux, in the version that is served, and no setting', async () => {
  await withTemporary(async (folder) => {
    const file = join(folder, 'b.tar.gz');
    await whileServed(OBJECTS, ({ url }) => collectFrom(url, {}, file));
    const files = new Map<string, string>();
    const { manifest } = await readBundle(file, async (entry) => {
      files.set(entry.path, (await all(entry)).toString());
    });
    const statuses = [...itemsById(manifest)].flatMap(([id, { status: became }]) =>
      id.startsWith('list:frontend/') && id.includes('.toolkit.fluxcd.io') ? [`${id.split('/')[1]!} ${became}`] : [],
    );
    expect(statuses.sort()).toEqual([
      'alerts.notification.toolkit.fluxcd.io empty',
      'helmreleases.helm.toolkit.fluxcd.io ok',
      'imagepolicies.image.toolkit.fluxcd.io ok',
      'imageupdateautomations.image.toolkit.fluxcd.io notApplicable',
      'kustomizations.kustomize.toolkit.fluxcd.io ok',
      'receivers.notification.toolkit.fluxcd.io empty',
    ]);
    expect(manifest.state).toBe('complete');
    expect(files.get('namespaces/frontend/imagepolicies.image.toolkit.fluxcd.io.json')).toContain(
      '"apiVersion":"image.toolkit.fluxcd.io/v1beta2"',
    );
    expect(files.get('namespaces/frontend/helmreleases.helm.toolkit.fluxcd.io.json')).toContain('"replicas":3');
    expect(manifest.redaction.counts).toMatchObject({ 'flux-settings': 6, 'flux-digest': 1 });
    const bytes = gunzipSync(await readFile(file)).toString('latin1');
    expect(PLACES.filter((place) => bytes.includes(canary(place)))).toEqual([]);
    expect(bytes).not.toContain('987654321');
    // What is taken out of every bundle is looked for in none, and nothing else was left.
    const { snapshot } = await openBundle(file, tools, { exposures: true });
    expect(snapshot.list('exposed-secrets')).toEqual([]);
    expect(snapshot.list('imagepolicies.image.toolkit.fluxcd.io').map(({ metadata }) => metadata.name)).toEqual([
      'latest',
    ]);
  });
});
