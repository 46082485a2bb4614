import type { NetworkPolicy } from '../model/kinds.ts';
import { matchesPeer, portsAt, type Answer, type Party, type PodParty } from './network-policy-peers.ts';
import { ALL_PORTS, intersectPorts, NO_PORTS, unitePorts, type PortSet } from './network-policy-ports.ts';
import { restricts, rulesOf, selectsPod, type Direction, type PolicyRuleOf } from './network-policy.ts';

/** Ports that are open for sure, and those that may be: what could not be known lies between them. */
export interface Flow {
  readonly certain: PortSet;
  readonly possible: PortSet;
}

export interface Network {
  /** Policies that restrict a pod in a direction; a pod that none selects is open. */
  policiesOn(pod: PodParty, direction: Direction): readonly NetworkPolicy[];
  /** What one side's policies let pass between a pod and somebody else. */
  side(pod: PodParty, other: Party, direction: Direction): Flow;
  /** What passes from one to the other: the egress of the one and the ingress of the other must both allow it. */
  flow(from: Party, to: Party): Flow;
}

const OPEN: Flow = { certain: ALL_PORTS, possible: ALL_PORTS };

/**
 * Who may reach whom as networking/v1 NetworkPolicies say it: policies only add, both ends must allow. Whether anything
 * enforces them, and what policies of other APIs say, is not known here.
 */
export function createNetwork(policies: readonly NetworkPolicy[]): Network {
  const byNamespace = new Map<string, NetworkPolicy[]>();
  for (const policy of policies) {
    const namespace = policy.metadata.namespace ?? '';
    const group = byNamespace.get(namespace);
    if (group) group.push(policy);
    else byNamespace.set(namespace, [policy]);
  }
  const rules = new Map<NetworkPolicy, Readonly<Record<Direction, readonly PolicyRuleOf[]>>>();
  const rulesIn = (policy: NetworkPolicy, direction: Direction): readonly PolicyRuleOf[] => {
    let known = rules.get(policy);
    if (!known) {
      known = { ingress: rulesOf(policy, 'ingress'), egress: rulesOf(policy, 'egress') };
      rules.set(policy, known);
    }
    return known[direction];
  };
  const selecting = { ingress: new Map<PodParty, NetworkPolicy[]>(), egress: new Map<PodParty, NetworkPolicy[]>() };
  const policiesOn: Network['policiesOn'] = (pod, direction) => {
    let found = selecting[direction].get(pod);
    if (!found) {
      found = (byNamespace.get(pod.namespace) ?? []).filter(
        (policy) => restricts(policy, direction) && selectsPod(policy, pod.labels),
      );
      selecting[direction].set(pod, found);
    }
    return found;
  };
  const side: Network['side'] = (pod, other, direction) => {
    const selected = policiesOn(pod, direction);
    if (selected.length === 0) return OPEN;
    let [certain, possible] = [NO_PORTS, NO_PORTS];
    for (const policy of selected) {
      for (const rule of rulesIn(policy, direction)) {
        const answer = matchesRule(rule, other, pod.namespace);
        if (answer === 'no') continue;
        const ports = portsAt(rule.ports, direction === 'ingress' ? pod : other);
        possible = unitePorts(possible, ports);
        if (answer === 'yes') certain = unitePorts(certain, ports);
      }
    }
    // Network plugins rarely apply policies to pods on their node's network, and the API does not say whether they should.
    return pod.hostNetwork ? { certain, possible: ALL_PORTS } : onOneNode(pod, other, { certain, possible });
  };
  const flow: Network['flow'] = (from, to) => {
    if (from.kind === 'pod' && to.kind === 'pod' && isSame(from, to)) return OPEN;
    const out = from.kind === 'pod' ? side(from, to, 'egress') : OPEN;
    if (out.possible.length === 0) return out;
    const into = to.kind === 'pod' ? side(to, from, 'ingress') : OPEN;
    return {
      certain: intersectPorts(out.certain, into.certain),
      possible: intersectPorts(out.possible, into.possible),
    };
  };
  return { policiesOn, side, flow };
}

function matchesRule({ peers }: PolicyRuleOf, other: Party, namespace: string): Answer {
  if (!peers) return 'yes';
  let answer: Answer = 'no';
  for (const peer of peers) {
    const matched = matchesPeer(peer, other, namespace);
    if (matched === 'yes') return 'yes';
    if (matched === 'unknown') answer = 'unknown';
  }
  return answer;
}

/** Between a pod and its own node everything passes, whatever policies say. */
function onOneNode(pod: PodParty, other: Party, flow: Flow): Flow {
  if (other.kind === 'outside' || !other.hostNetwork) return flow;
  if (pod.node === undefined || other.node === undefined) return { ...flow, possible: ALL_PORTS };
  return pod.node === other.node ? OPEN : flow;
}

/** Nothing can keep a pod from itself. */
const isSame = (a: PodParty, b: PodParty): boolean => a.namespace === b.namespace && a.name === b.name;
