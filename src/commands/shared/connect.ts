import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import type { ClusterAccess } from '../../cluster/cluster-access.ts';
import type { ExchangeLimits } from '../../cluster/exchange.ts';
import { loadKubeconfig } from '../../cluster/kubeconfig.ts';
import { createTransport, type Transport } from '../../cluster/transport.ts';
import { parseYaml } from '../../manifests/yaml.ts';
import type { Settings } from '../../model/platform.ts';
import { parseDuration } from './arguments.ts';
import type { Config } from './config-file.ts';

/** Flags of a live run, by the names that the command line gives them. */
export interface LiveFlags {
  readonly kubeconfig?: string | undefined;
  readonly context?: string | undefined;
  readonly cluster?: string | undefined;
  readonly user?: string | undefined;
  readonly server?: string | undefined;
  readonly token?: string | undefined;
  readonly 'certificate-authority'?: string | undefined;
  readonly 'client-certificate'?: string | undefined;
  readonly 'client-key'?: string | undefined;
  readonly 'tls-server-name'?: string | undefined;
  readonly 'insecure-skip-tls-verify': boolean;
  readonly as?: string | undefined;
  readonly 'as-group'?: readonly string[] | undefined;
  readonly 'as-uid'?: string | undefined;
  readonly 'as-user-extra'?: readonly string[] | undefined;
  readonly 'request-timeout'?: string | undefined;
  readonly 'all-namespaces': boolean;
  readonly logs?: boolean | undefined;
  readonly timeout: string;
  readonly concurrency: number;
  readonly verbosity: number;
  readonly quiet: boolean;
}

export interface ConnectInput {
  readonly flags: Omit<LiveFlags, 'all-namespaces' | 'logs'>;
  readonly config: Config;
  /** In place of the usual ones. */
  readonly limits?: Partial<ExchangeLimits>;
  readonly version: string;
  /** Id of the run of fixes that writes through it. */
  readonly run?: string;
}

/** A way to one cluster; whoever asked for it closes the transport. */
export interface Connection {
  readonly access: ClusterAccess;
  readonly transport: Transport;
  /** The configuration file's section for this context. */
  readonly settings: Settings;
}

/**
 * What the kubeconfig and the flags say about the cluster; nothing is sent yet.
 * @throws CrewisoError (2) for a kubeconfig that contradicts itself, (4) for one that cannot be read
 */
export function connect({ flags, config, version, run, limits }: ConnectInput): Connection {
  const requestTimeout = parseDuration(flags['request-timeout'] ?? '0', 'request-timeout');
  // A mistake in it is told before a kubeconfig is looked for.
  parseDuration(flags.timeout, 'timeout');
  const access = loadKubeconfig(clusterFlagsOf(flags), {
    env: process.env,
    readFile: (path) => readFileSync(path, 'utf8'),
    homedir: homedir(),
    parseYaml,
    platform: process.platform,
  });
  const transport = createTransport(access, {
    version,
    ...(run === undefined ? {} : { run }),
    concurrency: flags.concurrency,
    terminal: process.stdin.isTTY && process.stderr.isTTY,
    stderr: (text) => process.stderr.write(text),
    trace: (level, line) => {
      if (level <= flags.verbosity) process.stderr.write(`${line}\n`);
    },
    limits: { ...limits, ...(requestTimeout > 0 ? { requestMs: requestTimeout } : {}) },
  });
  return { access, transport, settings: config.for(access.context) };
}

function clusterFlagsOf(flags: ConnectInput['flags']): Parameters<typeof loadKubeconfig>[0] {
  return {
    kubeconfig: flags.kubeconfig,
    context: flags.context,
    cluster: flags.cluster,
    user: flags.user,
    server: flags.server,
    token: flags.token,
    certificateAuthority: flags['certificate-authority'],
    clientCertificate: flags['client-certificate'],
    clientKey: flags['client-key'],
    tlsServerName: flags['tls-server-name'],
    insecureSkipTlsVerify: flags['insecure-skip-tls-verify'],
    as: flags.as,
    asGroup: flags['as-group'],
    asUid: flags['as-uid'],
    asUserExtra: flags['as-user-extra'],
  };
}
