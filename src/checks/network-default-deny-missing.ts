import { defineCheck, type View } from '../model/check.ts';
import type { FindingDraft } from '../model/finding.ts';
import type { NetworkPolicy } from '../model/kinds.ts';
import { absent, applyStep, manual } from './drafting.ts';
import { PLATFORM_IDS } from '../model/platform.ts';
import { deniesIngress, judgedTenants, NOT_ENFORCED, ownPeers, POLICIES, policyEvidence } from './network-judged.ts';

export default defineCheck({
  id: 'network-default-deny-missing',
  title: 'Every tenant namespace denies by default what other namespaces send to it',
  severity: 'high',
  area: 'network',
  platforms: PLATFORM_IDS,
  reads: [POLICIES, 'namespaces'],
  *run(view) {
    const { platform } = view;
    view.complete('namespaces');
    const judged = judgedTenants(platform).map((namespace) => ({
      namespace,
      policies: view.list(POLICIES, namespace),
    }));
    const denying = judged.filter(({ policies }) => policies.some(deniesIngress));
    // Only OpenCrane makes such policies itself. Elsewhere nothing promises them: no tenant with one is no mistake, but
    // a decision that this check does not make; some with one and some without is a namespace that was forgotten.
    const promised = platform.id === 'opencrane';
    if (!promised && denying.length === 0) return;
    for (const { namespace, policies } of judged) {
      view.examined();
      if (policies.some(deniesIngress) || !view.complete(POLICIES, namespace)) continue;
      yield finding(
        view,
        namespace,
        policies,
        denying.map((other) => other.namespace),
      );
    }
  },
});

function finding(
  view: View<typeof POLICIES | 'namespaces'>,
  namespace: string,
  policies: readonly NetworkPolicy[],
  denying: readonly string[],
): FindingDraft {
  const { platform } = view;
  const policy = {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: { name: NAME, namespace },
    spec: { podSelector: {}, policyTypes: ['Ingress'], ingress: [{ from: ownPeers(platform, namespace) }] },
  };
  return {
    object: absent(POLICIES, NAME, namespace),
    message: `No NetworkPolicy in ${namespace} denies ingress to every pod: other tenants' pods reach its pods`,
    severity: platform.id === 'opencrane' ? 'high' : 'low',
    confidence: 'certain',
    evidence: [
      ...policies.slice(0, SHOWN).map(policyEvidence),
      ...(denying.length > 0
        ? [{ type: 'comparison' as const, message: `such as ${denying.slice(0, SHOWN).join(', ')} have one` }]
        : []),
      NOT_ENFORCED,
    ],
    remediation: manual(
      'Deny by default, and allow the namespace itself and the platform',
      ...(platform.id === 'opencrane'
        ? [
            '# in the values of the release, then helm upgrade: networkPolicy.enabled, multiInstance.enabled; or by hand:',
          ]
        : []),
      applyStep(policy),
    ),
  };
}

const NAME = 'default-deny-ingress';
const SHOWN = 3;
