import { describe, expect, it } from 'vitest';
import { blockCovers, blockHolds, isEverything } from '../../src/kubernetes/ip-block.ts';
import { matchesPeer, partyOf, type Party, type PodParty } from '../../src/kubernetes/network-policy-peers.ts';
import { hasPort, portsText } from '../../src/kubernetes/network-policy-ports.ts';
import { createNetwork, type Flow } from '../../src/kubernetes/network-policy-reach.ts';
import { faultsOf, restricts, selectsAllPods } from '../../src/kubernetes/network-policy.ts';
import { parseYaml } from '../../src/manifests/yaml.ts';
import type { NetworkPolicy } from '../../src/model/kinds.ts';
import type { Pod } from '../../src/model/pods.ts';
import { createRandom } from '../support/random.ts';
import {
  generateCluster,
  naiveAllows,
  POSSIBLE_LABELS,
  PROBES,
  type Machine,
  type SmallCluster,
} from './network-policy-oracle.ts';

const SEED = 20_261_129;

const partyOfMachine = (machine: Machine, cluster: SmallCluster, known = true): PodParty => {
  const { name, namespace, labels, address, ports } = machine;
  const pod = {
    metadata: { name, namespace, labels },
    spec: { containers: [{ name: 'c', ports }] },
    ...(known ? { status: { podIP: address } } : {}),
  } as Pod;
  return partyOf(pod, known ? cluster.places.find((place) => place.name === namespace)?.labels : undefined);
};

describe('createNetwork', () => {
  it('agrees with the naive reading of the documentation, port by port', () => {
    const random = createRandom(SEED);
    const seen = { asked: 0, allowed: 0 };
    for (let round = 0; round < 800; round += 1) {
      const cluster = generateCluster(random);
      const network = createNetwork(cluster.policies);
      for (const from of cluster.machines) {
        for (const to of cluster.machines) {
          const flow = network.flow(partyOfMachine(from, cluster), partyOfMachine(to, cluster));
          if (portsText(flow.possible) !== portsText(flow.certain)) expect.fail(JSON.stringify({ round, flow }));
          for (const [protocol, port] of PROBES) {
            const expected = naiveAllows(cluster, { from, to, protocol, port });
            seen.asked += 1;
            seen.allowed += expected ? 1 : 0;
            if (hasPort(flow.certain, protocol, port) !== expected)
              expect.fail(JSON.stringify({ round, from, to, protocol, port, expected, cluster }, undefined, 1));
          }
        }
      }
    }
    expect(seen.asked).toBeGreaterThan(50_000);
    expect(seen.allowed / seen.asked).toBeGreaterThan(0.2);
    expect(seen.allowed / seen.asked).toBeLessThan(0.8);
  });

  it('is never surer than every world that is possible', () => {
    const random = createRandom(SEED + 1);
    const seen = { certain: 0, possible: 0, impossible: 0 };
    for (let round = 0; round < 150; round += 1) {
      const cluster = generateCluster(random);
      const network = createNetwork(cluster.policies);
      // The labels of one namespace, and the addresses of its pods, are not known.
      const hidden = random.pick(cluster.places).name;
      const worlds = POSSIBLE_LABELS.flatMap((labels) =>
        ['10.0.1.7', '192.0.2.1'].map((address) => worldOf(cluster, hidden, labels, address)),
      );
      for (const from of cluster.machines) {
        for (const to of cluster.machines) {
          const party = (machine: Machine): PodParty => partyOfMachine(machine, cluster, machine.namespace !== hidden);
          const flow = network.flow(party(from), party(to));
          for (const [protocol, port] of PROBES) {
            const answers = worlds.map((world) => naiveAllows(world, askedIn(world, from, to, protocol, port)));
            const [certain, possible] = [hasPort(flow.certain, protocol, port), hasPort(flow.possible, protocol, port)];
            if ((certain && answers.includes(false)) || (!possible && answers.includes(true)))
              expect.fail(
                JSON.stringify({ round, from, to, protocol, port, certain, possible, cluster }, undefined, 1),
              );
            seen[certain ? 'certain' : possible ? 'possible' : 'impossible'] += 1;
          }
        }
      }
    }
    expect(Math.min(...Object.values(seen))).toBeGreaterThan(300);
  });
});

function worldOf(
  cluster: SmallCluster,
  hidden: string,
  labels: Readonly<Record<string, string>>,
  address: string,
): SmallCluster {
  return {
    ...cluster,
    places: cluster.places.map((place) => (place.name === hidden ? { ...place, labels } : place)),
    machines: cluster.machines.map((machine) => (machine.namespace === hidden ? { ...machine, address } : machine)),
  };
}

