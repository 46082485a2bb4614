import { compareQuantities } from '../kubernetes/quantity.ts';
import { refOf } from '../kubernetes/resource-of.ts';
import { defineCheck, type OpencraneView } from '../model/check.ts';
import type { FindingDraft, Remediation } from '../model/finding.ts';
import type { Quantities, ResourceQuota } from '../model/kinds.ts';
import { compareNames } from '../model/object.ts';
import type { ClusterTenant, ClusterTenantQuota } from '../model/opencrane-kinds.ts';
import { absent, applyStep, manual } from './drafting.ts';
import { customersOf } from './opencrane-customers.ts';

type Eyes = OpencraneView<'clustertenants.opencrane.io' | 'resourcequotas' | 'limitranges' | 'namespaces'>;

const QUOTA = 'opencrane-cluster-tenant-quota';
const LIMITS = 'opencrane-cluster-tenant-limits';

/** As the operator makes it of `spec.resources.quota`. */
const DIMENSIONS: Readonly<Record<keyof ClusterTenantQuota, string>> = {
  cpu: 'requests.cpu',
  memory: 'requests.memory',
  pods: 'pods',
  storage: 'requests.storage',
  gpu: 'requests.nvidia.com/gpu',
};

export default defineCheck({
  id: 'quota-drift',
  title: "Each ClusterTenant's quota is what its namespace enforces",
  severity: 'high',
  area: 'quota',
  platforms: ['opencrane'],
  reads: ['clustertenants.opencrane.io', 'resourcequotas', 'limitranges', 'namespaces'],
  causes: [{ check: 'opencrane-bound-namespace-wrong', by: ['namespace'] }],
  *run(view) {
    for (const tenant of customersOf(view)) {
      const namespace = tenant.status?.boundNamespace;
      const wanted = wantedOf(tenant);
      if (!namespace || wanted.size === 0 || isBehind(tenant)) continue;
      const found = view.find('namespaces', namespace);
      // That it is not there is said by opencrane-bound-namespace-wrong.
      if (found === 'absent' || tenant.spec?.isolationTier === 'dedicatedCluster') continue;
      view.examined();
      yield* judge(view, tenant, namespace, wanted);
    }
  },
});

/** The operator has yet to act on the newest spec. */
const isBehind = ({ metadata, status }: ClusterTenant): boolean =>
  status?.observedGeneration !== undefined && (metadata.generation ?? 0) > status.observedGeneration;

function wantedOf({ spec }: ClusterTenant): ReadonlyMap<string, string | number> {
  const quota = spec?.resources?.quota ?? {};
  return new Map(
    Object.entries(DIMENSIONS).flatMap(([field, dimension]) => {
      const amount = quota[field as keyof ClusterTenantQuota];
      return amount === undefined ? [] : [[dimension, amount] as const];
    }),
  );
}

function* judge(
  view: Eyes,
  tenant: ClusterTenant,
  namespace: string,
  wanted: ReadonlyMap<string, string | number>,
): Iterable<FindingDraft> {
  const quota = view.find('resourcequotas', QUOTA, namespace);
  const keys = { namespace };
  const shared = { confidence: 'certain' as const, tenant: namespace, keys };
  if (quota === 'absent')
    yield {
      ...shared,
      object: absent('resourcequotas', QUOTA, namespace),
      message: `ResourceQuota ${QUOTA} does not exist in ${namespace}: ClusterTenant ${tenant.metadata.name} has no ceiling`,
      evidence: [{ type: 'absence', expected: Object.fromEntries(wanted) }],
      remediation: repair(namespace, wanted, true),
    };
  else if (quota !== 'unknown') {
    for (const fault of differences(quota, wanted))
      yield { ...shared, ...fault, remediation: repair(namespace, wanted, false) };
  }
  if (view.find('limitranges', LIMITS, namespace) === 'absent')
    yield {
      ...shared,
      object: absent('limitranges', LIMITS, namespace),
      message: `LimitRange ${LIMITS} does not exist in ${namespace}: pods that state no requests are refused under its quota`,
      evidence: [{ type: 'absence', expected: 'default 1/1Gi, defaultRequest 100m/128Mi' }],
      remediation: manual('Create it as the operator does', applyStep(limitRange(namespace))),
    };
}

type Difference = Pick<FindingDraft, 'object' | 'discriminator' | 'path' | 'severity' | 'message' | 'evidence'>;

function differences(quota: ResourceQuota, wanted: ReadonlyMap<string, string | number>): readonly Difference[] {
  const hard: Quantities = quota.spec?.hard ?? {};
  const object = refOf('resourcequotas', quota);
  const dimensions = [...new Set([...wanted.keys(), ...Object.keys(hard)])].sort(compareNames);
  return dimensions.flatMap((dimension): readonly Difference[] => {
    const [want, have] = [wanted.get(dimension), hard[dimension]];
    if (want !== undefined && have !== undefined && compareQuantities(want, have) === 0) return [];
    const what =
      want === undefined
        ? `limits ${dimension} to ${String(have)}, of which the ClusterTenant says nothing`
        : `has ${String(have ?? 'no')} ${dimension}, the ClusterTenant ${String(want)}`;
    return [
      {
        object,
        discriminator: dimension,
        path: `/spec/hard/${dimension.replaceAll('/', '~1')}`,
        severity: want === undefined ? 'medium' : 'high',
        message: `ResourceQuota ${object.name} in ${object.namespace ?? ''} ${what}`,
        evidence: [{ type: 'comparison', object, observed: have ?? null, expected: want ?? null }],
      },
    ];
  });
}

/** The operator passes over ready objects whose generation has not changed: it repairs nothing by itself. */
function repair(namespace: string, wanted: ReadonlyMap<string, string | number>, create: boolean): Remediation {
  const hard = [...wanted].map(([dimension, amount]) => [dimension, String(amount)] as const);
  return manual(
    'Write what the ClusterTenant says: the operator does not come back to one that is ready',
    create
      ? `kubectl -n ${namespace} create quota ${QUOTA} --hard=${hard.map((pair) => pair.join('=')).join(',')}`
      : `kubectl -n ${namespace} patch resourcequota ${QUOTA} --type=merge -p '${JSON.stringify({ spec: { hard: Object.fromEntries(hard) } })}'`,
    '# or change the spec of the ClusterTenant, if the quota is right',
  );
}

const limitRange = (namespace: string): object => ({
  apiVersion: 'v1',
  kind: 'LimitRange',
  metadata: { name: LIMITS, namespace },
  spec: {
    limits: [
      {
        type: 'Container',
        default: { cpu: '1', memory: '1Gi' },
        defaultRequest: { cpu: '100m', memory: '128Mi' },
      },
    ],
  },
});
