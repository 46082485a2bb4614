import { ALL_PORTS, NO_PORTS, portsText, unitePorts, type PortSet } from '../kubernetes/network-policy-ports.ts';
import { createNetwork, type Flow, type Network } from '../kubernetes/network-policy-reach.ts';
import type { NetworkGroup, NetworkMatrix, NetworkPair, ReachState } from '../model/access-document.ts';
import type { Platform } from '../model/platform.ts';
import type { Gap, Snapshot } from '../model/snapshot.ts';
import { uniqueGaps } from './access-completeness.ts';
import { otherPolicies, otherPolicyGaps } from './network-others.ts';
import { MATRIX_READS, placesOf, type Place } from './network-places.ts';

export interface NetworkInput {
  readonly snapshot: Snapshot;
  readonly platforms: readonly Platform[];
}

/**
 * Who may reach whom by NetworkPolicies, between the namespaces of tenants and of the platforms themselves. Namespaces
 * that reach and are reached alike share a row and a column.
 */
export function networkMatrix({ snapshot, platforms }: NetworkInput): {
  readonly matrix: NetworkMatrix;
  readonly gaps: readonly Gap[];
} {
  const all = placesOf(snapshot, platforms);
  const places = all.filter(({ pods }) => pods.length > 0);
  const policies = places.flatMap(({ namespace }) => snapshot.list('networkpolicies.networking.k8s.io', namespace));
  const hidden = new Set(places.flatMap(({ namespace }) => (isHidden(snapshot, namespace) ? [namespace] : [])));
  const reach = reaching(createNetwork(policies), hidden);
  const table = places.map((from) => places.map((to) => reach(from, to)));
  const gaps = all.flatMap(({ namespace }) =>
    MATRIX_READS.flatMap((resource) => snapshot.gaps(resource, resource === 'namespaces' ? undefined : namespace)),
  );
  return {
    matrix: {
      groups: groupsOf(places, table, (place) => outside(reach, place)),
      ...crossTenant(places, table),
      policies: policies.length,
      left: all
        .filter(({ pods }) => pods.length === 0)
        .map(({ namespace }) => ({
          namespace,
          why: snapshot.completeness('pods', namespace) === 'complete' ? 'has no pods' : 'its pods could not be seen',
        })),
      notes: notesOf(snapshot, policies.length === 0 && hidden.size === 0),
    },
    gaps: uniqueGaps([...gaps, ...otherPolicyGaps(snapshot)]),
  };
}

function notesOf(snapshot: Snapshot, open: boolean): readonly string[] {
  const others = otherPolicies(snapshot);
  return [
    'whether the network plugin enforces NetworkPolicies cannot be seen',
    ...(others.length > 0
      ? [`by NetworkPolicies alone: ${others.join(', ')} may say otherwise, and are not read`]
      : []),
    ...(open ? ['no NetworkPolicy: none keeps a pod from reaching another one'] : []),
  ];
}

const isHidden = (snapshot: Snapshot, namespace: string): boolean =>
  snapshot.completeness('networkpolicies.networking.k8s.io', namespace) !== 'complete';

interface Reached {
  readonly state: ReachState;
  readonly ports: PortSet;
}
type Reach = (from: Place, to: Place | undefined) => Reached;

/** The reach of one namespace's pods into another's, or out of the cluster. Policies out of sight may allow or deny. */
function reaching(network: Network, hidden: ReadonlySet<string>): Reach {
  const restricted = (place: Place, direction: 'ingress' | 'egress'): boolean =>
    place.pods.some((pod) => pod.hostNetwork || network.policiesOn(pod, direction).length > 0);
  const known = new Map<Place, { readonly ingress: boolean; readonly egress: boolean }>();
  const isOpen = (place: Place, direction: 'ingress' | 'egress'): boolean => {
    let found = known.get(place);
    if (!found) {
      found = { ingress: restricted(place, 'ingress'), egress: restricted(place, 'egress') };
      known.set(place, found);
    }
    return !found[direction];
  };
  return (from, to) => {
    if (hidden.has(from.namespace) || (to && hidden.has(to.namespace))) return { state: 'unknown', ports: NO_PORTS };
    if (isOpen(from, 'egress') && (!to || isOpen(to, 'ingress'))) return { state: 'all', ports: ALL_PORTS };
    const flows = from.pods.flatMap((pod) =>
      to ? to.pods.map((target) => network.flow(pod, target)) : [network.flow(pod, { kind: 'outside' })],
    );
    return summed(flows);
  };
}