function askedIn(world: SmallCluster, from: Machine, to: Machine, protocol: string, port: number) {
  const here = ({ name }: Machine): Machine => world.machines.find((machine) => machine.name === name)!;
  return { from: here(from), to: here(to), protocol, port };
}

const policy = (spec: string, namespace = 'a'): NetworkPolicy =>
  ({
    metadata: { name: 'p', namespace },
    spec: parseYaml(spec) as NetworkPolicy['spec'],
  }) as NetworkPolicy;

interface PodWords {
  readonly labels?: Readonly<Record<string, string>>;
  readonly host?: boolean;
  readonly node?: string;
  readonly address?: string;
  readonly namespaceLabels?: Readonly<Record<string, string>>;
}
const podIn = (namespace: string, words: PodWords = {}, name = `${namespace}-pod`): PodParty =>
  partyOf(
    {
      metadata: { name, namespace, labels: words.labels ?? { app: 'web' } },
      spec: {
        hostNetwork: words.host ?? false,
        ...(words.node === undefined ? {} : { nodeName: words.node }),
        containers: [{ name: 'c', ports: [{ name: 'web', containerPort: 8000 }] }],
        initContainers: [
          { name: 'sidecar', restartPolicy: 'Always', ports: [{ name: 'side', containerPort: 9000 }] },
          { name: 'first', ports: [{ name: 'first', containerPort: 9001 }] },
        ],
      },
      ...(words.address === undefined ? {} : { status: { podIP: words.address } }),
    },
    words.namespaceLabels ?? { team: namespace },
  );
const OUTSIDE: Party = { kind: 'outside' };
const textOf = ({ certain, possible }: Flow): string =>
  portsText(certain) === portsText(possible) ? portsText(certain) : `${portsText(certain)} … ${portsText(possible)}`;

