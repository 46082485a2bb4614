import { CLUSTER_TENANT_LABEL, namespaceOfClusterTenant } from '../kubernetes/opencrane-names.ts';
import { refOf } from '../kubernetes/resource-of.ts';
import { defineCheck, type OpencraneView } from '../model/check.ts';
import type { Remediation } from '../model/finding.ts';
import type { ClusterTenant } from '../model/opencrane-kinds.ts';
import { manual } from './drafting.ts';
import { isChosen } from './opencrane-customers.ts';

type Eyes = OpencraneView<'clustertenants.opencrane.io' | 'namespaces'>;

export default defineCheck({
  id: 'opencrane-bound-namespace-wrong',
  title: "Each ClusterTenant's bound namespace is its own",
  severity: 'critical',
  area: 'opencrane',
  platforms: ['opencrane'],
  reads: ['clustertenants.opencrane.io', 'namespaces'],
  *run(view) {
    const tenants = view.list('clustertenants.opencrane.io').filter(isBound);
    for (const tenant of tenants.filter(({ metadata }) => isChosen(view, metadata.name))) {
      view.examined();
      const fault = faultOf(view, tenant, tenants);
      if (!fault) continue;
      const { name } = tenant.metadata;
      const namespace = boundTo(tenant);
      const object = refOf('clustertenants.opencrane.io', tenant);
      yield {
        object,
        path: '/status/boundNamespace',
        message: `ClusterTenant ${name} is bound to namespace ${namespace}, ${fault.what}`,
        confidence: 'certain',
        tenant: namespace,
        keys: { namespace },
        evidence: [{ type: 'comparison', object, observed: fault.observed, expected: fault.expected }],
        remediation: fault.repair,
      };
    }
  },
});

const boundTo = ({ status }: ClusterTenant): string => status?.boundNamespace ?? '';

/** The namespace of a dedicatedCluster is in another cluster. */
const isBound = (tenant: ClusterTenant): boolean =>
  boundTo(tenant) !== '' && tenant.status?.phase === 'ready' && tenant.spec?.isolationTier !== 'dedicatedCluster';

interface Fault {
  readonly what: string;
  readonly observed: string;
  readonly expected: string;
  readonly repair: Remediation;
}

function faultOf(view: Eyes, tenant: ClusterTenant, all: readonly ClusterTenant[]): Fault | undefined {
  const { name } = tenant.metadata;
  const bound = boundTo(tenant);
  const made = namespaceOfClusterTenant(name);
  const anew = manual(
    'Let the operator bind a ClusterTenant of its own, and move its Tenants there',
    `kubectl get clustertenant ${name} -o yaml`,
    `kubectl get tenants.opencrane.io -A`,
    `# make a new ClusterTenant, point spec.clusterTenantRef of its Tenants at it, then delete ${name}`,
  );
  const sharing = all.find((other) => other !== tenant && boundTo(other) === bound);
  if (sharing)
    return { what: `as ClusterTenant ${sharing.metadata.name} is`, observed: bound, expected: made, repair: anew };
  const namespace = view.find('namespaces', bound);
  if (namespace === 'absent')
    return { what: 'which does not exist', observed: 'absent', expected: bound, repair: anew };
  // Only the built-in provisioner makes names like this; another one may choose.
  if (tenant.status?.provisioner === 'shared' && bound !== made)
    return { what: `not to its own, ${made}`, observed: bound, expected: made, repair: anew };
  if (namespace === 'unknown') return undefined;
  const label = namespace.metadata.labels?.[CLUSTER_TENANT_LABEL];
  if (label === name) return undefined;
  const repair = manual(
    'Label the namespace as its own',
    `kubectl label namespace ${bound} ${CLUSTER_TENANT_LABEL}=${name} --overwrite`,
  );
  const what = label === undefined ? 'which no label says is its own' : `which is labelled as that of ${label}`;
  return { what, observed: label ?? '', expected: name, repair };
}
