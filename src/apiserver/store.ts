import { createHash } from 'node:crypto';
import { asCoreEvent } from '../kubernetes/event.ts';
import type { KubeObject } from '../model/object.ts';
import { compareText } from '../model/text.ts';
import { prepare } from './defaults.ts';
import { builtinTypes, catalogueOf, customTypes, type Catalogue, type ResourceType } from './resource-types.ts';
import { omit, type Meta, type Wire } from './wire.ts';

/** One stored object. `json` is its list item, serialised once: kind and apiVersion are put in front where they belong. */
export interface Entry {
  readonly key: string;
  readonly object: Wire;
  readonly json: string;
}

interface Shelf {
  readonly entries: Map<string, Entry>;
  /** Byte order of `namespace/name`, the order of etcd keys; dropped by every write. */
  sorted: Sorted | undefined;
  /** Store revision of its last write. */
  version: number;
}

interface Sorted {
  readonly all: readonly Entry[];
  readonly byNamespace: ReadonlyMap<string, readonly Entry[]>;
}

/** The objects of one server, by type, namespace and name. Stored objects are never changed, only replaced. */
export class Store {
  /** Grows with every write; every object carries the value of its last one. */
  revision = 1000;
  readonly #shelves = new Map<string, Shelf>();
  readonly #notServed: readonly string[];
  readonly #now: () => Date;
  #catalogue: Catalogue | undefined;

  constructor(objects: Iterable<KubeObject>, notServed: readonly string[], now: () => Date) {
    this.#notServed = notServed;
    this.#now = now;
    const input = [...objects];
    for (const object of input) if (object.kind === 'CustomResourceDefinition') this.put(object);
    for (const object of input) if (object.kind !== 'CustomResourceDefinition') this.put(object);
  }

  get catalogue(): Catalogue {
    this.#catalogue ??= catalogueOf(
      [...builtinTypes(), ...this.#definitions().flatMap((entry) => customTypes(entry.object))],
      this.#notServed,
    );
    return this.#catalogue;
  }

  /**
   * Adds or replaces an object as a controller would: without admission or validation. uid, creationTimestamp and, for a
   * change, resourceVersion are filled in where they are missing.
   *
   * An object in another version of a known kind is served as it is, under the version that is served.
   *
   * @throws Error when neither a built-in type nor a stored CustomResourceDefinition has this apiVersion and kind
   */
  put(object: KubeObject): Wire {
    const type = this.typeOf(object);
    const prepared = prepare(type, placed(type, asCoreEvent(object)));
    const { namespace, name } = prepared.metadata;
    const before = this.get(type, namespace, name);
    return this.write(type, { ...prepared, metadata: this.identify(type, prepared, before) });
  }

  /** Takes an object away, without regard to finalizers. */
  discard(object: KubeObject): void {
    const type = this.typeOf(object);
    const { namespace, name } = placed(type, object).metadata;
    this.remove(type, namespace, name);
  }

  /** Metadata with uid and birth: the object's own, those of its predecessor, or new ones. */
  identify(type: ResourceType, object: Wire, before?: Wire): Meta {
    const { namespace, name } = object.metadata;
    const { uid, creationTimestamp } = { ...before?.metadata, ...object.metadata };
    return {
      ...object.metadata,
      uid: uid ?? uidOf(`${type.apiVersion}/${type.kind}/${namespace ?? ''}/${name}/${this.revision}`),
      creationTimestamp: creationTimestamp ?? this.timestamp(),
    };
  }

  /** Stores the object under the next revision and returns it as stored. */
  write(type: ResourceType, object: Wire): Wire {
    this.revision += 1;
    const stored: Wire = { ...object, metadata: { ...object.metadata, resourceVersion: String(this.revision) } };
    const key = keyOf(stored.metadata.namespace, stored.metadata.name);
    const item = omit(stored, 'kind', 'apiVersion');
    this.#shelf(type).entries.set(key, { key, object: stored, json: JSON.stringify(item) });
    this.#changed(type);
    return stored;
  }

