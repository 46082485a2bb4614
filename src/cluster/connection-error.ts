import { CrewisoError, EXIT } from '../model/error.ts';
import { clean, cleanMessage, shellQuote } from '../model/text.ts';
import type { ClusterAccess } from './cluster-access.ts';
import { proxyName } from './proxy.ts';

/** What identifies the cluster in a message. */
export type Target = Pick<ClusterAccess, 'cluster' | 'context' | 'server' | 'proxy' | 'tls'>;

const NETWORK: Readonly<Record<string, string>> = {
  ENOTFOUND: 'its name does not resolve',
  EAI_AGAIN: 'its name does not resolve (the name server does not answer)',
  ECONNREFUSED: 'the connection was refused',
  ECONNRESET: 'the connection was reset',
  EPIPE: 'the connection was closed',
  ETIMEDOUT: 'the connection timed out',
  EHOSTUNREACH: 'there is no route to it',
  ENETUNREACH: 'there is no route to its network',
};

const UNTRUSTED = new Set([
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'CERT_SIGNATURE_FAILURE',
]);

/** One line about why a cluster could not be reached, and what to do next. Exit 4. `scrub` takes credentials out. */
export function connectionError(cause: unknown, target: Target, scrub: (text: string) => string): CrewisoError {
  const code = codeOf(cause);
  const tls = tlsTrouble(code, cause, target);
  const proxy = tls ? undefined : proxyTrouble(code, cause, target);
  const reason = tls?.reason ?? proxy ?? networkTrouble(code, cause);
  const suggestions = [...(tls?.suggestions ?? []), clusterInfo(target)];
  return new CrewisoError(`${cannotReach(target)}: ${cleanMessage(scrub(reason))}`, {
    code: tls ? 'cluster-tls' : 'cluster-unreachable',
    exitCode: EXIT.unreachable,
    suggestions,
  });
}

/** `cannot reach cluster "prod" at api.example.com:6443` */
export function cannotReach(target: Target): string {
  return `cannot reach cluster "${clean(target.cluster)}" at ${new URL(target.server).host}`;
}

/** kubectl's own look at the same cluster. */
export function clusterInfo(target: Target): string {
  return `kubectl cluster-info${target.context ? ` --context ${shellQuote(clean(target.context))}` : ''}`;
}

function codeOf(cause: unknown): string {
  return cause instanceof Error && 'code' in cause ? String(cause.code) : '';
}

function messageOf(cause: unknown): string {
  return cause instanceof Error ? clean(cause.message) : '';
}

function networkTrouble(code: string, cause: unknown): string {
  const known = NETWORK[code];
  return known ? `${known} (${code})` : messageOf(cause) || code || 'the connection failed';
}

function proxyTrouble(code: string, cause: unknown, { proxy }: Target): string | undefined {
  if (!proxy) return undefined;
  const name = `the proxy ${proxyName(proxy)} (from ${proxy.from})`;
  const status = /^Bad response: (\d{3})$/.exec(messageOf(cause))?.[1];
  if (status === '407') return `${name} wants credentials (407)`;
  if (status) return `${name} refused to connect (${status})`;
  return `${name} did not connect: ${networkTrouble(code, cause)}`;
}

interface TlsTrouble {
  readonly reason: string;
  readonly suggestions: readonly string[];
}

function tlsTrouble(code: string, cause: unknown, target: Target): TlsTrouble | undefined {
  if (UNTRUSTED.has(code))
    return {
      reason: `its certificate is signed by an authority that is not trusted (${code})`,
      suggestions: trustAdvice(target),
    };
  const known = CERTIFICATE[code];
  if (known) return { reason: known.reason, suggestions: [known.advice] };
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID')
    return {
      reason: `its certificate is for another name: ${messageOf(cause)}`,
      suggestions: ['give --tls-server-name NAME if this is the right server'],
    };
  if (code.startsWith('ERR_SSL') && /alert|certificate required/i.test(messageOf(cause)))
    return {
      reason: `it refused the client certificate or the handshake (${code})`,
      suggestions: ['check that the client certificate is valid and signed for this cluster'],
    };
  if (/^ERR_(?:OSSL|SSL|TLS)/.test(code))
    return {
      reason: `TLS failed (${code})`,
      suggestions: ['check certificate-authority, client-certificate and client-key in the kubeconfig'],
    };
  return undefined;
}

const NO_TLS = { reason: 'it does not speak TLS', advice: 'check whether the server is meant to be http://' };
const CERTIFICATE: Readonly<Record<string, { readonly reason: string; readonly advice: string }>> = {
  CERT_HAS_EXPIRED: {
    reason: 'its certificate has expired, or the clock of this machine is wrong',
    advice: 'renew the certificate of the API server',
  },
  CERT_NOT_YET_VALID: {
    reason: 'its certificate is not valid yet',
    advice: 'check the clock of this machine with date -u',
  },
  ERR_SSL_WRONG_VERSION_NUMBER: NO_TLS,
  ERR_SSL_PACKET_LENGTH_TOO_LONG: NO_TLS,
  EPROTO: NO_TLS,
};

function trustAdvice({ tls }: Target): readonly string[] {
  return tls.ca
    ? ['check certificate-authority of the cluster in the kubeconfig: it is not the authority of this server']
    : ['set certificate-authority in the kubeconfig, or NODE_EXTRA_CA_CERTS=/path/to/ca.pem'];
}
