import { describe, expect, it } from 'vitest';
import type { CrewaiPlatform } from '../../src/model/platform.ts';
import type { AccessQuestion } from '../../src/model/reading.ts';
import { crewaiQuestions, crewaiScope } from '../../src/platforms/crewai-reading.ts';
import type { Detection } from '../../src/model/profile.ts';
import { detectCrewai } from '../../src/platforms/crewai.ts';
import { crewaiPlatform, helmReleaseSecret, type CrewaiOptions, type RawObject } from '../fixtures/crewai.ts';
import { keyOf, platformOf, snapshotOf, type Scenario } from '../support/scenario.ts';

const detect = (scenario: Scenario = {}): Detection<'crewai'> =>
  detectCrewai(snapshotOf(scenario), scenario.settings ?? {});
const platform = (scenario: Scenario = {}): CrewaiPlatform => platformOf(snapshotOf(scenario), scenario.settings);
const namespaces = (...names: string[]): string =>
  names.map((name) => `{apiVersion: v1, kind: Namespace, metadata: {name: ${name}}}`).join('\n---\n');

/** Puts the platform's Deployments through a change, the rest as it was. */
const changed = (
  edit: (container: Record<string, unknown>, spec: Record<string, unknown>, name: string) => void,
  more: Scenario = {},
): Scenario => ({
  ...more,
  change: (objects) =>
    structuredClone(objects).map((object) => {
      if (object.kind !== 'Deployment' || !/-(web|worker)$/.test(object.metadata.name)) return object;
      const spec = (object as unknown as { spec: { template: { spec: { containers: Record<string, unknown>[] } } } })
        .spec.template.spec;
      edit(spec.containers[0] ?? {}, spec, object.metadata.name);
      return object;
    }),
});

const another = (options: CrewaiOptions): NonNullable<Scenario['change']> => {
  const added = crewaiPlatform({ orgs: [], ...options });
  return (objects) => [...new Map([...objects, ...added].map((object) => [keyOf(object), object])).values()];
};

