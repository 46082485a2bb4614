import type { RegistryEntry, RegistrySecret, SecretTools } from '../model/derived.ts';
import { compareText } from '../model/text.ts';
import { decodeBase64 } from './base64.ts';
import { isRecord, valueAt } from './json-value.ts';
import { canonicalRegistryKey, shownRegistry } from './registry-match.ts';
import { decodeUtf8, isRedacted } from './secret-data.ts';

type Fingerprint = Pick<SecretTools, 'fingerprint'>;

/** User names that are the same for everybody and so identify nobody. */
const WELL_KNOWN_USERS: ReadonlySet<string> = new Set([
  'AWS',
  '_json_key',
  '_json_key_base64',
  'oauth2accesstoken',
  '$oauthtoken',
  '00000000-0000-0000-0000-000000000000',
]);

/**
 * The entries of a Docker client configuration (`legacy`: of a `.dockercfg`, which has no `auths` around them), sorted by
 * host. Entries that only name a helper or a token are listed too: they serve BuildKit, never the kubelet.
 */
export function readEntries(
  config: Readonly<Record<string, unknown>>,
  legacy: boolean,
  tools: Fingerprint,
): Pick<RegistrySecret, 'parse' | 'entries'> {
  const auths = legacy ? config : goField(config, 'auths');
  const named = isRecord(auths) ? Object.entries(auths) : [];
  if (named.some(([, entry]) => holdsRedaction(entry))) return { parse: 'redacted', entries: [] };
  const helpers = legacy ? undefined : goField(config, 'credHelpers');
  const helped = new Set(isRecord(helpers) ? Object.keys(helpers) : []);
  const store = !legacy && Boolean(goField(config, 'credsStore'));
  const entries = named.map(([host, entry]) => readEntry(host, entry, store || helped.has(host), tools));
  const listed = new Set(named.map(([host]) => host));
  const helperOnly = [...helped].filter((host) => !listed.has(host));
  return {
    parse: named.length > 0 ? 'ok' : 'no-auths',
    entries: [
      ...entries,
      ...helperOnly.map((host): RegistryEntry => ({ host: shownRegistry(host), credentials: 'helper-only' })),
    ].sort((a, b) => compareText(a.host, b.host)),
  };
}

/** Redactors that know the format replace single fields; whatever remains says nothing about the credentials. */
function holdsRedaction(entry: unknown): boolean {
  return (
    isRecord(entry) &&
    Object.values(entry).some((value) => typeof value === 'string' && value !== '' && isRedacted(value))
  );
}

type Login =
  { readonly user: string; readonly password: string } | { readonly undecodable: true; readonly position?: number };

function readEntry(authsKey: string, entry: unknown, helped: boolean, tools: Fingerprint): RegistryEntry {
  const host = shownRegistry(authsKey);
  const login = readLogin(entry);
  if ('undecodable' in login) {
    return {
      host,
      credentials: 'undecodable',
      ...(login.position === undefined ? {} : { position: login.position }),
    };
  }
  const { user, password } = login;
  const shownUser = user === '' ? {} : { user: userLabel(user, tools) };
  if (user === '' || password === '') {
    const tokenOnly = Boolean(goField(entry, 'identitytoken')) || Boolean(goField(entry, 'registrytoken'));
    return { host, credentials: helped || tokenOnly ? 'helper-only' : 'absent', ...shownUser };
  }
  const expiresAt = tokenExpiry(password);
  return {
    host,
    credentials: 'usable',
    ...shownUser,
    fingerprint: tools.fingerprint(JSON.stringify(['credential', canonicalRegistryKey(authsKey), user, password])),
    ...(expiresAt === undefined ? {} : { expiresAt }),
  };
}

function userLabel(user: string, tools: Fingerprint): string {
  return WELL_KNOWN_USERS.has(user) ? `well-known:${user}` : `fp:${tools.fingerprint(JSON.stringify(['user', user]))}`;
}

/** `DockerConfigEntry.UnmarshalJSON`: a field of the wrong type fails, `auth` beats username and password. */
function readLogin(entry: unknown): Login {
  if (entry !== null && !isRecord(entry)) return { undecodable: true };
  const fields = ['username', 'password', 'auth', 'email'].map((name) => goField(entry, name) ?? '');
  if (!fields.every((field) => typeof field === 'string')) return { undecodable: true };
  const [user = '', password = '', auth = ''] = fields;
  return auth === '' ? { user, password } : decodeAuth(auth);
}

/** `decodeDockerConfigFieldAuth`: padded or not at all, then `user:password`, split at the first colon. */
function decodeAuth(auth: string): Login {
  const decoded = decodeBase64(auth, auth.trim().endsWith('=') ? 'required' : 'none');
  if ('position' in decoded) return { undecodable: true, position: decoded.position };
  const text = decodeUtf8(decoded.bytes);
  const colon = text.indexOf(':');
  return colon < 0 ? { undecodable: true } : { user: text.slice(0, colon), password: text.slice(colon + 1) };
}

/** A field as Go's encoding/json finds it: names match without regard to case, the last one wins. */
function goField(value: unknown, name: string): unknown {
  if (!isRecord(value)) return undefined;
  return Object.entries(value).findLast(([key]) => key.toLowerCase() === name.toLowerCase())?.[1];
}

/** `exp` of a JSON Web Token (RFC 7519 4.1.4), as RFC 3339; undefined for any other password. */
function tokenExpiry(password: string): string | undefined {
  const [, payload] = /^[\w-]+\.([\w-]+)\.[\w-]*$/.exec(password.trim()) ?? [];
  if (payload === undefined) return undefined;
  const decoded = decodeBase64(payload.replaceAll('-', '+').replaceAll('_', '/'), 'none');
  if ('position' in decoded) return undefined;
  const exp = valueAt(parseJson(decodeUtf8(decoded.bytes)), 'exp');
  const latest = 253_402_300_799; // the last second that RFC 3339 can write
  return typeof exp === 'number' && exp > 0 && exp <= latest ? new Date(exp * 1000).toISOString() : undefined;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    // Three dotted words that are no token: a password like any other.
    return undefined;
  }
}
