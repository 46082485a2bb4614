import { CrewisoError, EXIT } from '../../model/error.ts';
import type { CrewaiPlatform, Settings } from '../../model/platform.ts';
import { compareNames } from '../../model/object.ts';
import { shellQuote } from '../../model/text.ts';
import { detectOne } from './detect.ts';
import type { LiveFlags } from './connect.ts';
import type { LiveInput } from './read-cluster.ts';
import type { Places } from './role-documents.ts';

export interface FoundPlaces extends Places {
  /** What is missing, one line each. */
  readonly notes: readonly string[];
  readonly exitCode: number;
}

/**
 * Looks for the platform's namespaces in the cluster.
 * @throws CrewisoError (2) where several platforms were found, (3) where none was, (4) when the cluster cannot be read
 */
export async function readPlaces(
  input: Omit<LiveInput, 'flags' | 'reads'> & { readonly flags: Omit<LiveFlags, 'all-namespaces'> },
): Promise<FoundPlaces> {
  const { readCluster } = await import('./read-cluster.ts');
  const flags = { ...input.flags, 'all-namespaces': false };
  const { snapshot, settings } = await readCluster({ ...input, flags, reads: () => [], questions: () => [] });
  const detection = detectOne(snapshot, settings, 'rbac --scope namespaced');
  if ('none' in detection) throw noPlatform(detection.none);
  return {
    ...placesOf(detection.platform, snapshot.completeness('namespaces') === 'complete'),
    flags: flagsFor(detection.platform, settings),
  };
}

/** Where a listing of all namespaces is refused, the platform is only found in one that is named. */
function flagsFor({ platformNamespace, release }: CrewaiPlatform, settings: Settings): string {
  const { namespaces = [], orgs = [] } = settings;
  return [
    `--platform-namespace ${shellQuote(platformNamespace)}`,
    ...(settings.release === undefined || release === undefined ? [] : [`--release ${shellQuote(release)}`]),
    ...namespaces.map((namespace) => `-n ${shellQuote(namespace)}`),
    ...(orgs.length > 0 ? [`--org ${orgs.join(',')}`] : []),
  ].join(' ');
}

function placesOf(platform: CrewaiPlatform, allNamespacesSeen: boolean): Omit<FoundPlaces, 'flags'> {
  const { platformNamespace, sharedNamespace, tenants, selection } = platform;
  const own = [...new Set([platformNamespace, sharedNamespace])].sort(compareNames);
  const granted = tenants.filter(({ exists, terminating }) => exists === true && !terminating);
  const notes = [
    ...tenants.flatMap(({ namespace, exists, terminating }) => {
      if (exists === 'unknown') return [`left out ${namespace}: whether it exists could not be seen`];
      if (!exists) return [`left out ${namespace}: it does not exist yet`];
      return terminating ? [`left out ${namespace}: it is being deleted`] : [];
    }),
    ...(allNamespacesSeen || selection?.only
      ? []
      : ['namespaces could not be listed: there may be more organizations']),
    ...(selection?.only && tenants.length === 0 ? ['no organization is selected by -n or --org'] : []),
  ];
  return {
    platform: own,
    tenants: granted.map(({ namespace }) => namespace).filter((namespace) => !own.includes(namespace)),
    notes,
    exitCode: notes.length > 0 ? EXIT.incomplete : EXIT.ok,
  };
}

const noPlatform = (why: string): CrewisoError =>
  new CrewisoError(`${why}: its namespaces are not known`, {
    code: 'no-platform',
    exitCode: EXIT.incomplete,
    suggestions: [
      'name them: --platform-namespace NAMESPACE and, where it is another one, --shared-namespace NAMESPACE',
      'or give rights in the whole cluster: --scope cluster',
    ],
  });
