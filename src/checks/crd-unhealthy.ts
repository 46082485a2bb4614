import { refOf } from '../kubernetes/resource-of.ts';
import { defineCheck } from '../model/check.ts';
import type { Severity } from '../model/finding.ts';
import type { CustomResourceDefinition } from '../model/kinds.ts';
import type { Condition } from '../model/object.ts';
import { ageOf, manual, MINUTE } from './drafting.ts';
import { DEFINITIONS, definitionsOf } from './platform-definitions.ts';

export default defineCheck({
  id: 'crd-unhealthy',
  title: 'Every CRD of the platform is established',
  severity: 'critical',
  area: 'crd',
  platforms: ['opencrane', 'flux'],
  reads: [DEFINITIONS],
  causes: [{ check: 'crd-owned-by-instance', by: ['object'] }],
  *run(view) {
    for (const definition of definitionsOf(view)) {
      const { name, creationTimestamp } = definition.metadata;
      const conditions = definition.status?.conditions ?? [];
      if (conditions.length === 0) {
        view.unknown(DEFINITIONS, `CustomResourceDefinition ${name} has no status in what was read`);
        continue;
      }
      view.examined();
      const fault = faultOf(conditions);
      // The API server takes a moment to establish a new one.
      const isNew = (ageOf(creationTimestamp, view.now) ?? Infinity) < MINUTE;
      if (!fault || (isNew && fault.condition.type !== 'Terminating')) continue;
      const { type, status, message = '' } = fault.condition;
      yield {
        object: refOf(DEFINITIONS, definition),
        discriminator: type,
        path: '/status/conditions',
        severity: fault.severity,
        message: `CustomResourceDefinition ${name} has ${type} ${status}: ${fault.means}`,
        confidence: 'certain',
        keys: { object: name },
        evidence: [{ type: 'condition', object: refOf(DEFINITIONS, definition), observed: status, message }],
        remediation: repair(definition, type),
      };
    }
  },
});

interface Fault {
  readonly condition: Condition;
  readonly severity: Severity;
  readonly means: string;
}

/** The gravest; Established stays True with nothing served, and says nothing about that. */
function faultOf(conditions: readonly Condition[]): Fault | undefined {
  const find = (type: string): Condition | undefined => conditions.find((condition) => condition.type === type);
  const terminating = find('Terminating');
  if (terminating?.status === 'True')
    return { condition: terminating, severity: 'critical', means: 'all its objects are being deleted' };
  const names = find('NamesAccepted');
  const established = find('Established') ?? { type: 'Established', status: 'missing' };
  if (established.status !== 'True') {
    const why = names?.status === 'False' ? names : established;
    return { condition: why, severity: 'critical', means: 'it is not served' };
  }
  if (names?.status === 'False')
    return { condition: names, severity: 'high', means: 'another CRD has one of its names' };
  const structural = find('NonStructuralSchema');
  return structural?.status === 'True'
    ? { condition: structural, severity: 'high', means: 'fields are neither pruned nor checked as they should be' }
    : undefined;
}

function repair({ metadata: { name }, spec }: CustomResourceDefinition, type: string) {
  const plural = `${spec?.names?.plural ?? ''}.${spec?.group ?? ''}`;
  if (type === 'Terminating')
    return manual(
      'Save the objects while they are there, and apply the CRD again once it is gone',
      `kubectl get ${plural} -A -o yaml > ${plural}.yaml`,
      `kubectl get crd ${name} -o jsonpath='{.metadata.finalizers}'`,
      '# a CRD that is going cannot be kept; once it is gone apply the CRDs of the release, then the saved objects',
    );
  if (type === 'NamesAccepted')
    return manual(
      'Take the other CRD away, or rename it',
      `kubectl get crd -o custom-columns=NAME:.metadata.name,KIND:.spec.names.kind,PLURAL:.spec.names.plural,SHORT:.spec.names.shortNames`,
    );
  return manual('Look at what the API server says about it', `kubectl get crd ${name} -o yaml`);
}
