import { createHmac } from 'node:crypto';
import { audit } from '../../src/audit/report.ts';
import { gunzip } from '../../src/kubernetes/gunzip.ts';
import { listingsOf, type Completeness } from '../../src/kubernetes/listings-of-objects.ts';
import { parseYaml, parseYamlDocuments } from '../../src/manifests/yaml.ts';
import type { Check } from '../../src/model/check.ts';
import type { ReportedRefusal, SecretTools } from '../../src/model/derived.ts';
import type { CrewaiPlatform, Platform, References, Settings } from '../../src/model/platform.ts';
import type { Report } from '../../src/model/report.ts';
import { RESOURCES, type Resource } from '../../src/model/resource.ts';
import { createSnapshot, type Gap, type Listing, type Listings, type Snapshot } from '../../src/model/snapshot.ts';
import { detectCrewai } from '../../src/platforms/crewai.ts';
import { detectPlatforms } from '../../src/platforms/profiles.ts';
import { crewaiPlatform, type CrewaiOptions, type RawObject } from '../fixtures/crewai.ts';

export const NOW = Date.parse('2026-11-20T10:00:00Z');

/** RFC 3339, so many minutes before the scenario's now. */
export const minutesAgo = (minutes: number): string => new Date(NOW - minutes * 60_000).toISOString();

export const tools: SecretTools = {
  fingerprint: (text) => createHmac('sha256', 'test').update(text).digest('hex').slice(0, 12),
  gunzip,
  parseYaml,
};

/** A listing (in one namespace, or everywhere) that could not be read. */
export interface Fault {
  readonly resource: Resource;
  readonly namespace?: string;
  readonly reason?: Gap['reason'];
}

/** What a support bundle says of itself. */
export interface BundleFacts {
  /** By path: how often which rule found something, and whether by the name of the value alone. */
  readonly exposed?: Readonly<Record<string, { readonly rules: Record<string, number>; readonly certain: boolean }>>;
  readonly refused?: readonly {
    readonly namespace: string;
    readonly rights: readonly string[];
    readonly user?: string;
  }[];
}

/** A healthy platform and what differs from it. */
export interface Scenario {
  /** CrewAI Platform made like this, or the objects of another platform. */
  readonly base?: CrewaiOptions | readonly RawObject[];
  /** YAML documents that are added, or replace the object of the same kind, namespace and name. */
  readonly with?: string;
  /** `Kind/namespace/name` (or `Kind/name`) of objects that are taken away; `*` at the end matches any rest. */
  readonly without?: readonly string[];
  /** For what YAML says badly: edits the final list of objects. */
  readonly change?: (objects: readonly RawObject[]) => readonly RawObject[];
  readonly settings?: Settings;
  /** What stands in the files that settings name. */
  readonly references?: References;
  readonly faults?: readonly Fault[];
  /** What logs and texts told of; without it nobody asked for these. */
  readonly refusals?: readonly ReportedRefusal[];
  /** The objects come from a support bundle, which says this of itself. */
  readonly bundle?: BundleFacts;
  readonly completeness?: Completeness;
  /** It comes from a cluster, by way of this context of a kubeconfig. */
  readonly context?: { readonly name: string; readonly namespace?: string };
  readonly now?: number;
}

export function keyOf(object: RawObject): string {
  const { namespace, name } = object.metadata;
  return [object.kind, ...(namespace === undefined ? [] : [namespace]), name].join('/');
}

export function parseObjects(text: string): RawObject[] {
  return parseYamlDocuments(text).map((document) => {
    if (document.error) throw document.error;
    return document.value as RawObject;
  });
}

/** Objects with others added, which replace those of the same kind, namespace and name: for `change`. */
export function put(objects: readonly RawObject[], ...added: readonly RawObject[]): readonly RawObject[] {
  return [...new Map([...objects, ...added].map((object) => [keyOf(object), object])).values()];
}

const baseOf = ({ base }: Scenario): readonly RawObject[] =>
  Array.isArray(base) ? (base as readonly RawObject[]) : crewaiPlatform(base as CrewaiOptions | undefined);

/** The scenario's objects as wire JSON. Throws when `without` names nothing, so that no test passes by a typo. */
export function objectsOf(scenario: Scenario): readonly RawObject[] {
  const objects = new Map(baseOf(scenario).map((object) => [keyOf(object), object]));
  for (const pattern of scenario.without ?? []) {
    const keys = [...objects.keys()].filter((key) =>
      pattern.endsWith('*') ? key.startsWith(pattern.slice(0, -1)) : key === pattern,
    );
    if (keys.length === 0) throw new Error(`the platform has no ${pattern} to take away`);
    for (const key of keys) objects.delete(key);
  }
  for (const object of parseObjects(scenario.with ?? '')) objects.set(keyOf(object), object);
  const list = [...objects.values()];
  return scenario.change?.(list) ?? list;
}

