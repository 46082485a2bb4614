import { BlockList, isIP } from 'node:net';
import type { Agent } from 'node:http';
import type { AgentOptions } from 'node:https';
import type { ProxySetting } from './cluster-access.ts';

type Env = Readonly<Record<string, string | undefined>>;

const SCHEMES = new Set(['http:', 'https:', 'socks5:', 'socks5h:']);

/** Why a proxy URL cannot be used (client-go's parseProxyURL and net/http), or undefined. Names no credentials. */
export function proxyUrlProblem(text: string): string | undefined {
  if (!URL.canParse(text)) return 'it is not a URL';
  const { protocol } = new URL(text);
  return SCHEMES.has(protocol)
    ? undefined
    : `unsupported scheme "${protocol.slice(0, -1)}", must be http, https, or socks5`;
}

/**
 * The proxy for a server, by kubectl's rules: `proxy-url`, else `HTTPS_PROXY` (`HTTP_PROXY` for an http server) unless
 * `NO_PROXY` covers the host; either case of the variables; loopback goes direct; `ALL_PROXY` is ignored
 * (golang.org/x/net/http/httpproxy).
 */
export function proxyFor(server: string, proxyUrl: string, env: Env): ProxySetting | undefined {
  if (proxyUrl) return { url: proxyUrl, from: 'proxy-url' };
  const target = new URL(server);
  const name = target.protocol === 'https:' ? 'HTTPS_PROXY' : 'HTTP_PROXY';
  const from = [name, name.toLowerCase()].find((variable) => env[variable]);
  const value = from === undefined ? undefined : env[from];
  if (!from || !value || bypasses(target, [env.NO_PROXY, env.no_proxy].find(Boolean) ?? '')) return undefined;
  return { url: /^[a-z\d]+:\/\//i.test(value) ? value : `http://${value}`, from };
}

function bypasses(target: URL, noProxy: string): boolean {
  const host = target.hostname.replace(/^\[|\]$/g, '').toLowerCase();
  const port = target.port || (target.protocol === 'https:' ? '443' : '80');
  if (host === 'localhost' || (isIP(host) && loopback().check(host, family(host)))) return true;
  return noProxy
    .split(',')
    .map((entry) => entry.trim().toLowerCase())
    .some((entry) => entry === '*' || (entry !== '' && covers(entry, host, port)));
}

function loopback(): BlockList {
  const list = new BlockList();
  list.addSubnet('127.0.0.0', 8);
  list.addAddress('::1', 'ipv6');
  return list;
}

const family = (address: string): 'ipv4' | 'ipv6' => (isIP(address) === 6 ? 'ipv6' : 'ipv4');

function covers(entry: string, host: string, port: string): boolean {
  const [network = '', bits] = entry.split('/');
  if (bits !== undefined && isIP(network)) return inNetwork(host, network, bits);
  if (isIP(entry)) return entry === host;
  const [, name = '', onlyPort = port] = /^\[?(.*?)\]?(?::(\d+))?$/.exec(entry) ?? [];
  return onlyPort === port && (isIP(name) ? name === host : inDomain(host, name.replace(/^\*(?=\.)/, '')));
}

function inNetwork(host: string, network: string, bits: string): boolean {
  if (!isIP(host) || !/^\d+$/.test(bits) || Number(bits) > (isIP(network) === 6 ? 128 : 32)) return false;
  const list = new BlockList();
  list.addSubnet(network, Number(bits), family(network));
  return list.check(host, family(host));
}

/** `.example.com` covers what is below it, `example.com` also itself. */
function inDomain(host: string, domain: string): boolean {
  return domain.startsWith('.') ? host.endsWith(domain) : host === domain || host.endsWith(`.${domain}`);
}

/** `proxy.example.com:3128`: the address without credentials, for messages. */
export function proxyName(proxy: ProxySetting): string {
  return URL.canParse(proxy.url) ? new URL(proxy.url).host : 'the proxy';
}

/**
 * A keep-alive agent that tunnels through the proxy. `closed` ends tunnels that are still being opened.
 * The package is loaded only when there is a proxy.
 */
export async function proxyAgent(
  proxy: ProxySetting,
  secure: boolean,
  options: AgentOptions,
  closed: AbortSignal,
): Promise<Agent> {
  const url = new URL(proxy.url);
  if (url.protocol.startsWith('socks')) {
    const { SocksProxyAgent } = await import('socks-proxy-agent');
    // Go's socks5 resolves names at the proxy, which socks-proxy-agent calls socks5h.
    url.href = url.href.replace(/^socks5:/, 'socks5h:');
    return new SocksProxyAgent(url, options);
  }
  const { HttpProxyAgent, HttpsProxyAgent } = await import('hpagent');
  const settings = { ...options, proxy: url, proxyRequestOptions: { signal: closed } as object };
  return secure ? new HttpsProxyAgent(settings) : new HttpProxyAgent(settings);
}
