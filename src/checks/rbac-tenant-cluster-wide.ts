import type { BoundRole } from '../kubernetes/rbac.ts';
import { authorizerOf } from '../kubernetes/rbac-snapshot.ts';
import { refOf } from '../kubernetes/resource-of.ts';
import { defineCheck, type View } from '../model/check.ts';
import type { Evidence, FindingDraft } from '../model/finding.ts';
import { PLATFORM_IDS, type CrewaiPlatform, type Platform } from '../model/platform.ts';
import type { AccountRef } from '../model/access.ts';
import { count, shellQuote } from '../model/text.ts';
import { clusterWideRights, type ClusterWideRight } from './cluster-wide-rights.ts';
import { bindingResource } from './binding-steps.ts';
import { commented, livingTenants, manual } from './drafting.ts';
import { instanceRights, ofInstances, separateInstances } from './instance-rights.ts';
import { upgradeSteps } from './platform-release.ts';
import {
  confidenceOf,
  evidenceOfBinding,
  knownRights,
  livingNamespaces,
  ownNamespaceSteps,
  severityOf,
  tenantOf,
  withdrawal,
} from './tenant-rights.ts';
import { isAccount, tenantSubjects, whoseOf, type TenantSubject } from './tenant-subjects.ts';

const READS = [
  'clusterroles.rbac.authorization.k8s.io',
  'clusterrolebindings.rbac.authorization.k8s.io',
  'serviceaccounts',
  'namespaces',
  'deployments.apps',
] as const;
/** Looked at by the authorizer; nothing follows from what is missing there. */
const EVIDENCE = ['roles.rbac.authorization.k8s.io', 'rolebindings.rbac.authorization.k8s.io'] as const;
type Eyes = View<(typeof READS)[number] | (typeof EVIDENCE)[number]>;

export default defineCheck({
  id: 'rbac-tenant-cluster-wide',
  title: 'No account of an organization has cluster-wide rights',
  severity: 'critical',
  area: 'rbac',
  platforms: PLATFORM_IDS,
  reads: READS,
  evidence: EVIDENCE,
  *run(view) {
    const { platform } = view;
    view.complete('namespaces');
    view.complete('clusterroles.rbac.authorization.k8s.io');
    view.complete('clusterrolebindings.rbac.authorization.k8s.io');
    if (!platform.account) view.complete('deployments.apps', platform.platformNamespace);
    [...livingTenants(platform), platform].forEach(() => {
      view.examined();
    });
    const tenants = livingNamespaces(platform.allTenants);
    const rightsOf = knownRights(clusterWideRights);
    const instances = separateInstances(platform);
    const rightsOfInstance = knownRights(instanceRights);
    const authorizer = authorizerOf({ origin: view.origin, list: (resource) => view.evidence(resource) }, 'cluster');
    for (const bound of authorizer.bindingsIn()) {
      const subjects = tenantSubjects(bound, tenants);
      const rights = subjects.length > 0 ? rightsOf(bound) : [];
      const [worst] = rights;
      if (worst) yield ofTenants(view, bound, subjects, worst, rights);
      // Other platforms have a check of their own for the rights of their account.
      else if (platform.id === 'crewai' && bindsPlatform(platform, bound))
        yield* ofPlatform(view, platform, bound, rightsOf(bound));
      else yield* ofInstances(view, bound, instances, rightsOfInstance);
    }
  },
});

function ofTenants(
  view: Eyes,
  bound: BoundRole,
  subjects: readonly TenantSubject[],
  worst: ClusterWideRight,
  rights: readonly ClusterWideRight[],
): FindingDraft {
  const { binding, kind } = bound;
  const alike = rights.filter(({ severity }) => severity === worst.severity);
  return {
    object: refOf(bindingResource(kind), binding),
    path: `/subjects/${String(subjects[0]?.index ?? 0)}`,
    message: `${whoseOf(subjects)} may ${alike.map(({ words }) => words).join(', ')} in the whole cluster`,
    severity: severityOf(subjects, worst.severity),
    confidence: confidenceOf(view, bound),
    evidence: [...evidenceOfBinding(view, bound, subjects, worst.shown), ...absentAccounts(view, subjects)],
    keys: { account: subjects.map(({ key }) => key), object: keyOf(bound) },
    ...tenantOf(view.platform, bound, subjects),
    remediation: manual(
      'Take these accounts out of the cluster-wide binding; RoleBindings give rights in one namespace',
      ...withdrawal(view.platform, bound, subjects),
      ...ownNamespaceSteps(bound, subjects),
    ),
  };
}

/** A binding to an account that does not exist lies in wait: whoever can make the account has the rights. */
function absentAccounts(view: Eyes, subjects: readonly TenantSubject[]): readonly Evidence[] {
  return subjects
    .filter(({ account }) => account && view.find('serviceaccounts', account.name, account.namespace) === 'absent')
    .slice(0, 3)
    .map(({ who }) => ({
      type: 'absence' as const,
      message: `${who} does not exist: whoever may create it has these rights`,
    }));
}

function bindsPlatform({ account }: Platform, { binding }: BoundRole): boolean {
  return account !== undefined && (binding.subjects ?? []).some((subject) => isAccount(subject, undefined, account));
}

/**
 * Automatic mode takes cluster-wide rights, and those on Secrets and workloads are what the platform is for. Roles to
 * grant, or users to be, it never needs.
 */
function* ofPlatform(
  view: Eyes,
  platform: CrewaiPlatform,
  bound: BoundRole,
  rights: readonly ClusterWideRight[],
): Iterable<FindingDraft> {
  const [worst] = rights.filter(({ unlimited }) => unlimited);
  const { account } = platform;
  if (!worst || !account) return;
  const { binding, kind } = bound;
  const name = `${account.namespace}/${account.name}`;
  yield {
    object: refOf(bindingResource(kind), binding),
    message: `The platform's ServiceAccount ${name} may ${worst.words} in the whole cluster, which it never needs`,
    severity: 'high',
    confidence: confidenceOf(view, bound),
    evidence: [
      {
        type: 'rbac',
        object: refOf(bindingResource(kind), binding),
        message: `ServiceAccount ${name} -> ${kind} ${binding.metadata.name} -> ${binding.roleRef.kind} ${binding.roleRef.name}: ${worst.shown}`,
      },
    ],
    keys: { account: name, object: keyOf(bound) },
    remediation: manual(
      "Give it the chart's own ClusterRole (automatic mode), or edit in each organization's namespace (manual mode), first",
      ...(platform.mode.wanted === 'auto'
        ? upgradeSteps(platform, 'rbac: {create: true, namespaceIsolation: true}')
        : manualMode(platform, account)),
      '# then, once it has these:',
      ...commented([`kubectl delete clusterrolebinding ${shellQuote(binding.metadata.name)}`]),
    ),
  };
}

/** Namespaces that are written out; where the binding is there already, creating it again fails and harms nothing. */
const WRITTEN = 10;

function manualMode(platform: Platform, { namespace, name }: AccountRef): readonly string[] {
  const tenants = livingTenants(platform);
  const more = tenants.length - WRITTEN;
  return [
    ...tenants
      .slice(0, WRITTEN)
      .map(
        (tenant) =>
          `kubectl -n ${shellQuote(tenant.namespace)} create rolebinding crewai-sa-edit --clusterrole=edit --serviceaccount=${shellQuote(`${namespace}:${name}`)}`,
      ),
    ...(more > 0 ? [`# likewise in the namespaces of the ${count(more, 'other organization')}`] : []),
  ];
}

const keyOf = ({ binding }: BoundRole): string => `ClusterRoleBinding/${binding.metadata.name}`;