describe('detection', () => {
  it.each<[string, CrewaiOptions, Partial<Record<'platformNamespace' | 'sharedNamespace' | 'release', string>>]>([
    ['the defaults', {}, { platformNamespace: 'crewai', sharedNamespace: 'crewai', release: 'crewai' }],
    [
      'a platform namespace that is not K8S_NAMESPACE',
      { platformNamespace: 'platform', sharedNamespace: 'crewai-crews' },
      { platformNamespace: 'platform', sharedNamespace: 'crewai-crews', release: 'crewai' },
    ],
    ['another release', { release: 'prod' }, { release: 'prod' }],
  ])('finds %s', (_name, base, expected) => {
    const found = platform({ base });
    expect(found).toMatchObject(expected);
    expect(found.components.map(({ name }) => name)).toEqual(['web', 'worker', 'buildkit']);
    expect(found.detectedBy.map(({ name }) => name)).toEqual(
      ['web', 'worker', 'buildkit'].map((component) => `${found.release ?? ''}-${component}`),
    );
    expect(found.version).toBe('1.14.2');
    expect(found.tenants.map(({ namespace }) => namespace)).toEqual(
      [1, 2].map((org) => `${found.sharedNamespace}-org-${String(org)}`),
    );
  });

  it("takes the account from web, where it lives, whatever it's called", () => {
    const base = { account: 'runner', platformNamespace: 'platform', sharedNamespace: 'crews' };
    expect(platform({ base }).account).toEqual({ namespace: 'platform', name: 'runner' });
    const unnamed = changed((_container, spec) => delete spec.serviceAccountName);
    expect(platform(unnamed).account).toEqual({ namespace: 'crewai', name: 'default' });
    expect(platform({ without: ['Deployment/crewai/crewai-web'] }).account?.name).toBe('crewai-sa');
  });

  it.each<[string, Scenario, string, CrewaiPlatform['sharedNamespaceFrom']]>([
    [
      'a key of a ConfigMap',
      changed(
        (container) => {
          container.env = [
            { name: 'K8S_NAMESPACE', valueFrom: { configMapKeyRef: { name: 'settings', key: 'namespace' } } },
          ];
        },
        {
          with: '{apiVersion: v1, kind: ConfigMap, metadata: {name: settings, namespace: crewai}, data: {namespace: crews}}',
        },
      ),
      'crews',
      'environment',
    ],
    [
      'a whole ConfigMap, in images that do not say what they are',
      changed(
        (container) => {
          Object.assign(container, {
            image: 'registry.corp/a:1',
            env: [],
            envFrom: [{ configMapRef: { name: 'settings' } }],
          });
        },
        {
          with: '{apiVersion: v1, kind: ConfigMap, metadata: {name: settings, namespace: crewai}, data: {K8S_NAMESPACE: crews}}',
          without: ['Deployment/crewai/crewai-buildkit'],
        },
      ),
      'crews',
      'environment',
    ],
    [
      'the namespace of the pod',
      changed((container) => {
        container.env = [{ name: 'K8S_NAMESPACE', valueFrom: { fieldRef: { fieldPath: 'metadata.namespace' } } }];
      }),
      'crewai',
      'environment',
    ],
    [
      'another variable',
      changed((container) => {
        container.env = [
          { name: 'BASE', value: 'crew' },
          { name: 'K8S_NAMESPACE', value: '$(BASE)-s' },
        ];
      }),
      'crew-s',
      'environment',
    ],
    [
      'the release, where a Secret hides the variable',
      changed(
        (container) => {
          container.env = [
            { name: 'K8S_NAMESPACE', valueFrom: { secretKeyRef: { name: 'crewai-secrets', key: 'n' } } },
          ];
        },
        { base: { platformNamespace: 'platform', sharedNamespace: 'crews' } },
      ),
      'crews',
      'assumed',
    ],
    [
      'the platform namespace, where nothing says more',
      changed(
        (container) => {
          container.env = [
            { name: 'K8S_NAMESPACE', valueFrom: { secretKeyRef: { name: 'crewai-secrets', key: 'n' } } },
          ];
        },
        {
          base: { platformNamespace: 'platform', sharedNamespace: 'crews' },
          without: ['Secret/platform/sh.helm.release.v1.crewai.v1'],
        },
      ),
      'platform',
      'assumed',
    ],
    [
      'web itself, not a sidecar before it',
      changed((_container, spec) => {
        spec.containers = [
          { name: 'agent', image: 'agent:1', env: [{ name: 'K8S_NAMESPACE', value: 'agents' }] },
          ...(spec.containers as unknown[]),
        ];
      }),
      'crewai',
      'environment',
    ],
    ['a flag, against everything', { settings: { sharedNamespace: 'crews' } }, 'crews', 'flag'],
  ])('takes K8S_NAMESPACE from %s', (_name, scenario, namespace, from) => {
    const found = platform(scenario);
    expect([found.sharedNamespace, found.sharedNamespaceFrom]).toEqual([namespace, from]);
  });

  const workload = (name: string, more = '', labels = ''): string =>
    `{apiVersion: apps/v1, kind: Deployment, metadata: {name: ${name}, namespace: apps, labels: {${labels}}}, spec: {template: {spec: {containers: [{name: main, image: "registry.corp/a:1"${more}}]}}}}`;
  const nothing: readonly string[] = ['Namespace/*', 'Deployment/*', 'Pod/*', 'ReplicaSet/*', 'Secret/*'];

  it.each<[string, string]>([
    ['web and worker of another chart', [workload('redash-web'), workload('redash-worker')].join('\n---\n')],
    ['components by label of another chart', workload('shop', '', 'app.kubernetes.io/component: web')],
    ['a crew, whose image says crewai', workload('org-4-crew-1-sales-web', '').replace('registry.corp/a', 'r/crewai')],
    ['a crew that is only labelled', workload('sales-web', '', 'org-id: org-4').replace('registry.corp/a', 'r/crewai')],
    [
      'a crew whose pods are labelled',
      workload('sales-web')
        .replace('registry.corp/a', 'r/crewai')
        .replace('{template: {', '{template: {metadata: {labels: {org-id: org-4}}, '),
    ],
    ['something else with the variable', workload('agent', ', env: [{name: K8S_NAMESPACE, value: crewai}]')],
  ])('does not take %s for the platform', (_name, text) => {
    expect(detect({ without: nothing, with: text })).toEqual({ none: expect.any(String) as string, gaps: [] });
  });

  it.each<[string, string]>([
    ['the variable', workload('x-web', ', env: [{name: K8S_NAMESPACE, value: crewai}]')],
    ['the image', workload('x-worker').replace('registry.corp/a', 'registry.corp/crewai-platform')],
    ['a buildkit beside it', [workload('x-web'), workload('x-buildkit')].join('\n---\n')],
    ['the label', workload('x', ', env: [{name: K8S_NAMESPACE, value: c}]', 'app.kubernetes.io/component: web')],
  ])('takes web or worker for the platform by %s', (_name, text) => {
    expect(platform({ without: nothing, with: text }).platformNamespace).toBe('apps');
  });

  it('never guesses between two installations', () => {
    const change = another({ platformNamespace: 'two', sharedNamespace: 'two', release: 'second' });
    expect(detect({ change })).toEqual({
      several: [
        { namespace: 'crewai', release: 'crewai' },
        { namespace: 'two', release: 'second' },
      ],
    });
    const byNamespace = { platformNamespace: 'two' };
    expect(platform({ change, settings: byNamespace })).toMatchObject({
      sharedNamespace: 'two',
      overridden: ['platformNamespace'],
    });
    expect(platform({ change, settings: { release: 'second' } }).platformNamespace).toBe('two');
    expect(detect({ change: another({ release: 'second' }) })).toHaveProperty('several');
    expect(platform({ change: another({ release: 'second' }), settings: { release: 'second' } }).account?.name).toBe(
      'second-sa',
    );
  });

  it('lets flags beat what is found', () => {
    const settings = {
      account: { namespace: 'x', name: 'y' },
      sharedNamespace: 'crews',
      registrySecret: 'pull',
      registrySource: { namespace: 'vault', name: 'other' },
      isolation: 'off',
      orgs: ['2'],
    } as const;
    expect(platform({ settings })).toMatchObject({
      account: { namespace: 'x', name: 'y' },
      sharedNamespace: 'crews',
      registrySecret: { name: 'pull', sourceNamespace: 'vault', from: 'flag' },
      isolation: { state: 'off', confidence: 'certain' },
      overridden: ['account', 'isolation', 'registrySecret', 'registrySource', 'sharedNamespace'],
    });
  });

  it('says which gap may hide the platform, and goes by flags where there is one', () => {
    const faults = [{ resource: 'deployments.apps' }] as const;
    const refused = detect({ faults });
    expect(refused).toMatchObject({
      none: expect.any(String) as string,
      gaps: [{ resource: 'deployments.apps', reason: 'forbidden' }],
    });
    expect(platform({ faults, settings: { platformNamespace: 'crewai' } })).toMatchObject({
      sharedNamespace: 'crewai',
      components: [],
    });
    expect(platform({ faults, settings: { platformNamespace: 'crewai' } }).account).toBeUndefined();
    expect(platform({ faults, settings: { namespaces: ['crews-org-4'] } }).sharedNamespace).toBe('crews');
    expect(platform({ faults, settings: { sharedNamespace: 'crews' } }).platformNamespace).toBe('crews');
  });

  it('does not take a mistyped namespace for a clean platform', () => {
    expect(detect({ settings: { platformNamespace: 'crewia' } })).toMatchObject({
      none: expect.stringContaining('crewia') as string,
    });
    const account = { namespace: 'crewia', name: 'sa' };
    expect(platform({ settings: { platformNamespace: 'crewia', account } })).toMatchObject({ components: [], account });
  });
});

