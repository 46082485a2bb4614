import { refOf } from '../kubernetes/resource-of.ts';
import { questionOfRule } from '../kubernetes/rbac-question.ts';
import { defineCheck, type CrewaiView } from '../model/check.ts';
import type { Evidence } from '../model/finding.ts';
import { ACCESS_EVIDENCE, accessOf, rbacComplete, type Access } from './access.ts';
import { absent, livingTenants, manual } from './drafting.ts';
import { upgradeSteps } from './platform-release.ts';

const SUFFIX = '-namespace-isolation';
const READS = [
  'clusterroles.rbac.authorization.k8s.io',
  'clusterrolebindings.rbac.authorization.k8s.io',
  'roles.rbac.authorization.k8s.io',
  'rolebindings.rbac.authorization.k8s.io',
  'deployments.apps',
  'namespaces',
  'helm-releases',
] as const;
type Eyes = CrewaiView<(typeof READS)[number] | (typeof ACCESS_EVIDENCE)[number]>;

export default defineCheck({
  id: 'rbac-isolation-binding-missing',
  title: "In automatic mode a ClusterRoleBinding gives the platform's account the isolation rights",
  severity: 'critical',
  area: 'rbac',
  platforms: ['crewai'],
  reads: READS,
  evidence: ACCESS_EVIDENCE,
  causes: [{ check: 'platform-release-unhealthy', by: ['release'] }],
  *run(view) {
    const { platform } = view;
    const access = accessOf(view);
    if (!access) return;
    const why = whyAutomatic(view);
    if (why === undefined) return;
    view.examined();
    const { core } = platform.needs;
    const lacks = core.filter((rule) => !access.authorizer.allows(access.identity, questionOfRule(rule)));
    if (lacks.length === 0 || !rbacComplete(view, undefined)) return;
    const tenants = livingTenants(platform);
    const denied = access.denied(core);
    const bound = tenants.filter(({ namespace }) => denied(namespace).length === 0);
    const name = `${platform.release ?? 'crewai'}${SUFFIX}`;
    const everyOrgBound = tenants.length > 0 && bound.length === tenants.length;
    yield {
      object: absent('clusterrolebindings.rbac.authorization.k8s.io', name),
      message: `Automatic mode is asked for, but no ClusterRoleBinding gives ServiceAccount ${access.account.namespace}/${access.account.name} its rights in new org namespaces`,
      severity: everyOrgBound ? 'medium' : 'critical',
      // Another authorizer may grant what RBAC does not.
      confidence: access.confidence,
      evidence: [
        { type: 'object', message: why },
        ...candidates(view, access),
        {
          type: 'comparison',
          message: `${String(bound.length)} of ${String(tenants.length)} org namespaces have a RoleBinding of their own`,
        },
      ],
      remediation: manual(
        'Let the chart create its ClusterRole and ClusterRoleBinding',
        ...upgradeSteps(platform, 'rbac: {create: true, namespaceIsolation: true}'),
        `kubectl get clusterrolebinding ${name}`,
        '# where ClusterRoles are not permitted, bind the account in every org namespace instead: see rbac-access-missing',
      ),
    };
  },
});

/** What says that somebody wants automatic mode; undefined when nothing does. */
function whyAutomatic(view: Eyes): string | undefined {
  const { mode, platformNamespace, release } = view.platform;
  if (mode.wanted === 'manual') return undefined;
  view.complete('helm-releases', platformNamespace);
  if (mode.wanted === 'auto') return 'rbac.namespaceIsolation is true in the values of the release, or --mode auto';
  const role = view
    .list('clusterroles.rbac.authorization.k8s.io')
    .find(
      ({ metadata }) =>
        metadata.name.endsWith(SUFFIX) &&
        metadata.labels?.['app.kubernetes.io/instance'] === release &&
        release !== undefined,
    );
  return role && `ClusterRole ${role.metadata.name} of the release exists`;
}

/** ClusterRoleBindings that look like the chart's, and what is wrong with each. */
function candidates(view: Eyes, { identity, authorizer }: Access): readonly Evidence[] {
  const applying = new Set(authorizer.grantsFor(identity).map(({ binding }) => binding));
  return authorizer
    .bindingsIn()
    .filter(({ binding }) => binding.metadata.name.endsWith(SUFFIX) || binding.roleRef.name.endsWith(SUFFIX))
    .map(({ binding, role }) => ({
      type: 'rbac' as const,
      object: refOf('clusterrolebindings.rbac.authorization.k8s.io', binding),
      message: !role
        ? `refers to ClusterRole ${binding.roleRef.name}, which does not exist`
        : applying.has(binding)
          ? `ClusterRole ${binding.roleRef.name} does not hold the rights`
          : `names another subject: ${(binding.subjects ?? []).map(({ kind, namespace, name }) => `${kind} ${namespace ?? '-'}/${name}`).join(', ') || 'none'}`,
    }));
}
