import type { NetworkPolicy } from '../../src/model/kinds.ts';
import type { Random } from '../support/random.ts';

// Small clusters, and the naive reading of the NetworkPolicy documentation: each question is answered port by port, from
// the wire JSON alone, sharing no code with what is tested.

type Labels = Readonly<Record<string, string>>;
type Json = Readonly<Record<string, unknown>>;

export interface Place {
  readonly name: string;
  readonly labels: Labels;
}

export interface Machine {
  readonly name: string;
  readonly namespace: string;
  readonly labels: Labels;
  readonly address: string;
  readonly ports: readonly { readonly name: string; readonly containerPort: number; readonly protocol?: string }[];
}

export interface SmallCluster {
  readonly places: readonly Place[];
  readonly machines: readonly Machine[];
  readonly policies: readonly NetworkPolicy[];
}

export const PROBES = [
  ['TCP', 79],
  ['TCP', 80],
  ['TCP', 85],
  ['TCP', 443],
  ['UDP', 53],
  ['UDP', 80],
  ['SCTP', 80],
] as const;

const KEYS = ['app', 'tier'];
const VALUES = ['a', 'b'];
const BLOCKS = ['0.0.0.0/0', '10.0.0.0/8', '10.0.1.0/24', '10.0.2.0/24', '10.0.1.7/32', '::/0', '192.0.2.0/24'];

export function generateCluster(random: Random): SmallCluster {
  const labels = (): Labels =>
    Object.fromEntries(KEYS.filter(() => random.chance(0.6)).map((key) => [key, random.pick(VALUES)]));
  const places = ['one', 'two', 'three'].map((name) => ({ name, labels: labels() }));
  const machines = places.flatMap(({ name }, at) =>
    Array.from({ length: 1 + random.below(3) }, (_, index) => ({
      name: `${name}-${index}`,
      namespace: name,
      labels: labels(),
      address: `10.0.${at + 1}.${5 + index}`,
      ports: random.chance(0.6) ? [{ name: 'web', containerPort: random.pick([80, 85]) }] : [],
    })),
  );
  const policies = Array.from({ length: random.below(5) }, (_, index) => generatePolicy(random, index));
  return { places, machines, policies };
}

function generatePolicy(random: Random, index: number): NetworkPolicy {
  const types = random.pick([undefined, undefined, [], ['Ingress'], ['Egress'], ['Ingress', 'Egress']]);
  return {
    metadata: { name: `policy-${index}`, namespace: random.pick(['one', 'two', 'three']) },
    spec: {
      ...(random.chance(0.9) ? { podSelector: random.chance(0.4) ? {} : generateSelector(random) } : {}),
      ...(types ? { policyTypes: types } : {}),
      ...(random.chance(0.7) ? { ingress: generateRules(random, 'from') } : {}),
      ...(random.chance(0.5) ? { egress: generateRules(random, 'to') } : {}),
    },
  };
}

const generateRules = (random: Random, side: 'from' | 'to'): Json[] =>
  Array.from({ length: random.below(3) }, () => ({
    ...(random.chance(0.85) ? { [side]: Array.from({ length: random.below(3) }, () => generatePeer(random)) } : {}),
    ...(random.chance(0.5) ? { ports: Array.from({ length: random.below(3) }, () => generatePort(random)) } : {}),
  }));

function generatePeer(random: Random): Json {
  if (random.chance(0.2)) {
    const holes = random.chance(0.4) ? { except: random.some(BLOCKS.slice(2, 5), 2) } : {};
    return { ipBlock: { cidr: random.pick(BLOCKS), ...holes } };
  }
  const parts = random.pick([['podSelector'], ['namespaceSelector'], ['podSelector', 'namespaceSelector']]);
  return Object.fromEntries(
    parts.map((part) => [
      part,
      part === 'namespaceSelector' && random.chance(0.4)
        ? { matchLabels: { 'kubernetes.io/metadata.name': random.pick(['one', 'two', 'three']) } }
        : random.chance(0.2)
          ? {}
          : generateSelector(random),
    ]),
  );
}

function generateSelector(random: Random): Json {
  const key = random.pick(KEYS);
  if (random.chance(0.5)) return { matchLabels: { [key]: random.pick(VALUES) } };
  const operator = random.pick(['In', 'NotIn', 'Exists', 'DoesNotExist']);
  const values = operator.endsWith('In') ? { values: random.some(VALUES, 2) } : {};
  return { matchExpressions: [{ key, operator, ...values }] };
}

function generatePort(random: Random): Json {
  const protocol = random.chance(0.5) ? { protocol: random.pick(['TCP', 'UDP', 'SCTP']) } : {};
  if (random.chance(0.15)) return protocol;
  if (random.chance(0.25)) return { ...protocol, port: 'web' };
  const port = random.pick([53, 80, 79]);
  return { ...protocol, port, ...(random.chance(0.3) ? { endPort: random.pick([80, 85, 443]) } : {}) };
}

