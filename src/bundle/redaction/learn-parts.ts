import { isRecord } from '../../kubernetes/json-value.ts';
import { OPEN_NAMES } from './known-words.ts';
import type { Names } from './names.ts';

/** A value to look for, as its bytes in latin1. */
export type Part = string;

export interface Named {
  readonly name: string;
  /** Bytes in latin1. */
  readonly text: string;
  readonly secretType?: string;
  readonly depth?: number;
}

/** Longer values are looked for in pieces, so that a stream need not keep more of itself than this many times over. */
const PIECE = 4096;
const WELL_KNOWN_USERS = /^(?:AWS|_json_key|_json_key_base64|oauth2accesstoken|\$oauthtoken|[0-]+)$/;

/** What of a value in a Secret must not be seen anywhere: itself, its lines, the leaves of a document in it. */
export function partsOf(named: Named, names: Names): readonly Part[] {
  const { text } = named;
  if (text.trim() === '' || isOpen(named, names)) return [];
  const document = parsed(text);
  if (document !== undefined) return [...pieces(text), ...leavesOf(document, named, names)];
  return [...pieces(text), ...userinfoOf(text), ...lines(named, names)];
}

function isOpen({ name, text }: Named, names: Names): boolean {
  if (/-----BEGIN (?:CERTIFICATE|PUBLIC KEY|X509 CRL)-----/.test(text) && !text.includes('PRIVATE KEY')) return true;
  return OPEN_NAMES.test(name) && names.classify(name) !== 'strong' && isPlain(text);
}

/** What passwords are made of, and names, hosts and paths are not; base64 ends with `=`. */
const UNUSUAL = /["'`\\=?&%$#*^|<>{}[\]]/;
const ADDRESS = /^[a-z][a-z\d+.-]*:\/\/[^\s"'`\\]*$/i;
const CREDENTIAL_QUERY = /[?&][\w.-]*(?:key|token|sig|secret|pass|auth|code|credential)[\w.-]*=/i;

/** Whether a value is what its name says: the name of a user, a host, an address without credentials. */
function isPlain(text: string): boolean {
  if (userinfoOf(text).length > 0) return false;
  return ADDRESS.test(text.trim()) ? !CREDENTIAL_QUERY.test(text) : !UNUSUAL.test(text.trim().replace(/=+$/, ''));
}

function parsed(text: string): unknown {
  if (!/^\s*[{[]/.test(text)) return undefined;
  try {
    const value = JSON.parse(Buffer.from(text, 'latin1').toString('utf8')) as unknown;
    return typeof value === 'object' && value !== null ? value : undefined;
  } catch {
    // A value that only begins like JSON is text.
    return undefined;
  }
}

function leavesOf(value: unknown, named: Named, names: Names): readonly Part[] {
  const { depth = 0 } = named;
  if (depth > 8) return [];
  if (typeof value === 'string') {
    const text = Buffer.from(value, 'utf8').toString('latin1');
    return [...partsOf({ ...named, text, depth: depth + 1 }, names), ...loginOf(named.name, text)];
  }
  if (Array.isArray(value)) return value.flatMap((item) => leavesOf(item, { ...named, depth: depth + 1 }, names));
  if (!isRecord(value)) return [];
  return Object.entries(value).flatMap(([name, field]) => {
    const login = isRecord(value.auths) ? [] : dockerUser(name, field);
    return [...login, ...leavesOf(field, { ...named, name, depth: depth + 1 }, names)];
  });
}

/** User names of registries can be credentials themselves: a licence, a token. */
function dockerUser(name: string, field: unknown): readonly Part[] {
  return name === 'username' && typeof field === 'string' && !WELL_KNOWN_USERS.test(field) ? [field] : [];
}

/** `auth` of a registry: base64 of `user:password`. */
function loginOf(name: string, text: string): readonly Part[] {
  if (name !== 'auth') return [];
  const login = Buffer.from(text, 'base64').toString('latin1');
  const colon = login.indexOf(':');
  if (colon < 0) return [];
  const user = login.slice(0, colon);
  return [login, login.slice(colon + 1), ...(WELL_KNOWN_USERS.test(user) ? [] : [user])];
}

function userinfoOf(text: string): readonly Part[] {
  const [, userinfo] = /^[a-z][a-z\d+.-]*:\/\/([^\s/]*(?:\/[^\s@]*)?)@/i.exec(text.trim()) ?? [];
  if (userinfo === undefined) return [];
  const colon = userinfo.indexOf(':');
  const password = colon < 0 ? userinfo : userinfo.slice(colon + 1);
  return [password, percentDecoded(password)];
}

function percentDecoded(text: string): string {
  return text.replace(/%([\da-f]{2})/gi, (_, hex: string) => String.fromCharCode(parseInt(hex, 16)));
}

const ASSIGNED = /^\s*(?:-\s+)?(?:export\s+)?["']?([\w./-]{1,128})["']?\s*[:=]\s*(.*?)\s*$/;

/** The lines of a longer value; of `name=value` and `name: value` lines what stands behind the name. */
function lines(named: Named, names: Names): readonly Part[] {
  if (!named.text.includes('\n')) return [];
  return named.text.split(/\r?\n/).flatMap((line) => {
    const [, name, value] = ASSIGNED.exec(line) ?? [];
    // Base64 ends with `=`, which assigns nothing.
    if (name === undefined || value === undefined || /^=?$/.test(value)) return isFrame(line) ? [] : [line];
    const bare = value.replace(/^(["'])(.*)\1$/, '$2');
    return isOpen({ name, text: bare }, names) ? [] : [bare, ...userinfoOf(bare)];
  });
}

/** Comments, headings and the frame of PEM say nothing. */
function isFrame(line: string): boolean {
  return /^\s*(?:#|;|\/\/|\[[^\]]*\]\s*$|-----|---\s*$)/.test(line);
}

function pieces(text: string): readonly Part[] {
  if (text.length <= PIECE) return [text];
  return Array.from({ length: Math.ceil(text.length / PIECE) }, (_, index) =>
    text.slice(index * PIECE, (index + 1) * PIECE),
  );
}
