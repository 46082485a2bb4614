import { RESOURCES, UNLISTED, type Resource } from '../model/resource.ts';

/** What a file of another tool's bundle holds. */
export type Placement =
  /** All objects of a kind: of one namespace, or of all there are. */
  | { readonly holds: 'list'; readonly resource: Resource; readonly namespace?: string }
  /** One of them: it is there, and nothing is known of others. */
  | { readonly holds: 'object'; readonly resource: Resource; readonly namespace?: string }
  /** Why files are missing. */
  | { readonly holds: 'errors'; readonly resource: Resource }
  /** Rules of SelfSubjectRulesReview in a namespace. */
  | { readonly holds: 'rules'; readonly namespace: string }
  /** Why a log is missing. */
  | { readonly holds: 'log-error'; readonly namespace: string }
  | { readonly holds: 'version' };

export interface ForeignFormat {
  /** As people call it. */
  readonly name: string;
  /** Its root in an archive with these files: what stands before its paths; undefined for another tool's. */
  roots(paths: readonly string[]): readonly string[] | undefined;
  place(path: string): Placement | undefined;
}

/** The listing for `plural` of an API group; undefined for kinds that nothing reads. */
export function resourceFor(group: string, plural: string): Resource | undefined {
  const name = group === '' || group === 'core' ? plural : `${plural}.${group}`;
  if (!Object.hasOwn(RESOURCES, name)) return undefined;
  const resource = name as Resource;
  return RESOURCES[resource].from === undefined && !UNLISTED.has(resource) ? resource : undefined;
}

const MAX_LEADING = 5;

/** What stands before the shortest of these paths that match; every root, where there are several. */
export function rootsOf(paths: readonly string[], pattern: RegExp): readonly string[] {
  const roots = paths.flatMap((path) => {
    const match = pattern.exec(path);
    const root = match ? path.slice(0, match.index + (path[match.index] === '/' ? 1 : 0)) : undefined;
    return root !== undefined && root.split('/').length - 1 <= MAX_LEADING ? [root] : [];
  });
  return [...new Set(roots)].sort((a, b) => a.length - b.length || (a < b ? -1 : 1));
}

/** must-gather and `oc adm inspect`: a folder per namespace and API group. */
const MUST_GATHER: ForeignFormat = {
  name: 'must-gather',
  roots(paths) {
    const roots = rootsOf(
      paths,
      /(?:^|\/)(?:namespaces\/[^/]+\/(?:core|[^/]+\/[^/]+|[^/]+)\b.*|cluster-scoped-resources\/.+)\.ya?ml$/,
    );
    return roots.length > 0 ? roots : undefined;
  },
  place(path) {
    const [, namespace, group = '', plural = '', name] =
      /^(?:namespaces\/([^/]+)|cluster-scoped-resources)\/([^/]+)\/([^/]+?)(?:\/([^/]+))?\.ya?ml$/.exec(path) ?? [];
    const own = /^namespaces\/([^/]+)\/\1\.ya?ml$/.exec(path);
    if (own) return { holds: 'object', resource: 'namespaces' };
    const pod = /^namespaces\/([^/]+)\/pods\/([^/]+)\/\2\.ya?ml$/.exec(path);
    if (pod?.[1] !== undefined) return { holds: 'object', resource: 'pods', namespace: pod[1] };
    const resource = resourceFor(group, plural);
    if (!resource || RESOURCES[resource].namespaced !== (namespace !== undefined)) return undefined;
    return {
      holds: name === undefined ? 'list' : 'object',
      resource,
      ...(namespace !== undefined && { namespace }),
    };
  },
};

const DUMPED: Readonly<Record<string, Resource>> = {
  daemonsets: 'daemonsets.apps',
  deployments: 'deployments.apps',
  events: 'events',
  pods: 'pods',
  replicasets: 'replicasets.apps',
  services: 'services',
};

/** `kubectl cluster-info dump --output-directory`: a folder per namespace. Nothing else than these is in it. */
const CLUSTER_INFO: ForeignFormat = {
  name: 'kubectl cluster-info dump',
  roots(paths) {
    const [root] = rootsOf(paths, /(?:^|\/)nodes\.(?:json|yaml)$/);
    if (root === undefined) return undefined;
    const pods = /^[^/]+\/pods\.(?:json|yaml)$/;
    return paths.some((path) => path.startsWith(root) && pods.test(path.slice(root.length))) ? [root] : undefined;
  },
  place(path) {
    const [, namespace, file = ''] = /^([^/]+)\/([^/]+)\.(?:json|yaml)$/.exec(path) ?? [];
    const resource = Object.hasOwn(DUMPED, file) ? DUMPED[file] : undefined;
    return resource && namespace !== undefined ? { holds: 'list', resource, namespace } : undefined;
  },
};

/** rancher/support-bundle-kit (Harvester, Longhorn): `yamls/…/[group/]version/plural.yaml`. */
const SUPPORT_BUNDLE_KIT: ForeignFormat = {
  name: 'support-bundle-kit',
  roots(paths) {
    const [root] = rootsOf(paths, /(?:^|\/)yamls\/(?:cluster|namespaced)\/.+\.yaml$/);
    return root !== undefined && paths.includes(`${root}metadata.yaml`) ? [root] : undefined;
  },
  place(path) {
    const [, namespace, group = '', plural = ''] =
      /^yamls\/(?:cluster|namespaced\/([^/]+))\/(?:([^/]+)\/)?v[^/]*\/([^/]+)\.yaml$/.exec(path) ?? [];
    const resource = resourceFor(group, plural);
    if (!resource || RESOURCES[resource].namespaced !== (namespace !== undefined)) return undefined;
    return { holds: 'list', resource, ...(namespace !== undefined && { namespace }) };
  },
};

/** In the order in which they are looked for; troubleshoot.sh, which has more to say, comes before. */
export const FOREIGN_FORMATS: readonly ForeignFormat[] = [SUPPORT_BUNDLE_KIT, MUST_GATHER, CLUSTER_INFO];
