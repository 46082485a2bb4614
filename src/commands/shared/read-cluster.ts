import type { ClusterAccess } from '../../cluster/cluster-access.ts';
import { readSnapshot } from '../../cluster/snapshot-reader.ts';
import type { Transport } from '../../cluster/transport.ts';
import { parseYaml } from '../../manifests/yaml.ts';
import { EXIT, CrewisoError } from '../../model/error.ts';
import { PLATFORM_IDS, type PlatformId, type Settings } from '../../model/platform.ts';
import type { AccessQuestion, ReadPlan, ReadScope } from '../../model/reading.ts';
import type { Resource } from '../../model/resource.ts';
import type { Snapshot } from '../../model/snapshot.ts';
import { platformLogs, platformQuestions, readingOf, type PlatformReading } from '../../platforms/profiles.ts';
import type { Config } from './config-file.ts';
import type { Connection, LiveFlags } from './connect.ts';
import { namedBy, whileOpen, withCluster, type OpenCluster } from './open-cluster.ts';
import { secretTools, type Reading } from './reading.ts';

export interface LiveInput {
  readonly flags: LiveFlags;
  /** What the flags say. */
  readonly settings: Settings;
  readonly config: Config;
  /** What is asked for of the platforms that are there. */
  readonly reads: (platforms: readonly PlatformId[], settings: Settings) => readonly Resource[];
  /** What to ask the API server's authorizer; default: what the platform's account lacks. */
  readonly questions?: (snapshot: Snapshot, settings: Settings) => readonly AccessQuestion[];
  /** Namespaces that are looked into besides those of the platform. */
  readonly alsoNamespaces?: readonly string[];
  /** How to read; default: `planOf`. */
  readonly plan?: typeof planOf;
  readonly version: string;
  readonly signal: AbortSignal;
}

/**
 * Reads the cluster into a snapshot: what is asked for and what detection needs, nothing else.
 * @throws CrewisoError (2) for a kubeconfig that contradicts itself, (4) when the cluster cannot be reached at all
 */
export async function readCluster(input: LiveInput): Promise<Reading> {
  try {
    return await withCluster(input, {}, (cluster) => readOpened(input, cluster));
  } catch (error) {
    if (input.signal.aborted) throw interrupted(error);
    throw error;
  }
}

/** As `readCluster`, through a connection that stays open. */
export async function readConnected(connection: Connection, input: Omit<LiveInput, 'config'>): Promise<Reading> {
  try {
    return await whileOpen(connection, input, (cluster) => readOpened(input, cluster));
  } catch (error) {
    if (input.signal.aborted) throw interrupted(error);
    throw error;
  }
}

async function readOpened(input: Omit<LiveInput, 'config'>, cluster: OpenCluster): Promise<Reading> {
  const { access, transport, settings, signal, progress } = cluster;
  const { flags } = input;
  const read = await readSnapshot(transport, (input.plan ?? planOf)({ ...input, settings }, namedBy(access)), {
    signal,
    now: Date.now(),
    tools: secretTools(parseYaml),
    onProgress: progress.update,
  });
  return {
    snapshot: read.snapshot,
    ...(read.identity ? { identity: read.identity } : {}),
    requests: transport.counts(),
    interrupted: read.interrupted,
    settings,
    notes: [...withheld(access, flags.token), ...notesOf(transport, read.timedOut ? flags.timeout : undefined)],
  };
}

/** What shows where the platform lives: asked for in the whole cluster, however narrow the run is. */
export const FIRST = ['namespaces', 'deployments.apps'] as const satisfies readonly Resource[];

/** What a run needs to know to decide what it reads. */
export interface PlanInput extends Pick<LiveInput, 'settings' | 'reads' | 'questions' | 'alsoNamespaces'> {
  readonly flags: Pick<LiveFlags, 'all-namespaces' | 'logs'>;
}

/**
 * What to read of the platforms that are there: what is asked for, what detection needs, and access reviews.
 * @param contextNamespaces namespaces that the kubeconfig names, looked into where none can be listed
 */
export function planOf(
  { settings, reads: wanted, questions, alsoNamespaces = [], flags }: PlanInput,
  contextNamespaces: readonly string[],
): ReadPlan {
  // Checks that make nothing of answers need no questions.
  const asked: readonly Resource[] = questions ? ['access-reviews'] : [];
  // Settled by what is read first, and asked for again and again.
  let settled: PlatformReading | undefined;
  const platformsIn = (first: Snapshot): PlatformReading =>
    (settled ??= readingOf(first, settings, flags['all-namespaces']));
  const { sharedNamespace, platformNamespace, account, registrySource, namespaces, orgs } = settings;
  const shared = sharedNamespace ?? platformNamespace;
  const ofOrgs = shared === undefined ? [] : (orgs ?? []).map((org) => `${shared}-org-${org}`);
  const named = [
    sharedNamespace,
    platformNamespace,
    account?.namespace,
    registrySource?.namespace,
    ...(namespaces ?? []),
    ...ofOrgs,
    ...contextNamespaces,
    ...alsoNamespaces,
  ];
  return {
    first: FIRST,
    second: (first) => platformsIn(first).second,
    reads: (first) => {
      const { ids, reads } = platformsIn(first);
      return [...new Set([...reads, ...wanted(ids, settings), ...asked])];
    },
    namedNamespaces: [...new Set(named.filter((name) => name !== undefined))],
    scope: (seen) => widened(platformsIn(seen).scope(seen), alsoNamespaces),
    questions: (snapshot) => (questions ?? platformQuestions)(snapshot, settings),
    // Nothing else looks at what logs say.
    ...(flags.logs && wanted(PLATFORM_IDS, settings).includes('refusals')
      ? { logs: (snapshot: Snapshot) => platformLogs(snapshot, settings) }
      : {}),
  };
}

/** With the objects of more namespaces. */
function widened(scope: ReadScope, more: readonly string[]): ReadScope {
  if (more.length === 0) return scope;
  const also = new Set(more);
  return {
    ...scope,
    namespaces: [...new Set([...scope.namespaces, ...more])],
    keeps: (resource, object) => also.has(object.metadata.namespace ?? '') || scope.keeps(resource, object),
  };
}

/** Nobody should wonder why the API server calls them system:anonymous. */
function withheld({ server, user }: ClusterAccess, token: string | undefined): readonly string[] {
  const has = token !== undefined || user !== undefined;
  return has && server.startsWith('http:') ? [`credentials are not sent to ${server}, which is not https`] : [];
}

function notesOf(transport: Transport, timeout: string | undefined): readonly string[] {
  const late =
    timeout === undefined ? [] : [`stopped after --timeout ${timeout}; what was unread by then is not evaluated`];
  return [...transport.warnings().map((warning) => `the API server says: ${warning}`), ...late];
}

function interrupted(cause: unknown): CrewisoError {
  return new CrewisoError('interrupted before anything could be read', {
    code: 'interrupted',
    exitCode: EXIT.interrupted,
    cause,
  });
}
