import { isRecord } from '../kubernetes/json-value.ts';
import { parseLabelSelector } from '../kubernetes/selector-text.ts';
import { meetsAll } from '../kubernetes/selector.ts';
import { fieldSelector } from './field-selector.ts';
import type { ResourceType } from './resource-types.ts';
import { badRequest, StatusError } from './status.ts';
import type { Entry, Store } from './store.ts';

/** One page of a list, in whatever representation it is then written. */
export interface Page {
  readonly entries: readonly Entry[];
  readonly metadata: {
    readonly resourceVersion: string;
    readonly continue?: string;
    readonly remainingItemCount?: number;
  };
}

/**
 * Selects and cuts as k8s.io/apiserver does: `resourceVersion=0` ignores `limit`; a token names the revision of the
 * first page and the key to go on from; `remainingItemCount` is given only without selectors.
 *
 * @param compacted tokens of this revision or older are expired
 * @throws StatusError 400 for selectors and tokens that do not parse, 410 for an expired token
 */
export function page(
  store: Store,
  type: ResourceType,
  namespace: string,
  query: URLSearchParams,
  compacted: number,
): Page {
  const start = startOf(query, compacted);
  const all = store.list(type, namespace || undefined);
  const prefix = namespace ? `${namespace}/` : '';
  const rest = start ? all.slice(firstAtOrAfter(all, prefix + start.key)) : all;
  const selected = select(rest, type, query);
  const limit = limitOf(query, start);
  const revision = Math.max(start?.revision ?? 0, 0) || store.revision;
  const resourceVersion = String(revision);
  const entries = selected.slice(0, limit);
  const last = entries.at(-1)?.key.slice(prefix.length) ?? '';
  if (entries.length === selected.length) return { entries, metadata: { resourceVersion } };
  return {
    entries,
    metadata: {
      resourceVersion,
      continue: encodeToken(revision, `/${last}\u0000`),
      ...(hasSelector(query) ? {} : { remainingItemCount: selected.length - limit }),
    },
  };
}

const hasSelector = (query: URLSearchParams): boolean =>
  Boolean(query.get('labelSelector')) || Boolean(query.get('fieldSelector'));

function select(entries: readonly Entry[], type: ResourceType, query: URLSearchParams): readonly Entry[] {
  if (!hasSelector(query)) return entries;
  const labels = parseLabelSelector(query.get('labelSelector') ?? '');
  if ('error' in labels) throw badRequest(labels.error);
  const fields = fieldSelector(type, query.get('fieldSelector') ?? '');
  return entries.filter(({ object }) => meetsAll(labels.requirements, object.metadata.labels) && fields(object));
}

function startOf(query: URLSearchParams, compacted: number): Start | undefined {
  const token = query.get('continue');
  return token ? decodeToken(token, compacted) : undefined;
}

function limitOf(query: URLSearchParams, start: Start | undefined): number {
  const given = query.get('limit') ?? '0';
  if (!/^\d+$/.test(given)) throw badRequest(`strconv.ParseInt: parsing ${JSON.stringify(given)}: invalid syntax`);
  const unlimited = given === '0' || (query.get('resourceVersion') === '0' && !start);
  return unlimited ? Infinity : Number(given);
}

function firstAtOrAfter(entries: readonly Entry[], key: string): number {
  let low = 0;
  let high = entries.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((entries[middle]?.key ?? '') < key) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Layout of k8s.io/apiserver/pkg/storage/continue.go: base64url without padding of `{v, rv, start}`. */
function encodeToken(revision: number, start: string): string {
  const json = JSON.stringify({ v: 'meta.k8s.io/v1', rv: revision, start });
  return Buffer.from(json).toString('base64url');
}

interface Start {
  /** -1: go on with what is there now, after an expired token. */
  readonly revision: number;
  readonly key: string;
}

function decodeToken(token: string, compacted: number): Start {
  if (!/^[\w-]*$/.test(token)) throw badToken('illegal base64 data');
  const decoded = Buffer.from(token, 'base64url').toString('latin1');
  const { rv, start, v } = parseToken(decoded);
  if (v !== 'meta.k8s.io/v1') throw badToken(`server does not recognize this encoded version ${JSON.stringify(v)}`);
  if (typeof rv !== 'number' || typeof start !== 'string' || rv === 0)
    throw badToken('incorrect encoded start resourceVersion');
  if (rv >= 0 && rv <= compacted) throw expired(start);
  return { revision: rv, key: start.replace(/^\//, '') };
}

function parseToken(decoded: string): Readonly<Record<string, unknown>> {
  try {
    const parsed: unknown = JSON.parse(decoded);
    if (isRecord(parsed)) return parsed;
  } catch {
    // said below, in Go's words for the first byte
  }
  throw badToken(`invalid character '${goCharacter(decoded)}' looking for beginning of value`);
}

function goCharacter(decoded: string): string {
  const code = decoded.charCodeAt(0);
  return code >= 0x7f && code < 0xa1 ? `\\u00${code.toString(16)}` : decoded.charAt(0);
}

const badToken = (why: string): StatusError => badRequest(`invalid continue token: continue key is not valid: ${why}`);

const EXPIRED =
  'The provided continue parameter is too old to display a consistent list result. You can start a new list without ' +
  'the continue parameter, or use the continue token in this response to retrieve the remainder of the results. ' +
  'Continuing with the provided token results in an inconsistent list - objects that were created, modified, or ' +
  'deleted between the time the first chunk was returned and now may show up in the list.';

function expired(start: string): StatusError {
  return new StatusError(410, 'Expired', EXPIRED, undefined, { continue: encodeToken(-1, start) });
}
