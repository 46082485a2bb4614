import { isRecord } from '../../kubernetes/json-value.ts';
import { Decoding } from './decoded-runs.ts';
import { rewriteJson } from './json-rewrite.ts';
import { isSecretValue, type Names, segmentsOf } from './names.ts';
import { BYTES, FILE_NAME, type FieldRule, fieldRule, FREE_MAPS, isBuiltIn, DESCRIPTIVE } from './object-fields.ts';
import type { Tally } from './tally.ts';
import type { TextRedactor } from './text-redactor.ts';

const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration';
const DEEPEST = 200;
/** Fewer digits are a count; a number cannot become a marker, because typed clients would refuse the whole list. */
const SHORTEST_NUMBER = 1000;
const INLINE = /^(?:value|plain|plaintext|plainText|literal|inline|raw|content)$/;
const VALUE_FIELDS = ['value', 'Value'];
const NAME_FIELDS = ['name', 'Name', 'key', 'header'];

export interface ObjectTools {
  readonly text: TextRedactor;
  readonly names: Names;
  /** Whether a value is the name of an object: under the name of a secret it then is a reference. */
  readonly isObjectName: (text: string) => boolean;
}

interface Place {
  readonly kind: string;
  /** From the object down, joined by dots; array items add nothing. */
  readonly path: string;
  /** Whether field names are names of secrets: not in Kubernetes' own kinds. */
  readonly free: boolean;
  /** The name that the value stands under. */
  readonly name: string;
  readonly whole?: FieldRule | undefined;
  /** Within fields that describe fields. */
  readonly descriptive?: boolean;
  readonly depth: number;
}

const ROOT: Place = { kind: '', path: '', free: true, name: '', depth: 0 };

/** Redacts one value of parsed JSON: by kind and field, by names, and every string by its text. Types never change. */
export class ObjectRedactor {
  private readonly tools: ObjectTools;
  private readonly tally: Tally;
  private readonly decoding = new Decoding();
  private readonly keys = new Map<string, string>();

  constructor(tools: ObjectTools, tally: Tally) {
    this.tools = tools;
    this.tally = tally;
  }

  /** A copy without secrets. Throws on what is nested deeper than 200 levels. */
  redact(value: unknown): unknown {
    return this.visit(value, ROOT);
  }

  /** A key as it may stay: names chosen by people can hold credentials (`https://user:password@registry`). */
  key(key: string): string {
    const known = this.keys.get(key);
    if (known !== undefined) return known;
    const redacted = this.tools.text.string(key, this.tally, this.decoding);
    this.keys.set(key, redacted);
    return redacted;
  }

  /** A JSON text without secrets, otherwise as it was. Throws on what is no JSON. */
  json(text: string): string {
    return this.rewritten(text, ROOT);
  }

  private visit(value: unknown, place: Place): unknown {
    if (place.depth > DEEPEST) throw new RangeError('nested too deep');
    if (typeof value === 'string') return this.leaf(value, place);
    if (typeof value === 'number') return this.number(value, place);
    if (Array.isArray(value)) return this.array(value, place);
    return isRecord(value) ? this.record(value, place) : value;
  }

  private number(value: number, { whole, free, name }: Place): number {
    const secret = whole !== undefined || (free && this.tools.names.classify(name) === 'strong');
    const rule = whole?.rule ?? 'field-name';
    if (!secret || Math.abs(value) < SHORTEST_NUMBER || this.tools.text.reveals(rule)) return value;
    this.tally.add(rule);
    return 0;
  }

  private array(values: readonly unknown[], place: Place): readonly unknown[] {
    let flagged = false;
    return values.map((value) => {
      const item = { ...place, depth: place.depth + 1, ...(place.path === 'items' ? { path: '' } : {}) };
      if (typeof value !== 'string') return this.visit(value, item);
      const afterFlag = flagged && !value.startsWith('-');
      flagged = /^--?[\w.-]+$/.test(value) && this.tools.names.classify(value) !== 'plain';
      if (afterFlag && isSecretValue('weak', value)) return this.tools.text.whole('argument', value, this.tally);
      return this.leaf(value, item);
    });
  }

  private record(value: Readonly<Record<string, unknown>>, outer: Place): unknown {
    const place = objectPlace(value, outer);
    const pair = pairName(value);
    // fromEntries, because it makes `__proto__` a key like any other.
    return Object.fromEntries(
      Object.entries(value).map(([key, field]) => [
        this.key(key),
        this.field(key, field, fieldPlace(key, place, pair)),
      ]),
    );
  }

  private field(key: string, field: unknown, inner: Place): unknown {
    if (key === LAST_APPLIED && typeof field === 'string' && !this.tools.text.reveals('last-applied'))
      return this.tools.text.whole('last-applied', field, this.tally);
    if (VALUE_FIELDS.includes(key) && inner.name !== key && typeof field === 'string' && this.isSecret(inner, field)) {
      return this.tools.text.whole('env-name', field, this.tally);
    }
    return this.visit(field, inner);
  }

