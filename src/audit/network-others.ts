import { compareNames } from '../model/object.ts';
import type { Gap, Snapshot } from '../model/snapshot.ts';

const DEFINITIONS = 'customresourcedefinitions.apiextensions.k8s.io';

/**
 * Policies of other kinds, by their definitions. Each may deny what NetworkPolicies allow; those of an administrator may
 * also allow what they deny, since they come before them (network-policy-api: AdminNetworkPolicy, ClusterNetworkPolicy).
 */
const KINDS: ReadonlySet<string> = new Set([
  ...['adminnetworkpolicies', 'baselineadminnetworkpolicies', 'clusternetworkpolicies'].map(
    (plural) => `${plural}.policy.networking.k8s.io`,
  ),
  ...['ciliumnetworkpolicies', 'ciliumclusterwidenetworkpolicies'].map((plural) => `${plural}.cilium.io`),
  ...['networkpolicies', 'globalnetworkpolicies'].map((plural) => `${plural}.crd.projectcalico.org`),
  ...['networkpolicies', 'clusternetworkpolicies'].map((plural) => `${plural}.crd.antrea.io`),
  'egressfirewalls.k8s.ovn.org',
]);

/** Kinds of policies that are served beside NetworkPolicy and not read, sorted. */
export function otherPolicies(snapshot: Snapshot): readonly string[] {
  return snapshot
    .list(DEFINITIONS)
    .filter(({ metadata, spec }) => KINDS.has(metadata.name) && spec?.versions?.some(({ served }) => served))
    .map(({ metadata }) => metadata.name)
    .sort(compareNames);
}

/** What is not known because of them, and where definitions could not be seen: whether there are any. */
export function otherPolicyGaps(snapshot: Snapshot): readonly Gap[] {
  const others = otherPolicies(snapshot).map((resource): Gap => ({
    resource,
    reason: 'not-collected',
    detail: 'served here and not read: such policies may allow or deny what NetworkPolicies do not',
  }));
  return [...others, ...snapshot.gaps(DEFINITIONS)];
}