export function snapshotOf(scenario: Scenario): Snapshot {
  const listed = listingsOf(objectsOf(scenario), tools, scenario.completeness ?? 'all');
  const listings = {
    ...listed,
    ...(scenario.refusals && { refusals: { items: scenario.refusals, gaps: [] } }),
    ...(scenario.bundle && listingsOfBundle(scenario.bundle)),
  };
  return createSnapshot({
    origin: originOf(scenario),
    now: scenario.now ?? NOW,
    listings: (scenario.faults ?? []).reduce(withFault, listings),
  });
}

function originOf({ bundle, context }: Scenario): Snapshot['origin'] {
  if (bundle) return { from: 'bundle', file: 'scenario.tar.gz', format: 'crewiso.bundle/v1' };
  if (!context) return { from: 'manifests', files: ['scenario.yaml'] };
  const { name, namespace } = context;
  return { from: 'cluster', context: name, ...(namespace === undefined ? {} : { contextNamespace: namespace }) };
}

function listingsOfBundle({ exposed = {}, refused = [] }: BundleFacts): Listings {
  const files = Object.entries(exposed).map(([name, found]) => ({ metadata: { name }, ...found }));
  const refusals = refused.flatMap(({ namespace, rights, ...more }) =>
    rights.map((right) => {
      const [verb = '', resource = ''] = right.split(' ');
      const message = `${resource} is forbidden: cannot ${verb} resource "${resource}" in the namespace "${namespace}"`;
      return { metadata: { name: right, namespace }, rule: { verb, group: '', resource, namespace }, message, ...more };
    }),
  );
  return { 'exposed-secrets': { items: files, gaps: [] }, 'collector-refusals': { items: refusals, gaps: [] } };
}

/** Takes the items a fault hides out of its listing and puts the gap in. */
function withFault(listings: Listings, { resource, namespace, reason = 'forbidden' }: Fault): Listings {
  const listing = listings[resource] as Listing<RawObject> | undefined;
  const { plural, apiVersion, from } = RESOURCES[resource];
  const [group, version] = apiVersion.split('/');
  const gap: Gap = {
    resource: version === undefined ? plural : `${plural}.${String(group)}`,
    reason,
    detail: `${from ?? resource}: ${reason}`,
    ...(namespace === undefined ? {} : { namespace }),
  };
  const items = (listing?.items ?? []).filter(
    ({ metadata }) => namespace !== undefined && metadata.namespace !== namespace,
  );
  return { ...listings, [resource]: { ...listing, items, gaps: [...(listing?.gaps ?? []), gap] } };
}

/** CrewAI Platform in it. */
export function platformOf(snapshot: Snapshot, settings: Settings = {}): CrewaiPlatform {
  const detection = detectCrewai(snapshot, settings);
  if (!('platform' in detection)) throw new Error(`no platform in this scenario: ${JSON.stringify(detection)}`);
  return detection.platform;
}

/** Every platform in it. */
export function platformsOf(
  snapshot: Snapshot,
  settings: Settings = {},
  references: References = {},
): readonly Platform[] {
  const found = detectPlatforms(snapshot, settings, references);
  if (!('platforms' in found)) throw new Error(`no platform in this scenario: ${JSON.stringify(found)}`);
  return found.platforms;
}

const requests = { total: 0, list: 0, get: 0, review: 0, retried: 0, refused: 0, throttledMs: 0 };

/** The report of the given checks on a scenario, exactly as the command builds it. */
export function reportOf(checks: readonly Check[], scenario: Scenario): Report {
  const snapshot = snapshotOf(scenario);
  const found = detectPlatforms(snapshot, scenario.settings ?? {}, scenario.references);
  if ('several' in found) throw new Error('several platforms: the scenario must choose one');
  return audit({
    snapshot,
    platforms: 'platforms' in found ? found.platforms : found,
    checks,
    catalogue: checks,
    version: '0.0.0',
    run: { id: 'test', startedAt: new Date(NOW).toISOString(), durationMs: 0, writes: 0, requests },
    failOn: 'high',
    allowIncomplete: false,
  });
}
