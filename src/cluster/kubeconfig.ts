import { clean } from '../model/text.ts';
import { misuse, noAccess, type ClusterAccess, type ClusterFlags, type KubeconfigIo } from './cluster-access.ts';
import { inClusterConfig } from './in-cluster.ts';
import { decodeCluster, decodeUser, Fields } from './kubeconfig-entry.ts';
import type { ClusterEntry, ContextEntry, UserEntry } from './kubeconfig-entry.ts';
import { readKubeconfig, type Kubeconfig } from './kubeconfig-file.ts';
import { checkCluster, resolveServer, resolveTls } from './kubeconfig-cluster.ts';
import { checkUser, resolveCredentials, resolveImpersonation } from './kubeconfig-user.ts';
import { proxyFor } from './proxy.ts';

/**
 * Says how to reach the cluster that the flags and the kubeconfig mean, by kubectl's rules (client-go,
 * tools/clientcmd/client_config.go), down to its contradictions. Opens no connection and runs no plugin.
 *
 * @throws CrewisoError (2) for unknown names and contradictions, (4) where there is no kubeconfig or it cannot be read.
 */
export function loadKubeconfig(given: ClusterFlags, io: KubeconfigIo): ClusterAccess {
  const flags = withoutEmpty(given);
  const files = readKubeconfig(flags.kubeconfig, io);
  const context = selectContext(files, flags);
  const chosen = context ?? ((flags.server ?? flags.cluster) === undefined ? undefined : EMPTY_CONTEXT);
  if (!chosen) return inCluster(files, flags, io);
  const clusterName = flags.cluster ?? chosen.entry.cluster;
  const userName = flags.user ?? chosen.entry.user;
  return resolve(
    {
      context: chosen.name,
      namespace: chosen.entry.namespace,
      clusterName,
      userName,
      cluster: selectCluster(files, clusterName, flags),
      user: selectUser(files, userName, flags),
    },
    flags,
    io,
  );
}

/** An empty flag is one that was not given, as in kubectl. */
function withoutEmpty(flags: ClusterFlags): ClusterFlags {
  return Object.fromEntries(Object.entries(flags).filter(([, value]) => value !== ''));
}

interface Selection {
  readonly context: string;
  readonly namespace: string;
  readonly clusterName: string;
  readonly userName: string;
  readonly cluster: ClusterEntry;
  readonly user: UserEntry;
}

const EMPTY_CONTEXT = { name: '', entry: { cluster: '', user: '', namespace: '' } };
const CONTEXTS = 'kubectl config get-contexts';

function selectContext(files: Kubeconfig, flags: ClusterFlags): { name: string; entry: ContextEntry } | undefined {
  const name = flags.context ?? files.currentContext;
  if (!name) return undefined;
  const entry = files.contexts.get(name);
  if (!entry) throw misuse(`context was not found for specified context: ${clean(name)}`, CONTEXTS);
  return { name, entry };
}

function inCluster(files: Kubeconfig, flags: ClusterFlags, io: KubeconfigIo): ClusterAccess {
  const found = inClusterConfig(io);
  if (found) return resolve({ ...found, context: '', user: override(found.user, flags) }, flags, io);
  if (files.contexts.size > 0)
    throw misuse('no context is selected: the kubeconfig has no current-context', CONTEXTS, 'give --context NAME');
  throw noAccess(
    `no kubeconfig: ${files.files.length > 0 ? `${files.files.map(clean).join(', ')} is empty` : 'no file was found'} and this is not a pod`,
    'set KUBECONFIG or give --kubeconfig FILE',
    CONTEXTS,
  );
}

function selectCluster(files: Kubeconfig, name: string, flags: ClusterFlags): ClusterEntry {
  const entry = files.clusters.get(name);
  if (!entry && (flags.cluster !== undefined || flags.server === undefined))
    throw misuse(`no server found for cluster "${clean(name)}"`, 'kubectl config get-clusters');
  const cluster = entry ?? decodeCluster(new Fields({}, ''), String);
  const trust = flags.insecureSkipTlsVerify === true || Boolean(flags.certificateAuthority);
  return {
    ...cluster,
    server: flags.server ?? cluster.server,
    // Overriding how to trust drops all that the file says about trust; overriding the server drops its TLS name.
    ...(trust && {
      insecure: flags.insecureSkipTlsVerify === true,
      caFile: flags.certificateAuthority ?? '',
      caData: '',
    }),
    tlsServerName: flags.tlsServerName ?? (flags.server === undefined ? cluster.tlsServerName : ''),
  };
}

function selectUser(files: Kubeconfig, name: string, flags: ClusterFlags): UserEntry {
  const entry = files.users.get(name);
  // kubectl goes on as nobody when the context's user is missing, and asks for a user name on the terminal.
  const named = flags.user !== undefined || (name !== '' && !flags.token && !flags.clientCertificate);
  if (!entry && named) throw misuse(`auth info "${clean(name)}" does not exist`, 'kubectl config get-users');
  return override(entry ?? decodeUser(new Fields({}, ''), String, '/'), flags);
}

function override(user: UserEntry, flags: ClusterFlags): UserEntry {
  return {
    ...user,
    token: flags.token ?? user.token,
    ...(flags.clientCertificate && { certFile: flags.clientCertificate, certData: '' }),
    ...(flags.clientKey && { keyFile: flags.clientKey, keyData: '' }),
    as: flags.as ?? user.as,
    asUid: flags.asUid ?? user.asUid,
    asGroups: flags.asGroup && flags.asGroup.length > 0 ? flags.asGroup : user.asGroups,
    asUserExtra: { ...user.asUserExtra, ...extraOf(flags.asUserExtra ?? []) },
  };
}

function extraOf(values: readonly string[]): Record<string, string[]> {
  const extra: Record<string, string[]> = {};
  for (const value of values) {
    const at = value.indexOf('=');
    if (at <= 0) throw misuse(`--as-user-extra needs key=value, not "${clean(value)}"`);
    (extra[value.slice(0, at)] ??= []).push(value.slice(at + 1));
  }
  return extra;
}

function resolve(selection: Selection, flags: ClusterFlags, io: KubeconfigIo): ClusterAccess {
  const { cluster, clusterName, user, userName } = selection;
  const problems = [...checkUser(userName, user, io), ...checkCluster(clusterName, cluster, io)];
  if (problems.length > 0) {
    const message = problems.length === 1 ? String(problems[0]) : `invalid configuration: [${problems.join(', ')}]`;
    throw misuse(message, 'kubectl config view');
  }
  const server = resolveServer(cluster.server);
  const secure = server.startsWith('https:');
  const impersonation = resolveImpersonation(user);
  const proxy = proxyFor(server, cluster.proxyUrl, io.env);
  return {
    ...(selection.context && { context: selection.context }),
    cluster: clusterName || new URL(server).host,
    ...(userName && { user: userName }),
    ...(selection.namespace && { namespace: selection.namespace }),
    server,
    tls: resolveTls(clusterName, cluster, user, secure, io),
    // Credentials go out over TLS only: kubectl sends none to an http:// server either, not even --token.
    credentials: secure ? resolveCredentials(userName, user, { ...cluster, server }, io) : { type: 'none' },
    ...(impersonation && { impersonation }),
    ...(proxy && { proxy }),
  };
}
