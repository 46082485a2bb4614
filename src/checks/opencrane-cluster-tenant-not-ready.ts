import { refOf } from '../kubernetes/resource-of.ts';
import { defineCheck } from '../model/check.ts';
import type { Remediation, Severity } from '../model/finding.ts';
import type { ClusterTenant } from '../model/opencrane-kinds.ts';
import { ageOf, manual, MINUTE } from './drafting.ts';
import { customersOf } from './opencrane-customers.ts';

export default defineCheck({
  id: 'opencrane-cluster-tenant-not-ready',
  title: 'Every ClusterTenant is ready for its current spec',
  severity: 'high',
  area: 'opencrane',
  platforms: ['opencrane'],
  reads: ['clustertenants.opencrane.io'],
  causes: [{ check: 'crd-field-pruned', by: ['object'] }],
  *run(view) {
    for (const tenant of customersOf(view)) {
      const { name, generation } = tenant.metadata;
      view.examined();
      const fault = faultOf(tenant, view.now);
      if (!fault) continue;
      const { phase, message = '', observedGeneration } = tenant.status ?? {};
      const object = refOf('clustertenants.opencrane.io', tenant);
      yield {
        object,
        path: fault.path,
        severity: fault.severity,
        message: `ClusterTenant ${name} ${fault.what}${message === '' ? '' : `: ${message}`}`,
        confidence: fault.severity === 'high' ? 'certain' : 'likely',
        keys: { object: 'clustertenants.opencrane.io' },
        evidence: [{ type: 'object', object, observed: { phase, generation, observedGeneration, message } }],
        remediation: repair(tenant),
      };
    }
  },
});

interface Fault {
  readonly path: string;
  readonly severity: Severity;
  readonly what: string;
}

/** How long provisioning may take. */
const PATIENCE = 10 * MINUTE;

function faultOf({ metadata, status = {} }: ClusterTenant, now: number): Fault | undefined {
  const { phase = 'pending', boundNamespace = '', observedGeneration, lastReconciled } = status;
  if (phase === 'failed') return { path: '/status/phase', severity: 'high', what: 'has failed' };
  // An object of files that never was in a cluster has no age, and no status.
  const settled = (ageOf(metadata.creationTimestamp, now) ?? 0) > PATIENCE;
  if (!settled) return undefined;
  if (phase !== 'ready')
    return { path: '/status/phase', severity: 'high', what: `has been ${phase} for over 10 minutes` };
  if (boundNamespace === '')
    return { path: '/status/boundNamespace', severity: 'high', what: 'is ready, and bound to no namespace' };
  return lagOf(metadata.generation ?? 0, observedGeneration, ageOf(lastReconciled, now) ?? Infinity);
}

function lagOf(generation: number, observedGeneration: number | undefined, sinceLooked: number): Fault | undefined {
  // A CRD without the field prunes it (crd-field-pruned); a pass of a moment ago may be followed by another.
  if (observedGeneration === undefined || sinceLooked < PATIENCE) return undefined;
  return generation > observedGeneration
    ? {
        path: '/status/observedGeneration',
        severity: 'medium',
        what: `is ready for generation ${String(observedGeneration)} of its spec, which is at ${String(generation)}`,
      }
    : undefined;
}

function repair({ metadata: { name }, spec, status }: ClusterTenant): Remediation {
  const look = `kubectl get clustertenant ${name} -o yaml`;
  if (status?.message?.startsWith('No in-cluster provisioner serves'))
    return manual(
      'Take a tier that is served, or set up a backend for this one',
      look,
      `# values: clusterTenant.provisionerWebhook.url (https only), or another spec.isolationTier than ${spec?.isolationTier ?? ''}`,
    );
  return manual(
    'Look at what the operator says about it',
    look,
    `kubectl get deployments -A -l app.kubernetes.io/part-of=opencrane`,
    '# a denied "create namespaces" needs a ClusterRole: rules for namespaces and ClusterTenants in a Role have no effect',
  );
}
