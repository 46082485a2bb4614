import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Report } from '../../src/model/report.ts';
import type { RawObject } from '../fixtures/crewai.ts';
import { fluxDefinitions, fluxPlatform, kustomization } from '../fixtures/flux.ts';
import type { ApiClient } from './api-client.ts';
import { waitFor } from './control-plane.ts';
import { adminClient, auditEvents, crewiso, describeCluster, kubeconfigFor } from './harness.ts';
import { NODE } from './kubelet.ts';
import { doctor, expectSameOffline, type Judging } from './origins.ts';
import { createObjects, objectPath, removeObjects, waitForDeployments } from './platform.ts';

interface Definition {
  readonly spec: {
    readonly group: string;
    readonly names: { readonly plural: string };
    readonly versions: readonly [{ readonly name: string }];
  };
}

const DEFINITIONS = fluxDefinitions().map(({ apiVersion, kind, metadata: { name }, ...rest }) => {
  const { spec } = rest as unknown as Definition;
  const list = `/apis/${spec.group}/${spec.versions[0].name}/${spec.names.plural}`;
  return { name, list, object: { apiVersion, kind, metadata: { name }, spec } };
});
const CRDS = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';

const isCustom = ({ apiVersion = '' }: RawObject): boolean => apiVersion.includes('.toolkit.fluxcd.io/');

/** The objects of a cluster with Flux, with their status, and its removal. */
async function install(client: ApiClient, objects: readonly RawObject[]): Promise<() => Promise<void>> {
  const builtIn = objects.filter((object) => !isCustom(object));
  const namespaces = builtIn.filter(({ kind }) => kind === 'Namespace').map(({ metadata }) => metadata.name);
  await createObjects(client, builtIn);
  for (const object of objects.filter(isCustom)) {
    const { name, namespace, labels } = object.metadata;
    const path = objectPath(object).replace(/\/[^/]*$/, '');
    await client.demand('POST', path, { ...object, metadata: { name, namespace, ...(labels && { labels }) } });
  }
  await waitForDeployments(client, namespaces);
  // The controller of aggregated roles takes a moment.
  await waitFor('edit has the rights of flux-edit', async () => {
    const role = await client.demand('GET', '/apis/rbac.authorization.k8s.io/v1/clusterroles/edit');
    return JSON.stringify(role).includes('kustomize.toolkit.fluxcd.io');
  });
  return () => removeObjects(client, builtIn);
}

/** What doctor reads, as kubectl takes it. */
const KINDS = [
  'namespaces,pods,serviceaccounts,events,resourcequotas,configmaps,services,secrets,persistentvolumeclaims',
  'deployments.apps,replicasets.apps,statefulsets.apps,daemonsets.apps,jobs.batch,cronjobs.batch',
  'roles,rolebindings,clusterroles,clusterrolebindings,ingresses,horizontalpodautoscalers',
  ...DEFINITIONS.map(({ name }) => name),
];

const found = ({ findings }: Report): readonly string[] =>
  findings
    .map(({ check, severity, object: { kind, namespace, name } }) =>
      [severity, check, [kind, ...(namespace === undefined ? [] : [namespace]), name].join('/')].join(' '),
    )
    .sort();

const options = { controllers: true, nodeName: NODE } as const;
const unevaluated = ({ checks }: Report): readonly string[] =>
  checks.filter(({ outcome }) => outcome === 'not-evaluated' || outcome === 'errored').map(({ id }) => id);

describeCluster('doctor on Flux', () => {
  const client = adminClient();
  const judging: Judging = { kinds: KINDS, run: { kubeconfig: kubeconfigFor('flux-admin', ['system:masters']) } };

  beforeAll(async () => {
    for (const { object } of DEFINITIONS) await client.demand('POST', CRDS, object);
    await waitFor('the kinds of Flux are served', async () => {
      const answers = await Promise.all(DEFINITIONS.map(({ list }) => client.send('GET', list)));
      return answers.every(({ status }) => status === 200);
    });
  });

  afterAll(async () => {
    for (const { name } of DEFINITIONS) await client.send('DELETE', `${CRDS}/${name}`);
    await waitFor('the kinds of Flux are gone', async () => {
      const answers = await Promise.all(DEFINITIONS.map(({ list }) => client.send('GET', list)));
      return answers.every(({ status }) => status === 404);
    });
    client.close();
  });

  test('finds nothing on a clean one, live, from files or from a bundle, and asks once for each kind', async () => {
    const remove = await install(
      client,
      fluxPlatform({ ...options, tenants: { dev: ['dev-1', 'dev-2'], ops: ['ops'] } }),
    );
    try {
      const report = await doctor(judging);
      expect(found(report)).toEqual([]);
      expect([report.exit.code, unevaluated(report)]).toEqual([0, []]);
      expect(report.target.platforms.map(({ id }) => id)).toEqual(['flux']);
      expect(report.target.tenants.map(({ namespace }) => namespace)).toEqual(['dev-1', 'dev-2', 'ops']);
      const lists = auditEvents('flux-admin').filter(
        ({ verb, objectRef }) => verb === 'list' && objectRef?.apiGroup?.includes('toolkit'),
      );
      const asked = lists.map(({ objectRef }) => `${objectRef?.namespace ?? ''}/${objectRef?.resource ?? ''}`);
      expect(asked.filter((list) => list === '/kustomizations')).toEqual(['/kustomizations']);
      expect(asked.filter((list) => !list.startsWith('/'))).toEqual([]);
      await expectSameOffline(judging, report);
    } finally {
      await remove();
    }
  });

  test('finds each fault by the check that is for it, live, from files and from a bundle', async () => {
    const remove = await install(client, faulty());
    try {
      const report = await doctor(judging);
      expect(found(report)).toEqual([...EXPECTED].sort());
      expect(unevaluated(report)).toEqual([]);
      await expectSameOffline(judging, report);
    } finally {
      await remove();
    }
  });

  test('reads nothing of it where its controllers are not', async () => {
    const ofFlux = (): number =>
      auditEvents('flux-admin').filter(({ objectRef }) => objectRef?.apiGroup?.includes('toolkit')).length;
    const before = ofFlux();
    const ran = await crewiso(['doctor', '-o', 'json'], {
      kubeconfig: kubeconfigFor('flux-admin', ['system:masters']),
    });
    expect(ran.status, ran.stderr).not.toBe(0);
    expect([before > 0, ofFlux()]).toEqual([true, before]);
  });
});