describe('tenants', () => {
  const ids = (scenario: Scenario): string[] => platform(scenario).tenants.map(({ id }) => id);
  const none: CrewaiOptions = { orgs: [] };

  it.each<[string, Scenario, string[]]>([
    ['namespaces', { base: none, with: namespaces('crewai-org-10', 'crewai-org-9') }, ['9', '10']],
    [
      'the label of a pod in the shared namespace',
      {
        base: none,
        with: '{apiVersion: v1, kind: Pod, metadata: {name: x, namespace: crewai, labels: {org-id: org-7}}}',
      },
      ['7'],
    ],
    [
      'the pod template of a workload',
      {
        base: none,
        with: '{apiVersion: batch/v1, kind: CronJob, metadata: {name: x, namespace: crewai}, spec: {jobTemplate: {spec: {template: {metadata: {labels: {org-id: org-7}}}}}}}',
      },
      ['7'],
    ],
    [
      'the name of a crew',
      {
        base: none,
        with: '{apiVersion: apps/v1, kind: Deployment, metadata: {name: org-7-crew-1-a-web, namespace: crewai}}',
      },
      ['7'],
    ],
    [
      'the name of a build pod',
      { base: none, with: '{apiVersion: v1, kind: Pod, metadata: {name: buildkit-org-7-crew-2-x, namespace: crewai}}' },
      ['7'],
    ],
    [
      'the namespace of anything that runs, where namespaces are refused',
      {
        base: none,
        with: '{apiVersion: v1, kind: Pod, metadata: {name: x, namespace: crewai-org-7}}',
        faults: [{ resource: 'namespaces' }],
      },
      ['7'],
    ],
    [
      'a refusal',
      {
        base: none,
        with: `{apiVersion: v1, kind: Event, metadata: {name: x, namespace: crewai}, message: 'namespaces "crewai-org-7" not found'}`,
      },
      ['7'],
    ],
    ['the support bundle list', supportBundle('crewai-org-7', 'crewai-organic-1'), ['7']],
    ['the flag --org', { base: none, settings: { orgs: ['7'] } }, ['7']],
    ['the flag --namespace', { base: none, settings: { namespaces: ['crewai-org-7'] } }, ['7']],
  ])('come from %s', (_name, scenario, expected) => {
    expect(ids(scenario)).toEqual(expected);
  });

  it('are exact names only', () => {
    const names = [
      'crewai-crews',
      'crewai-organic-1',
      'crewai-org-',
      'crewai-org-04',
      'crewai-org-4-old',
      'crewai-dev-org-4',
      'my-crewai-org-4',
      'crewai-org-0',
    ];
    expect(ids({ base: none, with: namespaces(...names) })).toEqual([]);
    expect(ids({ base: { orgs: [], sharedNamespace: 'crewai-dev' }, with: namespaces(...names) })).toEqual(['4']);
    expect(ids({ base: { orgs: [], sharedNamespace: 'crew.ai' }, with: namespaces('crewxai-org-4') })).toEqual([]);
  });

  it('do not come from elsewhere in the cluster', () => {
    const pod = '{apiVersion: v1, kind: Pod, metadata: {name: x, namespace: other, labels: {org-id: org-7}}}';
    expect(ids({ base: none, with: pod })).toEqual([]);
  });

  it('are proven by more than a static list', () => {
    expect(platform(supportBundle('crewai-org-7')).tenants).toMatchObject([{ id: '7', proven: false, exists: false }]);
    expect(platform({ base: none, settings: { orgs: ['7'] } }).tenants).toMatchObject([{ proven: true }]);
  });

  it('exist, end, or are unknown', () => {
    const state = (scenario: Scenario): unknown =>
      platform(scenario).tenants.map(({ exists, terminating }) => [exists, terminating]);
    expect(state({ base: { orgs: [1] } })).toEqual([[true, false]]);
    const ending = '{apiVersion: v1, kind: Namespace, metadata: {name: crewai-org-1}, status: {phase: Terminating}}';
    expect(state({ base: { orgs: [1] }, with: ending })).toEqual([[true, true]]);
    expect(state({ base: { orgs: [1] }, without: ['Namespace/crewai-org-1'] })).toEqual([[false, false]]);
    expect(state({ base: { orgs: [1] }, faults: [{ resource: 'namespaces' }] })).toEqual([['unknown', false]]);
  });

  it('are narrowed by --org and --namespace, and lose those that are left out', () => {
    const base = { orgs: [1, 2, 10] };
    expect(ids({ base, settings: { orgs: ['10', '1'] } })).toEqual(['1', '10']);
    expect(ids({ base, settings: { namespaces: ['crewai-org-2'] } })).toEqual(['2']);
    expect(ids({ base, settings: { namespaces: ['crewai'] } })).toEqual([]);
    expect(ids({ base, settings: { excludeOrgs: ['2'] } })).toEqual(['1', '10']);
    expect(platform({ base, settings: { orgs: ['2'] } }).allTenants.map(({ id }) => id)).toEqual(['1', '2', '10']);
  });
});

