import { refOf } from '../kubernetes/resource-of.ts';
import { podTemplateOf } from '../kubernetes/owners.ts';
import { defineCheck, type OpencraneView } from '../model/check.ts';
import type { FindingDraft } from '../model/finding.ts';
import type { KubeObject } from '../model/object.ts';
import type { ClusterTenant } from '../model/opencrane-kinds.ts';
import type { PodTemplate } from '../model/pods.ts';
import { manual } from './drafting.ts';
import { customersOf } from './opencrane-customers.ts';

const TEMPLATES = ['deployments.apps', 'statefulsets.apps', 'daemonsets.apps', 'jobs.batch', 'cronjobs.batch'] as const;
type Eyes = OpencraneView<'clustertenants.opencrane.io' | 'nodes' | (typeof TEMPLATES)[number]>;

const POOL = 'opencrane.io/node-pool';
const TAINT = 'opencrane.io/dedicated';

export default defineCheck({
  id: 'opencrane-dedicated-unpinned',
  title: 'Dedicated customers run on their own nodes',
  severity: 'high',
  area: 'opencrane',
  platforms: ['opencrane'],
  reads: ['clustertenants.opencrane.io', 'nodes', ...TEMPLATES],
  *run(view) {
    for (const tenant of customersOf(view).filter(isDedicated)) {
      view.examined();
      const pool = tenant.spec?.compute?.nodePool ?? '';
      if (pool === '') yield poolMissing(tenant);
      else {
        yield* nodeFaults(view, tenant, pool);
        yield* templateFaults(view, tenant, pool);
      }
    }
  },
});

const isDedicated = ({ spec }: ClusterTenant): boolean =>
  spec?.isolationTier === 'dedicatedNodes' || spec?.compute?.mode === 'dedicated';

function poolMissing(tenant: ClusterTenant): FindingDraft {
  const object = refOf('clustertenants.opencrane.io', tenant);
  return {
    object,
    path: '/spec/compute/nodePool',
    message: `ClusterTenant ${object.name} is to have nodes of its own and names no pool: its pods run among others`,
    confidence: 'certain',
    evidence: [{ type: 'object', object, path: '/spec/compute', observed: tenant.spec?.compute ?? null }],
    remediation: manual(
      'Name its pool',
      `# kubectl patch clustertenant ${object.name} --type=merge -p '{"spec":{"compute":{"mode":"dedicated","nodePool":"POOL"}}}'`,
    ),
  };
}

/** Where an autoscaler makes nodes on demand there may be none now: then it is only said of pools with nodes. */
function* nodeFaults(view: Eyes, tenant: ClusterTenant, pool: string): Iterable<FindingDraft> {
  const nodes = view.list('nodes').filter(({ metadata }) => metadata.labels?.[POOL] === pool);
  const object = refOf('clustertenants.opencrane.io', tenant);
  if (nodes.length === 0 && view.complete('nodes'))
    yield {
      object,
      discriminator: 'no node',
      path: '/spec/compute/nodePool',
      severity: 'medium',
      message: `No node has label ${POOL}=${pool}, the pool of ClusterTenant ${object.name}: its pods wait until one comes`,
      confidence: 'certain',
      evidence: [{ type: 'absence', message: `nodes with label ${POOL}=${pool}` }],
      remediation: manual('Add nodes to the pool', `kubectl get nodes -L ${POOL}`),
    };
  for (const node of nodes) {
    const taints = node.spec?.taints ?? [];
    if (taints.some(({ key, value, effect }) => key === TAINT && value === pool && effect !== 'PreferNoSchedule'))
      continue;
    const ref = refOf('nodes', node);
    yield {
      object: ref,
      path: '/spec/taints',
      message: `Node ${ref.name} of pool ${pool} has no taint ${TAINT}=${pool}:NoSchedule: pods of others run beside those of ${object.name}`,
      confidence: 'certain',
      evidence: [{ type: 'object', object: ref, path: '/spec/taints', observed: taints }],
      remediation: manual('Keep others away', `kubectl taint node ${ref.name} ${TAINT}=${pool}:NoSchedule`),
    };
  }
}

function* templateFaults(view: Eyes, tenant: ClusterTenant, pool: string): Iterable<FindingDraft> {
  const namespace = tenant.status?.boundNamespace;
  if (!namespace) return;
  for (const resource of TEMPLATES) {
    for (const object of view.list(resource, namespace) as readonly KubeObject[]) {
      // A Job has its template from its CronJob.
      if (resource === 'jobs.batch' && (object.metadata.ownerReferences ?? []).length > 0) continue;
      const missing = missingIn(podTemplateOf(resource, object), pool);
      if (missing === undefined) continue;
      const ref = refOf(resource, object);
      yield {
        object: ref,
        path: '/spec/template/spec',
        message: `Pods of ${ref.kind} ${ref.name} in ${namespace} have no ${missing}: they are not bound to the nodes of ${tenant.metadata.name}`,
        confidence: 'certain',
        evidence: [{ type: 'object', object: ref, message: `expected for pool ${pool}`, expected: missing }],
        remediation: manual(
          'See that the operator pins it as the ClusterTenant says',
          `kubectl get clustertenant ${tenant.metadata.name} -o yaml`,
          `kubectl -n ${namespace} get ${ref.kind.toLowerCase()} ${ref.name} -o yaml`,
          '# pods of what the operator did not make are pinned by their own template',
        ),
      };
    }
  }
}

function missingIn(template: PodTemplate | undefined, pool: string): string | undefined {
  const { nodeSelector, tolerations } = template?.spec ?? {};
  if (nodeSelector?.[POOL] !== pool) return `nodeSelector ${POOL}=${pool}`;
  const tolerated = (tolerations ?? []).some(
    ({ key, operator = 'Equal', value, effect }) =>
      (key === TAINT || (key === undefined && operator === 'Exists')) &&
      (operator === 'Exists' || value === pool) &&
      (effect === undefined || effect === '' || effect === 'NoSchedule'),
  );
  return tolerated ? undefined : `toleration of ${TAINT}=${pool}:NoSchedule`;
}
