import { describe, expect, it } from 'vitest';
import type { FluxPlatform } from '../../src/model/flux.ts';
import { detectFlux, fluxScope } from '../../src/platforms/flux.ts';
import { detectPlatforms, readingOf } from '../../src/platforms/profiles.ts';
import { crewaiPlatform, type RawObject } from '../fixtures/crewai.ts';
import { fluxPlatform, kustomization, type FluxOptions } from '../fixtures/flux.ts';
import { parseObjects, put, snapshotOf, type Scenario } from '../support/scenario.ts';

function platform(scenario: Scenario = {}, settings = scenario.settings ?? {}): FluxPlatform {
  const detection = detectFlux(snapshotOf({ base: fluxPlatform(), ...scenario }), settings);
  if (!('platform' in detection)) throw new Error(JSON.stringify(detection));
  return detection.platform;
}

/** The manager of one controller started in another way. */
const started = (args: readonly unknown[], more: object = {}): Scenario => ({
  change: (objects) =>
    structuredClone(objects).map((object) => {
      if (object.kind !== 'Deployment' || object.metadata.name !== 'kustomize-controller') return object;
      const { spec } = (object as unknown as { spec: { template: { spec: { containers: object[] } } } }).spec.template;
      Object.assign(spec.containers[0] ?? {}, { args }, more);
      return object;
    }),
});

const flagsOf = (scenario: Scenario): FluxPlatform['controllers'][number] | undefined =>
  platform(scenario).controllers.find(({ kind }) => kind === 'kustomize-controller');

describe('detection', () => {
  it.each<[string, FluxOptions]>([
    ['the defaults', {}],
    ['another namespace', { namespace: 'gitops' }],
    ['no tenants', { tenants: {} }],
  ])('finds %s', (_name, options) => {
    const { namespace = 'flux-system', tenants = { frontend: [], backend: [] } } = options;
    const found = platform({ base: fluxPlatform(options) });
    expect(found).toMatchObject({ id: 'flux', version: '2.9.0', platformNamespace: namespace });
    expect(found.ownNamespaces).toEqual([namespace]);
    expect(found.account).toEqual({ namespace, name: 'kustomize-controller' });
    expect(found.controllers.map(({ kind }) => kind)).toHaveLength(6);
    expect(found.tenants.map(({ id }) => id).sort()).toEqual(Object.keys(tenants).sort());
  });

  it('finds none in a cluster without it, and reads nothing of it there', () => {
    const snapshot = snapshotOf({ base: crewaiPlatform() });
    expect(detectFlux(snapshot, {})).toMatchObject({ none: expect.any(String) as string, gaps: [] });
    const { ids, reads } = readingOf(snapshot, {}, false);
    expect(ids).toEqual(['crewai']);
    expect(reads.filter((name) => name.includes('toolkit'))).toEqual([]);
  });

  it('stands beside another platform', () => {
    const found = detectPlatforms(snapshotOf({ base: put(crewaiPlatform(), ...fluxPlatform()) }), {});
    expect('platforms' in found && found.platforms.map(({ id }) => id)).toEqual(['crewai', 'flux']);
  });

  it('knows a mirrored image, a shard and a renamed one, but not a helm-controller of somebody else', () => {
    const deployment = (name: string, image: string, labels = '{}', namespace = 'flux-system'): string => `
apiVersion: apps/v1
kind: Deployment
metadata: {name: ${name}, namespace: ${namespace}, labels: ${labels}}
spec: {template: {spec: {containers: [{name: manager, image: "${image}"}]}}}`;
    const flux = '{app.kubernetes.io/part-of: flux}';
    const { controllers, ownNamespaces, platformNamespace } = platform({
      base: parseObjects(
        [
          deployment('kustomize-controller', 'registry.local:5000/mirror/kustomize-controller@sha256:1', flux),
          deployment('kustomize-controller-shard1', 'registry.local/renamed:1', flux, 'shards'),
          deployment('helm-controller', 'rancher/helm-controller:1', '{}', 'kube-system'),
          deployment('notes', 'ghcr.io/fluxcd/notification-controller:v1', '{}'),
        ].join('\n---'),
      ),
    });
    expect(controllers.map(({ kind, deployment: { metadata } }) => [kind, metadata.name])).toEqual([
      ['kustomize-controller', 'kustomize-controller'],
      ['notification-controller', 'notes'],
      ['kustomize-controller', 'kustomize-controller-shard1'],
    ]);
    expect([ownNamespaces, platformNamespace]).toEqual([['flux-system', 'shards'], undefined]);
  });

  it('goes by its objects in files without controllers', () => {
    const found = platform({ without: ['Deployment/*'] });
    expect(found.controllers).toEqual([]);
    expect(found.ownNamespaces).toEqual(['flux-system']);
    expect(found.tenants.map(({ namespace }) => namespace)).toEqual(['backend', 'frontend']);
  });
});