function supportBundle(...names: string[]): Scenario {
  const values = { supportBundle: { crewLogNamespaces: names } };
  return { base: { orgs: [] }, change: (objects) => [...objects, helmReleaseSecret('crewai', 'crewai', { values })] };
}

describe('isolation', () => {
  const crew = (org: number, namespace: string, replicas = 1): string =>
    `{apiVersion: apps/v1, kind: Deployment, metadata: {name: org-${String(org)}-crew-1-a-web, namespace: ${namespace}}, spec: {replicas: ${String(replicas)}}}`;
  const some = namespaces('crewai-org-4');
  const base = { orgs: [] };

  it.each<[string, Scenario, Partial<CrewaiPlatform['isolation']>]>([
    [
      'crews shared, no org namespace',
      { base, with: crew(4, 'crewai') },
      { state: 'off', confidence: 'likely', late: false },
    ],
    ['crews in org namespaces', { base: { orgs: [4] } }, { state: 'on', confidence: 'likely', late: false }],
    [
      'crews in both',
      { base: { orgs: [4] }, with: crew(4, 'crewai') },
      { state: 'on', confidence: 'likely', late: true },
    ],
    ['no crew, empty org namespaces', { base, with: some }, { state: 'on', confidence: 'hint', late: false }],
    [
      'crews shared, empty org namespaces',
      { base, with: `${some}\n---\n${crew(4, 'crewai')}` },
      { state: 'unknown', late: false },
    ],
    ['nothing anywhere', { base }, { state: 'unknown', late: false }],
    ['what is scaled to nothing', { base: { orgs: [4] }, with: crew(4, 'crewai', 0) }, { state: 'on', late: false }],
    [
      'Deployments refused where crews may be',
      {
        base: { orgs: [], platformNamespace: 'platform', sharedNamespace: 'crewai' },
        with: some,
        faults: [{ resource: 'deployments.apps', namespace: 'crewai' }],
      },
      { state: 'unknown' },
    ],
    [
      'namespaces refused',
      { base, with: crew(4, 'crewai'), faults: [{ resource: 'namespaces' }] },
      { state: 'unknown' },
    ],
    [
      'the flag on',
      { base, with: crew(4, 'crewai'), settings: { isolation: 'on' } },
      { state: 'on', confidence: 'certain', late: true },
    ],
    [
      'the flag off',
      { base: { orgs: [4] }, settings: { isolation: 'off' } },
      { state: 'off', confidence: 'certain', late: false },
    ],
  ])('by %s', (_name, scenario, expected) => {
    expect(platform(scenario).isolation).toMatchObject(expected);
  });
});

