import { defineCheck, type CrewaiView } from '../model/check.ts';
import type { FindingDraft, Remediation } from '../model/finding.ts';
import type { Tenant } from '../model/platform.ts';
import { WORKLOADS } from '../model/resource.ts';
import { absent, manual } from './drafting.ts';
import { isolationIsOn } from './platform-release.ts';
import { copySecret, createBinding, createNamespace } from './fix-changes.ts';
import { isGoodSource } from './registry-secrets.ts';
import { copyStep } from './registry-steps.ts';
import { siblingLabels } from './sibling-labels.ts';

type ProvisionView = CrewaiView<'namespaces' | 'registry-secrets'>;

export default defineCheck({
  id: 'namespace-missing',
  title: 'Every known organization has its namespace',
  severity: 'high',
  area: 'namespace',
  platforms: ['crewai'],
  reads: ['namespaces', ...WORKLOADS, 'events'],
  evidence: ['registry-secrets'],
  *run(view) {
    if (!isolationIsOn(view)) return;
    const { isolation, platformNamespace, sharedNamespace, tenants } = view.platform;
    view.complete('namespaces');
    // Crews in the shared namespace, and refusals of what the platform tried, make such an organization known.
    for (const resource of WORKLOADS) view.complete(resource, sharedNamespace);
    for (const namespace of new Set([platformNamespace, sharedNamespace])) view.complete('events', namespace);
    for (const tenant of tenants) {
      // What stands only in a static list may have been deleted long ago: bundle-namespaces-outdated says so.
      if (!tenant.proven) continue;
      view.examined();
      if (view.find('namespaces', tenant.namespace) !== 'absent') continue;
      yield {
        object: absent('namespaces', tenant.namespace),
        message: `Organization ${tenant.id} has no namespace ${tenant.namespace}`,
        severity: isAutomatic(view) ? 'medium' : 'high',
        confidence: isolation.confidence,
        tenant: tenant.namespace,
        evidence: [
          { type: 'absence', object: absent('namespaces', tenant.namespace) },
          ...tenant.seen.map((line) => ({ type: 'discovery' as const, message: `organization seen by ${line}` })),
          { type: 'discovery', message: `isolation is on: ${isolation.why}` },
        ],
        ...provisionFix(view, tenant),
        remediation: remediationFor(view, tenant),
      };
    }
  },
});

/** Where nobody asks for automatic mode and nothing grants it, the operator makes namespaces. */
function provisionFix(view: ProvisionView, { namespace }: Tenant): Pick<FindingDraft, 'fix'> {
  const { account, mode, registrySecret } = view.platform;
  if (!account || isAutomatic(view) || mode.wanted === 'auto' || mode.state === 'unknown') return {};
  const { name, sourceNamespace } = registrySecret;
  const source = view.evidence('registry-secrets', sourceNamespace).find(({ metadata }) => metadata.name === name);
  // Without a good source the organization would only get as far as its first pull.
  if (!source || !isGoodSource(source, view.now)) return {};
  return {
    fix: {
      class: 'review',
      summary: "create the namespace, the platform's RoleBinding and the registry secret",
      changes: [
        createNamespace(namespace, siblingLabels(view)),
        createBinding(namespace, 'crewai-sa-edit', { kind: 'ClusterRole', name: 'edit' }, account),
        copySecret(source, namespace),
      ],
      verify: ['rbac-access-missing', 'registry-secret-missing'],
      leaves: ['bundle-namespaces-outdated'],
    },
  };
}

/** By effect: where a ClusterRoleBinding grants the rights, the platform makes the namespace at the first deployment. */
function isAutomatic({ platform: { mode } }: CrewaiView<never>): boolean {
  return mode.state === 'auto' || mode.state === 'both';
}

/** Namespace, then RoleBinding, then Secret: each needs the one before, and an organization works only with all three. */
function remediationFor(view: CrewaiView<never>, { id, namespace }: Tenant): Remediation {
  const { account, registrySecret } = view.platform;
  const copy = copyStep({ namespace: registrySecret.sourceNamespace, name: registrySecret.name }, namespace);
  if (isAutomatic(view)) {
    return manual(
      'Deploy a crew of each organization once, so that the platform makes its namespace, then give it the registry secret',
      `# deploy any crew of organization ${id} from the CrewAI UI, then:`,
      `kubectl get namespace ${namespace}`,
      copy,
    );
  }
  return manual(
    "Create each namespace with the RoleBinding of the platform's account and the registry secret",
    `kubectl create namespace ${namespace}`,
    account
      ? `kubectl -n ${namespace} create rolebinding crewai-sa-edit --clusterrole=edit --serviceaccount=${account.namespace}:${account.name}`
      : "# bind the platform's service account to the ClusterRole edit in it",
    copy,
  );
}
