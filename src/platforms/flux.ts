import type { FluxController, FluxPlatform } from '../model/flux.ts';
import { compareNames, type ObjectRef } from '../model/object.ts';
import type { Settings } from '../model/platform.ts';
import type { Detection } from '../model/profile.ts';
import type { ReadScope } from '../model/reading.ts';
import { RESOURCES, type Resource } from '../model/resource.ts';
import type { Snapshot } from '../model/snapshot.ts';
import { refOf } from '../kubernetes/resource-of.ts';
import { controllerKind, fluxControllers, fluxVersion } from './flux-controllers.ts';
import { fluxTenants, selectFluxTenants } from './flux-tenants.ts';

/** Namespaces that hold them are tenants'. */
export const FLUX_SECOND = [
  'kustomizations.kustomize.toolkit.fluxcd.io',
  'helmreleases.helm.toolkit.fluxcd.io',
] as const satisfies readonly Resource[];

/** What detection needs to have been read. */
export const FLUX_READS = ['namespaces', 'deployments.apps', ...FLUX_SECOND] as const satisfies readonly Resource[];

/** Namespaces up to which a narrowed run lists per namespace instead of cluster-wide. */
const NARROW_LIMIT = 8;

/** Finds Flux by its controllers; in files that leave them out, by its objects. */
export function detectFlux(snapshot: Snapshot, settings: Settings): Detection<'flux'> {
  const controllers = fluxControllers(snapshot);
  const objects = FLUX_SECOND.flatMap((resource) => snapshot.list(resource).map((object) => refOf(resource, object)));
  if (controllers.length === 0 && objects.length === 0 && !settings.platforms?.includes('flux')) {
    return {
      none: 'no controller of Flux and no Kustomization or HelmRelease was found',
      // Live, its objects are read only where controllers are.
      gaps: snapshot.gaps('deployments.apps'),
    };
  }
  return { platform: describe(snapshot, settings, controllers, objects) };
}

function describe(
  snapshot: Snapshot,
  settings: Settings,
  controllers: readonly FluxController[],
  objects: readonly ObjectRef[],
): FluxPlatform {
  const ownNamespaces = ownNamespacesOf(snapshot, settings, controllers);
  const allTenants = fluxTenants(snapshot, ownNamespaces, settings);
  const version = fluxVersion(controllers);
  const [main] = [...controllers].sort((a, b) => Number(isApplying(b)) - Number(isApplying(a)));
  const [only, ...others] = ownNamespaces;
  const { orgs, namespaces, excludeOrgs = [] } = settings;
  const tenants = selectFluxTenants(allTenants, settings);
  return {
    id: 'flux',
    ...(version === undefined ? {} : { version }),
    ...(only === undefined || others.length > 0 ? {} : { platformNamespace: only }),
    ownNamespaces,
    ...(main ? { account: main.account } : {}),
    controllers,
    tenants,
    allTenants,
    selection: {
      except: excludeOrgs,
      ...(orgs || namespaces ? { only: [...new Set(tenants.map(({ id }) => id))] } : {}),
    },
    detectedBy:
      controllers.length > 0
        ? controllers.map(({ deployment }) => refOf('deployments.apps', deployment))
        : objects.slice(0, 3),
    overridden: settings.platformNamespace !== undefined && controllers.length === 0 ? ['platformNamespace'] : [],
  };
}

/** It applies what is in Git, as its own account where nothing says another. */
const isApplying = ({ kind }: FluxController): boolean => kind === 'kustomize-controller';

/** Where controllers run; in files without them, what the user says, or Namespaces that `flux install` labelled. */
function ownNamespacesOf(
  snapshot: Snapshot,
  { platformNamespace }: Settings,
  controllers: readonly FluxController[],
): readonly string[] {
  const found = controllers.flatMap(({ deployment }) => deployment.metadata.namespace ?? []);
  if (found.length > 0) return [...new Set(found)].sort(compareNames);
  if (platformNamespace !== undefined) return [platformNamespace];
  return snapshot
    .list('namespaces')
    .filter(({ metadata }) => metadata.labels?.['app.kubernetes.io/part-of'] === 'flux')
    .map(({ metadata }) => metadata.name);
}

/** Where to look: Flux's namespaces and those of all tenants known by then. */
export function fluxScope(seen: Snapshot, settings: Settings, allNamespaces: boolean): ReadScope {
  const detection = detectFlux(seen, settings);
  const platform = 'platform' in detection ? detection.platform : undefined;
  const platformNamespaces = platform?.ownNamespaces ?? [];
  const existing = (platform?.tenants ?? []).filter(({ exists }) => exists !== false).map((tenant) => tenant.namespace);
  const namespaces = [...new Set([...platformNamespaces, ...existing])];
  const narrowed = settings.namespaces !== undefined || settings.orgs !== undefined;
  const belongs = new Set([...namespaces, ...(platform?.allTenants ?? []).map(({ namespace }) => namespace)]);
  return {
    platformNamespaces,
    namespaces,
    narrow: narrowed && !allNamespaces && namespaces.length <= NARROW_LIMIT,
    keeps: (resource, object) =>
      belongs.has(object.metadata.namespace ?? '') ||
      object.metadata.namespace === undefined ||
      // Subjects of bindings may be accounts of any namespace.
      resource === 'serviceaccounts' ||
      // They tell which namespaces are tenants'.
      RESOURCES[resource].apiVersion.includes('.toolkit.fluxcd.io/') ||
      (resource === 'deployments.apps' && controllerKind(object) !== undefined),
  };
}
