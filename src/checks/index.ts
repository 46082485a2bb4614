import type { Check } from '../model/check.ts';
import astronomerCommanderOverPrivileged from './astronomer-commander-over-privileged.ts';
import astronomerConfigDisagrees from './astronomer-config-disagrees.ts';
import astronomerNamespaceNotReusable from './astronomer-namespace-not-reusable.ts';
import astronomerPoolNamespaceMissing from './astronomer-pool-namespace-missing.ts';
import astronomerRoleOutdated from './astronomer-role-outdated.ts';
import bundleCollectorDenied from './bundle-collector-denied.ts';
import bundleNamespacesOutdated from './bundle-namespaces-outdated.ts';
import bundleSecretExposed from './bundle-secret-exposed.ts';
import coreweaveContextMismatch from './coreweave-context-mismatch.ts';
import coreweaveIsolationInfeasible from './coreweave-isolation-infeasible.ts';
import coreweaveNamespaceLimit from './coreweave-namespace-limit.ts';
import coreweaveSiblingDrift from './coreweave-sibling-drift.ts';
import crdAppVersionIncompatible from './crd-app-version-incompatible.ts';
import crdBreakingChange from './crd-breaking-change.ts';
import crdBundleMixed from './crd-bundle-mixed.ts';
import crdFieldPruned from './crd-field-pruned.ts';
import crdMissing from './crd-missing.ts';
import crdOwnedByInstance from './crd-owned-by-instance.ts';
import crdStoredVersionStale from './crd-stored-version-stale.ts';
import crdUnhealthy from './crd-unhealthy.ts';
import fluxAccountUnbound from './flux-account-unbound.ts';
import fluxAccountUnset from './flux-account-unset.ts';
import fluxLockdownMissing from './flux-lockdown-missing.ts';
import fluxNotReady from './flux-not-ready.ts';
import fluxReferenceForeign from './flux-reference-foreign.ts';
import fluxScopeEscaped from './flux-scope-escaped.ts';
import fluxTenantCanEscalate from './flux-tenant-can-escalate.ts';
import forbiddenByAdmission from './forbidden-by-admission.ts';
import forbiddenByEscalation from './forbidden-by-escalation.ts';
import forbiddenByRbac from './forbidden-by-rbac.ts';
import forbiddenUnauthenticated from './forbidden-unauthenticated.ts';
import imagePullFailing from './image-pull-failing.ts';
import namespaceClaimedTwice from './namespace-claimed-twice.ts';
import namespaceMissing from './namespace-missing.ts';
import namespaceNameMalformed from './namespace-name-malformed.ts';
import namespaceNameTooLong from './namespace-name-too-long.ts';
import namespaceTerminating from './namespace-terminating.ts';
import networkCrossTenantAllowed from './network-cross-tenant-allowed.ts';
import networkDefaultDenyMissing from './network-default-deny-missing.ts';
import networkEgressBlocked from './network-egress-blocked.ts';
import networkPolicyOpen from './network-policy-open.ts';
import opencraneBoundNamespaceWrong from './opencrane-bound-namespace-wrong.ts';
import opencraneClusterTenantNotReady from './opencrane-cluster-tenant-not-ready.ts';
import opencraneDedicatedUnpinned from './opencrane-dedicated-unpinned.ts';
import opencraneOperatorsOverlap from './opencrane-operators-overlap.ts';
import opencraneSingletonOwned from './opencrane-singleton-owned.ts';
import opencraneTenantMisplaced from './opencrane-tenant-misplaced.ts';
import opencraneWatchScopeOpen from './opencrane-watch-scope-open.ts';
import platformIsolationFlagLate from './platform-isolation-flag-late.ts';
import platformIsolationValuesMismatch from './platform-isolation-values-mismatch.ts';
import platformNamespaceInconsistent from './platform-namespace-inconsistent.ts';
import platformReleaseUnhealthy from './platform-release-unhealthy.ts';
import platformServiceAccountMissing from './platform-service-account-missing.ts';
import platformTokenNotMounted from './platform-token-not-mounted.ts';
import podSecurityLevelLow from './pod-security-level-low.ts';
import podSecurityViolated from './pod-security-violated.ts';
import quotaDrift from './quota-drift.ts';
import quotaExhausted from './quota-exhausted.ts';
import quotaRequestsUnset from './quota-requests-unset.ts';
import rbacAccessMissing from './rbac-access-missing.ts';
import rbacAccessPartial from './rbac-access-partial.ts';
import rbacBindingRoleMissing from './rbac-binding-role-missing.ts';
import rbacBindingSubjectWrong from './rbac-binding-subject-wrong.ts';
import rbacCrossTenantAccess from './rbac-cross-tenant-access.ts';
import rbacIsolationBindingMissing from './rbac-isolation-binding-missing.ts';
import rbacTenantClusterWide from './rbac-tenant-cluster-wide.ts';
import registryCopyMetadataForeign from './registry-copy-metadata-foreign.ts';
import registryHostUncovered from './registry-host-uncovered.ts';
import registrySecretMalformed from './registry-secret-malformed.ts';
import registrySecretMissing from './registry-secret-missing.ts';
import registrySecretStale from './registry-secret-stale.ts';
import registrySecretTypeWrong from './registry-secret-type-wrong.ts';
import registrySecretUnused from './registry-secret-unused.ts';
import registrySourceSecretBroken from './registry-source-secret-broken.ts';
import registryTokenExpired from './registry-token-expired.ts';
import secretReferenceMissing from './secret-reference-missing.ts';
import workloadNamespaceMismatch from './workload-namespace-mismatch.ts';
import workloadNotProgressing from './workload-not-progressing.ts';
import workloadOrphanLeftovers from './workload-orphan-leftovers.ts';
import workloadOrphaned from './workload-orphaned.ts';

