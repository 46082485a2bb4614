import { questionOfRule, serviceAccountIdentity } from '../kubernetes/rbac-question.ts';
import { authorizerOf, type RbacResource } from '../kubernetes/rbac-snapshot.ts';
import { describeGrant, type Authorizer, type Grant } from '../kubernetes/rbac.ts';
import { refOf } from '../kubernetes/resource-of.ts';
import type { Identity } from '../model/access.ts';
import { defineCheck } from '../model/check.ts';
import type { HelmRelease } from '../model/derived.ts';
import type { Evidence, FindingDraft } from '../model/finding.ts';
import type { CrewaiPlatform } from '../model/platform.ts';
import { RBAC } from '../model/resource.ts';
import { count, shellQuote } from '../model/text.ts';
import { rbacComplete } from './access.ts';
import { livingTenants, manual } from './drafting.ts';
import { upgradeSteps, valuesInForce } from './platform-release.ts';

const BINDINGS = 'clusterrolebindings.rbac.authorization.k8s.io';

export default defineCheck({
  id: 'platform-isolation-values-mismatch',
  title: 'Cluster-wide isolation rights exist only where the release asks for them',
  severity: 'high',
  area: 'platform',
  platforms: ['crewai'],
  reads: ['helm-releases', 'deployments.apps', ...RBAC],
  causes: [{ check: 'platform-release-unhealthy', by: ['release'] }],
  *run(view) {
    const { platform } = view;
    const { account } = platform;
    if (!account) {
      view.complete('deployments.apps', platform.platformNamespace);
      return;
    }
    const identity = serviceAccountIdentity(account.namespace, account.name);
    const source = { origin: view.origin, list: <K extends RbacResource>(resource: K) => view.evidence(resource) };
    const cluster = authorizerOf(source, 'cluster');
    rbacComplete(view, undefined);
    const values = valuesInForce(view);
    view.examined();
    const grants = grantsOfCore(platform, cluster, identity, undefined);
    if (grants.length === 0) return;
    const perTenant = authorizerOf(source, 'namespaces');
    const bound: string[] = [];
    for (const { namespace } of livingTenants(platform)) {
      if (grantsOfCore(platform, perTenant, identity, namespace).length > 0) bound.push(namespace);
      else rbacComplete(view, namespace);
    }
    if (values !== undefined && values !== 'none' && !asksFor(platform, values)) {
      for (const grant of grants) yield leftOver(platform, grant, values, bound.length);
    } else if (bound.length > 0) {
      for (const grant of grants) yield bothModes(platform, grant, bound);
    }
  },
});

/** The bindings through which the account holds the core rights; none where it does not hold all of them. */
function grantsOfCore(
  { needs }: CrewaiPlatform,
  authorizer: Authorizer,
  identity: Identity,
  namespace: string | undefined,
): readonly Grant[] {
  const grants = new Map<unknown, Grant>();
  for (const rule of needs.core) {
    const question = questionOfRule(namespace === undefined ? rule : { ...rule, namespace });
    const decision = authorizer.decide(identity, question);
    if (!decision.allowed) return [];
    if (decision.via) grants.set(decision.via.binding, decision.via);
  }
  return [...grants.values()];
}

/** `rbac.namespaceIsolation` counts only where the chart creates RBAC objects at all. */
function asksFor({ mode, overridden }: CrewaiPlatform, { values }: HelmRelease): boolean {
  if (overridden.includes('mode') && mode.wanted === 'auto') return true;
  return values.rbac?.namespaceIsolation === true && values.rbac.create !== false;
}

function leftOver(platform: CrewaiPlatform, grant: Grant, release: HelmRelease, bound: number): FindingDraft {
  const { name } = grant.binding.metadata;
  // Somebody's own ClusterRole, made on purpose: nothing of the chart's was left behind.
  const helms = [grant.binding, grant.role].some(
    (object) => object?.metadata.labels?.['app.kubernetes.io/managed-by'] === 'Helm',
  );
  const tenants = livingTenants(platform).length;
  return {
    object: refOf(BINDINGS, grant.binding),
    message: `ClusterRoleBinding ${name} lets the platform work in every namespace, but the values of release ${release.release} do not ask for it`,
    ...(helms ? {} : { severity: 'info' as const }),
    confidence: 'certain',
    evidence: [
      {
        type: 'object',
        object: refOf('helm-releases', release),
        message: `revision ${String(release.revision)}: rbac.create ${String(release.values.rbac?.create)}, rbac.namespaceIsolation ${String(release.values.rbac?.namespaceIsolation)}`,
      },
      grantEvidence(grant),
      {
        type: 'comparison',
        message: `${String(bound)} of ${count(tenants, 'org namespace')} have a RoleBinding of their own`,
      },
    ],
    remediation: manual(
      'Ask for the rights in the values of the release, or take them away once every org namespace has its own',
      ...upgradeSteps(platform, 'rbac: {create: true, namespaceIsolation: true}'),
      '# or, to stay in manual mode, once every org namespace has its RoleBinding:',
      `# kubectl delete clusterrolebinding ${shellQuote(name)}`,
    ),
  };
}

function bothModes(platform: CrewaiPlatform, grant: Grant, bound: readonly string[]): FindingDraft {
  const { name } = grant.binding.metadata;
  return {
    object: refOf(BINDINGS, grant.binding),
    discriminator: 'both',
    message: `ClusterRoleBinding ${name} lets the platform work in every namespace, and ${count(bound.length, 'org namespace')} have a RoleBinding besides`,
    severity: 'low',
    confidence: 'certain',
    evidence: [
      grantEvidence(grant),
      {
        type: 'comparison',
        message: `RoleBindings in ${bound.slice(0, 10).join(', ')}${bound.length > 10 ? ', …' : ''}`,
      },
    ],
    remediation: manual(
      'Decide for one of the two ways; both at once do no harm',
      '# to stay in automatic mode, delete the RoleBindings of the platform account in the org namespaces;',
      '# for manual mode instead:',
      ...upgradeSteps(platform, 'rbac: {namespaceIsolation: false}').map((step) =>
        step.startsWith('#') ? step : `# ${step}`,
      ),
    ),
  };
}

function grantEvidence(grant: Grant): Evidence {
  return { type: 'rbac', object: refOf(BINDINGS, grant.binding), message: describeGrant(grant) };
}
