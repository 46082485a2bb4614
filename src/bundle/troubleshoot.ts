import { isRecord } from '../kubernetes/json-value.ts';
import type { GapReason } from '../model/snapshot.ts';
import type { Resource } from '../model/resource.ts';
import { rootsOf, type ForeignFormat, type Placement } from './foreign-formats.ts';

/** Folders of `cluster-resources`, a file for each namespace. Names changed over the years. */
export const FOLDERS: Readonly<Record<string, Resource>> = {
  configmaps: 'configmaps',
  cronjobs: 'cronjobs.batch',
  daemonsets: 'daemonsets.apps',
  deployments: 'deployments.apps',
  events: 'events',
  ingress: 'ingresses.networking.k8s.io',
  jobs: 'jobs.batch',
  limitranges: 'limitranges',
  'network-policy': 'networkpolicies.networking.k8s.io',
  pods: 'pods',
  pvcs: 'persistentvolumeclaims',
  replicasets: 'replicasets.apps',
  'resource-quota': 'resourcequotas',
  'resource-quotas': 'resourcequotas',
  rolebindings: 'rolebindings.rbac.authorization.k8s.io',
  roles: 'roles.rbac.authorization.k8s.io',
  serviceaccounts: 'serviceaccounts',
  services: 'services',
  statefulsets: 'statefulsets.apps',
};

/** Files of `cluster-resources`, in lower case: 0.56 to 0.64 wrote clusterRoleBindings, some without `.json`. */
export const FILES: Readonly<Record<string, Resource>> = {
  clusterrolebindings: 'clusterrolebindings.rbac.authorization.k8s.io',
  clusterroles: 'clusterroles.rbac.authorization.k8s.io',
  'custom-resource-definitions': 'customresourcedefinitions.apiextensions.k8s.io',
  namespaces: 'namespaces',
};

const own = (table: Readonly<Record<string, Resource>>, key: string): Resource | undefined =>
  Object.hasOwn(table, key) ? table[key] : undefined;

/** Support bundles of troubleshoot.sh (Replicated), of every version. */
export const TROUBLESHOOT: ForeignFormat = {
  name: 'troubleshoot.sh',
  roots(paths) {
    const [root] = rootsOf(paths, /(?:^|\/)cluster-resources\/.+$/);
    return root === undefined ? undefined : [root];
  },
  place(path) {
    if (path === 'cluster-info/cluster_version.json') return { holds: 'version' };
    const [, namespace] = /^cluster-resources\/pods\/logs\/([^/]+)\/[^/]+\/[^/]+-logs-errors\.log$/.exec(path) ?? [];
    if (namespace !== undefined) return { holds: 'log-error', namespace };
    const [folder = '', first = '', second, ...more] = path.split('/');
    if (folder !== 'cluster-resources' || more.length > 0) return undefined;
    return second === undefined ? placeFile(first) : placeInFolder(first, second);
  },
};

function placeFile(file: string): Placement | undefined {
  const [, name = '', errors] = /^(.+?)(-errors)?(?:\.json)?$/.exec(file) ?? [];
  const cluster = own(FILES, name.toLowerCase());
  if (errors === undefined) return cluster && { holds: 'list', resource: cluster };
  const resource = cluster ?? own(FOLDERS, name);
  return resource && { holds: 'errors', resource };
}

function placeInFolder(folder: string, file: string): Placement | undefined {
  const [, namespace] = /^(.+)\.json$/.exec(file) ?? [];
  if (namespace === undefined) return undefined;
  if (folder === 'auth-cani-list') return { holds: 'rules', namespace };
  const resource = own(FOLDERS, folder);
  return resource && { holds: 'list', resource, namespace };
}

/**
 * The messages of an errors file, by namespace (`''` for all): a map, or for cluster-wide kinds a list.
 */
export function errorsOf(value: unknown): ReadonlyMap<string, string> {
  if (Array.isArray(value)) {
    const texts = value.filter((entry) => typeof entry === 'string' && entry !== '') as string[];
    return texts.length > 0 ? new Map([['', texts.join('; ')]]) : new Map();
  }
  if (!isRecord(value)) return new Map();
  return new Map(
    Object.entries(value).flatMap(([key, text]) =>
      typeof text === 'string' && text !== '' ? [[key, text] as const] : [],
    ),
  );
}

/** Why something is missing, by the words of the API server or of client-go. */
export function reasonOf(message: string): GapReason {
  if (message.includes(' is forbidden: ')) return 'forbidden';
  if (/the server could not find the requested resource|no matches for kind/.test(message)) return 'not-served';
  return 'failed';
}

/**
 * Whether namespaces without any file were left out on purpose: those that were listed from the cluster are collected
 * only where one may get pods (pkg/collect/cluster_resources.go, `filterNamespaces`).
 */
export function mayGetPods(rules: unknown): boolean {
  if (!Array.isArray(rules)) return true;
  const has = (list: unknown, word: string): boolean =>
    Array.isArray(list) && (list.includes(word) || list.includes('*'));
  return rules.some(
    (rule) => isRecord(rule) && has(rule.verbs, 'get') && has(rule.resources, 'pods') && has(rule.apiGroups, ''),
  );
}
