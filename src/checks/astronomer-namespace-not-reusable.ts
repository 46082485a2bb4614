import { refOf } from '../kubernetes/resource-of.ts';
import { defineCheck, type View } from '../model/check.ts';
import { compareNames, type KubeObject } from '../model/object.ts';
import { count } from '../model/text.ts';
import { POOL_READS, poolTenants } from './commander-pool.ts';
import { livingTenants, manual } from './drafting.ts';

const LEFT = ['secrets', 'persistentvolumeclaims', 'deployments.apps', 'statefulsets.apps'] as const;
type LeftView = View<(typeof LEFT)[number] | 'pods', 'astronomer'>;

/** What deletes a deployment for good instead of hiding it for days. */
const HARD_DELETE =
  '# before 0.29 a deployment stays for days unless hardDeleteDeployment is true: hard delete it in the UI or by the CLI';

export default defineCheck({
  id: 'astronomer-namespace-not-reusable',
  title: 'Free namespaces of the pool are empty',
  severity: 'medium',
  area: 'namespace',
  platforms: ['astronomer'],
  reads: [...new Set([...POOL_READS, ...LEFT, 'pods' as const])],
  *run(view) {
    poolTenants(view);
    const tenants = livingTenants(view.platform);
    const free = tenants.filter(({ namespace }) => isEmpty(view, namespace));
    for (const { namespace } of tenants) {
      const seen = [...LEFT, 'pods' as const].map((resource) => view.complete(resource, namespace));
      view.examined();
      const pods = view.evidence('pods', namespace);
      const { releases, deployed, workloads, claims } = leftIn(view, namespace);
      // Whoever has hibernated a deployment wants its namespace back as it was.
      if (!seen.every(Boolean) || pods.length > 0 || (deployed && workloads.length > 0)) continue;
      const left = [...releases.map((name) => `Helm release ${name}`), ...workloads, ...claims];
      if (left.length === 0) continue;
      const none = free.length === 0 ? '; no namespace of the pool is free' : '';
      yield {
        object: { apiVersion: 'v1', kind: 'Namespace', name: namespace },
        message: `${namespace} runs no pod and still holds ${left.slice(0, 3).join(', ')}${left.length > 3 ? ` and ${count(left.length - 3, 'object')} more` : ''}${none}`,
        confidence: 'likely',
        tenant: namespace,
        evidence: left.map((message) => ({ type: 'object' as const, message })),
        remediation: manual(
          'Take away what a deleted deployment left behind, once nobody wants it back',
          HARD_DELETE,
          ...releases.map((release) => `helm uninstall ${release} -n ${namespace}`),
          ...(claims.length > 0
            ? [`# the data in it is lost: kubectl -n ${namespace} delete persistentvolumeclaim NAME`]
            : []),
          `kubectl -n ${namespace} get persistentvolumeclaims,secrets,deployments,statefulsets`,
        ),
      };
    }
  },
});

function isEmpty(view: LeftView, namespace: string): boolean {
  const { releases, workloads, claims } = leftIn(view, namespace);
  return releases.length + workloads.length + claims.length + view.evidence('pods', namespace).length === 0;
}

interface Left {
  readonly releases: readonly string[];
  /** The newest revision of a release is in force. */
  readonly deployed: boolean;
  readonly workloads: readonly string[];
  readonly claims: readonly string[];
}

function leftIn(view: LeftView, namespace: string): Left {
  const records = view.evidence('secrets', namespace).filter(({ type }) => type === 'helm.sh/release.v1');
  const label = ({ metadata }: KubeObject, key: string): string => metadata.labels?.[key] ?? '';
  const names = (resource: 'deployments.apps' | 'statefulsets.apps' | 'persistentvolumeclaims'): readonly string[] =>
    view.evidence(resource, namespace).map((object) => `${refOf(resource, object).kind} ${object.metadata.name}`);
  return {
    releases: [...new Set(records.map((record) => label(record, 'name')))].filter(Boolean).sort(compareNames),
    deployed: records.some((record) => label(record, 'status') === 'deployed'),
    workloads: [...names('deployments.apps'), ...names('statefulsets.apps')],
    claims: names('persistentvolumeclaims'),
  };
}
