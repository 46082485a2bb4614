import { crewaiPlatform, type CrewaiOptions, type RawObject } from '../fixtures/crewai.ts';
import type { ApiClient } from './api-client.ts';
import { waitFor } from './control-plane.ts';
import { NODE } from './kubelet.ts';

/** Kinds that the fixtures hold, by their path in the API. */
const PLURALS: Readonly<Record<string, string>> = {
  Namespace: 'namespaces',
  ServiceAccount: 'serviceaccounts',
  Secret: 'secrets',
  ConfigMap: 'configmaps',
  Service: 'services',
  Pod: 'pods',
  Event: 'events',
  ResourceQuota: 'resourcequotas',
  PersistentVolumeClaim: 'persistentvolumeclaims',
  Deployment: 'deployments',
  StatefulSet: 'statefulsets',
  DaemonSet: 'daemonsets',
  Job: 'jobs',
  CronJob: 'cronjobs',
  Ingress: 'ingresses',
  HorizontalPodAutoscaler: 'horizontalpodautoscalers',
  Role: 'roles',
  RoleBinding: 'rolebindings',
  ClusterRole: 'clusterroles',
  ClusterRoleBinding: 'clusterrolebindings',
  CustomResourceDefinition: 'customresourcedefinitions',
  Node: 'nodes',
  LimitRange: 'limitranges',
  NetworkPolicy: 'networkpolicies',
  ClusterTenant: 'clustertenants',
  Tenant: 'tenants',
  ClusterIssuer: 'clusterissuers',
  Kustomization: 'kustomizations',
  HelmRelease: 'helmreleases',
  GitRepository: 'gitrepositories',
  ImagePolicy: 'imagepolicies',
};

/** Path of the collection an object belongs to. */
export function collectionPath(object: RawObject): string {
  const plural = PLURALS[object.kind ?? ''];
  if (plural === undefined)
    throw new Error(`add the plural of ${object.kind ?? 'an object without kind'} to platform.ts`);
  const version = object.apiVersion ?? 'v1';
  const { namespace } = object.metadata;
  const scope = namespace === undefined ? '' : `/namespaces/${namespace}`;
  return `${version.includes('/') ? '/apis' : '/api'}/${version}${scope}/${plural}`;
}

/** Path of the object itself. */
export function objectPath(object: RawObject): string {
  return `${collectionPath(object)}/${object.metadata.name}`;
}

const SET_BY_SERVER = new Set(['uid', 'resourceVersion', 'creationTimestamp', 'generation']);

/** What a client would send: without what the API server sets itself. */
function toSend(object: RawObject): unknown {
  const metadata = Object.fromEntries(Object.entries(object.metadata).filter(([key]) => !SET_BY_SERVER.has(key)));
  return { ...object, metadata, status: undefined };
}

/**
 * Creates the objects, namespaces first, then those that must not be younger than others, then the rest at once; what is
 * there already is an error.
 */
export async function createObjects(
  client: ApiClient,
  objects: readonly RawObject[],
  isOld: (object: RawObject) => boolean = () => false,
): Promise<void> {
  const create = (object: RawObject): Promise<unknown> => client.demand('POST', collectionPath(object), toSend(object));
  await Promise.all(objects.filter((object) => object.kind === 'Namespace').map(create));
  const rest = objects.filter((object) => object.kind !== 'Namespace');
  await Promise.all(rest.filter(isOld).map(create));
  await Promise.all(rest.filter((object) => !isOld(object)).map(create));
}

interface DeploymentList {
  readonly items: readonly {
    readonly metadata: { readonly name: string; readonly generation: number };
    readonly spec: { readonly replicas: number };
    readonly status?: { readonly observedGeneration?: number; readonly readyReplicas?: number };
  }[];
}

/** Waits until every Deployment of the namespaces has all its replicas ready. */
export async function waitForDeployments(client: ApiClient, namespaces: readonly string[]): Promise<void> {
  await waitFor(`the Deployments of ${namespaces.join(', ')} are ready`, async () => {
    const lists = await Promise.all(
      namespaces.map((name) => client.demand('GET', `/apis/apps/v1/namespaces/${name}/deployments`)),
    );
    return (lists as DeploymentList[]).every(({ items }) =>
      items.every(
        ({ metadata, spec, status }) =>
          status?.observedGeneration === metadata.generation && (status.readyReplicas ?? 0) === spec.replicas,
      ),
    );
  });
}

export interface InstalledPlatform {
  /** What was created; ReplicaSets, pods and default ServiceAccounts are the controllers' work. */
  readonly objects: readonly RawObject[];
  readonly namespaces: readonly string[];
  /** Takes everything away again and waits until it is gone, so that the next test finds an empty cluster. */
  readonly remove: () => Promise<void>;
}

/**
 * Installs a CrewAI Platform with its organizations and waits until all pods are ready. The objects are those of
 * test/fixtures; `change` may break them first (drop a binding, swap a secret).
 */
export async function installPlatform(
  client: ApiClient,
  options: CrewaiOptions = {},
  change: (objects: RawObject[]) => RawObject[] = (objects) => objects,
  isOld?: (object: RawObject) => boolean,
): Promise<InstalledPlatform> {
  const objects = change(crewaiPlatform({ ...options, controllers: true, nodeName: NODE }));
  const namespaces = objects.filter((object) => object.kind === 'Namespace').map((object) => object.metadata.name);
  await createObjects(client, objects, isOld);
  await waitForDeployments(client, namespaces);
  return { objects, namespaces, remove: () => removeObjects(client, objects) };
}

/**
 * Deletes cluster-scoped objects, and with the namespaces everything in them. Asks again for what came back: the
 * controller of aggregated ClusterRoles applies their rules, which creates a role anew that was deleted meanwhile.
 */
export async function removeObjects(client: ApiClient, objects: readonly RawObject[]): Promise<void> {
  let left = objects.filter((object) => object.metadata.namespace === undefined).map(objectPath);
  const isGone = async (path: string): Promise<boolean> => {
    const { status, body } = await client.send('GET', path);
    if (status === 404) return true;
    const { metadata } = body as { metadata?: { deletionTimestamp?: string } };
    if (metadata?.deletionTimestamp === undefined)
      await client.demand('DELETE', path, undefined, { accept: [404, 409] });
    return false;
  };
  await waitFor('everything that was installed is gone', async () => {
    const gone = await Promise.all(left.map(isGone));
    left = left.filter((_, index) => !gone[index]);
    return left.length === 0;
  }).catch((error: unknown) => {
    throw new Error(`still there: ${left.join(', ')}`, { cause: error });
  });
}
