import { afterAll, beforeAll, expect, test } from 'vitest';
import { namespaceObject, type RawObject } from '../fixtures/crewai.ts';
import { definition, opencranePlatform, opencraneRelease } from '../fixtures/opencrane.ts';
import { waitFor } from './control-plane.ts';
import { adminClient, describeCluster } from './harness.ts';
import { NODE } from './kubelet.ts';
import { doctor, doctorOnFiles, expectSameOffline, found, type Judging } from './origins.ts';
import { collectionPath, createObjects, objectPath, removeObjects, waitForDeployments } from './platform.ts';

/** Some checks give new objects time to settle. */
const env = { NODE_OPTIONS: `--import=${new URL('later.mjs', import.meta.url).href}` };

const judging: Judging = {
  kinds: [
    'namespaces,nodes,serviceaccounts,secrets,configmaps,events,pods,services,resourcequotas,limitranges',
    'deployments,replicasets,statefulsets,daemonsets,jobs,cronjobs,networkpolicies,ingresses',
    'roles,rolebindings,clusterroles,clusterrolebindings,customresourcedefinitions',
    'clustertenants.opencrane.io,tenants.opencrane.io,clusterissuers.cert-manager.io',
  ],
  run: { env },
};

describeCluster('OpenCrane on the real control plane', () => {
  const client = adminClient();
  const issuers = definition('cert-manager.io', 'clusterissuers', 'ClusterIssuer', 'Cluster', { type: 'object' }, 'v1');
  const twin = definition('opencrane.io', 'servers', 'MCPServer', 'Namespaced', { type: 'object' });
  // As a chart with multiInstance.rbac cluster leaves them.
  const RBAC = 'rbac.authorization.k8s.io';
  const wide: readonly RawObject[] = [
    {
      apiVersion: `${RBAC}/v1`,
      kind: 'ClusterRole',
      metadata: { name: 'oc-globex-wide' },
      rules: [{ apiGroups: [''], resources: ['secrets'], verbs: ['get', 'list'] }],
    },
    {
      apiVersion: `${RBAC}/v1`,
      kind: 'ClusterRoleBinding',
      metadata: { name: 'oc-globex-wide' },
      roleRef: { apiGroup: RBAC, kind: 'ClusterRole', name: 'oc-globex-wide' },
      subjects: [{ kind: 'ServiceAccount', name: 'oc-globex-clustertenant-manager', namespace: 'oc-globex' }],
    },
  ];
  const objects = [...opencranePlatform({ controllers: true, nodeName: NODE }), namespaceObject('shop'), issuers];
  const isDefinition = ({ kind }: RawObject): boolean => kind === 'CustomResourceDefinition';
  const isCustom = ({ kind = '' }: RawObject): boolean => kind === 'ClusterTenant' || kind === 'Tenant';
  const merge = (path: string, patch: object): Promise<unknown> =>
    client.demand('PATCH', path, patch, { contentType: 'application/merge-patch+json' });
  const pathOf = (kind: string, name: string): string => {
    const object = objects.find((one) => one.kind === kind && one.metadata.name === name);
    if (!object) throw new Error(`no ${kind} ${name}`);
    return objectPath(object);
  };

  beforeAll(async () => {
    await createObjects(client, objects.filter(isDefinition));
    for (const one of objects.filter(isDefinition))
      await waitFor(`${one.metadata.name} is served`, async () => {
        const { group, names, versions } = one.spec as {
          group: string;
          names: { plural: string };
          versions: { name: string }[];
        };
        const { status } = await client.send('GET', `/apis/${group}/${versions[0]?.name ?? ''}/${names.plural}`);
        return status === 200;
      });
    await createObjects(
      client,
      objects.filter((one) => !isDefinition(one) && !isCustom(one)),
    );
    await createObjects(client, objects.filter(isCustom));
    for (const one of objects.filter(isCustom)) await merge(`${objectPath(one)}/status`, { status: one.status });
    await waitForDeployments(
      client,
      objects.filter(({ kind }) => kind === 'Namespace').map(({ metadata }) => metadata.name),
    );
    await waitFor('quotas are counted', async () => {
      const lists = await client.demand('GET', '/api/v1/resourcequotas');
      return (lists as { items: { status?: { used?: object } }[] }).items.every(({ status }) => status?.used);
    });
  });
  afterAll(() =>
    removeObjects(client, [
      ...wide,
      ...objects.filter((one) => !isDefinition(one)),
      ...objects.filter(isDefinition),
      twin,
    ]),
  );

  test('is clean, live, as kubectl prints it and as a bundle', async () => {
    const live = await doctor(judging);
    expect(live.findings.map(({ check, message }) => `${check}: ${message}`)).toEqual([]);
    expect(live.checks.filter(({ outcome }) => outcome === 'not-evaluated' || outcome === 'errored')).toEqual([]);
    expect(live.target.platforms.map(({ id }) => id)).toEqual(['opencrane']);
    expect(live.target.tenants.map(({ namespace }) => namespace)).toEqual([
      'opencrane-acme',
      'opencrane-globex',
      'opencrane-initech',
    ]);
    expect(live.run.requests.total).toBeLessThan(60);
    await expectSameOffline(judging, live);
    const files = await doctorOnFiles(judging);
    expect(files.checks.map(({ id, outcome }) => [id, outcome])).toEqual(
      live.checks.map(({ id, outcome }) => [id, outcome]),
    );
  });

  test('each fault is found by its check, live, as kubectl prints it and as a bundle', async () => {
    const manager = 'oc-globex-clustertenant-manager';
    const container = { name: 'main', env: [{ name: 'WATCH_NAMESPACE', value: '', valueFrom: null }] };
    await client.demand(
      'PATCH',
      pathOf('Deployment', manager),
      { spec: { template: { spec: { containers: [container] } } } },
      { contentType: 'application/strategic-merge-patch+json' },
    );
    await merge(`${pathOf('ClusterTenant', 'acme')}/status`, { status: { phase: 'failed', message: 'out of nodes' } });
    await merge(pathOf('Namespace', 'opencrane-globex'), {
      metadata: { labels: { 'opencrane.io/cluster-tenant': 'initech' } },
    });
    const gateway = objects.find(({ kind, metadata }) => kind === 'Deployment' && metadata.name === 'user-acme');
    await createObjects(client, [
      { ...gateway!, metadata: { ...gateway!.metadata, namespace: 'shop', name: 'stray' } },
    ]);
    const quota = objects.find(
      ({ kind, metadata }) => kind === 'ResourceQuota' && metadata.namespace === 'opencrane-initech',
    );
    await merge(objectPath(quota!), { spec: { hard: { 'requests.cpu': '2' } } });
    await merge(pathOf('Node', 'pool-node-1'), { spec: { taints: null } });
    await merge(pathOf('CustomResourceDefinition', 'mcpservers.opencrane.io'), {
      metadata: {
        annotations: { 'meta.helm.sh/release-name': 'oc-acme', 'meta.helm.sh/release-namespace': 'oc-acme' },
      },
    });
    await client.demand('DELETE', pathOf('CustomResourceDefinition', 'skillregistries.opencrane.io'));
    await createObjects(client, [
      ...wide,
      twin,
      opencraneRelease('oc-acme', 'oc-acme', { appVersion: '0.2.0', revision: 2 }),
      {
        apiVersion: 'cert-manager.io/v1',
        kind: 'ClusterIssuer',
        metadata: {
          name: 'letsencrypt',
          labels: { 'app.kubernetes.io/part-of': 'opencrane' },
          annotations: { 'meta.helm.sh/release-name': 'oc-globex', 'meta.helm.sh/release-namespace': 'oc-globex' },
        },
      },
    ]);
    await client.demand(
      'PATCH',
      pathOf('CustomResourceDefinition', 'clustertenants.opencrane.io'),
      [
        {
          op: 'remove',
          path: '/spec/versions/0/schema/openAPIV3Schema/properties/status/properties/observedGeneration',
        },
      ],
      { contentType: 'application/json-patch+json' },
    );
    await waitForDeployments(client, ['oc-globex', 'shop']);
    await waitFor('names are judged, and what is deleted is gone', async () => {
      const other = await client.demand('GET', objectPath(twin));
      const { status } = await client.send('GET', `${collectionPath(twin)}/skillregistries.opencrane.io`);
      const { conditions = [] } = (other as { status?: { conditions?: { type: string }[] } }).status ?? {};
      return status === 404 && conditions.length > 0;
    });
    const expected = [
      'crd-app-version-incompatible Deployment/oc-acme/oc-acme-operator',
      'crd-field-pruned CustomResourceDefinition/clustertenants.opencrane.io',
      'crd-missing CustomResourceDefinition/skillregistries.opencrane.io',
      'crd-owned-by-instance CustomResourceDefinition/mcpservers.opencrane.io',
      'crd-unhealthy CustomResourceDefinition/servers.opencrane.io',
      'opencrane-bound-namespace-wrong ClusterTenant/globex',
      'opencrane-cluster-tenant-not-ready ClusterTenant/acme',
      'opencrane-dedicated-unpinned Node/pool-node-1',
      `opencrane-operators-overlap Deployment/oc-globex/${manager}`,
      'opencrane-singleton-owned ClusterIssuer/letsencrypt',
      'opencrane-tenant-misplaced Deployment/shop/stray',
      `opencrane-watch-scope-open Deployment/oc-globex/${manager}`,
      'quota-drift ResourceQuota/opencrane-initech/opencrane-cluster-tenant-quota',
      'rbac-tenant-cluster-wide ClusterRoleBinding/oc-globex-wide',
    ];
    const faulty = await doctor(judging);
    expect(found(faulty)).toEqual(expected);
    await expectSameOffline(judging, faulty);
  });

  test('a second version of one CRD is a mixed bundle, and a migration that is due', async () => {
    const name = 'schedules.opencrane.io';
    const path = pathOf('CustomResourceDefinition', name);
    const { spec } = (await client.demand('GET', path)) as { spec: { versions: { name: string }[] } };
    const [old] = spec.versions;
    await merge(path, {
      spec: {
        versions: [
          { ...old, storage: false },
          { ...old, name: 'v1beta1', storage: true },
        ],
      },
    });
    await waitFor('both are stored', async () => {
      const { status } = (await client.demand('GET', path)) as { status: { storedVersions: string[] } };
      return status.storedVersions.length === 2;
    });
    const report = await doctor(judging, [
      '--check',
      'crd-bundle-mixed,crd-stored-version-stale,crd-app-version-incompatible',
    ]);
    expect(found(report)).toEqual([
      `crd-bundle-mixed CustomResourceDefinition/${name}`,
      `crd-stored-version-stale CustomResourceDefinition/${name}`,
    ]);
    expect(report.checks.find(({ id }) => id === 'crd-app-version-incompatible')?.outcome).toBe('not-evaluated');
  });
});
