import type { Resource, Kinds } from '../model/resource.ts';
import type { Origin } from '../model/snapshot.ts';
import { withBuiltinRoles } from './builtin-roles.ts';
import { createAuthorizer, type Authorizer, type RbacObjects } from './rbac.ts';

export type RbacResource = Extract<Resource, `${string}.rbac.authorization.k8s.io`>;

/** A snapshot, or a check's view that declares the four RBAC listings. */
export interface RbacSource {
  readonly origin: Origin;
  list<K extends RbacResource>(resource: K): readonly Kinds[K][];
}

/**
 * RBAC as a snapshot shows it. Files rarely bring the built-in ClusterRoles and never what a controller computes, so
 * these are filled in there; on a cluster a role that is missing or empty is exactly what must be seen.
 * @param bindings `cluster` leaves RoleBindings out, `namespaces` leaves ClusterRoleBindings out
 */
export function authorizerOf(source: RbacSource, bindings: 'all' | 'cluster' | 'namespaces' = 'all'): Authorizer {
  return createAuthorizer(rbacObjectsOf(source, bindings));
}

/** The objects behind `authorizerOf`. */
export function rbacObjectsOf(source: RbacSource, bindings: 'all' | 'cluster' | 'namespaces' = 'all'): RbacObjects {
  const clusterRoles = source.list('clusterroles.rbac.authorization.k8s.io');
  return {
    roles: source.list('roles.rbac.authorization.k8s.io'),
    clusterRoles: source.origin.from === 'manifests' ? withBuiltinRoles(clusterRoles) : clusterRoles,
    roleBindings: bindings === 'cluster' ? [] : source.list('rolebindings.rbac.authorization.k8s.io'),
    clusterRoleBindings: bindings === 'namespaces' ? [] : source.list('clusterrolebindings.rbac.authorization.k8s.io'),
  };
}