  get(type: ResourceType, namespace: string | undefined, name: string): Wire | undefined {
    return this.entry(type, namespace, name)?.object;
  }

  entry(type: ResourceType, namespace: string | undefined, name: string): Entry | undefined {
    return this.#shelf(type).entries.get(keyOf(type.namespaced ? namespace : undefined, name));
  }

  /** Sorted by namespace and name; everything without a namespace. */
  list(type: ResourceType, namespace?: string): readonly Entry[] {
    const shelf = this.#shelf(type);
    shelf.sorted ??= sort(shelf.entries.values());
    return namespace === undefined ? shelf.sorted.all : (shelf.sorted.byNamespace.get(namespace) ?? []);
  }

  remove(type: ResourceType, namespace: string | undefined, name: string): void {
    if (!this.#shelf(type).entries.delete(keyOf(type.namespaced ? namespace : undefined, name))) return;
    this.revision += 1;
    this.#changed(type);
  }

  /** Objects of a built-in type, by plural and group: what authorization and admission look at. */
  objects(resource: string, group = ''): readonly Wire[] {
    const type = this.catalogue.ofResource(group, resource);
    return type ? this.list(type).map((entry) => entry.object) : [];
  }

  /** Changes with every write to the type. */
  versionOf(resource: string, group = ''): number {
    const type = this.catalogue.ofResource(group, resource);
    return type ? this.#shelf(type).version : 0;
  }

  find(resource: string, name: string, namespace?: string, group = ''): Wire | undefined {
    const type = this.catalogue.ofResource(group, resource);
    return type && this.get(type, namespace, name);
  }

  /** @throws Error for an unknown type */
  typeOf(object: KubeObject): ResourceType {
    const { apiVersion = '', kind = '' } = asCoreEvent(object);
    const type = this.catalogue.ofObject(apiVersion, kind);
    if (!type) throw new Error(`no type is known for apiVersion ${apiVersion || '(none)'}, kind ${kind || '(none)'}`);
    return type;
  }

  timestamp(): string {
    return this.#now()
      .toISOString()
      .replace(/\.\d+Z$/, 'Z');
  }

  now(): Date {
    return this.#now();
  }

  #shelf(type: ResourceType): Shelf {
    const id = `${type.group}/${type.resource}`;
    let shelf = this.#shelves.get(id);
    if (!shelf) {
      shelf = { entries: new Map(), sorted: undefined, version: 0 };
      this.#shelves.set(id, shelf);
    }
    return shelf;
  }

  #changed(type: ResourceType): void {
    const shelf = this.#shelf(type);
    shelf.sorted = undefined;
    shelf.version = this.revision;
    if (type.resource === 'customresourcedefinitions') this.#catalogue = undefined;
  }

  #definitions(): readonly Entry[] {
    return [...(this.#shelves.get('apiextensions.k8s.io/customresourcedefinitions')?.entries.values() ?? [])];
  }
}

/** Everything namespaced is somewhere, in `default` when nobody says where; everything else is nowhere. */
function placed(type: ResourceType, object: KubeObject): Wire {
  const { namespace = 'default', ...rest } = object.metadata;
  return { ...object, metadata: type.namespaced ? { ...rest, namespace } : rest };
}

function keyOf(namespace: string | undefined, name: string): string {
  return namespace === undefined ? name : `${namespace}/${name}`;
}

function sort(entries: Iterable<Entry>): Sorted {
  const all = [...entries].sort((a, b) => compareText(a.key, b.key));
  const byNamespace = new Map<string, Entry[]>();
  for (const entry of all) {
    const { namespace } = entry.object.metadata;
    if (namespace === undefined) continue;
    const list = byNamespace.get(namespace);
    if (list) list.push(entry);
    else byNamespace.set(namespace, [entry]);
  }
  return { all, byNamespace };
}

/** A uid that depends on its input alone, so that two runs over the same objects answer the same bytes. */
function uidOf(seed: string): string {
  const hex = createHash('sha256').update(seed).digest('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), `4${hex.slice(13, 16)}`, `8${hex.slice(17, 20)}`, hex.slice(20, 32)].join(
    '-',
  );
}