describe('mode', () => {
  const rebind =
    '{apiVersion: rbac.authorization.k8s.io/v1, kind: RoleBinding, metadata: {name: any, namespace: crewai-org-1}, roleRef: {kind: ClusterRole, name: edit}, subjects: [{kind: ServiceAccount, name: crewai-sa, namespace: crewai}]}';
  const rbac = 'clusterrolebindings.rbac.authorization.k8s.io';

  it.each<[string, Scenario, Partial<CrewaiPlatform['mode']>]>([
    ['a ClusterRoleBinding', { base: { mode: 'auto' } }, { state: 'auto', wanted: 'auto' }],
    ['RoleBindings', {}, { state: 'manual' }],
    ['both', { base: { mode: 'auto' }, with: rebind }, { state: 'both' }],
    ['neither', { without: ['RoleBinding/crewai-org-*'] }, { state: 'undecided' }],
    [
      'neither, though the release asks',
      { base: { mode: 'auto' }, without: ['ClusterRoleBinding/*'] },
      { state: 'undecided', wanted: 'auto' },
    ],
    [
      'a role that does not exist',
      { base: { mode: 'auto' }, without: ['ClusterRole/crewai-*'] },
      { state: 'undecided' },
    ],
    ['one org of two', { without: ['RoleBinding/crewai-org-1/*'] }, { state: 'manual' }],
    [
      'nothing, with bindings refused',
      { without: ['RoleBinding/crewai-org-*'], faults: [{ resource: rbac }] },
      { state: 'unknown' },
    ],
    ['a flag', { settings: { mode: 'auto' } }, { state: 'manual', wanted: 'auto' }],
    [
      'no account',
      { faults: [{ resource: 'deployments.apps' }], settings: { platformNamespace: 'crewai' } },
      { state: 'unknown' },
    ],
  ])('by %s', (_name, scenario, expected) => {
    expect(platform(scenario).mode).toMatchObject(expected);
  });
});

