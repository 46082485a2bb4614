import { defineCheck, type View } from '../model/check.ts';
import type { FindingDraft, Remediation } from '../model/finding.ts';
import type { NetworkPolicy } from '../model/kinds.ts';
import { absent, applyStep, manual } from './drafting.ts';
import { PLATFORM_IDS, type Platform } from '../model/platform.ts';
import { shellQuote } from '../model/text.ts';
import { separateInstances } from './instance-rights.ts';
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
    // Only OpenCrane makes such policies itself.
    yield* judge(view, judgedTenants(platform), platform.id === 'opencrane');
    // Those of its instances come with values of their own (multiInstance.enabled).
    yield* judge(view, [...new Set(separateInstances(platform).map(({ namespace }) => namespace))], false);
  },
});

/**
 * Where nothing promises such policies, no namespace with one is no mistake, but a decision that this check does not make;
 * some with one and some without is a namespace that was forgotten.
 */
function* judge(view: Eyes, namespaces: readonly string[], promised: boolean): Iterable<FindingDraft> {
  const judged = namespaces.map((namespace) => ({ namespace, policies: view.list(POLICIES, namespace) }));
  const denying = judged.filter(({ policies }) => policies.some(deniesIngress));
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
}

type Eyes = View<typeof POLICIES | 'namespaces'>;

function finding(
  view: Eyes,
  namespace: string,
  policies: readonly NetworkPolicy[],
  denying: readonly string[],
): FindingDraft {
  const { platform } = view;
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
    remediation: isInstance(platform, namespace) ? ofInstance(platform, namespace) : ofTenant(platform, namespace),
  };
}

const isInstance = (platform: Platform, namespace: string): boolean =>
  separateInstances(platform).some((instance) => instance.namespace === namespace);

/** The chart alone knows which namespaces an instance has business with. */
function ofInstance(platform: Platform, namespace: string): Remediation {
  const { release = namespace } = separateInstances(platform).find((one) => one.namespace === namespace) ?? {};
  return manual(
    'Let the chart make the policy that keeps instances apart',
    `helm get values ${shellQuote(release)} -n ${shellQuote(namespace)}`,
    '# values: multiInstance.enabled true, multiInstance.instanceNamespaces with the namespaces of this instance alone',
    `# helm upgrade ${shellQuote(release)} CHART -n ${shellQuote(namespace)} --skip-crds -f VALUES`,
  );
}

function ofTenant(platform: Platform, namespace: string): Remediation {
  const policy = {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: { name: NAME, namespace },
    spec: { podSelector: {}, policyTypes: ['Ingress'], ingress: [{ from: ownPeers(platform, namespace) }] },
  };
  return manual(
    'Deny by default, and allow the namespace itself and the platform',
    ...(platform.id === 'opencrane'
      ? ['# in the values of the release, then helm upgrade: networkPolicy.enabled, multiInstance.enabled; or by hand:']
      : []),
    applyStep(policy),
  );
}

const NAME = 'default-deny-ingress';
const SHOWN = 3;
