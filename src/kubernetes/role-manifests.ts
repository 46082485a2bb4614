import type { AccessRule } from '../model/access.ts';
import type { Binding, PolicyRule, Role, Subject } from '../model/kinds.ts';
import { compareText } from '../model/text.ts';

const GROUP = 'rbac.authorization.k8s.io';
const API_VERSION = `${GROUP}/v1`;

/** The description that Kubernetes knows (kubernetes.io/docs/reference/labels-annotations-taints). */
const DESCRIPTION = 'kubernetes.io/description';

export interface RoleSpec {
  readonly name: string;
  /** Without one it is a ClusterRole. */
  readonly namespace?: string;
  readonly description: string;
  readonly rights: readonly Omit<AccessRule, 'namespace'>[];
}

/** The Role or ClusterRole with exactly these rights. */
export function roleManifest({ name, namespace, description, rights }: RoleSpec): Role {
  return {
    apiVersion: API_VERSION,
    kind: namespace === undefined ? 'ClusterRole' : 'Role',
    metadata: {
      name,
      ...(namespace === undefined ? {} : { namespace }),
      annotations: { [DESCRIPTION]: description },
    },
    rules: rulesOf(rights),
  };
}

/**
 * The binding that gives a role to one subject, named after both: a binding for several would lose those of an earlier
 * `kubectl apply`, which replaces the list.
 */
export function bindingManifest(role: Role, subject: Subject): Binding {
  const kind = role.kind ?? 'ClusterRole';
  const { name, namespace } = role.metadata;
  return {
    apiVersion: API_VERSION,
    kind: `${kind}Binding`,
    metadata: { name: bindingName(name, subject), ...(namespace === undefined ? {} : { namespace }) },
    roleRef: { apiGroup: GROUP, kind, name },
    subjects: [subject],
  };
}

/** Names of RBAC objects may hold everything but `/` and `%`, at any length (apimachinery, path segment names). */
function bindingName(role: string, { kind, namespace, name }: Subject): string {
  const whose = [kind.toLowerCase(), namespace, name].filter(Boolean).join(':');
  return `${role}:${whose.replaceAll('%', '_25').replaceAll('/', '_2F')}`;
}

/** Rights as rules: one for each API group and set of verbs, names apart, everything sorted. */
export function rulesOf(rights: readonly Omit<AccessRule, 'namespace'>[]): readonly PolicyRule[] {
  const verbs = new Map<string, Set<string>>();
  for (const right of rights) {
    if (isCovered(right, rights)) continue;
    const key = JSON.stringify([right.group, right.name ?? '', right.resource]);
    const known = verbs.get(key) ?? new Set();
    verbs.set(key, known.add(right.verb));
  }
  const resources = new Map<string, string[]>();
  for (const [key, set] of [...verbs].sort(([a], [b]) => compareText(a, b))) {
    const [group = '', name = '', resource = ''] = JSON.parse(key) as string[];
    const rule = JSON.stringify([group, name, [...set].sort(compareText)]);
    resources.set(rule, [...(resources.get(rule) ?? []), resource]);
  }
  return [...resources].map(([key, plurals]) => {
    const [group, name, sorted] = JSON.parse(key) as [string, string, string[]];
    return {
      apiGroups: [group],
      resources: plurals,
      ...(name === '' ? {} : { resourceNames: [name] }),
      verbs: sorted,
    };
  });
}

/** A right to one object adds nothing to the same right to all. */
function isCovered(right: Omit<AccessRule, 'namespace'>, rights: readonly Omit<AccessRule, 'namespace'>[]): boolean {
  if (right.name === undefined) return false;
  return rights.some(
    ({ verb, group, resource, name }) =>
      name === undefined && verb === right.verb && group === right.group && resource === right.resource,
  );
}
