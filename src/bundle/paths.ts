import { createHash } from 'node:crypto';

/** Names that Windows keeps for devices, with any extension. */
const DEVICE = /^(?:con|prn|aux|nul|com\d|lpt\d)(?=$|\.)/;
const MAX_PART = 80;

/**
 * One part of a path, made of the name of an object. Names of Kubernetes are DNS names, without capitals or colons; those
 * of RBAC may hold both, but stand in no path. A name that no file may have is changed with `~`, which no name has.
 */
export function pathPart(name: string): string {
  const safe = name.replaceAll(/[^a-z0-9.-]/g, '_');
  const digest = createHash('sha256').update(name).digest('hex').slice(0, 12);
  if (safe !== name || /^\.*$/.test(name) || name.length > MAX_PART) return `${safe.slice(0, 60)}~${digest}`;
  return DEVICE.test(name) ? name.replace(DEVICE, '$&~') : name;
}

/** Where a list is: of one namespace, of all others (`*`), or of what is in no namespace. */
export function listPath(resource: string, namespace?: string): string {
  if (namespace === undefined) return `cluster/${resource}.json`;
  return namespace === ELSEWHERE ? `elsewhere/${resource}.json` : `namespaces/${pathPart(namespace)}/${resource}.json`;
}

/** Stands for the namespaces that are not the platform's, in ids of lists. */
export const ELSEWHERE = '*';

export interface LogName {
  readonly namespace: string;
  readonly pod: string;
  readonly container: string;
  readonly previous: boolean;
}

export function logPath({ namespace, pod, container, previous }: LogName): string {
  const file = `${pathPart(container)}${previous ? '.previous' : ''}.log`;
  return `namespaces/${pathPart(namespace)}/logs/${pathPart(pod)}/${file}`;
}

export const listId = (resource: string, namespace?: string): string =>
  `list:${namespace === undefined ? '' : `${namespace}/`}${resource}`;

export const logId = ({ namespace, pod, container, previous }: LogName): string =>
  `log:${namespace}/${pod}/${container}/${previous ? 'previous' : 'current'}`;

/** What the id of a list names; undefined for other ids. */
export function parseListId(id: string): { readonly resource: string; readonly namespace?: string } | undefined {
  const match = /^list:(?:([^/]+)\/)?([^/]+)$/.exec(id);
  if (!match) return undefined;
  const [, namespace, resource = ''] = match;
  return { resource, ...(namespace === undefined ? {} : { namespace }) };
}

/** What the id of a log names; undefined for other ids. */
export function parseLogId(id: string): LogName | undefined {
  const match = /^log:([^/]+)\/([^/]+)\/([^/]+)\/(current|previous)$/.exec(id);
  if (!match) return undefined;
  const [, namespace = '', pod = '', container = '', which] = match;
  return { namespace, pod, container, previous: which === 'previous' };
}

/** A context or host as part of a file's name; contexts hold colons and slashes. */
export function slug(text: string): string {
  return text
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .slice(0, 40)
    .replaceAll(/^-|-$/g, '');
}
