import type { Network } from '../kubernetes/network-policy-reach.ts';
import { partyOf, selectsNamespace, type PodParty } from '../kubernetes/network-policy-peers.ts';
import { hasPort, type PortSet } from '../kubernetes/network-policy-ports.ts';
import { rulesOf, type PolicyRuleOf } from '../kubernetes/network-policy.ts';
import { selects } from '../kubernetes/selector.ts';
import { valueAt } from '../kubernetes/json-value.ts';
import type { NetworkPolicyPeer, NetworkPolicy, NetworkPolicyPort, Service } from '../model/kinds.ts';
import type { CrewaiPlatform } from '../model/platform.ts';
import type { Pod } from '../model/pods.ts';

/** Where the cluster's name servers run: kubeadm, k3s and the clouds, OpenShift. */
const DNS_NAMESPACES = ['kube-system', 'openshift-dns'];
/** What they listen on: the port itself, CoreDNS of OpenShift, and the names of both. */
const DNS_PORTS: readonly (number | string)[] = [53, 5353, 'dns', 'dns-tcp'];

/**
 * Whether a rule may let names be resolved over a protocol. The name servers are somebody else's pods and not in sight:
 * everything that may be meant for them counts, so that only what surely blocks them is told.
 */
export function mayReachNameServers({ peers, ports }: PolicyRuleOf, protocol: string): boolean {
  if (ports && !ports.some((port) => isNamePort(port, protocol))) return false;
  return !peers || peers.some((peer) => mayBeNameServer(peer, ports !== undefined));
}

function isNamePort({ protocol = 'TCP', port, endPort }: NetworkPolicyPort, wanted: string): boolean {
  if (protocol !== wanted) return false;
  if (port === undefined || DNS_PORTS.includes(port)) return true;
  return typeof port === 'number' && endPort !== undefined && port <= 53 && 53 <= endPort;
}

/** Pods of the own namespace are name servers only where a rule says so by its port; an address may be a node's cache. */
function mayBeNameServer({ ipBlock, namespaceSelector }: NetworkPolicyPeer, explicit: boolean): boolean {
  if (ipBlock) return true;
  if (!namespaceSelector) return explicit;
  return DNS_NAMESPACES.some((name) => selectsNamespace(namespaceSelector, name, undefined) !== 'no');
}

export const egressRules = (policies: readonly NetworkPolicy[]): readonly PolicyRuleOf[] =>
  policies.flatMap((policy) => rulesOf(policy, 'egress'));

/** Pods of one component of the platform, and the ports that its Service forwards to; undefined where neither is known. */
export interface Destination {
  readonly words: string;
  readonly pods: readonly PodParty[];
  readonly ports: PortSet;
}

interface Seen {
  readonly pods: readonly Pod[];
  readonly services: readonly Service[];
  readonly namespaceLabels: Readonly<Record<string, string>> | undefined;
}

export function componentDestination(
  { components, platformNamespace }: CrewaiPlatform,
  component: string,
  port: number,
  seen: Seen,
): Destination | undefined {
  const found = components.find(({ name }) => name === component)?.deployment;
  const selector = found?.spec?.selector;
  if (!found || !selector) return undefined;
  const pods = seen.pods
    .filter(({ metadata }) => selects(selector, metadata.labels))
    .map((pod) => partyOf(pod, seen.namespaceLabels));
  const words = `${found.metadata.name}:${String(port)} in ${platformNamespace}`;
  return pods.length === 0 ? undefined : { words, pods, ports: targetsOf(seen.services, pods, port) };
}

/** Policies are about the ports of pods, Services about their own (targetPort). */
function targetsOf(services: readonly Service[], pods: readonly PodParty[], port: number): PortSet {
  for (const service of services) {
    const { selector } = service.spec ?? {};
    if (!selector || !pods.some(({ labels }) => selects({ matchLabels: selector }, labels))) continue;
    const ports = valueAt(service, 'spec', 'ports');
    for (const entry of Array.isArray(ports) ? (ports as unknown[]) : []) {
      if (valueAt(entry, 'port') !== port) continue;
      const target = valueAt(entry, 'targetPort') ?? port;
      const named = pods.flatMap((pod) => pod.ports).find(({ name }) => name === target)?.containerPort;
      const number = typeof target === 'number' ? target : named;
      if (number !== undefined) return [{ protocol: 'TCP', first: number, last: number }];
    }
  }
  return [{ protocol: 'TCP', first: port, last: port }];
}

/** Whether a pod's policies may let it reach one of the pods of a destination. */
export function mayReach(network: Network, pod: PodParty, { pods, ports }: Destination): boolean {
  return pods.some((target) => {
    const { possible } = network.side(pod, target, 'egress');
    return ports.some(({ protocol, first }) => hasPort(possible, protocol, first));
  });
}
