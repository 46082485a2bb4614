import { readPlan } from '../../bundle/bundle-reader.ts';
import { FORMAT } from '../../bundle/format.ts';
import { openBundle } from '../../bundle/open-bundle.ts';
import type { LearnedName } from '../../bundle/redaction/pseudonyms.ts';
import { parseYaml } from '../../manifests/yaml.ts';
import { compareText } from '../../model/text.ts';
import type { Platform, Settings, Tenant } from '../../model/platform.ts';
import type { Snapshot } from '../../model/snapshot.ts';
import { detectPlatforms } from '../../platforms/profiles.ts';
import { secretTools } from './reading.ts';

/** Namespaces that every cluster, or every installation, has: whose they are tells nothing. */
const EVERYWHERE = new Set(
  [
    'default',
    'kube-system',
    'kube-public',
    'kube-node-lease',
    'flux-system',
    'cert-manager',
    'crewai',
    'opencrane',
  ].concat(['astronomer', 'flux', 'coreweave', 'org', 'tenant', 'system', 'kubernetes']),
);
/** CrewAI Platform calls organizations by numbers, which are found wherever they stand. */
const NUMBERED = /(?:^|-)org-\d+$/;
/** How the names of namespaces begin that a platform makes of a name (OpenCrane, CoreWeave Classic). */
const SHAPE = /^[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?$/;
const COREWEAVE = 'tenant-';
const OPENCRANE = 'opencrane-';

/**
 * The names of the organizations in a bundle, as `doctor` finds them.
 * @throws CrewisoError (4) for what is no bundle: nothing tells whose it is
 */
export async function orgNames(file: string): Promise<readonly LearnedName[]> {
  const { snapshot, settings = {} } = await openBundle(file, secretTools(parseYaml));
  const { origin } = snapshot;
  const planned = origin.from === 'bundle' && origin.format === FORMAT ? (await readPlan(file)).namespaces : [];
  const tenants = [
    ...platformsOf(snapshot, settings).flatMap(({ allTenants }) => allTenants),
    // What was said when it was collected.
    ...planned.flatMap(({ name: namespace, org: id }) => (id === undefined ? [] : [{ id, namespace }])),
  ];
  const names = new Set(tenants.flatMap(namesOf).filter((name) => !EVERYWHERE.has(name) && SHAPE.test(name)));
  return [...names].sort(compareText).map((name) => {
    const keep = keptOf(name, names);
    return { name, ...(keep !== undefined && { keep }) };
  });
}

function namesOf({ id, namespace }: Pick<Tenant, 'id' | 'namespace'>): readonly string[] {
  if (NUMBERED.test(namespace)) return [];
  if (namespace === `${OPENCRANE}${id}`) return [id];
  return [id, namespace].map((name) => (name.startsWith(COREWEAVE) ? name.slice(COREWEAVE.length) : name));
}

/** Of several installations of one platform each, since none is left out. */
function platformsOf(snapshot: Snapshot, settings: Settings): readonly Platform[] {
  const found = detectPlatforms(snapshot, settings, {});
  if ('none' in found) return [];
  if ('platforms' in found) return found.platforms;
  return found.several.flatMap(({ namespace, release }) => {
    const one = detectPlatforms(
      snapshot,
      { ...settings, platformNamespace: namespace, ...(release !== undefined && { release }) },
      {},
    );
    return 'platforms' in one ? one.platforms : [];
  });
}

/** `tenant-acme-dev` belongs to `tenant-acme`, and is seen to. */
function keptOf(name: string, names: ReadonlySet<string>): string | undefined {
  for (let at = name.lastIndexOf('-'); at > 0; at = name.lastIndexOf('-', at - 1))
    if (names.has(name.slice(0, at))) return name.slice(0, at + 1);
  return undefined;
}