describe('who may reach a pod', () => {
  const [b, c] = [podIn('b'), podIn('c', { namespaceLabels: { team: 'c' } })];
  it.each<[string, string, Party, string]>([
    ['the shortest deny', '{podSelector: {}}', b, 'no port'],
    ['no selector is an empty one', '{policyTypes: [Ingress]}', b, 'no port'],
    ['another pod is selected', '{podSelector: {matchLabels: {app: other}}}', b, 'all ports'],
    ['egress alone', '{podSelector: {}, policyTypes: [Egress]}', b, 'all ports'],
    ['an empty rule', '{podSelector: {}, ingress: [{}]}', b, 'all ports'],
    ['no rule', '{podSelector: {}, ingress: []}', b, 'no port'],
    ['an empty from', '{podSelector: {}, ingress: [{from: [], ports: []}]}', b, 'all ports'],
    ['a null from', '{podSelector: {}, ingress: [{from: null, ports: null}]}', b, 'all ports'],
    ['what a typed client sends', '{podSelector: {}, ingress: [{_from: [{podSelector: {}}]}]}', b, 'all ports'],
    ['its own namespace only', '{podSelector: {}, ingress: [{from: [{podSelector: {}}]}]}', b, 'no port'],
    ['every namespace', '{podSelector: {}, ingress: [{from: [{namespaceSelector: {}}]}]}', b, 'all ports'],
    [
      'a namespace by its name',
      '{podSelector: {}, ingress: [{from: [{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: b}}}]}]}',
      b,
      'all ports',
    ],
    [
      'one item is AND',
      '{podSelector: {}, ingress: [{from: [{namespaceSelector: {matchLabels: {team: b}}, podSelector: {matchLabels: {app: x}}}]}]}',
      b,
      'no port',
    ],
    [
      'two items are OR',
      '{podSelector: {}, ingress: [{from: [{namespaceSelector: {matchLabels: {team: c}}}, {podSelector: {matchLabels: {app: web}}}]}]}',
      c,
      'all ports',
    ],
    [
      'ports: numbers, ranges, names, whole protocols',
      '{podSelector: {}, ingress: [{ports: [{port: 80}, {port: 81, endPort: 90}, {port: web}, {port: side}, {port: first}, {protocol: UDP}]}]}',
      b,
      'TCP 80-90, 8000, 9000, UDP',
    ],
    ['a range the wrong way round', '{podSelector: {}, ingress: [{ports: [{port: 90, endPort: 80}]}]}', b, 'no port'],
    [
      'the outside, of a peer of pods',
      '{podSelector: {}, ingress: [{from: [{namespaceSelector: {}}]}]}',
      OUTSIDE,
      'no port',
    ],
    [
      'the outside, of all addresses',
      '{podSelector: {}, ingress: [{from: [{ipBlock: {cidr: 0.0.0.0/0}}]}]}',
      OUTSIDE,
      'all ports',
    ],
    [
      'the outside, of all addresses but some',
      '{podSelector: {}, ingress: [{from: [{ipBlock: {cidr: 0.0.0.0/0, except: [10.0.0.0/8]}}]}]}',
      OUTSIDE,
      'no port … all ports',
    ],
    [
      'an address outside of an exception',
      '{podSelector: {}, ingress: [{from: [{ipBlock: {cidr: 0.0.0.0/0, except: [10.0.0.0/8]}}]}]}',
      { kind: 'outside', address: '192.0.2.1' },
      'all ports',
    ],
    [
      'an address in an exception',
      '{podSelector: {}, ingress: [{from: [{ipBlock: {cidr: 0.0.0.0/0, except: [10.0.0.0/8]}}]}]}',
      { kind: 'outside', address: '10.1.1.1' },
      'no port',
    ],
    [
      'a block that is all exception',
      '{podSelector: {}, ingress: [{from: [{ipBlock: {cidr: 10.0.0.0/8, except: [10.0.0.0/8]}}]}]}',
      OUTSIDE,
      'no port',
    ],
    [
      'a pod without a known address',
      '{podSelector: {}, ingress: [{from: [{ipBlock: {cidr: 10.0.0.0/8}}]}]}',
      b,
      'no port … all ports',
    ],
    [
      'a pod with an address in a block',
      '{podSelector: {}, ingress: [{from: [{ipBlock: {cidr: 10.0.0.0/8}}]}]}',
      podIn('b', { address: '10.1.1.1' }),
      'all ports',
    ],
    [
      'a pod with another address',
      '{podSelector: {}, ingress: [{from: [{ipBlock: {cidr: 10.0.0.0/8}}]}]}',
      podIn('b', { address: 'fd00::1' }),
      'no port',
    ],
    ['a pod on the network of the same node', '{podSelector: {}}', podIn('b', { host: true, node: 'n' }), 'all ports'],
    ['a pod on the network of another node', '{podSelector: {}}', podIn('b', { host: true, node: 'm' }), 'no port'],
    ['a pod on the network of some node', '{podSelector: {}}', podIn('b', { host: true }), 'no port … all ports'],
    [
      'a selector that a pod on the network of another node meets',
      '{podSelector: {}, ingress: [{from: [{namespaceSelector: {}}]}]}',
      podIn('b', { host: true, node: 'm' }),
      'no port … all ports',
    ],
  ])('%s', (_, spec, from, expected) => {
    expect(textOf(createNetwork([policy(spec)]).flow(from, podIn('a', { node: 'n' })))).toBe(expected);
  });

  it('leaves open what a namespace of unknown labels may be', () => {
    const unknown: PodParty = { ...podIn('b'), namespaceLabels: undefined };
    const from = (selector: string): string =>
      textOf(
        createNetwork([policy(`{podSelector: {}, ingress: [{from: [{namespaceSelector: ${selector}}]}]}`)]).flow(
          unknown,
          podIn('a'),
        ),
      );
    expect(from('{matchLabels: {team: x}}')).toBe('no port … all ports');
    expect(from('{}')).toBe('all ports');
    expect(from('{matchLabels: {kubernetes.io/metadata.name: b}}')).toBe('all ports');
    expect(from('{matchLabels: {kubernetes.io/metadata.name: c, team: x}}')).toBe('no port');
    expect(from('{matchExpressions: [{key: kubernetes.io/metadata.name, operator: NotIn, values: [b]}]}')).toBe(
      'no port',
    );
  });

  it('unites policies, and needs both ends', () => {
    const into = (port: number) => policy(`{podSelector: {}, ingress: [{ports: [{port: ${port}}]}]}`);
    const out = policy('{podSelector: {}, egress: [{ports: [{port: 81}, {port: 90}]}]}', 'b');
    const a = podIn('a');
    expect(textOf(createNetwork([into(80), into(81)]).flow(podIn('b'), a))).toBe('TCP 80-81');
    expect(textOf(createNetwork([into(80), into(81), out]).flow(podIn('b'), a))).toBe('TCP 81');
    expect(textOf(createNetwork([into(80), out]).flow(podIn('b'), a))).toBe('no port');
  });

  it('lets a pod reach itself, and another of its name not', () => {
    const network = createNetwork([policy('{podSelector: {}}')]);
    expect(textOf(network.flow(podIn('a'), podIn('a')))).toBe('all ports');
    expect(textOf(network.flow(podIn('b', {}, 'a-pod'), podIn('a')))).toBe('no port');
  });

  it('does not know whether a pod on the network of its node is restricted', () => {
    expect(textOf(createNetwork([policy('{podSelector: {}}')]).flow(podIn('b'), podIn('a', { host: true })))).toBe(
      'no port … all ports',
    );
  });

  it('asks a DNS server on both protocols', () => {
    const dns = policy('{podSelector: {}, policyTypes: [Egress], egress: [{ports: [{protocol: UDP, port: 53}]}]}');
    expect(textOf(createNetwork([dns]).flow(podIn('a'), podIn('kube-system')))).toBe('UDP 53');
  });
});

