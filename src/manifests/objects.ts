import { isRecord } from '../kubernetes/json-value.ts';
import { metadataFault, nameOfType, withoutNulls, type Fault } from '../kubernetes/metadata-fault.ts';
import type { KubeObject } from '../model/object.ts';

/** An object of a document, or what is wrong with one; `path` leads to it from the document's root. */
export type Item =
  | { readonly path: readonly string[]; readonly object: KubeObject }
  | { readonly path: readonly string[]; readonly fault: string };

/**
 * The Kubernetes objects of one document: itself, or the items of a list (lists in lists too). Items of a typed list
 * that carry neither kind nor apiVersion, as the API server sends them, get those of the list
 * (unstructuredJSONScheme.decodeToList in k8s.io/apimachinery).
 */
export function objectsOf(value: unknown, path: readonly string[] = []): readonly Item[] {
  if (path.length === 0 && value === null) return [];
  if (!isRecord(value)) return [{ path, fault: `${nameOfType(value)}, not a Kubernetes object` }];
  const items = listItems(value);
  if (!items) return [itemOf(value, path)];
  const found = items.flatMap((item, index) => objectsOf(withListKind(item, value), [...path, 'items', String(index)]));
  return isRecord(value.metadata) && value.metadata.continue
    ? [...found, { path, fault: 'a list that was cut: metadata.continue says that more items exist' }]
    : found;
}

function listItems(value: Fields): readonly unknown[] | undefined {
  const { items, kind, metadata } = value;
  if (Array.isArray(items)) return items as readonly unknown[];
  const named = isRecord(metadata) && metadata.name !== undefined;
  return typeof kind === 'string' && kind.endsWith('List') && !named && (items === undefined || items === null)
    ? []
    : undefined;
}

function withListKind(item: unknown, list: Fields): unknown {
  const { kind, apiVersion } = list;
  if (!isRecord(item) || item.kind !== undefined || item.apiVersion !== undefined) return item;
  if (typeof kind !== 'string' || kind === 'List' || !kind.endsWith('List')) return item;
  return { apiVersion, kind: kind.slice(0, -'List'.length), ...item };
}

function itemOf(value: Fields, path: readonly string[]): Item {
  const fault = faultOf(value);
  if (fault) return { path: [...path, ...fault.path], fault: fault.message };
  const object = { ...value, metadata: withoutNulls(value.metadata as Fields) };
  return { path, object: object as unknown as KubeObject };
}

type Fields = Readonly<Record<string, unknown>>;

function faultOf(value: Fields): Fault | undefined {
  const { apiVersion, kind, metadata } = value;
  if (!isName(kind)) return { message: 'no kind: not a Kubernetes object', path: [] };
  if (!isName(apiVersion)) return { message: 'no apiVersion: not a Kubernetes object', path: [] };
  if (kind === 'Kustomization' && apiVersion.startsWith('kustomize.config.k8s.io/')) {
    return { message: 'a kustomization, not an object: read the output of kubectl kustomize instead', path: [] };
  }
  if (!isRecord(metadata)) return { message: 'no metadata.name', path: [] };
  return metadataFault(metadata);
}

const isName = (value: unknown): value is string => typeof value === 'string' && value !== '';
