import type { KubeObject } from '../model/object.ts';
import { groupOf } from '../model/object.ts';
import { readSchema, type SchemaNode } from './crd-schema.ts';
import { isRecord, stringAt, valueAt } from './json-value.ts';

/** A CustomResourceDefinition (apiextensions.k8s.io/v1), read once. */
export interface Crd {
  /** `tenants.opencrane.io` */
  readonly name: string;
  readonly group: string;
  readonly kind: string;
  readonly listKind: string;
  readonly plural: string;
  readonly singular: string;
  readonly shortNames: readonly string[];
  readonly categories: readonly string[];
  readonly scope: string;
  /** Of the whole CRD; only definitions from before v1 still have it. */
  readonly preserveUnknownFields: boolean;
  /** `None` or `Webhook`, and the rest of it as it is. */
  readonly conversion: Readonly<Record<string, unknown>>;
  readonly versions: readonly CrdVersion[];
  /** From the status of a live one: versions in which objects may lie in the store. */
  readonly storedVersions: readonly string[];
}

export interface CrdVersion {
  readonly name: string;
  readonly served: boolean;
  readonly storage: boolean;
  readonly deprecated: boolean;
  readonly schema?: SchemaNode;
  readonly status: boolean;
  readonly scale?: Readonly<Record<string, unknown>>;
  readonly selectableFields: readonly string[];
  readonly printerColumns: readonly unknown[];
}

export function isCrd(object: KubeObject): boolean {
  return object.kind === 'CustomResourceDefinition' && groupOf(object.apiVersion ?? '') === 'apiextensions.k8s.io';
}

/** The CRD in an object, or why it cannot be read as one. */
export function readCrd(object: KubeObject): Crd | { readonly fault: string } {
  const { name } = object.metadata;
  if (object.apiVersion !== 'apiextensions.k8s.io/v1')
    return { fault: `${name}: ${object.apiVersion ?? 'no apiVersion'} is not served since Kubernetes 1.22` };
  const spec = valueAt(object, 'spec');
  const [group, kind, plural] = [
    stringAt(spec, 'group'),
    stringAt(spec, 'names', 'kind'),
    stringAt(spec, 'names', 'plural'),
  ];
  const versions = valueAt(spec, 'versions');
  if (group === undefined || kind === undefined || plural === undefined) return { fault: `${name}: no group or names` };
  if (!Array.isArray(versions) || versions.length === 0 || !versions.every(isNamed))
    return { fault: `${name}: no versions` };
  return {
    name,
    group,
    kind,
    plural,
    ...readNames(spec, kind),
    versions: versions.map(readVersion),
    ...readRest(object),
  };
}

function readNames(spec: unknown, kind: string): Pick<Crd, 'listKind' | 'singular' | 'shortNames' | 'categories'> {
  return {
    listKind: stringAt(spec, 'names', 'listKind') ?? `${kind}List`,
    singular: stringAt(spec, 'names', 'singular') ?? kind.toLowerCase(),
    shortNames: stringsAt(spec, 'names', 'shortNames'),
    categories: stringsAt(spec, 'names', 'categories'),
  };
}

function readRest(object: KubeObject): Pick<Crd, 'scope' | 'preserveUnknownFields' | 'conversion' | 'storedVersions'> {
  const conversion = valueAt(object, 'spec', 'conversion');
  return {
    scope: stringAt(object, 'spec', 'scope') ?? '',
    preserveUnknownFields: valueAt(object, 'spec', 'preserveUnknownFields') === true,
    conversion: isRecord(conversion) ? conversion : { strategy: 'None' },
    storedVersions: stringsAt(object, 'status', 'storedVersions'),
  };
}

function readVersion(raw: Readonly<Record<string, unknown>>): CrdVersion {
  const schema = valueAt(raw, 'schema', 'openAPIV3Schema');
  const scale = valueAt(raw, 'subresources', 'scale');
  const columns = valueAt(raw, 'additionalPrinterColumns');
  const fields = valueAt(raw, 'selectableFields');
  return {
    name: String(raw.name),
    served: raw.served === true,
    storage: raw.storage === true,
    deprecated: raw.deprecated === true,
    ...(isRecord(schema) && { schema: readSchema(schema) }),
    status: isRecord(valueAt(raw, 'subresources', 'status')),
    ...(isRecord(scale) && { scale }),
    selectableFields: Array.isArray(fields) ? fields.flatMap((field) => stringAt(field, 'jsonPath') ?? []) : [],
    printerColumns: Array.isArray(columns) ? columns : [],
  };
}

const isNamed = (value: unknown): value is Readonly<Record<string, unknown>> => Boolean(stringAt(value, 'name'));

function stringsAt(value: unknown, ...path: readonly string[]): readonly string[] {
  const found = valueAt(value, ...path);
  return Array.isArray(found) ? found.filter((item) => typeof item === 'string') : [];
}

export const storageVersion = ({ versions }: Crd): CrdVersion | undefined => versions.find(({ storage }) => storage);
