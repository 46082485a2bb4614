import type { PlacedRight, Where } from '../kubernetes/placed-right.ts';
import type { PlatformId } from '../model/platform.ts';

const RBAC = 'rbac.authorization.k8s.io';

const rights = (where: Where, group: string, resources: readonly string[], verbs: readonly string[]): PlacedRight[] =>
  resources.flatMap((resource) => verbs.map((verb) => ({ verb, group, resource, where })));

/**
 * What each kind of repair on CrewAI Platform asks of the API server besides the listings: it looks at the object it is
 * about to change (`get`), writes it, and looks again; what it has made, undo deletes. Deleting workloads and namespaces
 * is in none of them: whoever wants that grants it on purpose.
 */
const CREWAI: Readonly<Record<string, readonly PlacedRight[]>> = {
  'create-namespace': rights('cluster', '', ['namespaces'], ['get', 'create']),
  'create-role-binding': [
    ...rights('tenants', RBAC, ['rolebindings'], ['get', 'create', 'delete']),
    // A name cannot limit `create`; that nothing else is bound is up to `bind`.
    { verb: 'bind', group: RBAC, resource: 'clusterroles', name: 'edit', where: 'tenants' },
    { verb: 'get', group: RBAC, resource: 'clusterroles', name: 'edit', where: 'cluster' },
    ...rights('platform', '', ['serviceaccounts'], ['get']),
  ],
  'copy-registry-secret': [
    ...rights('platform', '', ['secrets'], ['get']),
    ...rights('tenants', '', ['secrets'], ['get', 'create', 'delete']),
  ],
  'refresh-registry-secret': [
    ...rights('platform', '', ['secrets'], ['get']),
    ...rights('tenants', '', ['secrets'], ['get', 'create', 'patch', 'delete']),
  ],
  'add-pull-secret': rights('tenants', '', ['serviceaccounts'], ['get', 'patch']),
  // Orphans run where the platform does.
  'scale-orphan': [
    ...rights('platform', 'apps', ['deployments', 'statefulsets'], ['get', 'patch']),
    ...rights('platform', 'batch', ['cronjobs', 'jobs'], ['get', 'patch']),
  ],
  'relabel-workload': [
    ...rights('tenants', 'apps', ['deployments', 'statefulsets'], ['get', 'patch']),
    ...rights('tenants', 'batch', ['cronjobs', 'jobs'], ['get', 'patch']),
  ],
  'clean-copied-metadata': rights('tenants', '', ['secrets'], ['get', 'patch']),
};

/**
 * The API server lets one write a Role that grants what one does not hold with `escalate` alone, and bind it before it is
 * there, as a rehearsal does, with `bind`. Its name has Commander's version in it, so no name limits them.
 */
const ASTRONOMER: Readonly<Record<string, readonly PlacedRight[]>> = {
  'create-namespace': rights('cluster', '', ['namespaces'], ['get', 'create']),
  'create-role': [
    ...rights('tenants', RBAC, ['roles'], ['get', 'create', 'delete', 'escalate', 'bind']),
    ...rights('tenants', RBAC, ['rolebindings'], ['get', 'create', 'delete']),
  ],
};

const OF_PLATFORMS: Partial<Record<PlatformId, Readonly<Record<string, readonly PlacedRight[]>>>> = {
  crewai: CREWAI,
  astronomer: ASTRONOMER,
};

/** What repairs on these kinds of platforms take besides the listings. */
export function repairRights(ids: readonly PlatformId[]): readonly PlacedRight[] {
  return ids.flatMap((id) => Object.values(OF_PLATFORMS[id] ?? {}).flat());
}
