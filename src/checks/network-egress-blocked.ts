import { partyOf, type PodParty } from '../kubernetes/network-policy-peers.ts';
import { hasPort } from '../kubernetes/network-policy-ports.ts';
import { createNetwork, type Network } from '../kubernetes/network-policy-reach.ts';
import { restricts, selectsAllPods } from '../kubernetes/network-policy.ts';
import { refOf } from '../kubernetes/resource-of.ts';
import { defineCheck, type View } from '../model/check.ts';
import type { FindingDraft, Severity } from '../model/finding.ts';
import type { NetworkPolicy } from '../model/kinds.ts';
import { PLATFORM_IDS } from '../model/platform.ts';
import { count } from '../model/text.ts';
import { applyStep, judgedNamespaces, manual } from './drafting.ts';
import {
  componentDestination,
  egressRules,
  mayReach,
  mayReachNameServers,
  type Destination,
} from './network-destinations.ts';
import { NOT_ENFORCED, POLICIES, policyEvidence } from './network-judged.ts';
import { isFinished } from './workload-subjects.ts';

type Eyes = View<typeof POLICIES | 'pods' | 'services' | 'namespaces'>;

export default defineCheck({
  id: 'network-egress-blocked',
  title: 'Pods that may not send everywhere still reach name servers and the platform',
  severity: 'high',
  area: 'network',
  platforms: PLATFORM_IDS,
  reads: [POLICIES, 'pods'],
  evidence: ['services', 'namespaces'],
  *run(view) {
    const own = new Set(view.platform.ownNamespaces);
    const destinations = destinationsOf(view);
    for (const namespace of judgedNamespaces(view.platform)) {
      const policies = view.list(POLICIES, namespace).filter((policy) => restricts(policy, 'egress'));
      if (policies.length === 0) continue;
      const network = createNetwork(policies);
      for (const group of isolatedIn(view, namespace, policies, network)) {
        view.examined();
        for (const blocked of blockedFor(group, network, own.has(namespace), destinations)) {
          // Another policy may allow it, and none may be out of sight.
          if (view.complete(POLICIES, namespace)) yield finding(namespace, group, blocked);
        }
      }
    }
  },
});

/** Pods that the same policies restrict. */
interface Group {
  readonly policies: readonly NetworkPolicy[];
  readonly pods: readonly PodParty[];
}

function isolatedIn(
  view: Eyes,
  namespace: string,
  policies: readonly NetworkPolicy[],
  network: Network,
): readonly Group[] {
  const groups = new Map<string, { policies: readonly NetworkPolicy[]; pods: PodParty[] }>();
  const labels = view.known('namespaces', namespace)?.metadata.labels;
  for (const pod of view.list('pods', namespace)) {
    if (isFinished(pod) || pod.spec?.hostNetwork === true) continue;
    const party = partyOf(pod, labels);
    const selecting = network.policiesOn(party, 'egress');
    if (selecting.length === 0) continue;
    const key = JSON.stringify(selecting.map(({ metadata }) => metadata.name));
    const group = groups.get(key);
    if (group) group.pods.push(party);
    else groups.set(key, { policies: selecting, pods: [party] });
  }
  // Files and empty namespaces: the pods to come are restricted by what selects every pod.
  const always = policies.filter(selectsAllPods);
  return groups.size === 0 && always.length > 0 ? [{ policies: always, pods: [] }] : [...groups.values()];
}

interface Blocked {
  readonly words: string;
  readonly severity: Severity;
  readonly pods: number;
  readonly allow: readonly object[];
}

interface Destinations {
  readonly web?: Destination | undefined;
  readonly buildkit?: Destination | undefined;
}

