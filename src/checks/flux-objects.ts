import { parseBoolean } from '../kubernetes/command-flags.ts';
import { serviceAccountIdentity } from '../kubernetes/rbac-question.ts';
import type { Authorizer } from '../kubernetes/rbac.ts';
import { refOf } from '../kubernetes/resource-of.ts';
import { meetsAll } from '../kubernetes/selector.ts';
import { parseLabelSelector } from '../kubernetes/selector-text.ts';
import type { AccountRef, Identity } from '../model/access.ts';
import type { FluxView } from '../model/check.ts';
import type { FluxHelmRelease, Kustomization } from '../model/flux-kinds.ts';
import type { FlagValue, FluxController, FluxControllerKind, FluxPlatform } from '../model/flux.ts';
import { qualifiedName, type KubeObject, type ObjectRef } from '../model/object.ts';
import type { Tenant } from '../model/platform.ts';
import { livingTenants } from './drafting.ts';

/** What Flux applies, and as whom. */
export const APPLIED = ['kustomizations.kustomize.toolkit.fluxcd.io', 'helmreleases.helm.toolkit.fluxcd.io'] as const;
type AppliedResource = (typeof APPLIED)[number];

const CONTROLLER_OF: Readonly<Record<AppliedResource, FluxControllerKind>> = {
  'kustomizations.kustomize.toolkit.fluxcd.io': 'kustomize-controller',
  'helmreleases.helm.toolkit.fluxcd.io': 'helm-controller',
};

/** A Kustomization or HelmRelease. */
export interface Applied {
  readonly controller: FluxControllerKind;
  readonly ref: ObjectRef;
  readonly namespace: string;
  readonly name: string;
  readonly object: Kustomization | FluxHelmRelease;
  readonly spec: NonNullable<Kustomization['spec']> & NonNullable<FluxHelmRelease['spec']>;
}

/** Tenants that can be judged. Where some may be out of sight, that is remembered, unless the user chose some. */
export function tenantsSeen(view: FluxView<AppliedResource | 'namespaces'>): readonly Tenant[] {
  view.complete('namespaces');
  if (!view.platform.selection?.only) for (const resource of APPLIED) view.complete(resource);
  return livingTenants(view.platform);
}

/** All of one namespace; gaps are remembered. */
export function appliedIn(view: FluxView<AppliedResource>, namespace: string): readonly Applied[] {
  return APPLIED.flatMap((resource) =>
    view.list(resource, namespace).map((object): Applied => ({
      controller: CONTROLLER_OF[resource],
      ref: refOf(resource, object),
      namespace,
      name: object.metadata.name,
      object,
      spec: object.spec ?? {},
    })),
  );
}

/** `Kustomization/team/apps`: how findings about one object find each other. */
export const keyOfRef = (ref: ObjectRef): string => `${ref.kind}/${qualifiedName(ref)}`;

/** Key of a controller's Deployment. */
export const keyOfController = ({ deployment }: FluxController): string =>
  keyOfRef(refOf('deployments.apps', deployment));

/** A flag as it is set, undefined where it is not; where that cannot be told, why. */
export function flagOf({ flags, opaque }: FluxController, name: string): FlagValue | undefined {
  return flags.get(name) ?? (opaque === undefined ? undefined : { unknown: opaque });
}

/** Whether a switch is on, or why that cannot be told. */
export function isOn(controller: FluxController, name: string): boolean | { readonly unknown: string } {
  const flag = flagOf(controller, name);
  if (flag && 'unknown' in flag) return flag;
  return flag !== undefined && parseBoolean(flag.value) === true;
}

/** The controllers of a kind that take care of an object: shards by their label selector, else all that are there. */
export function controllersOf(
  { controllers }: FluxPlatform,
  kind: FluxControllerKind,
  { metadata }: KubeObject,
): readonly FluxController[] {
  const ofKind = controllers.filter((controller) => controller.kind === kind);
  const caring = ofKind.filter((controller) => watches(controller, metadata));
  return caring.length > 0 ? caring : ofKind;
}

