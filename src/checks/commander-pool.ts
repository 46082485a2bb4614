import { rulesOf } from '../kubernetes/role-manifests.ts';
import type { AccessRule, AccountRef } from '../model/access.ts';
import type { View } from '../model/check.ts';
import type { Change, Create } from '../model/fix.ts';
import type { Tenant } from '../model/platform.ts';
import { RBAC } from '../model/resource.ts';
import { createBinding, right } from './fix-changes.ts';

/** The listings that show the pool. */
export const POOL_READS = ['deployments.apps', 'houston-configs', 'namespaces'] as const;
type PoolView = View<(typeof POOL_READS)[number], 'astronomer'>;

/**
 * The namespaces of the pool that the user wants judged: none where pools are off. A pool that cannot be seen is a gap;
 * files may show some of its namespaces all the same.
 */
export function poolTenants(view: PoolView): readonly Tenant[] {
  const { platformNamespace, pool, tenants } = view.platform;
  view.complete('deployments.apps', platformNamespace);
  view.complete('houston-configs', platformNamespace);
  if (pool.state === 'unknown')
    view.unknown('houston-configs', `the pool is not known: ${pool.why}`, platformNamespace);
  return tenants;
}

/** As a Namespace may be called (apimachinery, IsDNS1123Label). */
export const isNamespaceName = (name: string): boolean => /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/.test(name);

const [ROLES, ROLE_BINDINGS] = RBAC;

/**
 * A Role with all that this version of Commander needs in a namespace, and the RoleBinding for it: beside what is there,
 * which somebody else may apply again. Undefined where the version is not known, or the chart makes these Roles.
 */
export function grantCommander(
  view: View<typeof ROLES | typeof ROLE_BINDINGS, 'astronomer'>,
  namespace: string,
): readonly Change[] | undefined {
  const { account, needs, version, pool } = view.platform;
  if (!account || version === undefined || !needs.version || pool.chart.createsRoles !== false) return undefined;
  const taken = new Set(
    [ROLES, ROLE_BINDINGS].flatMap((resource) =>
      view.evidence(resource, namespace).map(({ metadata }) => metadata.name),
    ),
  );
  const wanted = `${account.name}-${version}`;
  let name = wanted;
  for (let number = 2; taken.has(name); number += 1) name = `${wanted}-${String(number)}`;
  return [createRole(namespace, name, needs.version), bindTo(namespace, name, account)];
}

const bindTo = (namespace: string, name: string, account: AccountRef): Create =>
  createBinding(namespace, name, { kind: 'Role', name }, account);

/** A new Role; whoever makes it needs `escalate`, or all of its rules. A POST carries no name that could limit either. */
function createRole(namespace: string, name: string, rights: readonly AccessRule[]): Create {
  return {
    op: 'create',
    object: {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'Role',
      metadata: { name, namespace },
      rules: rulesOf(rights),
    },
    needs: [right('create', ROLES, namespace), right('escalate', ROLES, namespace)],
  };
}

/** What to do where the chart makes the Roles and Namespaces of the pool. */
export function chartSteps({ platform }: View<never, 'astronomer'>): readonly string[] {
  const { release, platformNamespace, version = '' } = platform;
  const path = Number(version.split('.')[0]) >= 2 ? 'global.namespaceManagement' : 'global.features';
  return [
    `# the chart makes them: set ${path}.namespacePools.{enabled, createRbac, namespaces.create}: true with the names in ${path}.namespacePools.namespaces.names`,
    `# then apply the values of the platform again: helm upgrade ${release} astronomer/astronomer -n ${platformNamespace} -f config.yaml`,
  ];
}