const RBAC = 'rbac.authorization.k8s.io';
const SHARD = { 'sharding.fluxcd.io/key': 'shard1' };
const TENANTS = ['escaped', 'failing', 'foreign', 'helm', 'loose', 'neighbour', 'unbound', 'unset', 'wide'] as const;
const failed = {
  conditions: [
    {
      type: 'Ready',
      status: 'False',
      reason: 'BuildFailed',
      message: 'kustomize build failed: accumulating resources',
      lastTransitionTime: '2026-01-05T10:00:00Z',
    },
  ],
};

/** A tenant for every fault; the controllers are locked down, but for one shard. */
function faulty(): readonly RawObject[] {
  const objects = fluxPlatform({ ...options, tenants: Object.fromEntries(TENANTS.map((name) => [name, [name]])) });
  const key = ({ kind, metadata }: RawObject): string => `${kind ?? ''}/${metadata.namespace ?? ''}/${metadata.name}`;
  const byKey = new Map(objects.map((object) => [key(object), object]));
  const set = (object: RawObject): unknown => byKey.set(key(object), object);
  const own = (name: string, spec: object = {}, inventory: readonly string[] = []): RawObject =>
    kustomization(name, 'apps', { serviceAccountName: name, ...spec }, inventory);
  const binding = (name: string, namespace: string | undefined, role: string, account: string): RawObject => ({
    apiVersion: `${RBAC}/v1`,
    kind: namespace === undefined ? 'ClusterRoleBinding' : 'RoleBinding',
    metadata: { name, ...(namespace === undefined ? {} : { namespace }) },
    roleRef: { apiGroup: RBAC, kind: 'ClusterRole', name: role },
    subjects: [{ kind: 'ServiceAccount', name: account, namespace: account }],
  });
  set(own('escaped', {}, ['_root_rbac.authorization.k8s.io_ClusterRole', 'escaped_web_apps_Deployment']));
  set({ ...own('failing'), status: failed });
  set(own('foreign', { sourceRef: { kind: 'GitRepository', name: 'apps', namespace: 'neighbour' } }));
  byKey.delete('HelmRelease/unbound/cache');
  byKey.delete('RoleBinding/unbound/unbound-reconciler');
  const unset = kustomization('unset', 'apps', { targetNamespace: 'unset' });
  set({ ...unset, metadata: { ...unset.metadata, labels: SHARD } });
  set(binding('into-neighbour', 'neighbour', 'edit', 'loose'));
  set(binding('everywhere', undefined, 'view-secrets', 'wide'));
  set({
    apiVersion: `${RBAC}/v1`,
    kind: 'ClusterRole',
    metadata: { name: 'view-secrets' },
    rules: [{ apiGroups: [''], resources: ['secrets'], verbs: ['get', 'list'] }],
  });
  set({
    apiVersion: 'image.toolkit.fluxcd.io/v1beta2',
    kind: 'ImagePolicy',
    metadata: { name: 'latest', namespace: 'foreign' },
    spec: { imageRepositoryRef: { name: 'web', namespace: 'neighbour' } },
  });
  // Flux's own object without an account: it has locked itself out.
  set(kustomization('flux-system', 'flux-system'));
  set(shardOf(byKey.get('Deployment/flux-system/kustomize-controller')));
  return [...byKey.values()];
}

function shardOf(deployment: RawObject | undefined): RawObject {
  const text = JSON.stringify(deployment)
    .replaceAll('"app":"kustomize-controller"', '"app":"kustomize-controller-shard1"')
    .replace('"--default-service-account=default"', '"--watch-label-selector=sharding.fluxcd.io/key=shard1"');
  const shard = JSON.parse(text) as RawObject;
  return { ...shard, metadata: { ...shard.metadata, name: 'kustomize-controller-shard1' } };
}

const EXPECTED: readonly string[] = [
  'high flux-lockdown-missing Deployment/flux-system/kustomize-controller-shard1',
  'critical flux-account-unset Kustomization/unset/apps',
  'high flux-account-unbound Kustomization/unbound/apps',
  'critical flux-account-unbound Kustomization/flux-system/flux-system',
  ...TENANTS.filter((name) => name !== 'unbound').map(
    (name) => `critical flux-tenant-can-escalate RoleBinding/${name}/${name}-reconciler`,
  ),
  'critical flux-tenant-can-escalate RoleBinding/neighbour/into-neighbour',
  'high flux-reference-foreign Kustomization/foreign/apps',
  'high flux-reference-foreign ImagePolicy/foreign/latest',
  'critical flux-scope-escaped Kustomization/escaped/apps',
  'high flux-not-ready Kustomization/failing/apps',
  'critical rbac-cross-tenant-access RoleBinding/neighbour/into-neighbour',
  'critical rbac-cross-tenant-access ClusterRoleBinding/everywhere',
  'critical rbac-tenant-cluster-wide ClusterRoleBinding/everywhere',
];