function watches(controller: FluxController, { namespace, labels }: KubeObject['metadata']): boolean {
  const everywhere = flagOf(controller, 'watch-all-namespaces');
  const own = controller.deployment.metadata.namespace;
  if (everywhere && 'value' in everywhere && parseBoolean(everywhere.value) === false && namespace !== own)
    return false;
  const selector = flagOf(controller, 'watch-label-selector');
  if (!selector || 'unknown' in selector || selector.value === '') return true;
  const parsed = parseLabelSelector(selector.value);
  return 'error' in parsed || meetsAll(parsed.requirements, labels);
}

/** As whom an object is applied. */
export type Actor =
  | { readonly as: 'account'; readonly account: AccountRef; readonly from: 'spec' | 'flag' }
  /** As the controllers themselves; none are given where none were found. */
  | { readonly as: 'controller'; readonly controllers: readonly FluxController[] }
  | { readonly as: 'remote' }
  /** The gap is remembered. */
  | { readonly as: 'unknown' };

/**
 * `spec.kubeConfig` leads out of the cluster; else the account that the object names, in its own namespace; else the
 * controller's `--default-service-account`; else the controller acts as itself (fluxcd/pkg/runtime/client, Impersonator).
 */
export function actorOf(view: FluxView<'deployments.apps'>, { spec, namespace, object, controller }: Applied): Actor {
  if (spec.kubeConfig) return { as: 'remote' };
  if (spec.serviceAccountName)
    return { as: 'account', account: { namespace, name: spec.serviceAccountName }, from: 'spec' };
  const complete = view.complete('deployments.apps');
  const controllers = controllersOf(view.platform, controller, object);
  const defaults = controllers.map((each) => ({ each, flag: flagOf(each, 'default-service-account') }));
  const without = defaults.filter(({ flag }) => !flag || ('value' in flag && flag.value === ''));
  if (without.length > 0) return { as: 'controller', controllers: without.map(({ each }) => each) };
  const [first] = defaults;
  if (!first) return complete ? { as: 'controller', controllers: [] } : { as: 'unknown' };
  for (const { each, flag } of defaults) {
    if (!flag || 'value' in flag) continue;
    noteUnknown(view, each, flag.unknown);
    return { as: 'unknown' };
  }
  const { flag } = first;
  const name = flag && 'value' in flag ? flag.value : '';
  return { as: 'account', account: { namespace, name }, from: 'flag' };
}

/** Remembers that a controller's flags cannot be told. */
export function noteUnknown(view: FluxView<'deployments.apps'>, { deployment }: FluxController, why: string): void {
  const { name, namespace } = deployment.metadata;
  view.unknown('deployments.apps', `the flags of ${name} are not known: ${why}`, namespace);
}

export const identityOf = ({ namespace, name }: AccountRef): Identity => serviceAccountIdentity(namespace, name);

/** Whether somebody may do everything everywhere. */
export const isClusterAdmin = (authorizer: Authorizer, identity: Identity): boolean =>
  authorizer.allows(identity, { verb: '*', group: '*', resource: '*' });

/** Rights that everybody has: to ask what they may do, and who they are. */
const ASKING: ReadonlySet<string> = new Set(['authorization.k8s.io', 'authentication.k8s.io']);
const WRITES: ReadonlySet<string> = new Set(['*', 'create', 'patch', 'update']);

/** Whether somebody may write anything at all in a namespace. */
export function mayWrite(authorizer: Authorizer, identity: Identity, namespace: string): boolean {
  return authorizer
    .grantsFor(identity, namespace)
    .some(({ role }) =>
      role?.rules?.some(
        ({ verbs, apiGroups }) =>
          verbs.some((verb) => WRITES.has(verb)) && (apiGroups ?? []).some((group) => !ASKING.has(group)),
      ),
    );
}

/** Whether two namespaces are of one tenant. */
export function sameTenant({ allTenants }: FluxPlatform, one: string, other: string): boolean {
  if (one === other) return true;
  const idOf = (namespace: string): string | undefined =>
    allTenants.find((tenant) => tenant.namespace === namespace)?.id;
  const id = idOf(one);
  return id !== undefined && id === idOf(other);
}
