import { clusterTenantRef, OPENCRANE_GROUP } from '../kubernetes/opencrane-names.ts';
import { refOf } from '../kubernetes/resource-of.ts';
import { defineCheck, type OpencraneView } from '../model/check.ts';
import { absent, manual } from './drafting.ts';
import { APPLY_BUNDLE, DEFINITIONS, servedVersions, type Definitions } from './platform-definitions.ts';

type Eyes = OpencraneView<Definitions | 'tenants.opencrane.io' | 'deployments.apps'>;

/** Of every release; `clustertenants` came with 0.5. */
const ALWAYS = ['accesspolicies', 'mcpservers', 'schedules', 'skillregistries', 'tenants'];

export default defineCheck({
  id: 'crd-missing',
  title: 'Every CRD the platform needs is installed and serves a version',
  severity: 'critical',
  area: 'crd',
  platforms: ['opencrane'],
  reads: [DEFINITIONS, 'tenants.opencrane.io', 'deployments.apps'],
  *run(view) {
    for (const [plural, why] of needed(view)) {
      const name = `${plural}.${OPENCRANE_GROUP}`;
      const found = view.find(DEFINITIONS, name);
      if (found === 'unknown') continue;
      view.examined();
      if (found !== 'absent' && servedVersions(found).length > 0) continue;
      const missing = found === 'absent';
      yield {
        object: missing ? absent(DEFINITIONS, name) : refOf(DEFINITIONS, found),
        ...(missing ? {} : { path: '/spec/versions' }),
        severity: missing ? 'critical' : 'high',
        message: missing
          ? `CustomResourceDefinition ${name} does not exist: ${why}`
          : `CustomResourceDefinition ${name} serves no version: ${why}, and requests for it get 404`,
        confidence: 'certain',
        keys: { object: name },
        evidence: [{ type: missing ? 'absence' : 'object', message: why, expected: 'served' }],
        remediation: manual('Install the CRDs before any instance', APPLY_BUNDLE, `kubectl get crd ${name}`),
      };
    }
  },
});

function* needed(view: Eyes): Iterable<readonly [plural: string, why: string]> {
  for (const plural of ALWAYS) yield [plural, 'every release of OpenCrane needs it'];
  const why = usesClusterTenants(view);
  if (why !== undefined) yield ['clustertenants', why];
  // An instance that cannot be seen may be one that needs it.
  else if (view.find(DEFINITIONS, `clustertenants.${OPENCRANE_GROUP}`) === 'absent') view.complete('deployments.apps');
}

/** Neither chart version nor appVersion tell the release; who needs the kind does. */
function usesClusterTenants(view: Eyes): string | undefined {
  const manager = view.platform.instances
    .flatMap(({ components }) => components)
    .find(({ name }) => name === 'fleet-manager' || name === 'clustertenant-manager');
  if (manager) return `Deployment ${manager.deployment.metadata.name} works with it`;
  const tenant = view.list('tenants.opencrane.io').find((one) => clusterTenantRef(one) !== undefined);
  return tenant && `Tenant ${tenant.metadata.name} in ${tenant.metadata.namespace ?? ''} names a ClusterTenant`;
}
