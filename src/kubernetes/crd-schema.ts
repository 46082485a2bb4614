import { isRecord } from './json-value.ts';

/** A rule in CEL (`x-kubernetes-validations`), as it is written. */
export type CelRule = Readonly<Record<string, unknown>> & { readonly rule: string };

/** One node of a structural schema (`JSONSchemaProps` of apiextensions.k8s.io/v1), as far as the API server acts on it. */
export interface SchemaNode {
  readonly type?: string;
  readonly format?: string;
  readonly nullable: boolean;
  readonly properties: ReadonlyMap<string, SchemaNode>;
  /** `true` is the empty schema: both keep keys and prune everything inside their values. */
  readonly additionalProperties?: SchemaNode;
  readonly items?: SchemaNode;
  readonly required: readonly string[];
  readonly enum?: readonly unknown[];
  /** Absent where there is none; the API server takes a default of null for none. */
  readonly default?: unknown;
  readonly pattern?: string;
  readonly numbers: Readonly<Partial<Record<NumberKeyword, number>>>;
  readonly exclusiveMinimum: boolean;
  readonly exclusiveMaximum: boolean;
  readonly preserveUnknownFields: boolean;
  readonly embeddedResource: boolean;
  readonly intOrString: boolean;
  readonly listType?: string;
  readonly listMapKeys: readonly string[];
  readonly mapType?: string;
  readonly validations: readonly CelRule[];
  readonly allOf: readonly SchemaNode[];
  readonly anyOf: readonly SchemaNode[];
  readonly oneOf: readonly SchemaNode[];
  readonly not?: SchemaNode;
  /** Keywords that are not understood here, or not of the type they must have: nothing is concluded about them. */
  readonly unread: Readonly<Record<string, unknown>>;
  /** Description, title, example, externalDocs. */
  readonly documentation: Readonly<Record<string, unknown>>;
}

export const NUMBER_KEYWORDS = [
  'minimum',
  'maximum',
  'multipleOf',
  'minLength',
  'maxLength',
  'minItems',
  'maxItems',
  'minProperties',
  'maxProperties',
] as const;
export type NumberKeyword = (typeof NUMBER_KEYWORDS)[number];

/** What the API server keeps at the root of an object and of an embedded resource, whatever the schema says. */
export const META_FIELDS: ReadonlySet<string> = new Set(['apiVersion', 'kind', 'metadata']);

const DOCUMENTATION: ReadonlySet<string> = new Set(['description', 'title', 'example', 'externalDocs']);

type Raw = Readonly<Record<string, unknown>>;
type Reader = (value: unknown) => Partial<SchemaNode> | undefined;

const text =
  (key: 'type' | 'format' | 'pattern' | 'listType' | 'mapType'): Reader =>
  (value) =>
    typeof value === 'string' ? (value === '' ? {} : { [key]: value }) : undefined;
const flag =
  (
    key:
      | 'nullable'
      | 'exclusiveMinimum'
      | 'exclusiveMaximum'
      | 'preserveUnknownFields'
      | 'embeddedResource'
      | 'intOrString',
  ): Reader =>
  (value) =>
    typeof value === 'boolean' ? { [key]: value } : undefined;
const words =
  (key: 'required' | 'listMapKeys'): Reader =>
  (value) =>
    Array.isArray(value) && value.every((item) => typeof item === 'string') ? { [key]: value } : undefined;
const nodes =
  (key: 'allOf' | 'anyOf' | 'oneOf'): Reader =>
  (value) =>
    Array.isArray(value) && value.every(isRecord) ? { [key]: value.map(readSchema) } : undefined;

