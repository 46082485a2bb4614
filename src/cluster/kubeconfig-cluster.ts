import { clean } from '../model/text.ts';
import { misuse, noAccess, type KubeconfigIo, type TlsSettings } from './cluster-access.ts';
import type { ClusterEntry, UserEntry } from './kubeconfig-entry.ts';
import { reasonOf } from './kubeconfig-file.ts';
import { proxyUrlProblem } from './proxy.ts';

/** What client-go's validateClusterInfo refuses, in its words; empty when the cluster entry is sound. */
export function checkCluster(name: string, cluster: ClusterEntry, io: KubeconfigIo): readonly string[] {
  const problems: string[] = [];
  if (!cluster.server) problems.push(name ? `no server found for cluster "${clean(name)}"` : 'no server is given');
  const proxy = cluster.proxyUrl ? proxyUrlProblem(cluster.proxyUrl) : undefined;
  if (proxy) problems.push(`invalid 'proxy-url' for cluster "${clean(name)}": ${proxy}`);
  if (cluster.caFile && cluster.caData)
    problems.push(
      `certificate-authority-data and certificate-authority are both specified for ${clean(name)}. certificate-authority-data will override.`,
    );
  if (cluster.caFile) {
    const reason = unreadable(cluster.caFile, io);
    if (reason)
      problems.push(
        `unable to read certificate-authority ${clean(cluster.caFile)} for ${clean(name)} due to open ${clean(cluster.caFile)}: ${reason}`,
      );
  }
  if ((cluster.caFile || cluster.caData) && cluster.insecure)
    problems.push('specifying a root certificates file with the insecure flag is not allowed');
  return problems;
}

/** Why a file named in a kubeconfig cannot be read, or undefined. */
export function unreadable(file: string, io: KubeconfigIo): string | undefined {
  try {
    io.readFile(file);
    return undefined;
  } catch (error) {
    return reasonOf(error);
  }
}

/**
 * The server's URL in one form. Without a scheme it is `http://`, as in client-go (rest.DefaultServerURL).
 *
 * @throws CrewisoError (2) for what is no http(s) URL.
 */
export function resolveServer(server: string): string {
  const url = parse(/^[a-z][a-z\d+.-]*:\/\//i.test(server) ? server : `http://${server}`);
  if (!url || (url.protocol !== 'https:' && url.protocol !== 'http:'))
    throw misuse(
      `the server is not an http or https URL: ${clean(withoutUserinfo(server))}`,
      'kubectl config view --minify',
    );
  return `${url.protocol}//${url.host}${url.pathname.replace(/\/+$/, '')}`;
}

function parse(text: string): URL | undefined {
  return URL.canParse(text) ? new URL(text) : undefined;
}

function withoutUserinfo(url: string): string {
  return url.replace(/\/\/[^/@]*@/, '//');
}

/** Roots, server name and client certificate, read now; nothing of it for a server without TLS. */
export function resolveTls(
  name: string,
  cluster: ClusterEntry,
  user: UserEntry,
  secure: boolean,
  io: KubeconfigIo,
): TlsSettings {
  if (!secure) return { insecure: false };
  const ca = cluster.caData || (cluster.caFile && io.readFile(cluster.caFile));
  if (ca && !ca.includes('-----BEGIN'))
    throw noAccess(
      `unable to load root certificates for cluster "${clean(name)}": unable to parse bytes as PEM block`,
      'kubectl config view --raw --minify',
    );
  const clientCertificate = clientCertificateOf(user, io);
  return {
    ...(ca && { ca }),
    ...(cluster.tlsServerName && { serverName: cluster.tlsServerName }),
    insecure: cluster.insecure,
    ...(clientCertificate && { clientCertificate }),
  };
}

function clientCertificateOf(user: UserEntry, io: KubeconfigIo): TlsSettings['clientCertificate'] {
  const cert = user.certData || (user.certFile && io.readFile(user.certFile));
  const key = user.keyData || (user.keyFile && io.readFile(user.keyFile));
  return cert ? () => ({ cert, key }) : undefined;
}
