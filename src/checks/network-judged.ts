import { faultsOf, restricts, selectsAllPods } from '../kubernetes/network-policy.ts';
import { refOf } from '../kubernetes/resource-of.ts';
import type { Evidence } from '../model/finding.ts';
import type { NetworkPolicy } from '../model/kinds.ts';
import type { Platform, Tenant } from '../model/platform.ts';
import { livingTenants } from './drafting.ts';

export const POLICIES = 'networkpolicies.networking.k8s.io';

/** Said wherever policies are judged: Kubernetes stores them, and a network plugin may or may not enforce them. */
export const NOT_ENFORCED: Evidence = {
  type: 'object',
  message: 'whether the network plugin enforces policies, and what policies of its own say, cannot be seen here',
};

/** Whether a policy denies everything that no other policy of its namespace allows to enter. */
export const deniesIngress = (policy: NetworkPolicy): boolean => selectsAllPods(policy) && restricts(policy, 'ingress');

export function policyEvidence(policy: NetworkPolicy): Evidence {
  const selector = selectsAllPods(policy) ? 'every pod' : `pods with ${JSON.stringify(policy.spec?.podSelector)}`;
  const types = (['ingress', 'egress'] as const).filter((direction) => restricts(policy, direction));
  const faults = faultsOf(policy).map(({ path, text }) => `; ${path}: ${text}`);
  return {
    type: 'object',
    object: refOf(POLICIES, policy),
    message: `NetworkPolicy ${policy.metadata.name} selects ${selector} for ${types.join(' and ') || 'nothing'}${faults.join('')}`,
  };
}

/** Tenants by the namespace that is theirs; one tenant may have several. */
export const tenantsByNamespace = (platform: Platform): ReadonlyMap<string, Tenant> =>
  new Map(platform.allTenants.map((tenant) => [tenant.namespace, tenant]));

/** A peer for the namespaces that a tenant's pods have business with: their own and the platform's. */
export function ownPeers(platform: Platform, namespace: string): readonly object[] {
  const values = [...new Set([namespace, ...platform.ownNamespaces])];
  return [
    { namespaceSelector: { matchExpressions: [{ key: 'kubernetes.io/metadata.name', operator: 'In', values }] } },
  ];
}

/** Namespaces of living tenants, with the policies in them. */
export const judgedTenants = (platform: Platform): readonly string[] =>
  livingTenants(platform).map(({ namespace }) => namespace);
