import { refOf } from '../kubernetes/resource-of.ts';
import type { BoundRole } from '../kubernetes/rbac.ts';
import type { View } from '../model/check.ts';
import type { FindingDraft } from '../model/finding.ts';
import type { PolicyRule } from '../model/kinds.ts';
import type { OpencraneInstance } from '../model/opencrane.ts';
import type { Platform } from '../model/platform.ts';
import { shellQuote } from '../model/text.ts';
import { bindingResource } from './binding-steps.ts';
import { clusterWideRights, type ClusterWideRight } from './cluster-wide-rights.ts';
import { manual } from './drafting.ts';
import { confidenceOf, evidenceOfBinding } from './tenant-rights.ts';
import { tenantSubjects, whoseOf } from './tenant-subjects.ts';

/** What an instance of OpenCrane needs in the whole cluster, however many ClusterRoles its chart makes of it. */
const NEEDED: readonly (readonly [group: string, resources: readonly string[], verbs: readonly string[]])[] = [
  ['opencrane.io', ['clustertenants', 'clustertenants/status'], ['get', 'list', 'watch']],
  ['authentication.k8s.io', ['tokenreviews'], ['create']],
  // Where the issuer of its certificates is the cluster's.
  ['cert-manager.io', ['clusterissuers'], ['get', 'create', 'update', 'patch']],
];

function isNeeded({ apiGroups, resources, verbs, nonResourceURLs }: PolicyRule): boolean {
  if ((nonResourceURLs ?? []).length > 0) return false;
  return (apiGroups ?? []).every((group) => {
    const [, allowed = [], may = []] = NEEDED.find(([name]) => name === group) ?? [];
    return (resources ?? []).every((one) => allowed.includes(one)) && verbs.every((verb) => may.includes(verb));
  });
}

export const instanceRights = (rules: readonly PolicyRule[]): readonly ClusterWideRight[] =>
  clusterWideRights(rules.filter((rule) => !isNeeded(rule)));

/** Instances that are to be kept from each other; one alone may have the cluster to itself. */
export function separateInstances(platform: Platform): readonly OpencraneInstance[] {
  return platform.id === 'opencrane' && platform.instances.length > 1 ? platform.instances : [];
}

/** An instance whose account has more than that reaches the customers of every other instance. */
export function* ofInstances(
  view: View<'clusterroles.rbac.authorization.k8s.io' | 'serviceaccounts'>,
  bound: BoundRole,
  instances: readonly OpencraneInstance[],
  rightsOf: (bound: BoundRole) => readonly ClusterWideRight[],
): Iterable<FindingDraft> {
  const namespaces = new Set(instances.map(({ namespace }) => namespace));
  const subjects = tenantSubjects(bound, namespaces).filter(({ namespace }) => namespace !== undefined);
  const [worst] = subjects.length > 0 ? rightsOf(bound) : [];
  if (!worst) return;
  const { binding, kind } = bound;
  const own = instances.filter(({ namespace }) => subjects.some((subject) => subject.namespace === namespace));
  yield {
    object: refOf(bindingResource(kind), binding),
    path: `/subjects/${String(subjects[0]?.index ?? 0)}`,
    message: `${whoseOf(subjects)}, of an instance of OpenCrane, may ${worst.words} in the whole cluster`,
    severity: worst.severity,
    confidence: confidenceOf(view, bound),
    evidence: evidenceOfBinding(view, bound, subjects, worst.shown),
    keys: { account: subjects.map(({ key }) => key), object: `${kind}/${binding.metadata.name}` },
    remediation: manual(
      'Let the instance have rights in its own namespaces: multiInstance.rbac namespaced',
      ...own.flatMap(({ namespace, release = namespace }) => [
        `helm get values ${shellQuote(release)} -n ${shellQuote(namespace)}`,
        `# helm upgrade ${shellQuote(release)} CHART -n ${shellQuote(namespace)} --skip-crds --reuse-values --set multiInstance.rbac=namespaced`,
      ]),
    ),
  };
}