describe('policies', () => {
  it.each<[string, boolean, boolean]>([
    ['{podSelector: {}}', true, false],
    ['{podSelector: {}, egress: []}', true, false],
    ['{podSelector: {}, egress: [{}]}', true, true],
    ['{podSelector: {}, policyTypes: []}', true, false],
    ['{podSelector: {}, policyTypes: [Egress]}', false, true],
    ['{podSelector: {}, policyTypes: [Egress], ingress: [{}]}', false, true],
  ])('%s restricts ingress: %s, egress: %s', (spec, ingress, egress) => {
    expect([restricts(policy(spec), 'ingress'), restricts(policy(spec), 'egress')]).toEqual([ingress, egress]);
  });

  it.each<[string, readonly string[]]>([
    ['{podSelector: {}}', []],
    ['{podSelector: {}, egress: []}', ['egress-unrestricted /spec/egress']],
    ['{podSelector: {}, policyTypes: [Ingress], egress: []}', ['egress-unrestricted /spec/egress']],
    ['{podSelector: {}, policyTypes: [Egress], egress: []}', []],
    ['{podSelector: {}, policyTypes: [Ingress], egress: [{}]}', ['rules-ignored /spec/egress']],
    ['{podSelector: {}, policyTypes: [Egress], ingress: [{from: []}]}', ['rules-ignored /spec/ingress']],
    ['{podSelector: {}, ingress: [{}, {_from: [], ports: []}]}', ['misspelled-key /spec/ingress/1']],
    ['{podSelector: {}, egress: [{to_: []}]}', ['misspelled-key /spec/egress/0']],
  ])('%s: %j', (spec, expected) => {
    expect(faultsOf(policy(spec)).map(({ fault, path }) => `${fault} ${path}`)).toEqual(expected);
  });

  it('knows which select every pod', () => {
    const all = ['{}', '{podSelector: {}}', '{podSelector: {matchLabels: {}, matchExpressions: []}}'];
    expect(all.map((spec) => selectsAllPods(policy(spec)))).toEqual([true, true, true]);
    expect(selectsAllPods(policy('{podSelector: {matchLabels: {a: b}}}'))).toBe(false);
  });

  it('takes a peer without fields for nobody', () => {
    expect(matchesPeer({}, podIn('a'), 'a')).toBe('no');
  });
});

describe('blocks of addresses', () => {
  it.each<[string, string, boolean | undefined]>([
    ['10.0.0.0/8', '10.255.0.1', true],
    ['10.0.0.0/8', '11.0.0.0', false],
    ['10.1.2.3/32', '10.1.2.3', true],
    ['0.0.0.0/0', '203.0.113.9', true],
    ['0.0.0.0/0', 'fd00::1', false],
    ['fd00::/8', 'fd12:3456::7:8', true],
    ['fd00::/8', 'fe80::1', false],
    ['2001:db8::/33', '2001:db8:8000::', false],
    ['::ffff:10.0.0.0/104', '::ffff:10.9.9.9', true],
    ['10.0.0.0/33', '10.0.0.1', undefined],
    ['10.0.0/8', '10.0.0.1', undefined],
    ['10.0.0.0/8', '10.0.0.256', undefined],
    ['10.0.0.0/8', 'fd00::1::2', undefined],
    ['10.0.0.0/8', 'fd00:1', undefined],
  ])('%s holds %s: %s', (cidr, address, expected) => {
    expect(blockHolds(cidr, address)).toBe(expected);
  });

  it('compares blocks', () => {
    expect([isEverything('0.0.0.0/0'), isEverything('::/0'), isEverything('10.0.0.0/8')]).toEqual([true, true, false]);
    expect(blockCovers('10.0.0.0/8', '10.1.0.0/16')).toBe(true);
    expect(blockCovers('10.1.0.0/16', '10.0.0.0/8')).toBe(false);
    expect(blockCovers('10.0.0.0/8', 'fd00::/8')).toBe(false);
  });
});