describe('registry secret', () => {
  const release = 'Secret/crewai/sh.helm.release.v1.crewai.v1';
  const unnamed = (more: Scenario): Scenario => changed((_container, spec) => delete spec.imagePullSecrets, more);
  const pod = (name: string, secret: string): string =>
    `{apiVersion: v1, kind: Pod, metadata: {name: ${name}, namespace: crewai}, spec: {imagePullSecrets: [{name: ${secret}}]}}`;

  it.each<[string, Scenario, CrewaiPlatform['registrySecret']]>([
    ['the release', {}, { name: 'docker-registry', sourceNamespace: 'crewai', from: 'values' }],
    [
      'the shared namespace as its source',
      { base: { platformNamespace: 'p', sharedNamespace: 's' } },
      { name: 'docker-registry', sourceNamespace: 's', from: 'values' },
    ],
    [
      "the platform's pods",
      changed((_container, spec) => (spec.imagePullSecrets = [{ name: 'corp' }]), { without: [release] }),
      { name: 'corp', sourceNamespace: 'crewai', from: 'pods' },
    ],
    [
      "a crew's pod, and nobody else's",
      unnamed({
        without: [release, 'Deployment/crewai/crewai-buildkit'],
        with: `${pod('a-stranger', 'x')}\n---\n${pod('buildkit-org-1-crew-1-z', 'corp')}`,
      }),
      { name: 'corp', sourceNamespace: 'crewai', from: 'pods' },
    ],
    [
      'the documented default',
      unnamed({ without: [release, 'Deployment/crewai/crewai-buildkit'], with: pod('a-stranger', 'x') }),
      { name: 'docker-registry', sourceNamespace: 'crewai', from: 'default' },
    ],
    [
      'the flag for the source',
      { settings: { registrySource: { namespace: 'vault', name: 'pull' } } },
      { name: 'pull', sourceNamespace: 'vault', from: 'flag' },
    ],
  ])('comes from %s', (_name, scenario, expected) => {
    expect(platform(scenario).registrySecret).toEqual(expected);
  });
});

