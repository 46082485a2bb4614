import type { Page } from './list.ts';
import type { ResourceType } from './resource-types.ts';
import { StatusError } from './status.ts';
import { tableOf } from './table.ts';
import type { Entry } from './store.ts';
import type { Wire } from './wire.ts';

export type Form = 'object' | 'table' | 'metadata';

const FORMS: Readonly<Record<string, Form>> = {
  Table: 'table',
  PartialObjectMetadata: 'metadata',
  PartialObjectMetadataList: 'metadata',
};

/**
 * The first form of the Accept header that this server can write; a Table only of types whose columns it knows.
 *
 * @throws StatusError 406
 */
export function formOf(accept: string, type: ResourceType): Form {
  if (accept === '') return 'object';
  for (const choice of accept.split(',').map((part) => part.trim())) {
    const [media = '', ...parameters] = choice.split(';').map((part) => part.trim());
    if (!['application/json', 'application/*', '*/*'].includes(media)) continue;
    const as = parameters.find((parameter) => parameter.startsWith('as='))?.slice(3);
    if (as === undefined) return 'object';
    const form = parameters.includes('g=meta.k8s.io') && parameters.includes('v=v1') ? FORMS[as] : undefined;
    if (form === 'metadata' || (form === 'table' && tableOf(type))) return form;
  }
  throw new StatusError(406, 'NotAcceptable', 'only the following media types are accepted: application/json', {});
}

/** A list as JSON text, put together from the items' cached text. */
export function writeList(
  type: ResourceType,
  { entries, metadata }: Page,
  form: Form,
  query: URLSearchParams,
  now: Date,
): string {
  if (form === 'table') return writeTable(type, { entries, metadata }, query, now);
  const [kind, apiVersion, write] =
    form === 'metadata'
      ? ['PartialObjectMetadataList', 'meta.k8s.io/v1', writeMetadata]
      : [type.listKind, type.apiVersion, (entry: Entry) => (type.custom ? writeObject(type, entry) : entry.json)];
  const head = JSON.stringify({ kind, apiVersion, metadata });
  return `${head.slice(0, -1)},"items":[${entries.map(write).join(',')}]}\n`;
}

/** One object as JSON text. */
export function writeOne(type: ResourceType, entry: Entry, form: Form, query: URLSearchParams, now: Date): string {
  switch (form) {
    case 'table': {
      const { resourceVersion = '' } = entry.object.metadata;
      return writeTable(type, { entries: [entry], metadata: { resourceVersion } }, query, now);
    }
    case 'metadata':
      return `${writeMetadata(entry)}\n`;
    case 'object':
      return `${writeObject(type, entry)}\n`;
  }
}

function writeObject(type: ResourceType, entry: Entry): string {
  return `${JSON.stringify({ kind: type.kind, apiVersion: type.apiVersion }).slice(0, -1)},${entry.json.slice(1)}`;
}

const partial = (object: Wire): object => ({
  kind: 'PartialObjectMetadata',
  apiVersion: 'meta.k8s.io/v1',
  metadata: object.metadata,
});

const writeMetadata = (entry: Entry): string => JSON.stringify(partial(entry.object));

function writeTable(type: ResourceType, { entries, metadata }: Page, query: URLSearchParams, now: Date): string {
  const table = tableOf(type);
  const include = query.get('includeObject') ?? 'Metadata';
  const rows = entries.map((entry) => ({
    cells: table?.cells(entry.object, now) ?? [],
    ...(include === 'None' ? {} : { object: include === 'Object' ? entry.object : partial(entry.object) }),
  }));
  const columnDefinitions = table?.columns ?? [];
  return `${JSON.stringify({ kind: 'Table', apiVersion: 'meta.k8s.io/v1', metadata, columnDefinitions, rows })}\n`;
}
