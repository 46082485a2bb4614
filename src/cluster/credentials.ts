import { X509Certificate } from 'node:crypto';
import { noAccess, type ClusterAccess, type CredentialSource } from './cluster-access.ts';
import { runExecPlugin, type ExecOptions } from './exec-plugin.ts';
import { jwtExpiry } from './jwt.ts';

/** What goes with one request. `generation` tells a renewed credential from the one it replaces. */
export interface Grant {
  readonly generation: number;
  readonly authorization?: string;
  readonly certificate?: { readonly cert: string; readonly key: string };
}

export interface Credentials {
  /** The credential to use now; obtained, and renewed on expiry, by one caller for all. Throws CrewisoError (4). */
  current(): Promise<Grant>;
  /** The server took it: a later refusal may be answered by renewing once more. */
  accepted(grant: Grant): void;
  /** After a 401: true when there is another credential to try. */
  refresh(refused: Grant): Promise<boolean>;
  /** A text without any credential that was ever in use. */
  readonly scrub: (text: string) => string;
  /** Why the server may have refused the credential, for people; empty when nothing is known. */
  readonly whyRefused: () => string;
}

export type CredentialOptions = Omit<ExecOptions, 'user'>;

interface Obtained extends Omit<Grant, 'generation'> {
  readonly expiresAt?: number;
}

const TOKEN_FILE_MS = 60_000;

/** The credentials of an access: static ones as they are, the token file re-read every minute, a plugin run when needed. */
export function createCredentials(access: ClusterAccess, options: CredentialOptions): Credentials {
  const { credentials: source } = access;
  const secrets = new Set<string>();
  let held: (Grant & { readonly expiresAt?: number }) | undefined;
  let pending: Promise<Grant> | undefined;
  let failure: unknown;
  let acceptedGeneration = 0;

  const obtainAndHold = async (): Promise<Grant> => {
    try {
      const obtained = { certificate: access.tls.clientCertificate?.(), ...(await obtain(source, access, options)) };
      const same =
        held && held.authorization === obtained.authorization && held.certificate?.key === obtained.certificate?.key;
      const { certificate, ...rest } = obtained;
      held = { ...rest, ...(certificate && { certificate }), generation: (held?.generation ?? 0) + (same ? 0 : 1) };
      remember(held, secrets);
      return held;
    } catch (error) {
      // A plugin that failed is not run again for each of the remaining requests.
      failure = error;
      throw error;
    } finally {
      pending = undefined;
    }
  };
  const renew = (): Promise<Grant> => (pending ??= obtainAndHold());

  return {
    async current() {
      if (failure) throw failure as Error;
      if (held && (held.expiresAt === undefined || held.expiresAt > Date.now())) return held;
      return renew();
    },
    accepted(grant) {
      acceptedGeneration = Math.max(acceptedGeneration, grant.generation);
    },
    async refresh(refused) {
      if (held && held.generation !== refused.generation) return true;
      const renewed = refused.generation > 1 && acceptedGeneration < refused.generation;
      if (renewed || (source.type !== 'exec' && source.type !== 'token-file')) return false;
      return (await renew()).generation !== refused.generation;
    },
    scrub: (text) => [...secrets].reduce((all, secret) => all.replaceAll(secret, '<redacted>'), text),
    whyRefused: () => whyRefused(source, held),
  };
}

function remember(grant: Grant, secrets: Set<string>): void {
  const value = grant.authorization?.replace(/^(?:Bearer|Basic) /, '');
  const password = grant.authorization?.startsWith('Basic ')
    ? Buffer.from(value ?? '', 'base64').toString()
    : undefined;
  for (const secret of [value, password?.slice(password.indexOf(':') + 1), grant.certificate?.key])
    if (secret && secret.length >= 4) secrets.add(secret);
}

async function obtain(source: CredentialSource, access: ClusterAccess, options: CredentialOptions): Promise<Obtained> {
  switch (source.type) {
    case 'none':
      return {};
    case 'token':
      return { authorization: `Bearer ${source.token()}` };
    case 'token-file':
      return { authorization: `Bearer ${readToken(source)}`, expiresAt: Date.now() + TOKEN_FILE_MS };
    case 'basic':
      return { authorization: `Basic ${Buffer.from(`${source.username}:${source.password()}`).toString('base64')}` };
    case 'oidc':
      return { authorization: `Bearer ${validIdToken(source.idToken(), access)}` };
    case 'exec': {
      const { token, ...rest } = await runExecPlugin(source.exec, { ...options, user: access.user ?? '' });
      return { ...rest, ...(token && { authorization: `Bearer ${token}` }) };
    }
  }
}

function readToken(source: CredentialSource & { type: 'token-file' }): string {
  try {
    return source.read();
  } catch {
    throw noAccess(`the token file ${source.path} cannot be read`, `ls -l ${source.path}`);
  }
}

/** Refreshing would use up a refresh token that kubectl still holds: kubectl does it, we say so. */
function validIdToken(token: string, access: ClusterAccess): string {
  const expiry = jwtExpiry(token);
  if (expiry !== undefined && expiry <= Date.now())
    throw noAccess(
      `the OIDC id-token of user "${access.user ?? ''}" expired at ${new Date(expiry).toISOString()}`,
      `kubectl auth whoami${access.context ? ` --context ${access.context}` : ''} refreshes it; then run this again`,
    );
  return token;
}

function whyRefused(source: CredentialSource, held: Grant | undefined): string {
  if (source.type === 'none' && !held?.certificate) return 'no credentials were sent';
  const token = held?.authorization?.replace('Bearer ', '') ?? '';
  return (
    expired('token', jwtExpiry(token)) || expired('client certificate', certificateEnd(held?.certificate?.cert ?? ''))
  );
}

function expired(what: string, at: number | undefined): string {
  return at !== undefined && at <= Date.now() ? `the ${what} expired at ${new Date(at).toISOString()}` : '';
}

function certificateEnd(pem: string): number | undefined {
  try {
    return Date.parse(new X509Certificate(pem).validTo);
  } catch {
    return undefined;
  }
}
