import { clean } from '../model/text.ts';
import { noAccess } from './cluster-access.ts';
import type { CredentialSource, ExecEntry, Impersonation, KubeconfigIo } from './cluster-access.ts';
import { unreadable } from './kubeconfig-cluster.ts';
import type { ClusterEntry, ExecFields, UserEntry } from './kubeconfig-entry.ts';

/** What client-go's validateAuthInfo refuses, in its words; empty when the user entry is sound. */
export function checkUser(name: string, user: UserEntry, io: KubeconfigIo): readonly string[] {
  const u = clean(name);
  return [
    ...checkClientCertificate(u, user, io),
    ...(user.exec ? checkExec(u, user.exec) : []),
    ...checkMethods(u, user),
    ...checkTokenFile(u, user.tokenFile, io),
    ...checkImpersonation(u, user),
  ];
}

function checkMethods(u: string, user: UserEntry): string[] {
  const problems: string[] = [];
  if (user.exec && user.authProvider)
    problems.push(`authProvider cannot be provided in combination with an exec plugin for ${u}`);
  if ((user.token || user.tokenFile) && (user.username || user.password))
    problems.push(`more than one authentication method found for ${u}; found [token basicAuth], only one is allowed`);
  return problems;
}

function checkTokenFile(u: string, file: string, io: KubeconfigIo): string[] {
  const reason = file ? unreadable(file, io) : undefined;
  return reason ? [`unable to read tokenFile ${clean(file)} for ${u} due to open ${clean(file)}: ${reason}`] : [];
}

function checkImpersonation(u: string, user: UserEntry): string[] {
  const more = user.asUid || user.asGroups.length > 0 || Object.keys(user.asUserExtra).length > 0;
  return more && !user.as ? [`requesting uid, groups or user-extra for ${u} without impersonating a user`] : [];
}

function checkClientCertificate(u: string, user: UserEntry, io: KubeconfigIo): string[] {
  if (!user.certFile && !user.certData) return [];
  const problems: string[] = [];
  if (user.certFile && user.certData)
    problems.push(`client-cert-data and client-cert are both specified for ${u}. client-cert-data will override.`);
  if (user.keyFile && user.keyData)
    problems.push(`client-key-data and client-key are both specified for ${u}; client-key-data will override`);
  if (!user.keyFile && !user.keyData)
    problems.push(
      `client-key-data or client-key must be specified for ${u} to use the clientCert authentication method.`,
    );
  for (const [what, file] of [
    ['client-cert', user.certFile],
    ['client-key', user.keyFile],
  ] as const) {
    const reason = file ? unreadable(file, io) : undefined;
    if (reason) problems.push(`unable to read ${what} ${clean(file)} for ${u} due to open ${clean(file)}: ${reason}`);
  }
  return problems;
}

const API = 'client.authentication.k8s.io/';

function checkExec(u: string, exec: ExecFields): string[] {
  const needed = (field: string): string => `${field} must be specified for ${u} to use exec authentication plugin`;
  const problems: string[] = [];
  if (!exec.command) problems.push(needed('command'));
  if (!exec.apiVersion) problems.push(needed('apiVersion'));
  else if (exec.apiVersion !== `${API}v1` && exec.apiVersion !== `${API}v1beta1`)
    problems.push(`exec plugin: invalid apiVersion "${clean(exec.apiVersion)}"`);
  if (exec.env.some((entry) => !entry.name)) problems.push(needed('env variable name'));
  if (!exec.interactiveMode && exec.apiVersion === `${API}v1`) problems.push(needed('interactiveMode'));
  if (exec.interactiveMode && !isMode(exec.interactiveMode))
    problems.push(`invalid interactiveMode for ${u}: "${clean(exec.interactiveMode)}"`);
  return problems;
}

function isMode(mode: string): mode is ExecEntry['interactiveMode'] {
  return mode === 'Never' || mode === 'IfAvailable' || mode === 'Always';
}

