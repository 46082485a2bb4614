import { defineCheck } from '../model/check.ts';
import { absent, manual } from './drafting.ts';
import { RESOURCES } from '../model/resource.ts';

/** A namespace's name is a DNS label (k8s.io/apimachinery pkg/util/validation, DNS1123LabelMaxLength). */
const LIMIT = 63;

export default defineCheck({
  id: 'namespace-name-too-long',
  title: 'Every present and next tenant name fits its limit',
  severity: 'high',
  area: 'namespace',
  platforms: ['crewai'],
  reads: ['namespaces'],
  *run(view) {
    const { isolation, sharedNamespace, tenants, allTenants } = view.platform;
    // Without isolation no namespace is ever named after an organization.
    if (isolation.state === 'off') return;
    view.complete('namespaces');
    view.examined();
    const tooLong = tenants.filter(({ namespace }) => namespace.length > LIMIT);
    for (const { id, namespace } of tooLong) {
      view.examined();
      yield {
        object: absent('namespaces', namespace),
        message: `Organization ${id} needs a namespace of ${String(namespace.length)} characters, ${String(LIMIT)} are allowed: ${namespace}`,
        confidence: 'certain',
        tenant: namespace,
        evidence: [{ type: 'comparison', observed: namespace.length, expected: LIMIT, message: namespace }],
        remediation: shorter(sharedNamespace),
      };
    }
    if (tooLong.length > 0) return;
    const digits = Math.max(0, ...allTenants.map(({ id }) => id.length)) + 1;
    const length = `${sharedNamespace}-org-`.length + digits;
    if (length <= LIMIT) return;
    const { apiVersion, kind } = RESOURCES.namespaces;
    yield {
      object: { apiVersion, kind, name: sharedNamespace },
      path: '/metadata/name',
      message: `Organizations with ids of ${String(digits)} digits need namespaces of ${String(length)} characters under ${sharedNamespace}, ${String(LIMIT)} are allowed`,
      severity: 'medium',
      confidence: 'certain',
      evidence: [
        {
          type: 'comparison',
          observed: length,
          expected: LIMIT,
          message: `${sharedNamespace}-org-${'9'.repeat(digits)}`,
        },
      ],
      remediation: shorter(sharedNamespace),
    };
  },
});

function shorter(shared: string): ReturnType<typeof manual> {
  return manual(
    'Install the platform anew with a shorter K8S_NAMESPACE',
    `# K8S_NAMESPACE ${shared} is part of every name: it can only be chosen on a fresh installation`,
    '# and what runs under the old one is not moved along',
  );
}
