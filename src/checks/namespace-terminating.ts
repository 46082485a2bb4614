import { refOf } from '../kubernetes/resource-of.ts';
import { defineCheck } from '../model/check.ts';
import type { Evidence } from '../model/finding.ts';
import type { Namespace } from '../model/kinds.ts';
import type { Condition } from '../model/object.ts';
import { PLATFORM_IDS } from '../model/platform.ts';
import { ageOf, manual, MINUTE } from './drafting.ts';

/** Deleting what a namespace holds takes seconds to minutes; after that something holds it. */
const PATIENCE = 10 * MINUTE;

export default defineCheck({
  id: 'namespace-terminating',
  title: 'No tenant namespace is stuck in deletion',
  severity: 'critical',
  area: 'namespace',
  platforms: PLATFORM_IDS,
  reads: ['namespaces'],
  *run(view) {
    const { ownNamespaces, tenants } = view.platform;
    view.complete('namespaces');
    const names = new Set([...ownNamespaces, ...tenants.map(({ namespace }) => namespace)]);
    for (const name of names) {
      const namespace = view.find('namespaces', name);
      if (typeof namespace === 'string') continue;
      view.examined();
      const { deletionTimestamp } = namespace.metadata;
      if (namespace.status?.phase !== 'Terminating' && !deletionTimestamp) continue;
      const blockers = blockersOf(namespace);
      const since =
        deletionTimestamp ?? blockers.flatMap(({ lastTransitionTime }) => lastTransitionTime ?? []).sort()[0];
      const age = ageOf(since, view.now);
      yield {
        object: refOf('namespaces', namespace),
        path: '/status/phase',
        message: `Namespace ${name} is being deleted${age === undefined ? '' : ` since ${String(Math.max(0, Math.floor(age / MINUTE)))} minutes`}: ${reasonOf(blockers)}`,
        severity: age !== undefined && age > PATIENCE ? 'critical' : 'medium',
        confidence: 'certain',
        ...(since === undefined ? {} : { since }),
        evidence: [
          { type: 'object', object: refOf('namespaces', namespace), path: '/status/phase', observed: 'Terminating' },
          ...blockers.map((condition) => conditionEvidence(namespace, condition)),
        ],
        remediation: manual(
          'Let the controllers of the remaining finalizers finish; never strip finalizers by hand',
          ...stepsFor(name, blockers),
        ),
      };
    }
  },
});

/** Conditions of the namespace controller that are True name what holds it (pkg/controller/namespace/deletion). */
function blockersOf({ status }: Namespace): readonly Condition[] {
  return (status?.conditions ?? []).filter(
    (condition) => condition.status === 'True' && condition.type.startsWith('Namespace'),
  );
}

function reasonOf(blockers: readonly Condition[]): string {
  if (blockers.length === 0) return 'no condition says what holds it';
  return blockers.map(({ type, message }) => message ?? type).join('; ');
}

function conditionEvidence(namespace: Namespace, { type, message, lastTransitionTime }: Condition): Evidence {
  return {
    type: 'condition',
    object: refOf('namespaces', namespace),
    path: '/status/conditions',
    observed: type,
    ...(message === undefined ? {} : { message }),
    ...(lastTransitionTime ? { firstAt: lastTransitionTime } : {}),
  };
}

function stepsFor(name: string, blockers: readonly Condition[]): readonly string[] {
  const types = new Set(blockers.map(({ type }) => type));
  const apis =
    types.has('NamespaceDeletionDiscoveryFailure') || types.has('NamespaceDeletionGroupVersionParsingFailure');
  return [
    ...(apis
      ? [
          '# an API that does not answer holds every deletion; repair or remove the one that is not Available:',
          'kubectl get apiservices',
        ]
      : []),
    '# what is left in it, with its finalizers:',
    `kubectl api-resources --verbs=list --namespaced -o name | xargs -n 1 kubectl -n ${name} get --ignore-not-found -o custom-columns=KIND:.kind,NAME:.metadata.name,FINALIZERS:.metadata.finalizers`,
    '# repair the controller that each finalizer belongs to; a finalizer taken away by hand leaves outside resources behind',
    `kubectl get namespace ${name} -o jsonpath='{.status.conditions}'`,
  ];
}
