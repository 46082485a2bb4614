import { defineCheck } from '../model/check.ts';
import type { FindingDraft, Remediation } from '../model/finding.ts';
import type { Tenant } from '../model/platform.ts';
import { chartSteps, grantCommander, isNamespaceName, POOL_READS, poolTenants } from './commander-pool.ts';
import { absent, manual } from './drafting.ts';
import { createNamespace } from './fix-changes.ts';
import { siblingLabels } from './sibling-labels.ts';

export default defineCheck({
  id: 'astronomer-pool-namespace-missing',
  title: 'Every namespace of the pool exists',
  severity: 'high',
  area: 'namespace',
  platforms: ['astronomer'],
  reads: POOL_READS,
  evidence: ['roles.rbac.authorization.k8s.io', 'rolebindings.rbac.authorization.k8s.io'],
  *run(view) {
    for (const tenant of poolTenants(view)) {
      view.examined();
      const { namespace } = tenant;
      const wrong = troubleOf(tenant, view.find('namespaces', namespace) === 'absent');
      if (wrong === undefined) continue;
      const changes = wrong === 'missing' ? grantCommander(view, namespace) : undefined;
      const labels = siblingLabels(view);
      yield {
        object:
          wrong === 'terminating'
            ? { apiVersion: 'v1', kind: 'Namespace', name: namespace }
            : absent('namespaces', namespace),
        message: `Houston offers ${namespace} for deployments, ${WORDS[wrong]}`,
        confidence: 'certain',
        tenant: namespace,
        evidence: tenant.seen.map((line) => ({ type: 'discovery' as const, message: `listed in ${line}` })),
        ...(changes && view.platform.pool.chart.createsNamespaces === false
          ? {
              fix: {
                class: 'review',
                summary: 'create the namespace, the Role for this version of Commander and its RoleBinding',
                changes: [createNamespace(namespace, labels), ...changes],
                verify: ['astronomer-role-outdated'],
              },
            }
          : {}),
        remediation: remedy(
          wrong,
          namespace,
          view.platform.pool.chart.createsNamespaces === true ? chartSteps(view) : [],
        ),
      } satisfies FindingDraft;
    }
  },
});

type Trouble = 'invalid' | 'missing' | 'terminating';

function troubleOf({ namespace, terminating }: Tenant, isAbsent: boolean): Trouble | undefined {
  if (!isNamespaceName(namespace)) return 'invalid';
  if (terminating) return 'terminating';
  return isAbsent ? 'missing' : undefined;
}

const WORDS: Readonly<Record<Trouble, string>> = {
  invalid: 'which no namespace can be called',
  missing: 'which does not exist',
  terminating: 'which is being deleted',
};

function remedy(wrong: Trouble, namespace: string, byChart: readonly string[]): Remediation {
  if (wrong === 'invalid')
    return manual(
      'Correct the name in the pool',
      '# lower-case letters, digits and - only, at most 63; correct it in the values of the platform and run helm upgrade',
    );
  if (wrong === 'terminating')
    return manual(
      'Let the deletion end, then create the namespace again',
      `kubectl get namespace ${namespace} -o jsonpath='{.status.conditions}'`,
      '# then create it with its Role and RoleBinding, or take it out of the pool',
    );
  if (byChart.length > 0) return manual('Let the chart make it', ...byChart);
  return manual(
    'Create the namespace with the Role and RoleBinding of Commander, or take it out of the pool',
    `kubectl create namespace ${namespace}`,
    '# kubectl crewiso doctor --check astronomer-role-outdated then says which Role it needs',
  );
}
