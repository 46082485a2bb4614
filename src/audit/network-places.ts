import { podTemplateOf } from '../kubernetes/owners.ts';
import { partyOf, type PodParty } from '../kubernetes/network-policy-peers.ts';
import { isFinished } from '../kubernetes/pod-status.ts';
import type { Platform } from '../model/platform.ts';
import type { Pod } from '../model/pods.ts';
import type { Snapshot } from '../model/snapshot.ts';

/** A namespace and its pods, those that policies treat alike only once. */
export interface Place {
  readonly namespace: string;
  readonly of: 'tenant' | 'platform';
  /** Whose it is: one tenant may have several. */
  readonly owner: string;
  readonly pods: readonly PodParty[];
}

/** What the matrix is made of. */
export const MATRIX_READS = [
  'namespaces',
  'networkpolicies.networking.k8s.io',
  'pods',
  'deployments.apps',
  'statefulsets.apps',
] as const;

/** Definitions say whether there may be policies of other kinds. */
export const NETWORK_READS = [...MATRIX_READS, 'customresourcedefinitions.apiextensions.k8s.io'] as const;

/** Namespaces of tenants and of the platforms themselves. */
export function placesOf(snapshot: Snapshot, platforms: readonly Platform[]): readonly Place[] {
  const places = new Map<string, Place>();
  for (const platform of platforms) {
    for (const { namespace, id, exists, terminating } of platform.tenants) {
      if (exists === false || terminating) continue;
      places.set(namespace, {
        namespace,
        of: 'tenant',
        owner: `${platform.id} ${id}`,
        pods: podsIn(snapshot, namespace),
      });
    }
  }
  for (const namespace of platforms.flatMap(({ ownNamespaces }) => ownNamespaces)) {
    if (!places.has(namespace))
      places.set(namespace, { namespace, of: 'platform', owner: 'platform', pods: podsIn(snapshot, namespace) });
  }
  return [...places.values()];
}

/** Running pods; where there are none, such as in files, those that workloads would make. */
function podsIn(snapshot: Snapshot, namespace: string): readonly PodParty[] {
  const found = snapshot.find('namespaces', namespace);
  const labels = found ? (found.metadata.labels ?? {}) : undefined;
  const running = snapshot.list('pods', namespace).filter((pod) => !isFinished(pod));
  const parties = (running.length > 0 ? running : podsToCome(snapshot, namespace)).map((pod) => partyOf(pod, labels));
  // Policies select by labels, ports by name; addresses matter for blocks alone.
  const unlike = new Map(
    parties.map((party) => [
      JSON.stringify([party.labels, party.ports, party.hostNetwork, party.hostNetwork && party.node, party.addresses]),
      party,
    ]),
  );
  return [...unlike.values()];
}

function podsToCome(snapshot: Snapshot, namespace: string): readonly Pod[] {
  return (['deployments.apps', 'statefulsets.apps'] as const).flatMap((resource) =>
    snapshot.list(resource, namespace).flatMap((workload) => {
      const template = podTemplateOf(resource, workload);
      if (!template?.spec) return [];
      const { labels } = template.metadata ?? {};
      const { name } = workload.metadata;
      return [{ metadata: { name, namespace, ...(labels ? { labels } : {}) }, spec: template.spec }];
    }),
  );
}
