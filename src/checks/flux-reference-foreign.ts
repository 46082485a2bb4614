import { refOf } from '../kubernetes/resource-of.ts';
import { defineCheck, type FluxView } from '../model/check.ts';
import type { FindingDraft, Severity } from '../model/finding.ts';
import type { CrossReference } from '../model/flux-kinds.ts';
import type { FluxControllerKind } from '../model/flux.ts';
import type { KubeObject, ObjectRef } from '../model/object.ts';
import type { Kinds, Resource } from '../model/resource.ts';
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

type Reference = readonly [path: string, reference: CrossReference | null | undefined];

/** Where each kind refers to others, and which controller heeds --no-cross-namespace-refs there; dependsOn it never concerns. */
const KINDS: { readonly [K in Referring]: readonly [FluxControllerKind, (object: Kinds[K]) => readonly Reference[]] } =
  {
    'kustomizations.kustomize.toolkit.fluxcd.io': [
      'kustomize-controller',
      ({ spec }) => [['/spec/sourceRef', spec?.sourceRef]],
    ],
    'helmreleases.helm.toolkit.fluxcd.io': [
      'helm-controller',
      ({ spec }) => [
        ['/spec/chart/spec/sourceRef', spec?.chart?.spec?.sourceRef],
        ['/spec/chartRef', spec?.chartRef],
      ],
    ],
    'receivers.notification.toolkit.fluxcd.io': [
      'notification-controller',
      ({ spec }) => (spec?.resources ?? []).map((each, index) => [`/spec/resources/${String(index)}`, each]),
    ],
    'alerts.notification.toolkit.fluxcd.io': [
      'notification-controller',
      ({ spec }) => (spec?.eventSources ?? []).map((each, index) => [`/spec/eventSources/${String(index)}`, each]),
    ],
    'imagepolicies.image.toolkit.fluxcd.io': [
      'image-reflector-controller',
      ({ spec }) => [['/spec/imageRepositoryRef', spec?.imageRepositoryRef]],
    ],
    'imageupdateautomations.image.toolkit.fluxcd.io': [
      'image-automation-controller',
      ({ spec }) => [['/spec/sourceRef', spec?.sourceRef]],
    ],
  };

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

function* ofKind<K extends Referring>(view: Eyes, resource: K, namespace: string): Iterable<FindingDraft> {
  const [controller, referencesOf] = KINDS[resource];
  for (const object of view.list(resource as Referring, namespace) as readonly Kinds[K][]) {
    view.examined();
    for (const [path, reference] of referencesOf(object)) {
      const foreign = reference?.namespace;
      if (!reference || !foreign || foreign === namespace) continue;
      yield draftOf(view, {
        object,
        ref: refOf(resource as Resource, object),
        namespace,
        path,
        reference,
        foreign,
        controller,
      });
    }
  }
}

interface Foreign {
  readonly object: KubeObject;
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
  const { status } = object as Kinds[Referring];
  return (status?.conditions ?? [])
    .filter((condition) => condition.status === 'False' && /cross-namespace/.test(condition.message ?? ''))
    .slice(0, 1)
    .map(({ message = '' }) => ({ type: 'condition' as const, object: ref, path: '/status/conditions', message }));
}