/** Every check, sorted by id: the one place that a new check edits. */
export const CHECKS: readonly Check[] = [
  astronomerCommanderOverPrivileged,
  astronomerConfigDisagrees,
  astronomerNamespaceNotReusable,
  astronomerPoolNamespaceMissing,
  astronomerRoleOutdated,
  bundleCollectorDenied,
  bundleNamespacesOutdated,
  bundleSecretExposed,
  coreweaveContextMismatch,
  coreweaveIsolationInfeasible,
  coreweaveNamespaceLimit,
  coreweaveSiblingDrift,
  crdAppVersionIncompatible,
  crdBreakingChange,
  crdBundleMixed,
  crdFieldPruned,
  crdMissing,
  crdOwnedByInstance,
  crdStoredVersionStale,
  crdUnhealthy,
  fluxAccountUnbound,
  fluxAccountUnset,
  fluxLockdownMissing,
  fluxNotReady,
  fluxReferenceForeign,
  fluxScopeEscaped,
  fluxTenantCanEscalate,
  forbiddenByAdmission,
  forbiddenByEscalation,
  forbiddenByRbac,
  forbiddenUnauthenticated,
  imagePullFailing,
  namespaceClaimedTwice,
  namespaceMissing,
  namespaceNameMalformed,
  namespaceNameTooLong,
  namespaceTerminating,
  networkCrossTenantAllowed,
  networkDefaultDenyMissing,
  networkEgressBlocked,
  networkPolicyOpen,
  opencraneBoundNamespaceWrong,
  opencraneClusterTenantNotReady,
  opencraneDedicatedUnpinned,
  opencraneOperatorsOverlap,
  opencraneSingletonOwned,
  opencraneTenantMisplaced,
  opencraneWatchScopeOpen,
  platformIsolationFlagLate,
  platformIsolationValuesMismatch,
  platformNamespaceInconsistent,
  platformReleaseUnhealthy,
  platformServiceAccountMissing,
  platformTokenNotMounted,
  podSecurityLevelLow,
  podSecurityViolated,
  quotaDrift,
  quotaExhausted,
  quotaRequestsUnset,
  rbacAccessMissing,
  rbacAccessPartial,
  rbacBindingRoleMissing,
  rbacBindingSubjectWrong,
  rbacCrossTenantAccess,
  rbacIsolationBindingMissing,
  rbacTenantClusterWide,
  registryCopyMetadataForeign,
  registryHostUncovered,
  registrySecretMalformed,
  registrySecretMissing,
  registrySecretStale,
  registrySecretTypeWrong,
  registrySecretUnused,
  registrySourceSecretBroken,
  registryTokenExpired,
  secretReferenceMissing,
  workloadNamespaceMismatch,
  workloadNotProgressing,
  workloadOrphanLeftovers,
  workloadOrphaned,
];
