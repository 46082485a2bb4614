import type { KubeconfigIo } from './cluster-access.ts';
import { decodeCluster, decodeUser, Fields, type ClusterEntry, type UserEntry } from './kubeconfig-entry.ts';

const ACCOUNT = '/var/run/secrets/kubernetes.io/serviceaccount';

/**
 * The account of the pod we run in (client-go, rest.InClusterConfig): used when nothing else is configured, the token
 * is mounted and the service's address is in the environment. Otherwise undefined.
 */
export function inClusterConfig(
  io: KubeconfigIo,
): { clusterName: string; userName: string; namespace: string; cluster: ClusterEntry; user: UserEntry } | undefined {
  const host = io.env.KUBERNETES_SERVICE_HOST;
  const port = io.env.KUBERNETES_SERVICE_PORT;
  if (!host || !port || readable(`${ACCOUNT}/token`, io) === undefined) return undefined;
  const caFile = readable(`${ACCOUNT}/ca.crt`, io) === undefined ? '' : `${ACCOUNT}/ca.crt`;
  return {
    clusterName: 'in-cluster',
    userName: 'the account of this pod',
    namespace: readable(`${ACCOUNT}/namespace`, io)?.trim() ?? '',
    cluster: {
      ...decodeCluster(new Fields({}, ''), String),
      server: `https://${host.includes(':') ? `[${host}]` : host}:${port}`,
      caFile,
    },
    user: { ...decodeUser(new Fields({}, ''), String, '/'), tokenFile: `${ACCOUNT}/token` },
  };
}

function readable(file: string, io: KubeconfigIo): string | undefined {
  try {
    return io.readFile(file);
  } catch {
    return undefined;
  }
}
