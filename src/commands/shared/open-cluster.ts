import type { ClusterAccess } from '../../cluster/cluster-access.ts';
import type { ExchangeLimits } from '../../cluster/exchange.ts';
import type { Transport } from '../../cluster/transport.ts';
import type { Settings } from '../../model/platform.ts';
import { parseDuration } from './arguments.ts';
import { connect, type ConnectInput, type Connection, type LiveFlags } from './connect.ts';
import { startDeadline } from './deadline.ts';
import { showProgress } from './progress.ts';

export type ConnectionFlags = Omit<LiveFlags, 'all-namespaces' | 'logs'>;

/** A way to one cluster, open for one run. */
export interface OpenCluster {
  readonly access: ClusterAccess;
  readonly transport: Transport;
  /** Flags over the configuration file's section for this context. */
  readonly settings: Settings;
  /** Aborted by the user, or at the end of `--timeout`. */
  readonly signal: AbortSignal;
  readonly progress: ReturnType<typeof showProgress>;
}

interface OpenInput {
  readonly flags: ConnectionFlags;
  /** What the flags say; they beat the configuration file. */
  readonly settings: Settings;
  readonly signal: AbortSignal;
}

/**
 * Opens a cluster as the flags say, while `use` runs.
 * @throws CrewisoError (2) for a kubeconfig that contradicts itself
 */
export async function withCluster<T>(
  input: OpenInput & Pick<ConnectInput, 'config' | 'version'>,
  limits: Partial<ExchangeLimits>,
  use: (cluster: OpenCluster) => Promise<T>,
): Promise<T> {
  const connection = connect({ ...input, limits });
  try {
    return await whileOpen(connection, input, use);
  } finally {
    connection.transport.close();
  }
}

/** One run through a connection that stays open: its deadline and its progress. */
export async function whileOpen<T>(
  { access, transport, settings: known }: Connection,
  { flags, settings: given, signal: user }: OpenInput,
  use: (cluster: OpenCluster) => Promise<T>,
): Promise<T> {
  const deadline = startDeadline(user, parseDuration(flags.timeout, 'timeout'));
  const progress = showProgress({
    quiet: flags.quiet || flags.verbosity > 1,
    stream: process.stderr,
    env: process.env,
  });
  try {
    return await use({ access, transport, settings: { ...known, ...given }, signal: deadline.signal, progress });
  } finally {
    deadline.end();
    progress.end();
  }
}

/** Namespaces that the kubeconfig names. */
export const namedBy = ({ namespace }: ClusterAccess): readonly string[] =>
  namespace === undefined ? [] : [namespace];
