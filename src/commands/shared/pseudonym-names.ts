import { readPlan } from '../../bundle/bundle-reader.ts';
import { FORMAT } from '../../bundle/format.ts';
import { openBundle } from '../../bundle/open-bundle.ts';
import type { LearnedName } from '../../bundle/redaction/pseudonyms.ts';
import { parseYaml } from '../../manifests/yaml.ts';
import { compareText } from '../../model/text.ts';
import type { Platform, Settings } from '../../model/platform.ts';
import type { Snapshot } from '../../model/snapshot.ts';
import { detectPlatforms } from '../../platforms/profiles.ts';
import { secretTools } from './reading.ts';

/** Namespaces that every cluster, or every installation, has: whose they are tells nothing. */
const EVERYWHERE = new Set(
  ['default', 'kube-system', 'kube-public', 'kube-node-lease', 'flux-system', 'cert-manager', 'crewai', 'opencrane']
    .concat(['astronomer', 'flux', 'coreweave', 'org', 'tenant', 'system', 'kubernetes']),
);
/** CrewAI Platform calls organizations by numbers, which are found wherever they stand. */
const NUMBERED = /(?:^|-)org-\d+$/;
/** How the names of namespaces begin that a platform makes of a name (OpenCrane, CoreWeave Classic). */
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
  const names = new Set(
    tenants.flatMap(({ id, namespace }) => (namespace === `${OPENCRANE}${id}` ? [id] : [id, namespace])),
  );
  const changed = [...names].filter(
    (name) => !EVERYWHERE.has(name) && !NUMBERED.test(name) && /^[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?$/.test(name),
  );
  return changed.sort(compareText).map((name) => {
    const keep = keptOf(name, changed);
    return { name, ...(keep !== undefined && { keep }) };
  });
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
function keptOf(name: string, names: readonly string[]): string | undefined {
  if (!name.startsWith(COREWEAVE)) return undefined;
  const first = names.filter((other) => name.startsWith(`${other}-`)).sort((a, b) => b.length - a.length)[0];
  return first === undefined ? COREWEAVE : `${first}-`;
}