describe('flags', () => {
  it.each<[string, readonly unknown[], unknown]>([
    ['with =', ['--default-service-account=robot'], { value: 'robot' }],
    ['as two words', ['--default-service-account', 'robot'], { value: 'robot' }],
    ['as two words, of which the second looks like a flag', ['--default-service-account', '--x'], { value: '--x' }],
    ['the last one', ['--default-service-account=a', '--default-service-account', 'b'], { value: 'b' }],
    ['emptied', ['--default-service-account=a', '--default-service-account='], { value: '' }],
    ['from the environment', ['--default-service-account=$(ROBOT)'], { value: 'robot' }],
    ['a whole flag from the environment', ['$(FLAG)'], { value: 'all' }],
    ['with an escape', ['--default-service-account=$$(ROBOT)'], { value: '$(ROBOT)' }],
    ['from a Secret', ['--default-service-account=$(HIDDEN)'], { unknown: expect.any(String) as string }],
    ['behind --', ['--', '--default-service-account=a'], undefined],
    ['nothing of the kind', ['--default-service-accounts=a'], undefined],
  ])('default-service-account: %s', (_name, args, expected) => {
    const env = [
      { name: 'ROBOT', value: 'robot' },
      { name: 'FLAG', value: '--default-service-account=all' },
      { name: 'HIDDEN', valueFrom: { secretKeyRef: { name: 's', key: 'k' } } },
    ];
    expect(flagsOf(started(args, { env }))?.flags.get('default-service-account')).toEqual(expected);
  });

  it.each<[readonly unknown[], unknown]>([
    [['--no-remote-bases'], { value: 'true' }],
    [['--no-remote-bases=false'], { value: 'false' }],
    [['--no-remote-bases', 'false'], { value: 'true' }],
    [['--no-remote-bases=true', '--no-remote-bases=false'], { value: 'false' }],
    [['--events-addr', '--no-remote-bases'], { value: 'true' }],
  ])('no-remote-bases: %j', (args, expected) => {
    expect(flagsOf(started(args))?.flags.get('no-remote-bases')).toEqual(expected);
  });

  it('may be hidden', () => {
    const env = [{ name: 'FLAGS', valueFrom: { secretKeyRef: { name: 's', key: 'k' } } }];
    expect(flagsOf(started(['$(FLAGS)'], { env }))?.opaque).toMatch(/Secret s/);
    expect(flagsOf(started(['x$(FLAGS)'], { env }))?.opaque).toBeUndefined();
  });

  it('may stand in the command, and behind a sidecar', () => {
    const sidecar = { name: 'proxy', image: 'proxy', args: ['--no-remote-bases=false'] };
    const scenario: Scenario = {
      change: (objects) =>
        (started([], { command: ['kustomize-controller', '--no-remote-bases'] }).change?.(objects) ?? []).map(
          (object) => {
            if (object.metadata.name !== 'kustomize-controller' || object.kind !== 'Deployment') return object;
            const { spec } = (object as unknown as { spec: { template: { spec: { containers: object[] } } } }).spec
              .template;
            spec.containers.unshift(sidecar);
            return object;
          },
        ),
    };
    expect(flagsOf(scenario)?.flags.get('no-remote-bases')).toEqual({ value: 'true' });
  });
});

describe('tenants', () => {
  const ids = (found: FluxPlatform): string[] => found.tenants.map(({ id, namespace }) => `${id} in ${namespace}`);
  const team = (base: readonly RawObject[] = fluxPlatform()): Scenario => ({
    base: put(base, kustomization('team', 'apps')),
    with: '{apiVersion: v1, kind: Namespace, metadata: {name: team}}',
  });

  it('are namespaces with the label, and those that hold its objects', () => {
    expect(ids(platform(team()))).toEqual(['backend in backend', 'frontend in frontend', 'team in team']);
  });

  it('may have several namespaces', () => {
    const base = fluxPlatform({ tenants: { dev: ['one', 'two'] } });
    expect(ids(platform({ base }))).toEqual(['dev in one', 'dev in two']);
  });

  it('are not mixed up where a namespace is called like a tenant', () => {
    const base = fluxPlatform({ tenants: { team: ['one'] } });
    expect(ids(platform(team(base)))).toEqual(['team in one', 'team (no label) in team']);
  });

  it('are narrowed by what the user chose', () => {
    const narrow = platform({}, { namespaces: ['frontend'] });
    expect([ids(narrow), narrow.allTenants.length, narrow.selection?.only]).toEqual([
      ['frontend in frontend'],
      2,
      ['frontend'],
    ]);
    expect(ids(platform({}, { orgs: ['backend'] }))).toEqual(['backend in backend']);
    expect(ids(platform({}, { excludeOrgs: ['backend'] }))).toEqual(['frontend in frontend']);
  });

  it('may be unknown', () => {
    const found = platform({ faults: [{ resource: 'namespaces' }] });
    expect(found.tenants.map(({ exists }) => exists)).toEqual(['unknown', 'unknown']);
  });
});

describe('scope', () => {
  it('is where controllers and tenants are, and keeps what tells of others', () => {
    const snapshot = snapshotOf({ base: fluxPlatform() });
    const scope = fluxScope(snapshot, {}, false);
    expect(scope.namespaces).toEqual(['flux-system', 'backend', 'frontend']);
    const inShop = { metadata: { name: 'x', namespace: 'shop' } };
    expect(scope.keeps('pods', inShop)).toBe(false);
    expect(scope.keeps('kustomizations.kustomize.toolkit.fluxcd.io', inShop)).toBe(true);
    expect(scope.keeps('pods', { metadata: { name: 'x', namespace: 'frontend' } })).toBe(true);
    expect(fluxScope(snapshot, { orgs: ['frontend'] }, false)).toMatchObject({
      narrow: true,
      namespaces: ['flux-system', 'frontend'],
    });
  });
});