interface Asked {
  readonly from: Machine;
  readonly to: Machine;
  readonly protocol: string;
  readonly port: number;
}

/** "Traffic is allowed if both the egress policy on the source and the ingress policy on the destination allow it." */
export function naiveAllows(cluster: SmallCluster, asked: Asked): boolean {
  if (asked.from.name === asked.to.name) return true;
  return naiveSide(cluster, asked, 'Egress') && naiveSide(cluster, asked, 'Ingress');
}

function naiveSide(cluster: SmallCluster, asked: Asked, type: 'Ingress' | 'Egress'): boolean {
  const [own, other] = type === 'Ingress' ? [asked.to, asked.from] : [asked.from, asked.to];
  let isolated = false;
  for (const policy of cluster.policies) {
    const spec = (policy.spec ?? {}) as Json;
    if (policy.metadata.namespace !== own.namespace) continue;
    if (!naiveSelects((spec.podSelector ?? {}) as Json, own.labels)) continue;
    let types = spec.policyTypes as string[] | undefined;
    if (!types || types.length === 0) {
      types = ['Ingress'];
      if (((spec.egress ?? []) as unknown[]).length > 0) types.push('Egress');
    }
    if (!types.includes(type)) continue;
    isolated = true;
    for (const rule of (spec[type.toLowerCase()] ?? []) as Json[]) {
      const peers = (rule[type === 'Ingress' ? 'from' : 'to'] ?? []) as Json[];
      const ports = (rule.ports ?? []) as Json[];
      const peerFits = peers.length === 0 || peers.some((peer) => naivePeer(cluster, peer, other, own.namespace));
      const portFits = ports.length === 0 || ports.some((port) => naivePort(port, asked));
      if (peerFits && portFits) return true;
    }
  }
  return !isolated;
}

function naivePeer(cluster: SmallCluster, peer: Json, other: Machine, namespace: string): boolean {
  if (peer.ipBlock) {
    const { cidr, except = [] } = peer.ipBlock as { cidr: string; except?: string[] };
    return naiveBlock(cidr, other.address) && !except.some((hole) => naiveBlock(hole, other.address));
  }
  const place = cluster.places.find(({ name }) => name === other.namespace)!;
  const labels = { ...place.labels, 'kubernetes.io/metadata.name': place.name };
  if (peer.namespaceSelector && !naiveSelects(peer.namespaceSelector as Json, labels)) return false;
  if (!peer.namespaceSelector && other.namespace !== namespace) return false;
  return !peer.podSelector || naiveSelects(peer.podSelector as Json, other.labels);
}

function naiveBlock(cidr: string, address: string): boolean {
  if (cidr === '::/0') return false;
  const bits = (text: string): string =>
    text
      .split('.')
      .map((part) => Number(part).toString(2).padStart(8, '0'))
      .join('');
  const [base = '', length = ''] = cidr.split('/');
  return bits(base).slice(0, Number(length)) === bits(address).slice(0, Number(length));
}

function naivePort(entry: Json, asked: Asked): boolean {
  if ((entry.protocol ?? 'TCP') !== asked.protocol) return false;
  if (entry.port === undefined) return true;
  if (typeof entry.port === 'string') {
    return asked.to.ports.some(
      ({ name, containerPort, protocol = 'TCP' }) =>
        name === entry.port && containerPort === asked.port && protocol === asked.protocol,
    );
  }
  const last = (entry.endPort ?? entry.port) as number;
  return (entry.port as number) <= asked.port && asked.port <= last;
}

function naiveSelects(selector: Json, labels: Labels): boolean {
  const wanted = Object.entries((selector.matchLabels ?? {}) as Labels);
  if (wanted.some(([key, value]) => labels[key] !== value)) return false;
  for (const item of (selector.matchExpressions ?? []) as { key: string; operator: string; values?: string[] }[]) {
    const value = labels[item.key];
    const listed = value !== undefined && (item.values ?? []).includes(value);
    if (item.operator === 'In' && !listed) return false;
    if (item.operator === 'NotIn' && listed) return false;
    if (item.operator === 'Exists' && value === undefined) return false;
    if (item.operator === 'DoesNotExist' && value !== undefined) return false;
  }
  return true;
}

/** Every set of labels that a namespace could have. */
export const POSSIBLE_LABELS: readonly Labels[] = [undefined, ...VALUES].flatMap((app) =>
  [undefined, ...VALUES].map((tier) => ({
    ...(app === undefined ? {} : { app }),
    ...(tier === undefined ? {} : { tier }),
  })),
);
