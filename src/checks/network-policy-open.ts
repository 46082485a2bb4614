import { isEverything } from '../kubernetes/ip-block.ts';
import { intersectPorts, portRange, portsText } from '../kubernetes/network-policy-ports.ts';
import { portsAt } from '../kubernetes/network-policy-peers.ts';
import {
  DIRECTIONS,
  faultsOf,
  isEmptySelector,
  rulesOf,
  type Direction,
  type PolicyRuleOf,
} from '../kubernetes/network-policy.ts';
import { refOf } from '../kubernetes/resource-of.ts';
import { defineCheck, type View } from '../model/check.ts';
import type { FindingDraft, Severity } from '../model/finding.ts';
import type { NetworkPolicyPeer, NetworkPolicy } from '../model/kinds.ts';
import { shellQuote } from '../model/text.ts';
import { manual } from './drafting.ts';
import { PLATFORM_IDS } from '../model/platform.ts';
import { judgedTenants, NOT_ENFORCED, ownPeers, POLICIES, policyEvidence } from './network-judged.ts';
import { ownedBy } from './owned.ts';

type Eyes = View<typeof POLICIES | 'secrets'>;

export default defineCheck({
  id: 'network-policy-open',
  title: 'No rule of a NetworkPolicy opens a tenant namespace to everybody',
  severity: 'critical',
  area: 'network',
  platforms: PLATFORM_IDS,
  reads: [POLICIES],
  evidence: ['secrets'],
  *run(view) {
    for (const namespace of judgedTenants(view.platform)) {
      for (const policy of view.list(POLICIES, namespace)) {
        view.examined();
        // It is there to be reached by everybody, and what it forwards is the matter of other policies.
        if (isIngressController(policy)) continue;
        for (const direction of DIRECTIONS) {
          for (const rule of rulesOf(policy, direction)) {
            const open = openingOf(rule, direction);
            if (open) yield finding(view, policy, direction, rule, open);
          }
        }
      }
    }
  },
});

interface Opening {
  readonly path: string;
  readonly words: string;
  readonly severity: Severity;
}

/** What opens a rule to everybody: no peers at all, every namespace, every address. */
function openingOf(rule: PolicyRuleOf, direction: Direction): Opening | undefined {
  const ports = portsAt(rule.ports, { kind: 'outside' });
  if (direction === 'egress' && (isNameService(ports) || rule.ports?.every(isNamePort))) return undefined;
  const severity = (whole: boolean): Severity => (direction === 'egress' ? 'low' : whole ? 'critical' : 'high');
  const side = direction === 'ingress' ? 'from' : 'to';
  if (!rule.peers) {
    return { path: rule.path, words: `everybody (no ${side})`, severity: severity(rule.ports === undefined) };
  }
  const index = rule.peers.findIndex((peer) => isEverybody(peer, direction));
  const peer = rule.peers[index];
  if (!peer) return undefined;
  const words = peer.ipBlock ? `every address (${peer.ipBlock.cidr})` : 'every namespace';
  return { path: `${rule.path}/${side}/${String(index)}`, words, severity: severity(false) };
}

/** A selector of pods limits nothing that comes in, for tenants label their pods as they like; outwards it picks a service. */
function isEverybody({ ipBlock, namespaceSelector, podSelector }: NetworkPolicyPeer, direction: Direction): boolean {
  if (ipBlock) return isEverything(ipBlock.cidr) && (ipBlock.except ?? []).length === 0;
  if (!namespaceSelector || !isEmptySelector(namespaceSelector)) return false;
  return direction === 'ingress' || !podSelector || isEmptySelector(podSelector);
}

const DNS = [...portRange('TCP', 53), ...portRange('UDP', 53)];
const isNameService = (ports: ReturnType<typeof portsAt>): boolean =>
  ports.length > 0 && portsText(intersectPorts(ports, DNS)) === portsText(ports);
const isNamePort = ({ port }: { readonly port?: number | string }): boolean =>
  port === 53 || port === 'dns' || port === 'dns-tcp';

const CONTROLLERS = new Set([
  'ingress-nginx',
  'traefik',
  'haproxy-ingress',
  'contour',
  'envoy',
  'kong',
  'istio-ingressgateway',
]);

function isIngressController({ spec }: NetworkPolicy): boolean {
  const labels = spec?.podSelector?.matchLabels ?? {};
  return ['app.kubernetes.io/name', 'app', 'istio'].some((key) => CONTROLLERS.has(labels[key] ?? ''));
}

function finding(
  view: Eyes,
  policy: NetworkPolicy,
  direction: Direction,
  { rule, ports, path }: PolicyRuleOf,
  open: Opening,
): FindingDraft {
  const { name, namespace = '' } = policy.metadata;
  const what = ports ? `the ports of its rule` : 'all ports';
  const dropped = faultsOf(policy).find((fault) => fault.fault === 'misspelled-key' && fault.path === path);
  return {
    object: refOf(POLICIES, policy),
    path: open.path,
    discriminator: open.path,
    message:
      direction === 'ingress'
        ? `NetworkPolicy ${name} in ${namespace} lets ${open.words} reach ${what}${dropped ? `: ${dropped.text}` : ''}`
        : `NetworkPolicy ${name} in ${namespace} lets its pods reach ${open.words} on ${what}${dropped ? `: ${dropped.text}` : ''}`,
    severity: open.severity,
    confidence: 'certain',
    evidence: [
      { type: 'object', object: refOf(POLICIES, policy), path, observed: rule, message: JSON.stringify(rule) },
      policyEvidence(policy),
      NOT_ENFORCED,
    ],
    remediation: ownedBy(view, policy, narrowing(view, policy, direction, path)),
  };
}

function narrowing(view: Eyes, policy: NetworkPolicy, direction: Direction, path: string) {
  const { name, namespace = '' } = policy.metadata;
  const side = direction === 'ingress' ? 'from' : 'to';
  const patch = [{ op: 'add', path: `${path}/${side}`, value: ownPeers(view.platform, namespace) }];
  return manual(
    'Name the namespaces that the rule is for',
    "# with the namespaces that are meant; these are its own and the platform's:",
    `kubectl -n ${namespace} patch networkpolicy ${shellQuote(name)} --type=json -p ${shellQuote(JSON.stringify(patch))}`,
  );
}