function summed(flows: readonly Flow[]): Reached {
  const certain = flows.map((flow) => flow.certain).reduce(unitePorts, NO_PORTS);
  const possible = flows.map((flow) => flow.possible).reduce(unitePorts, NO_PORTS);
  if (possible.length === 0) return { state: 'none', ports: NO_PORTS };
  if (certain.length === 0) return { state: 'unknown', ports: possible };
  const whole = flows.every((flow) => portsText(flow.certain) === WHOLE);
  return { state: whole ? 'all' : 'part', ports: certain };
}

const WHOLE = portsText(ALL_PORTS);

const outside = (reach: Reach, place: Place): ReachState => reach(place, undefined).state;

/** Places with equal rows and columns, but for what they reach of their own. */
function groupsOf(
  places: readonly Place[],
  table: readonly (readonly Reached[])[],
  outsideOf: (place: Place) => ReachState,
): readonly NetworkGroup[] {
  const groups = new Map<string, number[]>();
  const shapes = places.map((place, at) => shapeOf(places, table, at) + outsideOf(place));
  for (const [at, shape] of shapes.entries()) groups.set(shape, [...(groups.get(shape) ?? []), at]);
  const members = [...groups.values()];
  return members.map((group) => ({
    of: places[group[0] ?? 0]?.of ?? 'tenant',
    namespaces: group.map((at) => places[at]?.namespace ?? ''),
    reaches: members.map((other) =>
      worst(group.flatMap((a) => other.flatMap((b) => (a === b ? [] : [table[a]?.[b]?.state ?? 'unknown'])))),
    ),
    own: worst(group.map((at) => table[at]?.[at]?.state ?? 'unknown')),
    outside: worst(group.flatMap((at) => (places[at] ? [outsideOf(places[at])] : []))),
  }));
}

/** How many places of each kind it reaches and is reached by, and how. */
function shapeOf(places: readonly Place[], table: readonly (readonly Reached[])[], at: number): string {
  const tallies = new Map<string, number>();
  for (const [other, place] of places.entries()) {
    const who = other === at ? 'own' : place.of === 'platform' ? place.namespace : 'tenant';
    const key = `${who} ${table[at]?.[other]?.state ?? ''} ${table[other]?.[at]?.state ?? ''}`;
    tallies.set(key, (tallies.get(key) ?? 0) + 1);
  }
  return JSON.stringify([places[at]?.of, [...tallies].sort()]);
}

/** One word for many: the same for all, else in part; what is not known of some is not known of all. */
function worst(states: readonly ReachState[]): ReachState {
  const [first, ...others] = new Set(states);
  if (first === undefined) return 'none';
  if (others.length === 0) return first;
  return states.includes('unknown') && !states.includes('all') && !states.includes('part') ? 'unknown' : 'part';
}

const MAX_PAIRS = 1000;

function crossTenant(
  places: readonly Place[],
  table: readonly (readonly Reached[])[],
): Pick<NetworkMatrix, 'pairs' | 'crossTenant'> {
  const counts = { all: 0, part: 0, none: 0, unknown: 0 };
  const pairs: NetworkPair[] = [];
  for (const [a, from] of places.entries()) {
    for (const [b, to] of places.entries()) {
      const reached = table[a]?.[b];
      if (!reached || from.of !== 'tenant' || to.of !== 'tenant' || from.owner === to.owner) continue;
      counts[reached.state] += 1;
      if (reached.state === 'none' || pairs.length >= MAX_PAIRS) continue;
      pairs.push({
        from: from.namespace,
        to: to.namespace,
        state: reached.state,
        ports: reached.ports.length === 0 ? 'not known' : portsText(reached.ports),
      });
    }
  }
  return { pairs, crossTenant: counts };
}
