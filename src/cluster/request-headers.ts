import type { Impersonation } from './cluster-access.ts';

export type Headers = Readonly<Record<string, string | readonly string[]>>;

export const JSON_TYPE = 'application/json';

/** Headers of every request but the credential. */
export function requestHeaders(options: {
  readonly version: string;
  readonly accept?: string | undefined;
  /** Of the body, where there is one. */
  readonly contentType?: string | undefined;
  /** Joins the API server's audit log with the journal of a run of fixes. */
  readonly run?: string | undefined;
  /** The body is looked at as it arrives, and so must not be compressed. */
  readonly streamed?: boolean;
  readonly impersonation?: Impersonation | undefined;
}): Headers {
  return {
    accept: options.accept ?? JSON_TYPE,
    'accept-encoding': options.streamed ? 'identity' : 'gzip',
    'user-agent': `kubectl-crewiso/${options.version}${options.run === undefined ? '' : ` run/${options.run}`}`,
    ...(options.contentType && { 'content-type': options.contentType }),
    ...impersonationHeaders(options.impersonation),
  };
}

/** client-go, transport.impersonatingRoundTripper: one Group header per group, keys of extra percent-encoded. */
function impersonationHeaders(impersonation: Impersonation | undefined): Headers {
  if (!impersonation) return {};
  const { user, uid, groups, extra } = impersonation;
  return {
    'Impersonate-User': user,
    ...(uid && { 'Impersonate-Uid': uid }),
    ...(groups.length > 0 && { 'Impersonate-Group': groups }),
    ...Object.fromEntries(
      Object.entries(extra).map(([key, values]) => [`Impersonate-Extra-${escapeKey(key)}`, values] as const),
    ),
  };
}

/** client-go's headerKeyEscape: what may not stand in a header name, and `%` itself, as lower-case hex. */
function escapeKey(key: string): string {
  return [...Buffer.from(key, 'utf8')]
    .map((byte) => {
      const character = String.fromCharCode(byte);
      return /[A-Za-z0-9!#$&'*+.^_`|~-]/.test(character) ? character : `%${byte.toString(16).padStart(2, '0')}`;
    })
    .join('');
}
