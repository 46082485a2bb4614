import { compareNames, qualifiedName, type KubeObject } from '../model/object.ts';
import type { Settings, Tenant } from '../model/platform.ts';
import type { Snapshot } from '../model/snapshot.ts';

/** Set by `flux create tenant` on the tenant's namespaces. */
const TENANT_LABEL = 'toolkit.fluxcd.io/tenant';

/** How often evidence is written out. */
const SHOWN = 3;

/**
 * Namespaces with the label of a tenant, and those that hold Kustomizations or HelmReleases; Flux's own are none. A tenant
 * may have several namespaces. One without the label is a tenant of its own, called as itself.
 */
export function fluxTenants(
  snapshot: Snapshot,
  ownNamespaces: readonly string[],
  settings: Settings,
): readonly Tenant[] {
  const own = new Set(ownNamespaces);
  const labels = new Map<string, string>();
  const seen = new Map<string, string[]>();
  const note = (namespace: string | undefined, line: string): void => {
    if (namespace === undefined || own.has(namespace)) return;
    const lines = seen.get(namespace) ?? [];
    seen.set(namespace, lines);
    if (lines.length < SHOWN) lines.push(line);
  };
  for (const { metadata } of snapshot.list('namespaces')) {
    const tenant = metadata.labels?.[TENANT_LABEL];
    if (tenant === undefined || tenant === '') continue;
    labels.set(metadata.name, tenant);
    note(metadata.name, `label ${TENANT_LABEL} on Namespace ${metadata.name}`);
  }
  for (const [resource, kind] of HELD) {
    for (const { metadata } of snapshot.list(resource)) note(metadata.namespace, `${kind} ${qualifiedName(metadata)}`);
  }
  for (const name of settings.namespaces ?? []) if (snapshot.find('namespaces', name)) note(name, '--namespace');
  const taken = new Set(labels.values());
  return [...seen]
    .map(([namespace, lines]) => ({
      id: labels.get(namespace) ?? unlabelled(namespace, taken),
      namespace,
      seen: lines,
      proven: true,
      ...stateOf(snapshot, namespace),
    }))
    .filter(({ id }) => !settings.excludeOrgs?.includes(id))
    .sort((a, b) => compareNames(a.namespace, b.namespace));
}

const HELD = [
  ['kustomizations.kustomize.toolkit.fluxcd.io', 'Kustomization'],
  ['helmreleases.helm.toolkit.fluxcd.io', 'HelmRelease'],
] as const;

/** A namespace that is called like a tenant, but has not its label, must not be taken for that tenant's. */
const unlabelled = (namespace: string, taken: ReadonlySet<string>): string =>
  taken.has(namespace) ? `${namespace} (no label)` : namespace;

function stateOf(snapshot: Snapshot, namespace: string): Pick<Tenant, 'exists' | 'terminating'> {
  const found: (KubeObject & { status?: { phase?: string } }) | undefined = snapshot.find('namespaces', namespace);
  if (!found) {
    const known = snapshot.completeness('namespaces', namespace) === 'complete';
    return { exists: known ? false : 'unknown', terminating: false };
  }
  return {
    exists: true,
    terminating: found.status?.phase === 'Terminating' || Boolean(found.metadata.deletionTimestamp),
  };
}

/** Those that the user asked for. */
export function selectFluxTenants(tenants: readonly Tenant[], { orgs, namespaces }: Settings): readonly Tenant[] {
  if (!orgs && !namespaces) return tenants;
  return tenants.filter(({ id, namespace }) => orgs?.includes(id) ?? namespaces?.includes(namespace));
}
