import { defineCheck, type FluxView } from '../model/check.ts';
import type { Evidence, FindingDraft } from '../model/finding.ts';
import type { Condition, ObjectRef } from '../model/object.ts';
import { shellQuote } from '../model/text.ts';
import { ageOf, manual, MINUTE } from './drafting.ts';
import { APPLIED, appliedIn, keyOfRef, tenantsSeen, type Applied } from './flux-objects.ts';

/** A failure is tried again at once; what stays for so long does not go away by itself. */
const PATIENCE = 10 * MINUTE;

export default defineCheck({
  id: 'flux-not-ready',
  title: "Every tenant's Flux object is ready",
  severity: 'high',
  area: 'workload',
  platforms: ['flux'],
  reads: [...APPLIED, 'namespaces'],
  causes: [
    { check: 'flux-account-unbound', by: ['object'] },
    { check: 'flux-reference-foreign', by: ['object'] },
  ],
  *run(view) {
    for (const { namespace } of tenantsSeen(view)) {
      for (const applied of appliedIn(view, namespace)) {
        if (applied.spec.suspend === true || !isJudged(view, applied)) continue;
        view.examined();
        const condition = failureOf(applied.object.status?.conditions ?? []);
        const age = ageOf(condition?.lastTransitionTime, view.now);
        if (condition && (age === undefined || age > PATIENCE)) yield draftOf(applied, condition);
      }
    }
  },
});

/** Without a status nothing can be said, unless it is so young that nobody has looked at it. */
function isJudged(
  view: FluxView<(typeof APPLIED)[number]>,
  { object, ref, name, namespace, controller }: Applied,
): boolean {
  const age = ageOf(object.metadata.creationTimestamp, view.now);
  if ((object.status?.conditions ?? []).length > 0 || (age !== undefined && age <= PATIENCE)) return true;
  const [kustomizations, helmReleases] = APPLIED;
  const resource = controller === 'kustomize-controller' ? kustomizations : helmReleases;
  view.unknown(resource, `${ref.kind} ${name} has no status in what was read`, namespace);
  return false;
}

/** Ready=False or Stalled=True, unless it is at work and has not failed before (fluxcd/pkg/apis/meta, conditions). */
function failureOf(conditions: readonly Condition[]): Condition | undefined {
  const find = (type: string, status: string): Condition | undefined =>
    conditions.find((condition) => condition.type === type && condition.status === status);
  const working = find('Reconciling', 'True');
  if (working && working.reason !== 'ProgressingWithRetry') return undefined;
  return find('Ready', 'False') ?? find('Stalled', 'True');
}

interface Class {
  readonly words: string;
  readonly says: RegExp;
  readonly reasons?: readonly string[];
  readonly advice: string;
}

/** By what the controllers write, the most telling first. */
const CLASSES: readonly Class[] = [
  {
    words: 'a reference to another namespace is blocked',
    says: /cross-namespace references/,
    reasons: ['AccessDenied'],
    advice: 'give the namespace a source of its own (flux-reference-foreign)',
  },
  {
    words: 'its account may not apply what is in Git',
    says: /dry-run failed \(Forbidden\)|dry-run failed, reason: Forbidden|is forbidden: User/,
    advice: "what is not the tenant's belongs into the platform's repository; what is needs a right for the account",
  },
  {
    words: 'a kind is not defined in the cluster',
    says: /no matches for kind/,
    advice: 'install the CRD first, or name its Kustomization in dependsOn',
  },
  {
    words: 'its source does not exist or has no artifact',
    says: /[Ss]ource '[^']*' not found|Source artifact not found|source .* is not ready/,
    reasons: ['ArtifactFailed', 'SourceNotReady'],
    advice: 'look at the source that spec names: flux get sources all',
  },
  {
    words: 'what it depends on is not ready',
    says: /dependency '[^']*'/,
    reasons: ['DependencyNotReady'],
    advice: 'look at the object that dependsOn names',
  },
  {
    words: 'what it applied does not get healthy',
    says: /health check failed|timeout waiting for/i,
    reasons: ['HealthCheckFailed'],
    advice: 'look at the workloads that the message names (workload-not-progressing)',
  },
  {
    words: 'what is no longer in Git could not be deleted',
    says: /prune failed/i,
    reasons: ['PruneFailed'],
    advice: 'the account needs delete; or a finalizer holds the object',
  },
  {
    words: 'what is in Git cannot be built',
    says: /kustomize build failed|accumulating resources/i,
    reasons: ['BuildFailed'],
    advice: 'build it locally: flux build kustomization',
  },
];

function draftOf({ ref, object, name, namespace, controller, spec }: Applied, condition: Condition): FindingDraft {
  const { reason = '', message = '', lastTransitionTime } = condition;
  const found = classOf(reason, message);
  const command = controller === 'kustomize-controller' ? 'kustomization' : 'helmrelease';
  const state = condition.type === 'Stalled' ? 'stalled' : 'not ready';
  const account = spec.serviceAccountName;
  return {
    object: ref,
    path: '/status/conditions',
    message: `${ref.kind} ${namespace}/${name} is ${state}: ${found?.words ?? (reason || 'it does not say why')}`,
    confidence: 'certain',
    ...(lastTransitionTime && { since: lastTransitionTime }),
    evidence: [
      {
        type: 'condition',
        object: ref,
        path: '/status/conditions',
        message: `${condition.type}=${condition.status} ${reason}: ${message}`,
        ...(lastTransitionTime && { firstAt: lastTransitionTime }),
      },
      ...revisionOf(object, ref),
    ],
    keys: { object: keyOfRef(ref), ...(account && { account: `${namespace}/${account}` }) },
    remediation: manual(
      'Repair what the message names, in Git, then reconcile',
      `kubectl -n ${namespace} describe ${command} ${shellQuote(name)}`,
      ...(found ? [`# ${found.advice}`] : []),
      `flux reconcile ${command} ${shellQuote(name)} -n ${namespace}`,
    ),
  };
}

const classOf = (reason: string, message: string): Class | undefined =>
  CLASSES.find(({ says }) => says.test(message)) ?? CLASSES.find(({ reasons }) => reasons?.includes(reason));

function revisionOf({ status }: Applied['object'], ref: ObjectRef): readonly Evidence[] {
  const revision = status?.lastAttemptedRevision ?? status?.lastAppliedRevision;
  return revision === undefined ? [] : [{ type: 'object', object: ref, path: '/status', observed: revision }];
}