  private leaf(value: string, place: Place): string {
    const { text } = this.tools;
    if (place.whole && !text.reveals(place.whole.rule))
      return text.whole(place.whole.rule, value, this.tally, place.whole.form);
    if (place.descriptive) return text.knownIn(value, this.tally);
    if (!place.free && BYTES.has(place.name) && /^[\w+/=]*$/.test(value)) return text.knownIn(value, this.tally);
    if (place.free && !isFile(place.name, this.tools.names) && this.isSecret(place, value)) {
      return text.whole('field-name', value, this.tally);
    }
    return this.embedded(value, place) ?? text.string(value, this.tally, this.decoding);
  }

  private isSecret({ name }: Place, value: string): boolean {
    const nameClass = this.tools.names.classify(name);
    if (!isSecretValue(nameClass, value)) return false;
    const refers = segmentsOf(name).some((segment) => /^(?:secrets?|credentials?)$/.test(segment));
    return !(refers && this.tools.isObjectName(value));
  }

  /** A string that is itself a JSON map or list: the rules apply inside, and the text around stays. */
  private embedded(value: string, place: Place): string | undefined {
    if (!/^\s*[{[]/.test(value)) return undefined;
    try {
      JSON.parse(value);
    } catch {
      // Text that only begins like JSON is text.
      return undefined;
    }
    try {
      return this.rewritten(value, { ...ROOT, depth: place.depth + 1 });
    } catch {
      // Deeper or stranger than we follow: nothing of it stays.
      return this.tools.text.whole('unreadable', value, this.tally);
    }
  }

  private rewritten(text: string, place: Place): string {
    const redacted = this.visit(JSON.parse(text) as unknown, place);
    return rewriteJson(text, redacted, (key) => this.key(key));
  }
}

/** `tokens.yaml` is a file about tokens; `credentials.json` holds credentials. */
function isFile(name: string, names: Names): boolean {
  return FILE_NAME.test(name) && names.classify(name) !== 'strong';
}

/** Strings of a CRD's schema that are values; all others are names and descriptions of fields. */
const SCHEMA_VALUES = /^(?:default|example|enum)$/;

/** Where a record is an object of Kubernetes, its kind and path begin anew. */
function objectPlace(value: Readonly<Record<string, unknown>>, outer: Place): Place {
  const { apiVersion, kind, metadata } = value;
  if (typeof kind === 'string' && typeof apiVersion === 'string') {
    return { ...outer, kind, path: '', free: !isBuiltIn(apiVersion), depth: outer.depth + 1 };
  }
  const known = isRecord(metadata) ? listedKind(outer) || guessedKind(value) : '';
  return { ...outer, ...(known === '' ? {} : { kind: known, path: '' }), depth: outer.depth + 1 };
}

/** Items of a list carry no kind of their own on the wire. */
function listedKind({ path, kind }: Place): string {
  return path === '' && kind.endsWith('List') ? kind.slice(0, -'List'.length) : '';
}

/** Bare arrays of other tools' bundles name no kind at all. */
function guessedKind(value: Readonly<Record<string, unknown>>): string {
  return 'type' in value && ('data' in value || 'stringData' in value) ? 'Secret' : '';
}

function fieldPlace(key: string, place: Place, pair: string | undefined): Place {
  const path = place.path === '' ? key : `${place.path}.${key}`;
  const whole = place.whole ?? fieldRule(place.kind, path);
  const schemaValue = place.descriptive === true && SCHEMA_VALUES.test(key);
  const name = pair !== undefined && VALUE_FIELDS.includes(key) ? pair : inherits(key, place.name) ? place.name : key;
  return {
    kind: place.kind,
    path,
    free: place.free || FREE_MAPS.has(key) || schemaValue,
    name,
    whole,
    descriptive: !schemaValue && (place.descriptive === true || DESCRIPTIVE.has(key)),
    depth: place.depth,
  };
}

/** `password: {value: …}` in custom resources: the inner field is named by the outer one. So are defaults in schemas. */
function inherits(key: string, outer: string): boolean {
  return outer !== '' && (INLINE.test(key) || SCHEMA_VALUES.test(key));
}

/** The name of a pair such as `{"name": "DB_PASSWORD", "value": "…"}`: environments, headers, settings. */
function pairName(value: Readonly<Record<string, unknown>>): string | undefined {
  if (!VALUE_FIELDS.some((field) => typeof value[field] === 'string')) return undefined;
  const field = NAME_FIELDS.find((name) => typeof value[name] === 'string');
  return field === undefined ? undefined : (value[field] as string);
}
