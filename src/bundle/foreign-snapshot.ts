import { isRecord, stringAt } from '../kubernetes/json-value.ts';
import type { SecretTools } from '../model/derived.ts';
import type { KubeObject } from '../model/object.ts';
import { RESOURCES, type Resource } from '../model/resource.ts';
import { createSnapshot } from '../model/snapshot.ts';
import { clean, count } from '../model/text.ts';
import type { ArchiveSource } from './archive-source.ts';
import { all } from './bundle-reader.ts';
import type { BundleSnapshot } from './bundle-snapshot.ts';
import { isTooDeep } from './bundle-documents.ts';
import { FOREIGN_FORMATS, type ForeignFormat, type Placement } from './foreign-formats.ts';
import { UNSEARCHED, type Exposures } from './exposures.ts';
import { once } from './redact-content.ts';
import { objectsIn } from './foreign-objects.ts';
import { Observations } from './observations.ts';
import { refuse } from './refusal.ts';
import { errorsOf, mayGetPods, reasonOf, TROUBLESHOOT } from './troubleshoot.ts';

/** YAML documents of more bytes are not parsed: it takes far more memory than JSON. */
const MAX_YAML = 32 * 1024 * 1024;

/** The format of an archive by the names of its files; undefined where no known tool made it. */
export function recognise(
  paths: readonly string[],
): { readonly format: ForeignFormat; readonly roots: readonly string[] } | undefined {
  for (const format of [TROUBLESHOOT, ...FOREIGN_FORMATS]) {
    const roots = format.roots(paths);
    if (roots) return { format, roots };
  }
  return undefined;
}

/**
 * A bundle that another tool made, as a snapshot. Whatever it does not show to be complete is a gap.
 * @throws CrewisoError (4) for what no known tool made
 */
export async function snapshotOfForeign(
  file: string,
  source: ArchiveSource,
  tools: SecretTools,
  exposures?: Exposures,
): Promise<BundleSnapshot> {
  const paths: string[] = [];
  for await (const entry of source()) {
    paths.push(entry.path);
    if (entry.target === undefined) await exposures?.learn(entry);
  }
  const recognised = recognise(paths);
  if (!recognised) throw unknownFormat();
  const reading = new ForeignReading(recognised.format, tools);
  for await (const entry of source()) {
    if (entry.target !== undefined) continue;
    reading.time(entry.time);
    const root = recognised.roots.findLast((candidate) => entry.path.startsWith(candidate));
    const placement = root === undefined ? undefined : recognised.format.place(entry.path.slice(root.length));
    if (!placement) {
      await exposures?.look(entry);
      continue;
    }
    const bytes = await all(entry);
    await exposures?.look({ ...entry, content: () => once(bytes) });
    reading.take(placement, entry.path, bytes);
  }
  return reading.snapshot(file, exposures);
}

const unknownFormat = (): Error =>
  refuse(
    'no known tool made it',
    'looked for plan.json (kubectl crewiso), cluster-resources/ (troubleshoot.sh), namespaces/*/core/ (must-gather), yamls/ (support-bundle-kit), nodes.json and */pods.json (kubectl cluster-info dump)',
    'manifests are read with -f',
  );

class ForeignReading {
  readonly #format: ForeignFormat;
  readonly #tools: SecretTools;
  readonly #observations = new Observations();
  readonly #namespaces = new Set<string>();
  readonly #errors: { resource: Resource; messages: ReadonlyMap<string, string> }[] = [];
  readonly #filtered = new Set<string>();
  readonly #broken: string[] = [];
  #allNamespaces = false;
  #kubernetes: string | undefined;
  #newest = 0;

  constructor(format: ForeignFormat, tools: SecretTools) {
    this.#format = format;
    this.#tools = tools;
  }

  time(seconds: number): void {
    this.#newest = Math.max(this.#newest, seconds);
  }

