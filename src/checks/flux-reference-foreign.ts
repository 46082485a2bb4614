import { refOf } from '../kubernetes/resource-of.ts';
import { defineCheck, type FluxView } from '../model/check.ts';
import type { FindingDraft, Severity } from '../model/finding.ts';
import type { CrossReference } from '../model/flux-kinds.ts';
import type { FluxControllerKind } from '../model/flux.ts';
import type { ObjectRef } from '../model/object.ts';
import type { Kinds } from '../model/resource.ts';
import { manual } from './drafting.ts';
import {
  APPLIED,
  controllersOf,
  isOn,
  keyOfController,
  keyOfRef,
  noteUnknown,
  sameTenant,
  tenantsSeen,
} from './flux-objects.ts';

const REFERRING = [
  ...APPLIED,
  'receivers.notification.toolkit.fluxcd.io',
  'alerts.notification.toolkit.fluxcd.io',
  'imagepolicies.image.toolkit.fluxcd.io',
  'imageupdateautomations.image.toolkit.fluxcd.io',
] as const;
type Referring = (typeof REFERRING)[number];
const READS = [...REFERRING, 'deployments.apps', 'namespaces'] as const;
type Eyes = FluxView<(typeof READS)[number]>;

/** Which controller heeds --no-cross-namespace-refs there. */
const CONTROLLER_OF: Readonly<Record<Referring, FluxControllerKind>> = {
  'kustomizations.kustomize.toolkit.fluxcd.io': 'kustomize-controller',
  'helmreleases.helm.toolkit.fluxcd.io': 'helm-controller',
  'receivers.notification.toolkit.fluxcd.io': 'notification-controller',
  'alerts.notification.toolkit.fluxcd.io': 'notification-controller',
  'imagepolicies.image.toolkit.fluxcd.io': 'image-reflector-controller',
  'imageupdateautomations.image.toolkit.fluxcd.io': 'image-automation-controller',
};

type Reference = CrossReference | null | undefined;

/** The fields by which these kinds refer to others; dependsOn is none of them, for the flag never concerns it. */
interface ReferringSpec {
  readonly sourceRef?: Reference;
  readonly chart?: { readonly spec?: { readonly sourceRef?: Reference } | null } | null;
  readonly chartRef?: Reference;
  readonly resources?: readonly CrossReference[] | null;
  readonly eventSources?: readonly CrossReference[] | null;
  readonly imageRepositoryRef?: Reference;
}

function referencesOf(spec: ReferringSpec): readonly (readonly [path: string, reference: Reference])[] {
  return [
    ['/spec/sourceRef', spec.sourceRef],
    ['/spec/chart/spec/sourceRef', spec.chart?.spec?.sourceRef],
    ['/spec/chartRef', spec.chartRef],
    ...(spec.resources ?? []).map((each, index) => [`/spec/resources/${String(index)}`, each] as const),
    ...(spec.eventSources ?? []).map((each, index) => [`/spec/eventSources/${String(index)}`, each] as const),
    ['/spec/imageRepositoryRef', spec.imageRepositoryRef],
  ];
}

export default defineCheck({
  id: 'flux-reference-foreign',
  title: 'Flux objects refer to sources of their own namespace',
  severity: 'high',
  area: 'platform',
  platforms: ['flux'],
  reads: READS,
  *run(view) {
    for (const { namespace } of tenantsSeen(view)) {
      for (const resource of REFERRING) yield* ofKind(view, resource, namespace);
    }
  },
});

function* ofKind(view: Eyes, resource: Referring, namespace: string): Iterable<FindingDraft> {
  for (const object of view.list(resource, namespace)) {
    view.examined();
    for (const [path, reference] of referencesOf(object.spec ?? {})) {
      const foreign = reference?.namespace;
      if (!reference || !foreign || foreign === namespace) continue;
      const found = { object, ref: refOf(resource, object), namespace, path, reference, foreign };
      yield draftOf(view, { ...found, controller: CONTROLLER_OF[resource] });
    }
  }
}

interface Foreign {
  readonly object: Kinds[Referring];
  readonly ref: ObjectRef;
  readonly namespace: string;
  readonly path: string;
  readonly reference: CrossReference;
  readonly foreign: string;
  readonly controller: FluxControllerKind;
}

function draftOf(view: Eyes, found: Foreign): FindingDraft {
  const { ref, namespace, path, reference, foreign, controller } = found;
  const state = isBlocked(view, found);
  const owner = ownerOf(view, foreign);
  const what = `${reference.kind ?? (ref.kind === 'ImagePolicy' ? 'ImageRepository' : 'object')} ${foreign}/${reference.name ?? '*'}`;
  const then = {
    blocked: `--no-cross-namespace-refs blocks it: it cannot be used`,
    allowed:
      ref.kind === 'ImagePolicy'
        ? 'where the ImageRepository lets this namespace in (accessFrom), it is used'
        : 'nothing blocks that',
    unknown: `whether ${controller} blocks it could not be seen`,
  }[state];
  return {
    object: ref,
    path: `${path}/namespace`,
    discriminator: path,
    message: `${ref.kind} ${namespace}/${ref.name} refers to ${what}, which is ${owner}; ${then}`,
    severity: severityOf(view, namespace, foreign, state),
    confidence: 'certain',
    evidence: [
      { type: 'object', object: ref, path: `${path}/namespace`, observed: foreign, expected: namespace },
      ...conditionOf(found),
    ],
    keys: { object: [keyOfRef(ref), ...controllersOf(view.platform, controller, found.object).map(keyOfController)] },
    remediation: manual(
      `Give ${namespace} a source of its own, in Git`,
      `# a ${reference.kind ?? 'source'} in namespace ${namespace} with the same spec and credentials of its own; then leave ${path}/namespace out`,
    ),
  };
}

function isBlocked(view: Eyes, { controller, object }: Foreign): 'blocked' | 'allowed' | 'unknown' {
  const complete = view.complete('deployments.apps');
  const controllers = controllersOf(view.platform, controller, object);
  const states = controllers.map((each) => {
    const on = isOn(each, 'no-cross-namespace-refs');
    if (typeof on === 'object') noteUnknown(view, each, on.unknown);
    return on;
  });
  if (states.includes(false)) return 'allowed';
  if (states.some((on) => typeof on === 'object')) return 'unknown';
  if (states.length === 0) return complete ? 'allowed' : 'unknown';
  return 'blocked';
}

function severityOf(
  { platform }: Eyes,
  namespace: string,
  foreign: string,
  state: 'blocked' | 'allowed' | 'unknown',
): Severity {
  if (state === 'blocked') return 'high';
  return platform.ownNamespaces.includes(foreign) || sameTenant(platform, namespace, foreign) ? 'low' : 'high';
}

function ownerOf({ platform }: Eyes, namespace: string): string {
  if (platform.ownNamespaces.includes(namespace)) return "in Flux's own namespace";
  const tenant = platform.allTenants.find((each) => each.namespace === namespace);
  return tenant ? `tenant ${tenant.id}'s` : 'of no tenant';
}

function conditionOf({ object, ref }: Foreign): FindingDraft['evidence'] {
  return (object.status?.conditions ?? [])
    .filter((condition) => condition.status === 'False' && condition.message?.includes('cross-namespace') === true)
    .slice(0, 1)
    .map(({ message = '' }) => ({ type: 'condition' as const, object: ref, path: '/status/conditions', message }));
}
