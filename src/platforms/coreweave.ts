import type { CoreweavePlatform, CrewaiGuest } from '../model/coreweave.ts';
import { compareNames } from '../model/object.ts';
import type { Settings, Tenant } from '../model/platform.ts';
import type { Detection } from '../model/profile.ts';
import type { ReadScope } from '../model/reading.ts';
import type { Resource } from '../model/resource.ts';
import type { Snapshot } from '../model/snapshot.ts';
import { detectCrewai } from './crewai.ts';

export const COREWEAVE_READS = ['namespaces', 'deployments.apps'] as const satisfies readonly Resource[];

/** Every namespace of CoreWeave Classic begins like this. */
const PREFIX = 'tenant-';
/** So many names at least must begin alike before a handle is made of it. */
const ALIKE = 3;
/** Namespaces up to which a narrowed run lists per namespace instead of cluster-wide. */
const NARROW_LIMIT = 8;

type Handle = Pick<CoreweavePlatform, 'original' | 'handleFrom'>;

/**
 * The handle that the user names; else what three or more names with `tenant-` have in common, if a namespace is called
 * exactly so: handles hold hyphens, and nothing but the portal says where one ends.
 */
function handleOf(snapshot: Snapshot, { handle, platforms = [] }: Settings): Handle | undefined {
  if (handle !== undefined)
    return { original: handle.startsWith(PREFIX) ? handle : `${PREFIX}${handle}`, handleFrom: 'flag' };
  const names = snapshot
    .list('namespaces')
    .map(({ metadata }) => metadata.name)
    .filter((name) => name.startsWith(PREFIX));
  const common = names.map((name) => name.split('-')).reduce<readonly string[] | undefined>(sharedParts, undefined);
  const original = (common ?? []).join('-');
  const least = platforms.includes('coreweave') ? 1 : ALIKE;
  const known = names.length >= least && (common ?? []).length > 1 && names.includes(original);
  return known ? { original, handleFrom: 'names' } : undefined;
}

function sharedParts(common: readonly string[] | undefined, parts: readonly string[]): readonly string[] {
  if (!common) return parts;
  const end = common.findIndex((part, index) => part !== parts[index]);
  return end < 0 ? common : common.slice(0, end);
}

/** Whether the namespaces, or the user, say that this is CoreWeave Classic. */
export function isCoreweaveThere(first: Snapshot, settings: Settings): boolean {
  return handleOf(first, settings) !== undefined;
}

export function detectCoreweave(snapshot: Snapshot, settings: Settings): Detection<'coreweave'> {
  const handle = handleOf(snapshot, settings);
  const allTenants = handle ? tenantsOf(snapshot, handle, settings) : [];
  if (!handle || allTenants.length === 0)
    return {
      none: handle
        ? `no namespace of CoreWeave begins with ${handle.original}`
        : 'no namespaces of CoreWeave were found',
      gaps: handle ? snapshot.gaps('namespaces') : [],
    };
  const { namespaces } = settings;
  const crewai = guestOf(snapshot, settings);
  const platform: CoreweavePlatform = {
    id: 'coreweave',
    ...handle,
    ownNamespaces: [],
    tenants: namespaces ? allTenants.filter(({ namespace }) => namespaces.includes(namespace)) : allTenants,
    allTenants,
    ...(namespaces ? { selection: { only: namespaces, except: [] } } : {}),
    detectedBy: allTenants.slice(0, 1).map(({ namespace: name }) => ({ apiVersion: 'v1', kind: 'Namespace', name })),
    overridden: settings.handle === undefined ? [] : ['handle'],
    ...(crewai ? { crewai } : {}),
  };
  return { platform };
}

/** The original first, then the others by name; those that the user names count where namespaces cannot be listed. */
function tenantsOf(
  snapshot: Snapshot,
  { original, handleFrom }: Handle,
  { namespaces = [] }: Settings,
): readonly Tenant[] {
  const belongs = (name: string): boolean => name === original || name.startsWith(`${original}-`);
  const seen = snapshot.list('namespaces').map(({ metadata }) => metadata.name);
  const names = [...new Set([...seen, ...namespaces, ...(handleFrom === 'flag' ? [original] : [])])]
    .filter(belongs)
    .sort(compareNames);
  return names.flatMap((name) => {
    const found = snapshot.find('namespaces', name);
    const known = snapshot.completeness('namespaces', name) === 'complete';
    if (!found && known) return [];
    return {
      id: name,
      namespace: name,
      exists: found ? true : 'unknown',
      terminating: found?.status?.phase === 'Terminating' || Boolean(found?.metadata.deletionTimestamp),
      seen: [found ? `namespace ${name}` : 'what the user says'],
      proven: found !== undefined,
    } satisfies Tenant;
  });
}

function guestOf(snapshot: Snapshot, settings: Settings): CrewaiGuest | undefined {
  const detection = detectCrewai(snapshot, settings);
  if (!('platform' in detection) || detection.platform.components.length === 0) return undefined;
  const { sharedNamespace, isolation, mode, allTenants } = detection.platform;
  return {
    sharedNamespace,
    isolation,
    auto: mode.wanted === 'auto',
    orgs: allTenants.map(({ id, namespace, exists }) => ({ id, namespace, exists })),
  };
}

export function coreweaveScope(seen: Snapshot, settings: Settings, allNamespaces: boolean): ReadScope {
  const detection = detectCoreweave(seen, settings);
  const tenants = 'platform' in detection ? detection.platform.tenants : [];
  const namespaces = tenants.map(({ namespace }) => namespace);
  // A sibling is compared with the original, also where it alone is judged.
  const all = 'platform' in detection ? [...new Set([detection.platform.original, ...namespaces])] : [];
  const belongs = new Set(all);
  return {
    platformNamespaces: [],
    namespaces: all,
    narrow: settings.namespaces !== undefined && !allNamespaces && all.length <= NARROW_LIMIT,
    keeps: (_resource, { metadata }) => metadata.namespace === undefined || belongs.has(metadata.namespace),
  };
}
