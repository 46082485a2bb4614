import { resolveVariable } from '../kubernetes/environment.ts';
import { refOf } from '../kubernetes/resource-of.ts';
import type { HoustonConfig, HoustonFile, Pool, PoolKeys, PoolPlace } from '../model/astronomer.ts';
import type { HelmRelease } from '../model/derived.ts';
import type { Workload } from '../model/kinds.ts';
import { compareNames } from '../model/object.ts';

/** Where the pool may be said; what could not be seen is `unknown`, what is not there absent. */
export interface PoolSources {
  readonly houston?: HoustonConfig | 'unknown';
  readonly commander?: Workload;
  readonly helm?: HelmRelease | 'unknown';
}

/**
 * The pool as Houston has it; where Houston is in another cluster, as Commander was told (since 1.0), else as the values
 * of the release have it. A pool that nothing shows is unknown, and not empty.
 */
export function poolOf({ houston, commander, helm }: PoolSources): Pool {
  const places = [
    ...(houston === undefined || houston === 'unknown' ? [] : placesOfHouston(houston)),
    ...(commander ? placesOfCommander(commander) : []),
    ...(helm === undefined || helm === 'unknown' ? [] : placesOfValues(helm)),
  ];
  const lists = places.flatMap((place) => (place.key === 'names' ? [place.place] : []));
  const switches = places.flatMap((place) => (place.key === 'on' ? [place.place] : []));
  return { ...inForce(houston, lists, switches), lists, switches, chart: chartOf(helm) };
}

type Place =
  | { readonly key: 'names'; readonly place: PoolPlace<readonly string[]> }
  | { readonly key: 'on'; readonly place: PoolPlace<boolean> };

type InForce = Pick<Pool, 'state' | 'why' | 'names'>;

function inForce(houston: PoolSources['houston'], lists: Pool['lists'], switches: Pool['switches']): InForce {
  if (typeof houston === 'object') return ofHouston(houston, lists, switches);
  const [list] = lists;
  const on = switches.find((place) => place.in === list?.in);
  if (!list || !on)
    return {
      state: 'unknown',
      why: 'Houston, which has the pool, is not in this cluster or could not be seen',
      names: [],
    };
  if (!on.value) return { state: 'off', why: `${on.where}: false`, names: [] };
  return { state: 'on', why: `${on.where}: true`, names: list.value };
}

function ofHouston(houston: HoustonConfig, lists: Pool['lists'], switches: Pool['switches']): InForce {
  const broken = unreadable(houston);
  if (broken) return { state: 'unknown', why: `${broken} of Houston's ConfigMap cannot be read`, names: [] };
  const on = switches.find((place) => place.in === 'houston');
  if (!on?.value)
    return { state: 'off', why: on ? `${on.where}: false` : 'manualNamespaceNames is not set', names: [] };
  const list = lists.find((place) => place.in === 'houston');
  return { state: 'on', why: `${on.where}: true`, names: list?.value ?? [] };
}

const unreadable = ({ files }: HoustonConfig): HoustonFile['name'] | undefined =>
  files.find(({ parse }) => parse === 'unreadable')?.name;

/** Since 2.0 the keys are one level deeper; where anything is set there, that is what counts. */
function placesOfHouston(houston: HoustonConfig): readonly Place[] {
  const nested = houston.files.some((file) => file.nested !== undefined);
  const prefix = nested ? 'deployments.namespaceManagement' : 'deployments';
  const places = (pick: (keys: PoolKeys, where: string) => Place | undefined): readonly Place[] =>
    houston.files.flatMap((file) => pick((nested ? file.nested : file.plain) ?? {}, `${file.name} ${prefix}`) ?? []);
  const at = { in: 'houston' as const, object: refOf('houston-configs', houston) };
  return [
    ...places(
      ({ names }, where) =>
        names && { key: 'names', place: { ...at, where: `${where}.preCreatedNamespaces`, value: names } },
    ),
    ...places(({ manual }, where) =>
      manual === undefined
        ? undefined
        : {
            key: 'on',
            place: { ...at, where: `${where}.manualNamespaceNames${nested ? '.enabled' : ''}`, value: manual },
          },
    ),
  ];
}

function placesOfCommander(commander: Workload): readonly Place[] {
  const at = { in: 'commander' as const, object: refOf('deployments.apps', commander) };
  const value = (name: string): string | undefined => environmentOf(commander, name);
  const list = value('COMMANDER_NAMESPACE_POOLS_LIST');
  const switches = ['COMMANDER_MANUAL_NAMESPACE_NAMES', 'COMMANDER_NAMESPACE_POOLS_ENABLED'];
  return [
    ...(list === undefined
      ? []
      : [{ key: 'names' as const, place: { ...at, where: 'COMMANDER_NAMESPACE_POOLS_LIST', value: split(list) } }]),
    ...switches.flatMap((where): readonly Place[] => {
      const set = value(where);
      return set === undefined ? [] : [{ key: 'on', place: { ...at, where, value: set === 'true' } }];
    }),
  ];
}

const split = (list: string): readonly string[] =>
  list
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');

/** The chart writes every variable out; one that comes from elsewhere is not looked for. */
export function environmentOf(commander: Workload, name: string): string | undefined {
  const containers = commander.spec?.template?.spec?.containers ?? [];
  const own = containers.find((container) => container.name === 'commander') ?? containers[0];
  const resolved = own && resolveVariable(own, name, { configMap: () => 'unknown' });
  return resolved && 'value' in resolved ? resolved.value : undefined;
}

function placesOfValues(helm: HelmRelease): readonly Place[] {
  const pools = helm.values.namespacePools;
  // Off is the chart's default, under which the lists of older versions are still written by hand.
  if (pools?.enabled !== true) return [];
  const at = { in: 'values' as const, object: refOf('helm-releases', helm) };
  return [
    { key: 'on', place: { ...at, where: 'namespacePools.enabled', value: true } },
    ...(pools.names
      ? [{ key: 'names' as const, place: { ...at, where: 'namespacePools.namespaces.names', value: pools.names } }]
      : []),
  ];
}

/** Before 0.36 there is no switch for it: the chart makes the Roles of every pool that it knows. */
function chartOf(helm: PoolSources['helm']): Pool['chart'] {
  if (helm === 'unknown') return { createsRoles: 'unknown', createsNamespaces: 'unknown' };
  const pools = helm?.values.namespacePools;
  const enabled = pools?.enabled === true;
  return {
    createsRoles: enabled && pools.createRbac !== false,
    createsNamespaces: enabled && pools.createNamespaces !== false,
  };
}

/** The newest revision that is deployed. */
export function newestDeployed(releases: readonly HelmRelease[], release: string): HelmRelease | undefined {
  return releases
    .filter(({ status, release: name }) => status === 'deployed' && name === release)
    .sort((a, b) => b.revision - a.revision || compareNames(a.metadata.name, b.metadata.name))[0];
}
