import { orgOfWorkload } from '../kubernetes/platform-component.ts';
import type { Isolation, Settings, Tenant } from '../model/platform.ts';
import type { Snapshot } from '../model/snapshot.ts';
import { count } from '../model/text.ts';

/**
 * State of the flag `k8s_namespace_isolation`. It lives in the platform's database, so cluster objects only allow an
 * inference, never certainty: where crews run says where the platform puts them, or put them once.
 */
export function inferIsolation(
  snapshot: Snapshot,
  shared: string,
  tenants: readonly Tenant[],
  settings: Settings,
): Isolation {
  const inShared = crewsIn(snapshot, shared);
  const inTenants = tenants.reduce((sum, { namespace }) => sum + crewsIn(snapshot, namespace), 0);
  const where = `${count(inShared, 'crew workload')} in ${shared}, ${String(inTenants)} in org namespaces`;
  if (settings.isolation !== undefined) {
    const on = settings.isolation === 'on';
    return {
      state: settings.isolation,
      confidence: 'certain',
      late: on && inShared > 0,
      why: `--isolation ${settings.isolation}; ${where}`,
    };
  }
  if (inTenants > 0) return { state: 'on', confidence: 'likely', late: inShared > 0, why: where };
  const gap = unseen(snapshot, shared, tenants);
  if (gap !== undefined) return { state: 'unknown', confidence: 'hint', late: false, why: `${where}; ${gap}` };
  const existing = tenants.filter(({ exists }) => exists === true).length;
  if (inShared > 0) {
    if (existing === 0) return { state: 'off', confidence: 'likely', late: false, why: where };
    const why = `${where}, but ${count(existing, 'org namespace')} without any: prepared and off, or on and every deployment failing`;
    return { state: 'unknown', confidence: 'hint', late: false, why };
  }
  if (existing === 0) return { state: 'unknown', confidence: 'hint', late: false, why: 'no crew runs anywhere yet' };
  const why = `${count(existing, 'org namespace')} exist, no crew runs yet`;
  return { state: 'on', confidence: 'hint', late: false, why };
}

/** Deployments and StatefulSets of crews, by label or name; scaled to zero they say nothing about where crews go. */
function crewsIn(snapshot: Snapshot, namespace: string): number {
  const workloads = [...snapshot.list('deployments.apps', namespace), ...snapshot.list('statefulsets.apps', namespace)];
  return workloads.filter((workload) => orgOfWorkload(workload) !== undefined && (workload.spec?.replicas ?? 1) > 0)
    .length;
}

/** Not seeing crews, or org namespaces without any, proves nothing where they could not be listed. */
function unseen(snapshot: Snapshot, shared: string, tenants: readonly Tenant[]): string | undefined {
  for (const namespace of [shared, ...tenants.map((tenant) => tenant.namespace)]) {
    const state = snapshot.completeness('deployments.apps', namespace);
    if (state !== 'complete') return `deployments.apps in ${namespace}: ${state.reason}`;
  }
  const namespaces = snapshot.completeness('namespaces');
  return namespaces === 'complete' ? undefined : `namespaces: ${namespaces.reason}`;
}
