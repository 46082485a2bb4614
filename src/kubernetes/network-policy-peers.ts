import type { LabelSelector, NetworkPolicyPeer, NetworkPolicyPort, NetworkPolicyRule } from '../model/kinds.ts';
import type { ContainerPort, Pod } from '../model/pods.ts';
import { blockCovers, blockHolds, isEverything } from './ip-block.ts';
import { ALL_PORTS, NO_PORTS, portRange, unitePorts, wholeProtocol, type PortSet } from './network-policy-ports.ts';
import { selects } from './selector.ts';

type Labels = Readonly<Record<string, string>>;
export type Answer = 'yes' | 'no' | 'unknown';

/** A pod as policies see it. */
export interface PodParty {
  readonly kind: 'pod';
  readonly name: string;
  readonly namespace: string;
  readonly labels: Labels;
  /** Undefined where the Namespace object was not seen: then only its name is known of it. */
  readonly namespaceLabels: Labels | undefined;
  /** On the network of its node: policies are about pods' own addresses. */
  readonly hostNetwork: boolean;
  readonly node?: string;
  /** Empty where not known. */
  readonly addresses: readonly string[];
  readonly ports: readonly ContainerPort[];
}

/** Everything that is no pod; without an address, all of the outside at once. */
export interface OutsideParty {
  readonly kind: 'outside';
  readonly address?: string;
}
export type Party = PodParty | OutsideParty;

const NAME_LABEL = 'kubernetes.io/metadata.name';

export function partyOf(pod: Pod, namespaceLabels: Labels | null | undefined): PodParty {
  const { metadata, spec } = pod;
  return {
    kind: 'pod',
    name: metadata.name,
    namespace: metadata.namespace ?? '',
    labels: metadata.labels ?? {},
    namespaceLabels: namespaceLabels ?? undefined,
    hostNetwork: spec?.hostNetwork === true,
    ...(spec?.nodeName === undefined ? {} : { node: spec.nodeName }),
    addresses: addressesOf(pod),
    ports: portsOf(pod),
  };
}

function addressesOf({ status }: Pod): readonly string[] {
  const all = [status?.podIP, ...(status?.podIPs ?? []).map(({ ip }) => ip)];
  return [...new Set(all.filter((address): address is string => address !== undefined && address !== ''))];
}

/** Of containers that run as long as the pod does. */
function portsOf({ spec }: Pod): readonly ContainerPort[] {
  const sidecars = (spec?.initContainers ?? []).filter(({ restartPolicy }) => restartPolicy === 'Always');
  return [...(spec?.containers ?? []), ...sidecars].flatMap(({ ports }) => ports ?? []);
}

/** Whether a peer of a policy in a namespace is this party. A peer without any field is refused by the API server. */
export function matchesPeer(peer: NetworkPolicyPeer, party: Party, policyNamespace: string): Answer {
  const { podSelector, namespaceSelector, ipBlock } = peer;
  if (ipBlock) return inBlock(ipBlock, party);
  if (party.kind === 'outside' || (!podSelector && !namespaceSelector)) return 'no';
  const inNamespace = namespaceSelector
    ? selectsNamespace(namespaceSelector, party.namespace, party.namespaceLabels)
    : answerOf(party.namespace === policyNamespace);
  const matches = both(inNamespace, answerOf(!podSelector || selects(podSelector, party.labels)));
  // What a pod on its node's network sends comes from the node, which no selector is about; some plugins know better.
  return matches === 'yes' && party.hostNetwork ? 'unknown' : matches;
}

/**
 * Whether a selector selects a namespace. The API server gives every Namespace a label with its name; where no other
 * label is known, only what is asked of the name can be answered.
 */
export function selectsNamespace(selector: LabelSelector, name: string, labels: Labels | undefined): Answer {
  if (labels)
    return answerOf(selects(selector, labels[NAME_LABEL] === name ? labels : { ...labels, [NAME_LABEL]: name }));
  const entries = Object.entries(selector.matchLabels ?? {});
  const expressions = selector.matchExpressions ?? [];
  const ofName = {
    matchLabels: Object.fromEntries(entries.filter(([key]) => key === NAME_LABEL)),
    matchExpressions: expressions.filter(({ key }) => key === NAME_LABEL),
  };
  if (!selects(ofName, { [NAME_LABEL]: name })) return 'no';
  const others = entries.some(([key]) => key !== NAME_LABEL) || expressions.some(({ key }) => key !== NAME_LABEL);
  return others ? 'unknown' : 'yes';
}

function inBlock({ cidr, except }: NonNullable<NetworkPolicyPeer['ipBlock']>, party: Party): Answer {
  const addresses = party.kind === 'pod' ? party.addresses : party.address === undefined ? [] : [party.address];
  const holes = except ?? [];
  if (addresses.length === 0) {
    if (holes.some((hole) => blockCovers(hole, cidr))) return 'no';
    return party.kind === 'outside' && isEverything(cidr) && holes.length === 0 ? 'yes' : 'unknown';
  }
  return answerOf(
    addresses.some(
      (address) => blockHolds(cidr, address) === true && !holes.some((hole) => blockHolds(hole, address) === true),
    ),
  );
}

/** The ports of a rule, at the party that the traffic goes to: names are those of its containers' ports. */
export function portsAt(ports: NetworkPolicyRule['ports'], target: Party): PortSet {
  if (!ports || ports.length === 0) return ALL_PORTS;
  return ports.map((port) => portSetOf(port, target)).reduce(unitePorts, NO_PORTS);
}

function portSetOf({ protocol = 'TCP', port, endPort }: NetworkPolicyPort, target: Party): PortSet {
  if (port === undefined) return wholeProtocol(protocol);
  if (typeof port === 'number') return portRange(protocol, port, endPort ?? port);
  if (target.kind === 'outside') return NO_PORTS;
  return target.ports
    .filter((named) => named.name === port && (named.protocol ?? 'TCP') === protocol)
    .flatMap(({ containerPort }) => (containerPort === undefined ? [] : portRange(protocol, containerPort)))
    .reduce<PortSet>((all, range) => unitePorts(all, [range]), NO_PORTS);
}

const answerOf = (value: boolean): Answer => (value ? 'yes' : 'no');

function both(a: Answer, b: Answer): Answer {
  if (a === 'no' || b === 'no') return 'no';
  return a === 'yes' && b === 'yes' ? 'yes' : 'unknown';
}
