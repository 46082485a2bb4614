import { clusterTenantRef, TENANT_LABEL } from '../kubernetes/opencrane-names.ts';
import { controllerOf } from '../kubernetes/owners.ts';
import { refOf } from '../kubernetes/resource-of.ts';
import { defineCheck, type OpencraneView } from '../model/check.ts';
import type { FindingDraft } from '../model/finding.ts';
import type { KubeObject } from '../model/object.ts';
import type { UserTenant } from '../model/opencrane-kinds.ts';
import { WORKLOADS, type Resource } from '../model/resource.ts';
import { shellQuote } from '../model/text.ts';
import { manual } from './drafting.ts';
import { isChosen } from './opencrane-customers.ts';

type Eyes = OpencraneView<'tenants.opencrane.io' | 'clustertenants.opencrane.io' | (typeof WORKLOADS)[number]>;

export default defineCheck({
  id: 'opencrane-tenant-misplaced',
  title: "Every Tenant and its pods live in their customer's namespace",
  severity: 'critical',
  area: 'opencrane',
  platforms: ['opencrane'],
  reads: ['tenants.opencrane.io', 'clustertenants.opencrane.io', ...WORKLOADS],
  causes: [
    { check: 'opencrane-bound-namespace-wrong', by: ['namespace'] },
    { check: 'opencrane-operators-overlap', by: ['release'] },
  ],
  *run(view) {
    const tenants = view.list('tenants.opencrane.io');
    const isOnly = onlyNames(tenants);
    const workloads = workloadsByTenant(view);
    const bound = boundNamespaces(view);
    for (const tenant of tenants) {
      const reference = clusterTenantRef(tenant);
      // One without a customer lives in the namespace of its instance; a suspended one has no pods to run.
      if (reference === undefined || tenant.spec?.suspended || !isChosen(view, reference)) continue;
      view.examined();
      const home = yield* homeOf(view, tenant, reference);
      const owner = bound.get(tenant.metadata.namespace ?? '');
      if (owner !== undefined && owner !== reference)
        yield draft(tenant, `belongs to ${reference} and is in the namespace of ${owner}`, reference, 'high');
      // Two instances may each have a user of that name: whose the pods are their label does not tell.
      if (home !== undefined && isOnly(tenant.metadata.name))
        yield* strays(tenant, reference, home, workloads.get(tenant.metadata.name) ?? []);
    }
  },
});

function onlyNames(tenants: readonly UserTenant[]): (name: string) => boolean {
  const seen = new Map<string, number>();
  for (const { metadata } of tenants) seen.set(metadata.name, (seen.get(metadata.name) ?? 0) + 1);
  return (name) => seen.get(name) === 1;
}

/** Namespace → the customer whose it is. */
function boundNamespaces(view: Eyes): ReadonlyMap<string, string> {
  return new Map(
    view
      .list('clustertenants.opencrane.io')
      .flatMap(({ metadata, status }) => (status?.boundNamespace ? [[status.boundNamespace, metadata.name]] : [])),
  );
}

type Found = readonly [resource: Resource, object: KubeObject];

/** What a Tenant's label is on, but for what a controller made of something else. */
function workloadsByTenant(view: Eyes): ReadonlyMap<string, readonly Found[]> {
  const found = new Map<string, Found[]>();
  for (const resource of WORKLOADS) {
    for (const object of view.list(resource) as readonly KubeObject[]) {
      const tenant = object.metadata.labels?.[TENANT_LABEL];
      if (tenant === undefined || controllerOf(object)) continue;
      found.set(tenant, [...(found.get(tenant) ?? []), [resource, object]]);
    }
  }
  return found;
}

/** The namespace of its customer; a finding where there is none. */
function* homeOf(view: Eyes, tenant: UserTenant, reference: string): Generator<FindingDraft, string | undefined> {
  const customer = view.find('clustertenants.opencrane.io', reference);
  if (customer === 'unknown') return undefined;
  if (customer === 'absent') {
    yield draft(tenant, `names ClusterTenant ${reference}, which does not exist`, reference, 'high');
    return undefined;
  }
  const home = customer.status?.boundNamespace;
  if (home) return customer.spec?.isolationTier === 'dedicatedCluster' ? undefined : home;
  yield draft(tenant, `names ClusterTenant ${reference}, which is bound to no namespace yet`, reference, 'high');
  return undefined;
}

function draft(tenant: UserTenant, what: string, reference: string, severity: 'high'): FindingDraft {
  const object = refOf('tenants.opencrane.io', tenant);
  const { name, namespace = '' } = tenant.metadata;
  return {
    object,
    discriminator: what,
    path: '/spec/clusterTenantRef',
    severity,
    message: `Tenant ${name} in ${namespace} ${what}`,
    confidence: 'certain',
    keys: { release: namespace },
    evidence: [{ type: 'object', object, path: '/spec/clusterTenantRef', observed: reference }],
    remediation: manual(
      'Name the ClusterTenant that it belongs to',
      'kubectl get clustertenants',
      `# kubectl -n ${namespace} patch tenant.opencrane.io ${name} --type=merge -p '{"spec":{"clusterTenantRef":"NAME"}}'`,
    ),
  };
}

function* strays(tenant: UserTenant, reference: string, home: string, found: readonly Found[]): Iterable<FindingDraft> {
  const { name, namespace: own = '' } = tenant.metadata;
  for (const [resource, object] of found) {
    const ref = refOf(resource, object);
    const namespace = ref.namespace ?? '';
    if (namespace === home) continue;
    yield {
      object: ref,
      path: `/metadata/labels/${TENANT_LABEL.replace('/', '~1')}`,
      message: `${ref.kind} ${ref.name} of Tenant ${name} runs in ${namespace}, not in ${home}, which is ${reference}'s`,
      confidence: 'certain',
      keys: { namespace: [namespace, home], release: own },
      evidence: [
        {
          type: 'object',
          object: refOf('tenants.opencrane.io', tenant),
          path: '/spec/clusterTenantRef',
          observed: reference,
        },
        { type: 'comparison', object: ref, observed: namespace, expected: home },
      ],
      remediation: manual(
        `Take it away once the pods in ${home} run`,
        `kubectl -n ${home} get pods -l ${TENANT_LABEL}=${name}`,
        `# kubectl -n ${namespace} delete ${ref.kind.toLowerCase()} ${shellQuote(ref.name)}`,
      ),
    };
  }
}
