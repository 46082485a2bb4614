import { isRecord } from './json-value.ts';

/** What is wrong with an object, and where; `path` leads to it from the object's root. */
export interface Fault {
  readonly message: string;
  readonly path: readonly string[];
}

type Fields = Readonly<Record<string, unknown>>;

/** What the API server's decoder refuses in ObjectMeta, as far as the checks rely on it. Null is the same as absent. */
export function metadataFault(metadata: Fields): Fault | undefined {
  const { name } = metadata;
  if (name === undefined || name === null || name === '') return { message: 'no metadata.name', path: ['metadata'] };
  for (const [field, value] of Object.entries(metadata)) {
    const fault = value === null ? undefined : fieldFault(field, value);
    if (fault) return fault;
  }
  return undefined;
}

const TEXTS = ['name', 'namespace', 'uid', 'resourceVersion', 'creationTimestamp', 'deletionTimestamp'];
const MAPS = ['labels', 'annotations'];
const LISTS = ['ownerReferences', 'finalizers'];

function fieldFault(field: string, value: unknown): Fault | undefined {
  if (TEXTS.includes(field) && typeof value !== 'string') return notText(value, [field]);
  if (LISTS.includes(field) && !Array.isArray(value)) return wrongType(field, value, 'a list');
  if (!MAPS.includes(field)) return undefined;
  if (!isRecord(value)) return wrongType(field, value, 'a map');
  const wrong = Object.entries(value).find(([, text]) => typeof text !== 'string' && text !== null);
  return wrong && notText(wrong[1], [field, wrong[0]]);
}

const wrongType = (field: string, value: unknown, wanted: string): Fault => ({
  message: `metadata.${field} is ${nameOfType(value)}, not ${wanted}`,
  path: ['metadata', field],
});

const notText = (value: unknown, path: readonly string[]): Fault => ({
  message: `metadata.${path.join('.')} is ${nameOfType(value)}, which the API server refuses: quote it`,
  path: ['metadata', ...path],
});

/** A label or annotation without value is the empty text for the API server. */
export function withoutNulls(metadata: Fields): Fields {
  const maps = MAPS.filter((field) => isRecord(metadata[field]) && Object.values(metadata[field]).includes(null));
  if (maps.length === 0) return metadata;
  const filled = maps.map((field) => {
    const entries = Object.entries(metadata[field] as Fields);
    return [field, Object.fromEntries(entries.map(([key, value]) => [key, value ?? '']))] as const;
  });
  return { ...metadata, ...Object.fromEntries(filled) };
}

/** A JSON value's type, in words. */
export function nameOfType(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object') return 'a map';
  return { string: 'a text', number: 'a number', boolean: 'a boolean' }[typeof value as string] ?? 'nothing';
}