  take(placement: Placement, path: string, bytes: Buffer): void {
    const value = bytes.length === 0 ? undefined : this.#parse(path, bytes);
    switch (placement.holds) {
      case 'version':
        this.#kubernetes = stringAt(value, 'info', 'gitVersion');
        return;
      case 'rules':
        this.#namespaces.add(placement.namespace);
        if (!mayGetPods(value)) this.#filtered.add(placement.namespace);
        return;
      case 'log-error':
        if (reasonOf(bytes.toString('utf8')) === 'forbidden')
          this.#observations.refusedLogs(placement.namespace, bytes.toString('utf8'));
        return;
      case 'errors':
        this.#errors.push({ resource: placement.resource, messages: errorsOf(value) });
        return;
      case 'list':
      case 'object':
        this.#takeObjects(placement, path, value);
    }
  }

  snapshot(file: string, exposures: Exposures | undefined): BundleSnapshot {
    this.#explainMissing();
    const namespaces = this.#allNamespaces ? [...this.#namespaces].sort() : undefined;
    const observations = this.#observations;
    const snapshot = createSnapshot({
      origin: {
        from: 'bundle',
        file,
        format: this.#format.name,
        ...(this.#kubernetes !== undefined && { kubernetes: clean(this.#kubernetes) }),
      },
      // No tool writes down when it ran; the newest of its files is close.
      now: this.#newest > 0 ? this.#newest * 1000 : Date.now(),
      listings: {
        ...observations.listings(this.#format.name, namespaces, this.#tools),
        'collector-refusals': { items: observations.refusals([...this.#namespaces]), gaps: [] },
        'exposed-secrets': exposures?.listing() ?? UNSEARCHED,
      },
    });
    const [first] = this.#broken;
    const broken =
      first === undefined
        ? []
        : [`${count(this.#broken.length, 'file')} could not be read, ${clean(first)} among them`];
    return {
      snapshot,
      notes: [`this is a bundle of ${this.#format.name}: what it does not show is not evaluated`, ...broken],
    };
  }

  #takeObjects(placement: Extract<Placement, { resource: Resource }>, path: string, value: unknown): void {
    const { resource, holds } = placement;
    const namespace = 'namespace' in placement ? placement.namespace : undefined;
    if (namespace !== undefined) this.#namespaces.add(namespace);
    const objects = objectsIn(value, this.#format.name);
    if (!objects) {
      this.#broken.push(path);
      this.#observations.missing(resource, namespace, 'failed', `${path} is empty or could not be read`);
      return;
    }
    if (resource === 'namespaces') {
      this.#takeNamespaces(value, objects);
      return;
    }
    if (holds === 'list') this.#observations.list(resource, namespace, objects);
    else this.#observations.some(resource, objects);
  }

  /** A list by the API server is all of them; a bare list, or one object, are those that somebody named. */
  #takeNamespaces(value: unknown, objects: readonly KubeObject[]): void {
    for (const { metadata } of objects) this.#namespaces.add(metadata.name);
    if (isRecord(value) && Array.isArray(value.items)) {
      this.#allNamespaces = true;
      this.#observations.list('namespaces', undefined, objects);
    } else this.#observations.some('namespaces', objects);
  }

  /** Files that are not there: by what the tool wrote down about them, or by what its rights were. */
  #explainMissing(): void {
    for (const { resource, messages } of this.#errors)
      for (const [namespace, message] of messages) {
        if (namespace !== '') this.#namespaces.add(namespace);
        if (namespace !== '' && this.#observations.isWhole(resource, namespace)) continue;
        this.#observations.missing(resource, namespace === '' ? undefined : namespace, reasonOf(message), message);
      }
    for (const namespace of this.#filtered)
      for (const resource of NAMESPACED)
        if (!this.#observations.isWhole(resource, namespace))
          this.#observations.missing(
            resource,
            namespace,
            'forbidden',
            `whoever collected it may not get pods in ${namespace}, so nothing of it was collected`,
          );
  }

  #parse(path: string, bytes: Buffer): unknown {
    try {
      const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
      if (!/\.ya?ml$/.test(path)) return isTooDeep(bytes) ? undefined : (JSON.parse(text) as unknown);
      return bytes.length > MAX_YAML ? undefined : this.#tools.parseYaml(text);
    } catch {
      return undefined;
    }
  }
}

const NAMESPACED = (Object.keys(RESOURCES) as Resource[]).filter(
  (resource) => RESOURCES[resource].namespaced && RESOURCES[resource].from === undefined,
);