describe('what is read', () => {
  const base = { platformNamespace: 'platform', sharedNamespace: 'crews', orgs: [1, 2] };

  it('covers the platform and its tenants, one list each when narrowed to a few', () => {
    const scope = crewaiScope(snapshotOf({ base }), {}, false);
    expect(scope).toMatchObject({
      platformNamespaces: ['platform', 'crews'],
      namespaces: ['platform', 'crews', 'crews-org-1', 'crews-org-2'],
      narrow: false,
    });
    const settings = { orgs: ['2'] };
    expect(crewaiScope(snapshotOf({ base }), settings, false)).toMatchObject({
      namespaces: ['platform', 'crews', 'crews-org-2'],
      narrow: true,
    });
    expect(crewaiScope(snapshotOf({ base }), settings, true).narrow).toBe(false);
    const many = Array.from({ length: 20 }, (_, index) => index + 1);
    const wide = { orgs: many.map(String) };
    expect(crewaiScope(snapshotOf({ base: { orgs: many } }), wide, false).narrow).toBe(false);
  });

  it('leaves out tenants that are known not to exist, and looks at every candidate of several', () => {
    const without = ['Namespace/crewai-org-2'];
    expect(crewaiScope(snapshotOf({ without }), {}, false).namespaces).toEqual(['crewai', 'crewai-org-1']);
    const change = another({ platformNamespace: 'two', sharedNamespace: 'two', release: 'second' });
    expect(crewaiScope(snapshotOf({ change }), {}, false).platformNamespaces).toEqual(['crewai', 'two']);
    expect(crewaiScope(snapshotOf({ without: ['Deployment/*'] }), {}, false).namespaces).toEqual([]);
    const named = { platformNamespace: 'crewai', sharedNamespace: 'crews' };
    expect(crewaiScope(snapshotOf({ without: ['Deployment/*'] }), named, false).namespaces).toEqual([
      'crewai',
      'crews',
    ]);
  });

  it('keeps what belongs to the platform or may be claimed from elsewhere, and drops the rest', () => {
    const scope = crewaiScope(snapshotOf({ base }), {}, false);
    const at = (namespace: string | undefined, name: string, labels = {}): RawObject => ({
      kind: 'Pod',
      metadata: { name, labels, ...(namespace === undefined ? {} : { namespace }) },
    });
    expect(scope.keeps('namespaces', at(undefined, 'anything'))).toBe(true);
    expect(scope.keeps('pods', at('crews-org-1', 'x'))).toBe(true);
    expect(scope.keeps('pods', at('crews-org-77', 'x'))).toBe(true);
    expect(scope.keeps('pods', at('other', 'x'))).toBe(false);
    expect(scope.keeps('pods', at('other', 'x', { 'org-id': 'org-4' }))).toBe(true);
    expect(scope.keeps('deployments.apps', at('other', 'second-web'))).toBe(true);
    expect(scope.keeps('deployments.apps', at('other', 'shop'))).toBe(false);
    const event = (message: string): RawObject => ({ ...at('default', 'x'), message });
    expect(scope.keeps('events', event('namespaces "crews-org-33" not found'))).toBe(true);
    expect(scope.keeps('events', event('namespaces "shop" not found'))).toBe(false);
  });

  it('asks the API server about the first core right that the model denies, at most 20 times', () => {
    const questions = (scenario: Scenario): readonly AccessQuestion[] => {
      const snapshot = snapshotOf(scenario);
      return crewaiQuestions(snapshot, platformOf(snapshot, scenario.settings));
    };
    expect(questions({})).toEqual([]);
    expect(questions({ without: ['RoleBinding/crewai-org-1/*'] })).toEqual([
      {
        identity: {
          user: 'system:serviceaccount:crewai:crewai-sa',
          groups: ['system:serviceaccounts', 'system:serviceaccounts:crewai', 'system:authenticated'],
        },
        question: { verb: 'get', group: '', resource: 'secrets', namespace: 'crewai-org-1' },
      },
    ]);
    expect(questions({ without: ['RoleBinding/crewai-org-1/*', 'Namespace/crewai-org-1'] })).toEqual([]);
    const orgs = Array.from({ length: 30 }, (_, index) => index + 1);
    expect(questions({ base: { orgs }, without: ['RoleBinding/crewai-org-*'] })).toHaveLength(20);
    const unknown = { faults: [{ resource: 'deployments.apps' }] as const, settings: { platformNamespace: 'crewai' } };
    expect(questions(unknown)).toEqual([]);
  });
});
