import type { Question } from './rbac-question.ts';
import { parseFieldSelector } from './selector-text.ts';

const VERBS: Readonly<Record<string, string>> = {
  POST: 'create',
  GET: 'get',
  HEAD: 'get',
  PUT: 'update',
  PATCH: 'patch',
  DELETE: 'delete',
};

/** Every other third part of `/namespaces/<name>/…` is a resource inside of the namespace. */
const NAMESPACE_SUBRESOURCES = new Set(['status', 'finalize']);

/**
 * What the API server asks its authorizer about a request.
 *
 * @param method HTTP method in upper case
 * @param url path with query, percent-encoded as in the request line (`/api/v1/namespaces/a/pods?watch=1`)
 * @returns a path question for everything that is no object or list of objects; also for `/api/v1/watch`, which the
 *   server answers with an error before it authorizes
 *
 * Source: k8s.io/apiserver/pkg/endpoints/request/requestinfo.go. A create carries no name, a subresource does; a
 * Namespace by name carries itself as namespace; `list` and `watch` carry the name of an exact field selector on
 * metadata.name, `deletecollection` does not.
 */
export function questionOfRequest(method: string, url: string): Question {
  const [encoded = '', ...queries] = url.split('?');
  const path = decode(encoded);
  const found = objectPath(path);
  if (!found) return { verb: method.toLowerCase(), path };
  const { group, namespace, prefixVerb, parts } = found;
  const [resource = '', name = '', subresource = ''] = parts;
  const verb = prefixVerb ?? VERBS[method] ?? '';
  const asked = name ? { verb, name } : collectionVerb(verb, queries.join('?'));
  return {
    ...asked,
    group,
    resource,
    ...(subresource && prefixVerb !== 'proxy' ? { subresource } : {}),
    ...(namespace ? { namespace } : {}),
  };
}

/** Without a name, `get` is a list or a watch and `delete` empties the collection. */
function collectionVerb(verb: string, query: string): { readonly verb: string; readonly name?: string } {
  if (verb === 'delete') return { verb: 'deletecollection' };
  if (verb !== 'get') return { verb };
  const { watch, name } = listOptions(query);
  return { verb: watch ? 'watch' : 'list', ...(name ? { name } : {}) };
}

interface ObjectPath {
  readonly group: string;
  readonly namespace: string;
  /** Resource, name, subresource, and what the server does not interpret. */
  readonly parts: readonly string[];
  /** `/api/v1/watch/…` and `/api/v1/proxy/…`, deprecated and still served. */
  readonly prefixVerb?: string;
}

function objectPath(path: string): ObjectPath | undefined {
  const parts = path.replace(/^\/+/, '').replace(/\/+$/, '').split('/');
  const [prefix, apiGroup = ''] = parts;
  // Core objects live at /api/<version>/…, all others at /apis/<group>/<version>/….
  if (prefix === 'api') return relativePath('', parts.slice(2));
  return prefix === 'apis' ? relativePath(apiGroup, parts.slice(3)) : undefined;
}

function relativePath(group: string, parts: readonly string[]): ObjectPath | undefined {
  const prefixVerb = parts[0] === 'watch' || parts[0] === 'proxy' ? parts[0] : undefined;
  const rest = prefixVerb ? parts.slice(1) : parts;
  if (rest.length === 0) return undefined;
  const via = prefixVerb ? { prefixVerb } : {};
  const [first, namespace = '', third] = rest;
  if (first !== 'namespaces') return { group, namespace: '', parts: rest, ...via };
  const inside = third !== undefined && !NAMESPACE_SUBRESOURCES.has(third);
  return { group, namespace, parts: inside ? rest.slice(2) : rest, ...via };
}

function listOptions(query: string): { watch: boolean; name?: string } {
  const parameters = new URLSearchParams(query);
  const value = parameters.get('watch');
  const watch = value !== null && !['false', '0'].includes(value.toLowerCase());
  const name = exactName(parameters.get('fieldSelector') ?? '');
  return name && isPathSegment(name) ? { watch, name } : { watch };
}

/** A selector that does not parse selects no name: the server logs it and goes on with the bare list. */
function exactName(selector: string): string | undefined {
  const parsed = parseFieldSelector(selector);
  if ('error' in parsed) return undefined;
  return parsed.requirements.find(({ key, operator }) => key === 'metadata.name' && operator === 'in')?.values[0];
}

function isPathSegment(name: string): boolean {
  return name !== '.' && name !== '..' && !/[/%]/.test(name);
}

function decode(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}
