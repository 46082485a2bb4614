import { isAlias, isMap, isScalar, isSeq, type Alias, type Node, type Pair, type Scalar, type YAMLMap } from 'yaml';
import { isRecord } from '../kubernetes/json-value.ts';
import type { Remark } from './document-text.ts';

/** A document that cannot be read; never holds text of the document, which may be a Secret. */
export class YamlFault extends Error {
  readonly offset: number;

  constructor(message: string, offset: number) {
    super(message);
    this.name = 'YamlFault';
    this.offset = offset;
  }
}

export const UNKNOWN_ANCHOR = 'an alias (*) names an anchor (&) that is not set before it';

/** The API server refuses documents nested deeper than 10,000; no real object is deeper than a few dozen. */
export const MAX_DEPTH = 500;
/** Values that aliases may add to one document; go-yaml allows about as many in small documents. */
const MAX_ALIASED = 100_000;

export interface Converted {
  /** JSON: null, booleans, numbers, texts, arrays and plain objects. */
  readonly value: unknown;
  readonly remarks: readonly Remark[];
}

/**
 * Turns parsed YAML into JSON values as kubectl does: keys become texts, of duplicate keys the last wins (with a remark),
 * `<<` sets its keys where it stands, also over earlier ones (`merge` in goyaml.v2/decode.go).
 * Throws YamlFault for what kubectl refuses: null keys, keys that are collections, aliases without or inside their anchor.
 */
export function convert(root: Node | null): Converted {
  return new Conversion().run(root);
}

class Conversion {
  readonly #remarks: Remark[] = [];
  readonly #anchors = new Map<string, Node>();
  readonly #expanding = new Set<Node>();
  #aliased = 0;

  run(root: Node | null): Converted {
    return { value: this.#valueOf(root, 0), remarks: this.#remarks };
  }

  #valueOf(node: unknown, depth: number): unknown {
    if (!isNode(node)) return null;
    if (depth > MAX_DEPTH) throw new YamlFault(`nested more than ${MAX_DEPTH} levels deep`, offsetOf(node));
    if (this.#expanding.size > 0 && ++this.#aliased > MAX_ALIASED) {
      throw new YamlFault(`aliases multiply it to more than ${MAX_ALIASED} values`, offsetOf(node));
    }
    if (isAlias(node)) return this.#expand(node, (target) => this.#valueOf(target, depth + 1));
    // Inside an expansion the anchors are those of the outer document's order: they must not be set again.
    if ('anchor' in node && node.anchor && this.#expanding.size === 0) this.#anchors.set(node.anchor, node);
    if (isSeq(node)) return node.items.map((item) => this.#valueOf(item, depth + 1));
    if (isMap(node)) return this.#objectOf(node, depth);
    return node.value;
  }

  #expand<T>(alias: Alias, use: (target: Node) => T): T {
    const target = this.#anchors.get(alias.source);
    if (!target) throw new YamlFault(UNKNOWN_ANCHOR, offsetOf(alias));
    if (this.#expanding.has(target)) throw new YamlFault('an anchor contains itself', offsetOf(alias));
    this.#expanding.add(target);
    const result = use(target);
    this.#expanding.delete(target);
    return result;
  }

  #objectOf(map: YAMLMap, depth: number): Record<string, unknown> {
    const object: Record<string, unknown> = {};
    const explicit = new Set<string>();
    for (const pair of map.items) {
      if (isMergeKey(pair)) {
        this.#mergePair(pair, object, explicit, depth);
        continue;
      }
      const key = this.#keyOf(pair, map);
      if (explicit.has(key)) {
        this.#remarks.push({ offset: offsetOf(pair.key ?? map), message: 'a key is given twice; the last one counts' });
      }
      explicit.add(key);
      set(object, key, this.#valueOf(pair.value, depth + 1));
    }
    return object;
  }

  #keyOf(pair: Pair, map: YAMLMap): string {
    const node = isAlias(pair.key) ? this.#expand(pair.key, (target) => target) : pair.key;
    if (isScalar(node)) {
      if ('anchor' in node && node.anchor && this.#expanding.size === 0) this.#anchors.set(node.anchor, node);
      const { value } = node as Scalar<string | number | boolean | null>;
      if (value !== null) return String(value);
    }
    const what = isMap(node) || isSeq(node) ? 'a key is a map or a list' : 'a key is null';
    throw new YamlFault(`${what}, not a text`, offsetOf(node ?? map));
  }

  #mergePair(pair: Pair, object: Record<string, unknown>, explicit: ReadonlySet<string>, depth: number): void {
    const merged = this.#merged(pair.value, depth + 1);
    if (Object.keys(merged).some((key) => explicit.has(key))) {
      const message = '<< stands after a key that it overrides: kubectl takes the merged value, other tools do not';
      this.#remarks.push({ offset: offsetOf(pair.key), message });
    }
    for (const [key, value] of Object.entries(merged)) set(object, key, value);
  }

  /** What `<<` merges: a map, or maps in a list, of which the first has precedence. */
  #merged(source: unknown, depth: number): object {
    if (isAlias(source)) return this.#expand(source, (target) => this.#merged(target, depth + 1));
    if (isSeq(source)) {
      const maps = source.items.map((item) => this.#merged(item, depth + 1));
      return Object.fromEntries(maps.reverse().flatMap((map) => Object.entries(map)));
    }
    const value = this.#valueOf(source, depth);
    if (isRecord(value)) return value;
    throw new YamlFault('<< merges something that is not a map', offsetOf(source));
  }
}

function isNode(value: unknown): value is Node {
  return isScalar(value) || isMap(value) || isSeq(value) || isAlias(value);
}

export function offsetOf(node: unknown): number {
  return isNode(node) ? (node.range?.[0] ?? 0) : 0;
}

function isMergeKey(pair: Pair): boolean {
  return isScalar(pair.key) && pair.key.value === '<<' && pair.key.type === 'PLAIN';
}

/** A key `__proto__` becomes a plain property of its own, as JSON.parse makes it. */
function set(object: Record<string, unknown>, key: string, value: unknown): void {
  if (key === '__proto__') {
    Object.defineProperty(object, key, { value, enumerable: true, configurable: true, writable: true });
  } else {
    object[key] = value;
  }
}
