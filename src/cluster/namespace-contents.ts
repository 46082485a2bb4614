import { isRecord, stringAt, valueAt } from '../kubernetes/json-value.ts';
import type { ObjectRef } from '../model/object.ts';
import { clean } from '../model/text.ts';
import type { Transport } from './transport.ts';

/** More than anybody wants to read; what is longer is not empty anyway. */
const LIMIT = '20';
const NAMES_ONLY = 'application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io,application/json';

/** Kinds that every namespace has without meaning anything, or that speak about other objects. */
const PASSING: ReadonlySet<string> = new Set(['events']);

interface Listed {
  readonly apiVersion: string;
  readonly kind: string;
  readonly resource: string;
}

/**
 * Everything in a namespace but Events, of every kind that the server serves; kinds of custom resources too, since
 * deleting a Namespace deletes them. Where one kind cannot be listed, it is not known whether the namespace is empty.
 */
export async function contentsOf(
  transport: Transport,
  namespace: string,
  signal: AbortSignal | undefined,
): Promise<readonly ObjectRef[] | { readonly why: string }> {
  const kinds = await listedKinds(transport, signal);
  if ('why' in kinds) return kinds;
  const found: ObjectRef[] = [];
  for (const { apiVersion, kind, resource } of kinds) {
    const path = `${rootOf(apiVersion)}/namespaces/${encodeURIComponent(namespace)}/${resource}`;
    const reply = await transport.send({ purpose: 'list', path, query: { limit: LIMIT }, accept: NAMES_ONLY, signal });
    // Served in discovery and gone, or not listable after all.
    if (!reply.ok && (reply.problem.status === 404 || reply.problem.status === 405)) continue;
    if (!reply.ok) return { why: `${resource} in ${namespace}: ${reply.problem.message}` };
    found.push(...itemsOf(reply.body).map((name) => ({ apiVersion, kind, namespace, name })));
  }
  return found;
}

const rootOf = (apiVersion: string): string => `${apiVersion.includes('/') ? '/apis' : '/api'}/${apiVersion}`;

function itemsOf(body: unknown): readonly string[] {
  const items = valueAt(body, 'items');
  return (Array.isArray(items) ? items : []).flatMap((item: unknown) => {
    const name = stringAt(item, 'metadata', 'name');
    return name === undefined ? [] : [clean(name)];
  });
}

async function listedKinds(
  transport: Transport,
  signal: AbortSignal | undefined,
): Promise<readonly Listed[] | { readonly why: string }> {
  const groups = await transport.send({ purpose: 'get', path: '/apis', signal });
  if (!groups.ok) return { why: `the kinds of the server: ${groups.problem.message}` };
  const listed = valueAt(groups.body, 'groups');
  const preferred = (Array.isArray(listed) ? listed : []).flatMap(
    (group: unknown) => stringAt(group, 'preferredVersion', 'groupVersion') ?? [],
  );
  const kinds: Listed[] = [];
  for (const apiVersion of ['v1', ...preferred]) {
    const reply = await transport.send({ purpose: 'get', path: rootOf(apiVersion), signal });
    if (!reply.ok) return { why: `the kinds of ${clean(apiVersion)}: ${reply.problem.message}` };
    kinds.push(...kindsIn(apiVersion, reply.body));
  }
  return kinds;
}

function kindsIn(apiVersion: string, body: unknown): readonly Listed[] {
  const resources = valueAt(body, 'resources');
  return (Array.isArray(resources) ? resources : []).filter(isRecord).flatMap((entry): readonly Listed[] => {
    const { name, kind, namespaced, verbs } = entry;
    if (typeof name !== 'string' || typeof kind !== 'string' || namespaced !== true) return [];
    const listable = Array.isArray(verbs) && verbs.includes('list') && !name.includes('/');
    return listable && !PASSING.has(name) ? [{ apiVersion, kind, resource: name }] : [];
  });
}
