import { clusterTenantOfNamespace, namespaceOfClusterTenant } from '../kubernetes/opencrane-names.ts';
import { compareNames } from '../model/object.ts';
import type { ClusterTenant } from '../model/opencrane-kinds.ts';
import type { Settings, Tenant } from '../model/platform.ts';
import type { Snapshot } from '../model/snapshot.ts';

/** A namespace and why it is somebody's. */
interface Claim {
  readonly id: string;
  readonly namespace: string;
  readonly seen: string;
}

/**
 * The namespaces of ClusterTenants: the one that its status names, else one with its label, else the one that the
 * built-in provisioner would make; then those that only a label, or Tenants in them, tell of. A `dedicatedCluster` has
 * none here: its namespace is in another cluster.
 */
export function opencraneTenants(snapshot: Snapshot, own: ReadonlySet<string>): readonly Tenant[] {
  const byLabel = labelled(snapshot);
  const namespaceOf = new Map(byLabel.toReversed().map(({ id, namespace }) => [id, namespace]));
  const claims = [
    ...snapshot.list('clustertenants.opencrane.io').flatMap((tenant) => claimOf(snapshot, tenant, namespaceOf)),
    ...byLabel,
    ...snapshot
      .list('tenants.opencrane.io')
      .filter(({ metadata }) => !own.has(metadata.namespace ?? ''))
      .map(({ metadata: { name, namespace = '' } }) => ({ id: namespace, namespace, seen: `Tenant ${name}` })),
  ];
  const byNamespace = new Map<string, Claim[]>();
  for (const claim of claims) byNamespace.set(claim.namespace, [...(byNamespace.get(claim.namespace) ?? []), claim]);
  return [...byNamespace.values()]
    .flatMap((found) => (found[0] ? [tenantOf(snapshot, found[0], found)] : []))
    .sort((a, b) => compareNames(a.id, b.id) || compareNames(a.namespace, b.namespace));
}

function claimOf(
  snapshot: Snapshot,
  { metadata, spec, status }: ClusterTenant,
  labels: ReadonlyMap<string, string>,
): readonly Claim[] {
  if (spec?.isolationTier === 'dedicatedCluster') return [];
  const { name: id } = metadata;
  const made = namespaceOfClusterTenant(id);
  const namespace = status?.boundNamespace ?? labels.get(id) ?? (snapshot.find('namespaces', made) ? made : undefined);
  return namespace === undefined || namespace === '' ? [] : [{ id, namespace, seen: `ClusterTenant ${id}` }];
}

function labelled(snapshot: Snapshot): readonly Claim[] {
  return snapshot.list('namespaces').flatMap((namespace) => {
    const id = clusterTenantOfNamespace(namespace);
    const { name } = namespace.metadata;
    return id === undefined ? [] : [{ id, namespace: name, seen: `label on Namespace ${name}` }];
  });
}

function tenantOf(snapshot: Snapshot, { id, namespace }: Claim, claims: readonly Claim[]): Tenant {
  const found = snapshot.find('namespaces', namespace);
  const known = snapshot.completeness('namespaces', namespace) === 'complete';
  return {
    id,
    namespace,
    exists: found ? true : known ? false : 'unknown',
    terminating: found?.status?.phase === 'Terminating' || Boolean(found?.metadata.deletionTimestamp),
    seen: [...new Set(claims.map(({ seen }) => seen))],
    proven: true,
  };
}

/** Those that the user chose, by name or by namespace. */
export function selectTenants(tenants: readonly Tenant[], settings: Settings): readonly Tenant[] {
  const { orgs, namespaces, excludeOrgs = [] } = settings;
  return tenants.filter(
    ({ id, namespace }) => !excludeOrgs.includes(id) && (orgs?.includes(id) ?? namespaces?.includes(namespace) ?? true),
  );
}
