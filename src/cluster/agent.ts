import http from 'node:http';
import https from 'node:https';
import tls from 'node:tls';
import type { ClusterAccess } from './cluster-access.ts';
import { proxyAgent } from './proxy.ts';

/** One keep-alive agent for all requests to a server, through the proxy when there is one. */
export async function createAgent(
  access: ClusterAccess,
  options: { readonly maxSockets: number; readonly connectMs: number; readonly closed: AbortSignal },
): Promise<http.Agent> {
  const secure = access.server.startsWith('https:');
  const settings = { keepAlive: true, maxSockets: options.maxSockets, scheduling: 'lifo' as const };
  if (access.proxy) {
    const { ca, servername, rejectUnauthorized } = tlsOptions(access);
    const trust = {
      ...(ca && { ca }),
      ...(servername && { servername }),
      ...(rejectUnauthorized === false && { rejectUnauthorized }),
    };
    return proxyAgent(access.proxy, secure, { ...settings, timeout: options.connectMs, ...trust }, options.closed);
  }
  return secure ? new https.Agent(settings) : new http.Agent(settings);
}

/** TLS options of each request: whom to trust. */
export function tlsOptions(access: Pick<ClusterAccess, 'server' | 'tls'>): https.RequestOptions {
  if (!access.server.startsWith('https:')) return {};
  const ca = access.tls.ca ?? trustedRoots();
  return {
    ...(ca && { ca: typeof ca === 'string' ? ca : [...ca] }),
    ...(access.tls.serverName && { servername: access.tls.serverName }),
    ...(access.tls.insecure && { rejectUnauthorized: false }),
  };
}

interface SystemRoots {
  getCACertificates?: (type: 'default' | 'system') => readonly string[];
}

/**
 * kubectl trusts the system's roots, Node its own: where Node can read the system's (22.15 and later) both count.
 * Elsewhere undefined, which is Node's own and NODE_EXTRA_CA_CERTS.
 */
function trustedRoots(): readonly string[] | undefined {
  const { getCACertificates } = tls as SystemRoots;
  return getCACertificates && [...new Set([...getCACertificates('default'), ...getCACertificates('system')])];
}