const READERS: Readonly<Record<string, Reader>> = {
  type: text('type'),
  format: text('format'),
  pattern: text('pattern'),
  nullable: flag('nullable'),
  exclusiveMinimum: flag('exclusiveMinimum'),
  exclusiveMaximum: flag('exclusiveMaximum'),
  required: words('required'),
  enum: (value) => (Array.isArray(value) ? { enum: value } : undefined),
  default: (value) => (value === null ? {} : { default: value }),
  properties: (value) =>
    isRecord(value) && Object.values(value).every(isRecord)
      ? { properties: new Map(Object.entries(value).map(([name, inner]) => [name, readSchema(inner as Raw)])) }
      : undefined,
  additionalProperties: (value) =>
    value === true
      ? { additionalProperties: readSchema({}) }
      : isRecord(value)
        ? { additionalProperties: readSchema(value) }
        : undefined,
  items: (value) => (isRecord(value) ? { items: readSchema(value) } : undefined),
  not: (value) => (isRecord(value) ? { not: readSchema(value) } : undefined),
  allOf: nodes('allOf'),
  anyOf: nodes('anyOf'),
  oneOf: nodes('oneOf'),
  'x-kubernetes-preserve-unknown-fields': flag('preserveUnknownFields'),
  'x-kubernetes-embedded-resource': flag('embeddedResource'),
  'x-kubernetes-int-or-string': flag('intOrString'),
  'x-kubernetes-list-type': text('listType'),
  'x-kubernetes-list-map-keys': words('listMapKeys'),
  'x-kubernetes-map-type': text('mapType'),
  'x-kubernetes-validations': (value) =>
    Array.isArray(value) && value.every((rule) => isRecord(rule) && typeof rule.rule === 'string')
      ? { validations: value as readonly CelRule[] }
      : undefined,
};

const EMPTY: SchemaNode = {
  nullable: false,
  properties: new Map(),
  required: [],
  numbers: {},
  exclusiveMinimum: false,
  exclusiveMaximum: false,
  preserveUnknownFields: false,
  embeddedResource: false,
  intOrString: false,
  listMapKeys: [],
  validations: [],
  allOf: [],
  anyOf: [],
  oneOf: [],
  unread: {},
  documentation: {},
};

/** Takes whatever stands behind `x-kubernetes-preserve-unknown-fields`. */
export const ANYTHING: SchemaNode = { ...EMPTY, nullable: true, preserveUnknownFields: true };

/** Reads a schema as a file or the API server gives it; what is malformed ends in `unread`. */
export function readSchema(raw: Raw): SchemaNode {
  const unread: Record<string, unknown> = {};
  const documentation: Record<string, unknown> = {};
  const numbers: Partial<Record<NumberKeyword, number>> = {};
  let node: SchemaNode = { ...EMPTY, unread, documentation, numbers };
  for (const [keyword, value] of Object.entries(raw)) {
    if (value === undefined) continue;
    if (DOCUMENTATION.has(keyword)) documentation[keyword] = value;
    else if (isNumberKeyword(keyword) && typeof value === 'number') numbers[keyword] = value;
    else {
      const read = Object.hasOwn(READERS, keyword) ? READERS[keyword]?.(value) : undefined;
      if (read) node = { ...node, ...read };
      else unread[keyword] = value;
    }
  }
  return node;
}

function isNumberKeyword(keyword: string): keyword is NumberKeyword {
  return (NUMBER_KEYWORDS as readonly string[]).includes(keyword);
}

/** The values that the type lets pass; undefined where it lets every value pass. */
export function typesOf({ type, intOrString }: SchemaNode): readonly string[] | undefined {
  // ConvertJSONSchemaProps of the API server: the mark replaces the type.
  if (intOrString) return ['integer', 'string'];
  if (type === undefined) return undefined;
  return type === 'number' ? ['integer', 'number'] : [type];
}

/** Path of a property below another path, as messages of the API server spell it but for odd names. */
export function childPath(path: string, name: string): string {
  const step = /^[\w-]+$/.test(name) ? name : `['${name}']`;
  return path === '' ? step : step.startsWith('[') ? `${path}${step}` : `${path}.${step}`;
}
