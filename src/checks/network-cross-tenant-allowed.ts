import { selectsNamespace } from '../kubernetes/network-policy-peers.ts';
import { DIRECTIONS, isEmptySelector, rulesOf, type Direction } from '../kubernetes/network-policy.ts';
import { refOf } from '../kubernetes/resource-of.ts';
import { defineCheck, type View } from '../model/check.ts';
import type { FindingDraft } from '../model/finding.ts';
import type { LabelSelector, NetworkPolicyPeer, NetworkPolicy } from '../model/kinds.ts';
import { PLATFORM_IDS } from '../model/platform.ts';
import { count, shellQuote } from '../model/text.ts';
import { manual } from './drafting.ts';
import { judgedTenants, NOT_ENFORCED, ownPeers, POLICIES, tenantsByNamespace } from './network-judged.ts';
import { ownedBy } from './owned.ts';

type Eyes = View<typeof POLICIES | 'namespaces' | 'secrets'>;

export default defineCheck({
  id: 'network-cross-tenant-allowed',
  title: 'No NetworkPolicy lets one tenant reach another',
  severity: 'critical',
  area: 'network',
  platforms: PLATFORM_IDS,
  reads: [POLICIES, 'namespaces'],
  evidence: ['secrets'],
  *run(view) {
    const namespaceOf = namespaceFinder(view);
    view.complete('namespaces');
    for (const namespace of judgedTenants(view.platform)) {
      for (const policy of view.list(POLICIES, namespace)) {
        view.examined();
        for (const direction of DIRECTIONS) {
          for (const { peers = [], path } of rulesOf(policy, direction)) {
            for (const [index, peer] of peers.entries()) {
              const others = namespaceOf(peer, namespace);
              const at = `${path}/${direction === 'ingress' ? 'from' : 'to'}/${String(index)}`;
              if (others.length > 0) yield finding(view, { policy, direction, peer, path: at, others });
            }
          }
        }
      }
    }
  },
});

const NAME_LABEL = 'kubernetes.io/metadata.name';

/** Namespaces of other tenants that a peer selects. A selector of everything is the matter of network-policy-open. */
function namespaceFinder(view: Eyes): (peer: NetworkPolicyPeer, own: string) => readonly string[] {
  const tenants = tenantsByNamespace(view.platform);
  const labels = new Map(view.evidence('namespaces').map(({ metadata }) => [metadata.name, metadata.labels ?? {}]));
  const shared = new Set(view.platform.ownNamespaces);
  const all = [...tenants.keys()].filter((namespace) => !shared.has(namespace) && labels.has(namespace));
  const known = new Map<string, readonly string[]>();
  return ({ namespaceSelector }, own) => {
    if (!namespaceSelector || isEmptySelector(namespaceSelector)) return [];
    const key = JSON.stringify(namespaceSelector);
    let selected = known.get(key);
    if (!selected) {
      const candidates = namesIn(namespaceSelector)?.filter((name) => tenants.has(name) && !shared.has(name)) ?? all;
      selected = candidates.filter((name) => selectsNamespace(namespaceSelector, name, labels.get(name)) === 'yes');
      known.set(key, selected);
    }
    return selected.filter((name) => tenants.get(name)?.id !== tenants.get(own)?.id);
  };
}

/** The names that a selector is limited to; undefined where it asks for other labels alone. */
function namesIn({ matchLabels, matchExpressions }: LabelSelector): readonly string[] | undefined {
  const name = matchLabels?.[NAME_LABEL];
  if (name !== undefined) return [name];
  const listed = (matchExpressions ?? []).find(({ key, operator }) => key === NAME_LABEL && operator === 'In');
  return listed?.values ?? undefined;
}

interface Allowed {
  readonly policy: NetworkPolicy;
  readonly direction: Direction;
  readonly peer: NetworkPolicyPeer;
  readonly path: string;
  readonly others: readonly string[];
}

const SHOWN = 5;

function finding(view: Eyes, { policy, direction, peer, path, others }: Allowed): FindingDraft {
  const { name, namespace = '' } = policy.metadata;
  const named = others.length > SHOWN ? count(others.length, 'namespace') : others.join(', ');
  const byName = namesIn(peer.namespaceSelector ?? {}) !== undefined;
  const ingress = direction === 'ingress';
  return {
    object: refOf(POLICIES, policy),
    path,
    discriminator: path,
    message: ingress
      ? `NetworkPolicy ${name} lets pods of other tenants reach ${namespace}: ${named}`
      : `NetworkPolicy ${name} lets pods of ${namespace} reach other tenants: ${named}`,
    // Outwards the other end decides as well.
    severity: ingress ? 'critical' : 'high',
    confidence: 'certain',
    evidence: [
      {
        type: 'object',
        object: refOf(POLICIES, policy),
        path,
        observed: peer,
        message: `${JSON.stringify(peer)} selects ${others.slice(0, SHOWN).join(', ')}${others.length > SHOWN ? ', …' : ''}${byName ? '' : ', by labels that are not the name of a namespace'}`,
      },
      NOT_ENFORCED,
    ],
    remediation: ownedBy(view, policy, narrowing(view, policy, path)),
  };
}

function narrowing(view: Eyes, policy: NetworkPolicy, path: string) {
  const { name, namespace = '' } = policy.metadata;
  const [peer] = ownPeers(view.platform, namespace);
  const patch = [{ op: 'replace', path, value: peer }];
  return manual(
    'Narrow the selector, best by the names of namespaces',
    "# with the namespaces that are meant; these are its own and the platform's:",
    `kubectl -n ${namespace} patch networkpolicy ${shellQuote(name)} --type=json -p ${shellQuote(JSON.stringify(patch))}`,
  );
}
