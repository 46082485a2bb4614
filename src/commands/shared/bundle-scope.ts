import type { CollectScope } from '../../bundle/collect-scope.ts';
import type { BundleHead } from '../../bundle/format.ts';
import { CrewisoError, EXIT } from '../../model/error.ts';
import type { Platform, Settings } from '../../model/platform.ts';
import type { ReadPlan, ReadScope } from '../../model/reading.ts';
import { RESOURCES, type Resource } from '../../model/resource.ts';
import type { Snapshot } from '../../model/snapshot.ts';
import { readingOf } from '../../platforms/profiles.ts';
import { detectAll } from './detect.ts';
import { FIRST, planOf, type PlanInput } from './read-cluster.ts';
import { matchTenants, requireTenants, type TenantChoice } from './tenant-globs.ts';

/** What is read to find out what a bundle is about, and what came out of it. */
export interface ScopePlan {
  readonly plan: ReadPlan;
  /** After reading. */
  scope(): ReadScope;
}

/**
 * Namespaces, and what says where the platform lives: pods and all else a bundle reads by itself.
 * @param input `secrets`: whether Helm releases, which are Secrets, may be read for it
 */
export function planForScope(
  input: Omit<PlanInput, 'reads'> & { readonly secrets: boolean },
  contextNamespaces: readonly string[],
): ScopePlan {
  const whole = planOf({ ...input, reads: () => [], questions: () => [] }, contextNamespaces);
  let found: ReadScope | undefined;
  const plan: ReadPlan = {
    ...whole,
    second: (first) =>
      whole.second(first).filter((resource) => input.secrets || RESOURCES[resource].from !== 'secrets'),
    reads: () => [],
    scope: (first) => {
      found = whole.scope(first);
      return found;
    },
  };
  return {
    plan,
    scope() {
      if (!found) throw new Error('nothing was read');
      return found;
    },
  };
}

/** The namespaces of a bundle, and what they are of. */
export interface BundleScope {
  readonly scope: CollectScope;
  readonly platforms: readonly Platform[];
}

/**
 * The namespaces of a bundle: the platform's own first, then those of organizations.
 * @param choice globs that choose among what was found
 * @throws CrewisoError (2) where several platforms were found, or nothing of what was asked for; (4) where no platform
 * was: nothing says what to collect
 */
export function collectScope(
  snapshot: Snapshot,
  settings: Settings,
  scope: ReadScope,
  choice?: TenantChoice,
): BundleScope {
  const detection = detectAll(snapshot, settings, 'bundle collect');
  if ('none' in detection) throw noPlatform(detection.none, settings);
  const { platforms } = detection;
  if (choice) {
    const chosen = { ...settings, namespaces: matchTenants(choice, platforms, snapshot) };
    return collectScope(snapshot, chosen, readingOf(snapshot, chosen, false).scope(snapshot));
  }
  requireTenants(settings, platforms, snapshot);
  const orgs = orgsOf(platforms);
  const namespaces = scope.namespaces.map((name) => {
    const org = orgs.get(name);
    return { name, ...(org !== undefined && { org }) };
  });
  const { platformNamespaces, narrow } = scope;
  return {
    scope: {
      namespaces,
      platforms: platforms.map(({ id }) => id),
      platformNamespaces,
      narrow,
      wide: [...FIRST],
      // Who else may do something in an organization's namespace, or what an account may elsewhere.
      keeps: (resource, object) => BINDING.has(resource) || scope.keeps(resource, object),
    },
    platforms,
  };
}

/** Namespace → organization; one that two platforms call alike is not one. */
function orgsOf(platforms: readonly Platform[]): ReadonlyMap<string, string> {
  const orgs = new Map<string, string>();
  for (const { id: platform, tenants } of platforms) {
    const taken = new Set(orgs.values());
    for (const { namespace, id } of tenants)
      if (!orgs.has(namespace)) orgs.set(namespace, taken.has(id) ? `${platform}-${id}` : id);
  }
  return orgs;
}

/** The platforms of a bundle, as it says what it is about. */
export function headPlatforms(platforms: readonly Platform[]): Pick<BundleHead, 'platform' | 'platforms'> {
  const [crewai] = platforms.filter((platform) => platform.id === 'crewai');
  return {
    platforms: platforms.map((platform) => ({ id: platform.id, namespaces: placesOf(platform) })),
    ...(crewai && {
      platform: {
        profile: crewai.id,
        platformNamespace: crewai.platformNamespace,
        sharedNamespace: crewai.sharedNamespace,
      },
    }),
  };
}

/** Where its own Deployments are; an instance of OpenCrane may run in a namespace that is its customer's. */
const placesOf = (platform: Platform): readonly string[] =>
  platform.id === 'opencrane'
    ? [...new Set(platform.instances.map(({ namespace }) => namespace))]
    : platform.ownNamespaces;

const BINDING: ReadonlySet<Resource> = new Set([
  'roles.rbac.authorization.k8s.io',
  'rolebindings.rbac.authorization.k8s.io',
]);

const noPlatform = (why: string, { platformNamespace, account }: Settings): CrewisoError =>
  new CrewisoError(`${why}: what to collect is not known`, {
    code: 'no-platform',
    exitCode: EXIT.unreachable,
    suggestions: [
      platformNamespace === undefined || account
        ? 'name its namespace: --platform-namespace NAMESPACE, and --shared-namespace NAMESPACE where crews run in another one'
        : `if this is its namespace and its Deployments are gone, name its account too: --platform-account ${platformNamespace}:crewai-sa`,
      'kubectl crewiso doctor tells what could not be seen',
    ],
  });