/**
 * Which of the user's credentials count: tokenFile before token (also before `--token`), any token before basic
 * authentication, an exec plugin or an auth provider.
 *
 * @throws CrewisoError (4) for an auth provider that no longer exists.
 */
export function resolveCredentials(
  name: string,
  user: UserEntry,
  cluster: ClusterEntry,
  io: KubeconfigIo,
): CredentialSource {
  if (user.tokenFile) {
    const { tokenFile } = user;
    return { type: 'token-file', path: tokenFile, read: () => io.readFile(tokenFile).trim() };
  }
  if (user.token) return { type: 'token', token: () => user.token };
  if (user.username || user.password) return { type: 'basic', username: user.username, password: () => user.password };
  if (user.exec) return { type: 'exec', exec: execEntry(user.exec, cluster, io) };
  if (user.authProvider) return providerCredentials(name, user.authProvider);
  return { type: 'none' };
}

function execEntry(exec: ExecFields, cluster: ClusterEntry, io: KubeconfigIo): ExecEntry {
  return {
    apiVersion: exec.apiVersion,
    command: exec.command,
    args: exec.args,
    env: exec.env,
    ...(exec.installHint && { installHint: exec.installHint }),
    interactiveMode: isMode(exec.interactiveMode) ? exec.interactiveMode : 'IfAvailable',
    ...(exec.provideClusterInfo && { clusterInfo: clusterInfo(cluster, io) }),
  };
}

/** client-go, rest.ConfigToExecCluster. */
function clusterInfo(cluster: ClusterEntry, io: KubeconfigIo): Readonly<Record<string, unknown>> {
  const ca = cluster.caData || (cluster.caFile && io.readFile(cluster.caFile));
  return {
    server: cluster.server,
    ...(cluster.tlsServerName && { 'tls-server-name': cluster.tlsServerName }),
    ...(cluster.insecure && { 'insecure-skip-tls-verify': true }),
    ...(ca && { 'certificate-authority-data': Buffer.from(ca).toString('base64') }),
    ...(cluster.proxyUrl && { 'proxy-url': cluster.proxyUrl }),
    ...(cluster.disableCompression && { 'disable-compression': true }),
    config: cluster.execExtension ?? null,
  };
}

const REMOVED: Readonly<Record<string, { readonly use: string; readonly see: string }>> = {
  gcp: {
    use: 'use the "gke-gcloud-auth-plugin" credential plugin instead',
    see: 'https://cloud.google.com/blog/products/containers-kubernetes/kubectl-auth-changes-in-gke',
  },
  azure: {
    use: 'use the https://github.com/Azure/kubelogin credential plugin instead',
    see: 'https://kubernetes.io/docs/reference/access-authn-authz/authentication/#client-go-credential-plugins',
  },
};

function providerCredentials(
  name: string,
  provider: { readonly name: string; readonly config: Readonly<Record<string, string>> },
): CredentialSource {
  const removed = Object.hasOwn(REMOVED, provider.name) ? REMOVED[provider.name] : undefined;
  if (removed) throw noAccess(`The ${provider.name} auth plugin has been removed.`, removed.use, `see ${removed.see}`);
  if (provider.name !== 'oidc')
    throw noAccess(`no Auth Provider found for name "${clean(provider.name)}"`, 'kubectl config view --minify');
  const idToken = provider.config['id-token'] ?? '';
  if (!idToken)
    throw noAccess(`user "${clean(name)}" has an oidc auth provider without an id-token`, 'log in, then run it again');
  return { type: 'oidc', idToken: () => idToken };
}

/** Whom to act as; undefined for oneself. */
export function resolveImpersonation(user: UserEntry): Impersonation | undefined {
  if (!user.as) return undefined;
  return { user: user.as, ...(user.asUid && { uid: user.asUid }), groups: user.asGroups, extra: user.asUserExtra };
}
