import { crewOfName, namespaceOfOrg, orgOfBuildPod, orgOfLabel, orgOfNamespace } from '../kubernetes/tenant-names.ts';
import { podTemplateOf } from '../kubernetes/owners.ts';
import { compareNames, type KubeObject } from '../model/object.ts';
import type { Settings, Tenant } from '../model/platform.ts';
import { WORKLOADS, type Resource } from '../model/resource.ts';
import type { Snapshot } from '../model/snapshot.ts';

/** How often one kind of evidence is written out before it is only counted. */
const SHOWN = 3;

/**
 * Every organization that anything names: namespaces of exactly the tenant form, `org-id` labels and crew names of
 * workloads in the platform's and the tenants' namespaces, refusals that name a tenant namespace, the support bundle's
 * namespace list, and what the user says. Objects elsewhere may belong to another platform and prove nothing.
 */
export function enumerateTenants(
  snapshot: Snapshot,
  shared: string,
  platformNamespace: string,
  settings: Settings,
): readonly Tenant[] {
  const sightings = createSightings();
  addFromNamespaces(snapshot, shared, sightings.add);
  addFromWorkloads(snapshot, shared, platformNamespace, sightings.add);
  for (const event of snapshot.list('events')) addFromRefusal(event.message ?? '', shared, sightings.add);
  for (const release of snapshot.list('helm-releases', platformNamespace)) {
    for (const namespace of release.values.supportBundle?.crewLogNamespaces ?? []) {
      sightings.add(orgOfNamespace(shared, namespace), () => 'supportBundle.crewLogNamespaces', false);
    }
  }
  for (const namespace of settings.namespaces ?? [])
    sightings.add(orgOfNamespace(shared, namespace), () => '--namespace');
  for (const org of settings.orgs ?? []) sightings.add(org, () => '--org');
  return sightings
    .list()
    .filter(({ id }) => !settings.excludeOrgs?.includes(id))
    .map((sighting) => ({ ...sighting, ...stateOf(snapshot, namespaceOfOrg(shared, sighting.id)) }));
}

/** @param where what says so, made into words only while there is room for them */
type Add = (org: string | undefined, where: () => string, proven?: boolean) => void;
type Sighting = Pick<Tenant, 'id' | 'seen' | 'proven'>;

function createSightings(): { add: Add; list(): readonly Sighting[] } {
  const seen = new Map<string, { proven: boolean; lines: string[] }>();
  return {
    add(org, where, proven = true) {
      if (org === undefined) return;
      const entry = seen.get(org) ?? { proven: false, lines: [] };
      seen.set(org, entry);
      entry.proven ||= proven;
      if (entry.lines.length >= SHOWN) return;
      const line = where();
      if (!entry.lines.includes(line)) entry.lines.push(line);
    },
    list: () =>
      [...seen].sort(([a], [b]) => compareNames(a, b)).map(([id, { proven, lines }]) => ({ id, seen: lines, proven })),
  };
}

function addFromNamespaces(snapshot: Snapshot, shared: string, add: Add): void {
  for (const { metadata } of snapshot.list('namespaces'))
    add(orgOfNamespace(shared, metadata.name), () => `Namespace ${metadata.name}`);
}

function addFromWorkloads(snapshot: Snapshot, shared: string, platformNamespace: string, add: Add): void {
  for (const resource of WORKLOADS) {
    for (const object of snapshot.list(resource)) {
      const namespace = object.metadata.namespace ?? '';
      const home = namespace === shared || namespace === platformNamespace;
      const org = orgOfNamespace(shared, namespace);
      // Where namespaces cannot be listed, what runs in one shows that it is there.
      add(org, () => `namespace of ${object.kind ?? resource} ${namespace}/${object.metadata.name}`);
      if (home || org !== undefined) addFromWorkload(object, resource, add);
    }
  }
}

function addFromWorkload(object: KubeObject, resource: Resource, add: Add): void {
  const { name, namespace, labels } = object.metadata;
  const where = (): string => `${object.kind ?? resource} ${namespace ?? ''}/${name}`;
  add(orgOfLabel(labels?.['org-id']), () => `label org-id on ${where()}`);
  const template = podTemplateOf(resource, object);
  add(orgOfLabel(template?.metadata?.labels?.['org-id']), () => `label org-id in the pod template of ${where()}`);
  add(crewOfName(name)?.org ?? orgOfBuildPod(name), () => `name of ${where()}`);
}

/** `namespaces "crewai-org-7" not found` and `… in the namespace "crewai-org-7"`: the platform tried to work there. */
function addFromRefusal(message: string, shared: string, add: Add): void {
  if (!message.includes(`${shared}-org-`)) return;
  for (const [, name] of message.matchAll(/namespaces? \\?"([a-z0-9-]{1,63})\\?"/g)) {
    add(orgOfNamespace(shared, name ?? ''), () => 'event about a refused request');
  }
}

function stateOf(snapshot: Snapshot, namespace: string): Pick<Tenant, 'namespace' | 'exists' | 'terminating'> {
  const found = snapshot.find('namespaces', namespace);
  const terminating = found?.status?.phase === 'Terminating' || Boolean(found?.metadata.deletionTimestamp);
  if (found) return { namespace, exists: true, terminating };
  const known = snapshot.completeness('namespaces', namespace) === 'complete';
  return { namespace, exists: known ? false : 'unknown', terminating: false };
}
