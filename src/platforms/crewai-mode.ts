import { deniedRules } from '../kubernetes/denied-rules.ts';
import { serviceAccountIdentity } from '../kubernetes/rbac-question.ts';
import { authorizerOf } from '../kubernetes/rbac-snapshot.ts';
import type { AccountRef } from '../model/access.ts';
import type { HelmRelease } from '../model/derived.ts';
import type { Mode, Settings, Tenant } from '../model/platform.ts';
import { RBAC, RESOURCES, type Resource } from '../model/resource.ts';
import type { Snapshot } from '../model/snapshot.ts';
import { count } from '../model/text.ts';
import { CREWAI_NEEDS } from './crewai-needs.ts';

export interface ModeInput {
  readonly snapshot: Snapshot;
  readonly account: AccountRef | undefined;
  readonly tenants: readonly Tenant[];
  readonly release: HelmRelease | undefined;
  readonly settings: Settings;
}

/** Automatic or manual mode, by effect: what the bindings grant the platform's account, whatever they are called. */
export function judgeMode({ snapshot, account, tenants, release, settings }: ModeInput): Mode {
  const wanted = settings.mode ?? wantedBy(release);
  const asked = wanted === undefined ? {} : { wanted };
  const unseen = unseenOf(snapshot, tenants);
  if (!account) return { state: 'unknown', why: "the platform's account is not known", ...asked };
  const identity = serviceAccountIdentity(account.namespace, account.name);
  const { core } = CREWAI_NEEDS;
  const clusterWide = deniedRules(authorizerOf(snapshot, 'cluster'), identity, core)().length === 0;
  const perTenant = deniedRules(authorizerOf(snapshot, 'namespaces'), identity, core);
  const bound = tenants.filter(({ namespace }) => perTenant(namespace).length === 0).length;
  if (clusterWide && bound > 0)
    return {
      state: 'both',
      why: `a ClusterRoleBinding and RoleBindings in ${count(bound, 'org namespace')}`,
      ...asked,
    };
  if (clusterWide) return { state: 'auto', why: 'a ClusterRoleBinding grants the core rights everywhere', ...asked };
  if (bound > 0) return { state: 'manual', why: `RoleBindings in ${count(bound, 'org namespace')}`, ...asked };
  if (unseen !== undefined) return { state: 'unknown', why: `${unseen} could not be listed`, ...asked };
  return { state: 'undecided', why: 'nothing grants the core rights in any org namespace', ...asked };
}

/** What hides a grant: a ClusterRole or its binding anywhere, a Role or its binding in one of these namespaces. */
function unseenOf(snapshot: Snapshot, tenants: readonly Tenant[]): Resource | undefined {
  const namespaces = tenants.filter(({ exists }) => exists !== false).map(({ namespace }) => namespace);
  return RBAC.find((resource) =>
    RESOURCES[resource].namespaced
      ? namespaces.some((namespace) => snapshot.completeness(resource, namespace) !== 'complete')
      : snapshot.completeness(resource) !== 'complete',
  );
}

/** `rbac.namespaceIsolation` counts only where the chart creates RBAC objects at all. */
function wantedBy(release: HelmRelease | undefined): 'auto' | undefined {
  const rbac = release?.values.rbac;
  return rbac?.namespaceIsolation === true && rbac.create !== false ? 'auto' : undefined;
}
