import { aggregate } from '../kubernetes/rbac-aggregation.ts';
import { createAuthorizer, type Authorizer } from '../kubernetes/rbac.ts';
import type { Binding, ClusterRole, PolicyRule, Role } from '../model/kinds.ts';
import type { Access } from './access.ts';
import type { Store } from './store.ts';
import type { Wire } from './wire.ts';

const GROUP = 'rbac.authorization.k8s.io';
const RESOURCES = ['roles', 'rolebindings', 'clusterroles', 'clusterrolebindings'] as const;

/** RBAC over what the store holds, read anew after every write to one of its four kinds. */
export function rbacAccess(store: Store): Access {
  let current: { readonly version: string; readonly authorizer: Authorizer } | undefined;
  const authorizer = (): Authorizer => {
    const version = RESOURCES.map((resource) => store.versionOf(resource, GROUP)).join();
    if (current?.version !== version) current = { version, authorizer: createAuthorizer(objectsOf(store)) };
    return current.authorizer;
  };
  return {
    decide: (identity, question) => authorizer().decide(identity, question),
    rules: (identity, namespace) =>
      authorizer()
        .grantsFor(identity, namespace || undefined)
        .flatMap((grant) => grant.role?.rules ?? []),
    rulesOfRole: (name, namespace) =>
      namespace === undefined
        ? rulesOf(aggregated(store).find((role) => role.metadata.name === name) as Wire | undefined)
        : rulesOf(store.find('roles', name, namespace, GROUP)),
  };
}

function objectsOf(store: Store): Parameters<typeof createAuthorizer>[0] {
  const objects = (resource: (typeof RESOURCES)[number]): readonly unknown[] => store.objects(resource, GROUP);
  return {
    roles: objects('roles') as readonly Role[],
    roleBindings: objects('rolebindings') as readonly Binding[],
    clusterRoles: aggregated(store),
    clusterRoleBindings: objects('clusterrolebindings') as readonly Binding[],
  };
}

const aggregated = (store: Store): readonly ClusterRole[] =>
  aggregate(store.objects('clusterroles', GROUP) as readonly unknown[] as readonly ClusterRole[]);

const rulesOf = (role: Wire | undefined): readonly PolicyRule[] | undefined =>
  role && ((role as unknown as Role).rules ?? []);