function* blockedFor(
  group: Group,
  network: Network,
  ofPlatform: boolean,
  { web, buildkit }: Destinations,
): Iterable<Blocked> {
  const { pods, policies } = group;
  const rules = egressRules(policies);
  const lacking = ['UDP', 'TCP'].filter((protocol) => !rules.some((rule) => mayReachNameServers(rule, protocol)));
  if (lacking.length > 0) {
    yield {
      words: `name servers (${lacking.map((protocol) => `port 53 ${protocol}`).join(', ')})`,
      // Most answers fit into UDP.
      severity: lacking.includes('UDP') ? 'high' : 'medium',
      pods: pods.length,
      allow: [{ ports: ['UDP', 'TCP'].map((protocol) => ({ protocol, port: 53 })) }],
    };
  }
  const unreached = (destination: Destination | undefined, from: readonly PodParty[]): readonly PodParty[] =>
    destination ? from.filter((pod) => !mayReach(network, pod, destination)) : [];
  const builds = pods.filter(({ labels }) => labels.app === 'buildkit-build');
  const parts = ofPlatform ? [] : [[web, pods] as const, [buildkit, builds] as const];
  for (const [destination, from] of parts) {
    const blocked = unreached(destination, from);
    if (!destination || blocked.length === 0) continue;
    yield { words: destination.words, severity: 'medium', pods: blocked.length, allow: allowOf(destination) };
  }
  const apart = ofPlatform ? pods.filter((pod) => !mayReachServer(network, pod)) : [];
  if (apart.length > 0) {
    const allow = [{ ports: [443, 6443].map((port) => ({ protocol: 'TCP', port })) }];
    yield { words: 'the API server (port 443 or 6443)', severity: 'medium', pods: apart.length, allow };
  }
}

function mayReachServer(network: Network, pod: PodParty): boolean {
  const { possible } = network.side(pod, { kind: 'outside' }, 'egress');
  return hasPort(possible, 'TCP', 443) || hasPort(possible, 'TCP', 6443);
}

function allowOf({ pods: [pod], ports }: Destination): readonly object[] {
  const names = { matchLabels: { 'kubernetes.io/metadata.name': pod?.namespace ?? '' } };
  return [
    { to: [{ namespaceSelector: names }], ports: ports.map(({ protocol, first }) => ({ protocol, port: first })) },
  ];
}

/** What pods of tenants need of CrewAI Platform. */
function destinationsOf(view: Eyes): Destinations {
  const { platform } = view;
  if (platform.id !== 'crewai') return {};
  const { platformNamespace } = platform;
  const seen = {
    pods: view.evidence('pods', platformNamespace),
    services: view.evidence('services', platformNamespace),
    namespaceLabels: view.known('namespaces', platformNamespace)?.metadata.labels ?? undefined,
  };
  return {
    web: componentDestination(platform, 'web', 80, seen),
    buildkit: componentDestination(platform, 'buildkit', 1234, seen),
  };
}

const SHOWN = 3;

function finding(namespace: string, { policies }: Group, { words, severity, pods, allow }: Blocked): FindingDraft {
  const [first, ...others] = policies;
  if (!first) throw new Error('isolated by no policy');
  const name = `allow-${words.startsWith('name servers') ? 'dns' : words.startsWith('the API') ? 'api-server' : 'platform'}`;
  const policy = {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: { name, namespace },
    spec: { podSelector: first.spec?.podSelector ?? {}, policyTypes: ['Egress'], egress: allow },
  };
  const more = others.length === 0 ? '' : ` and ${count(others.length, 'other policy', 'other policies')}`;
  return {
    object: refOf(POLICIES, first),
    path: '/spec/egress',
    discriminator: words,
    message: `NetworkPolicy ${first.metadata.name}${more} in ${namespace} keep${others.length === 0 ? 's' : ''} ${pods === 0 ? 'every pod' : count(pods, 'pod')} from ${words}`,
    severity,
    // Some network plugins let pods reach the API server, or a cache of the node's, whatever policies say.
    confidence: 'likely',
    evidence: [...policies.slice(0, SHOWN).map(policyEvidence), NOT_ENFORCED],
    remediation: manual('Allow it in a policy of its own; policies add up', applyStep(policy)),
  };
}
