import { CrewisoError, EXIT } from '../../model/error.ts';
import type { Check } from '../../model/check.ts';
import { PLATFORM_IDS } from '../../model/platform.ts';
import { RESOURCE_NAMES, UNLISTED } from '../../model/resource.ts';
import type { Snapshot } from '../../model/snapshot.ts';
import { count } from '../../model/text.ts';
import { clusterFlags } from './source-flags.ts';
import type { LiveFlags } from './connect.ts';
import type { LiveInput } from './read-cluster.ts';
import type { Reading } from './reading.ts';

/** Flags that choose files. */
export interface OfflineFlags {
  readonly from?: string | undefined;
  readonly filename?: readonly string[] | undefined;
  readonly recursive: boolean;
  readonly complete: boolean;
  readonly 'complete-all': boolean;
}

export interface SourceInput extends Omit<LiveInput, 'signal' | 'flags'> {
  readonly flags: LiveFlags & OfflineFlags;
  /** Called where a cluster is read. */
  readonly signal: () => AbortSignal;
}

/**
 * The listings that these checks need, and those that add evidence, on the platforms that they are for. Where a setting
 * is missing without which a check says nothing, nothing is read for it.
 */
export function readsOf(checks: readonly Check[]): LiveInput['reads'] {
  return (ids, settings) => {
    const concerned = checks.filter(
      ({ platforms, setting }) =>
        platforms.some((id) => ids.includes(id)) && (setting === undefined || settings[setting] !== undefined),
    );
    return [...new Set(concerned.flatMap(({ reads, evidence = [] }) => [...reads, ...evidence]))];
  };
}

/**
 * The snapshot that the flags ask for: a bundle with `--from`, files where `-f` names some, else the cluster.
 * @throws CrewisoError (2) for flags that contradict, (4) where nothing can be read
 */
export async function readSource({ signal, ...input }: SourceInput): Promise<Reading> {
  const { flags } = input;
  refuseContradictions(flags);
  if (flags.from === undefined && !flags.filename) {
    const { readCluster } = await import('./read-cluster.ts');
    return readCluster({ ...input, signal: signal() });
  }
  const reading = await readOffline(input);
  if (flags.verbosity >= 2) process.stderr.write(listingLines(reading.snapshot));
  return reading;
}

/** As `-v 2` tells on a cluster; there are no requests that more could tell of. */
function listingLines(snapshot: Snapshot): string {
  return RESOURCE_NAMES.filter((resource) => !UNLISTED.has(resource))
    .flatMap((resource) => {
      const items = snapshot.list(resource).length;
      const gaps = snapshot.gaps(resource);
      const held = items > 0 || gaps.every(({ reason }) => reason !== 'not-collected');
      return held ? [`${resource}: ${count(items, 'item')}, ${count(gaps.length, 'gap')}\n`] : [];
    })
    .join('');
}

async function readOffline(input: Omit<SourceInput, 'signal'>): Promise<Reading> {
  const { flags, settings, config } = input;
  if (flags.from !== undefined) {
    const { readBundleFile } = await import('./read-bundle.ts');
    return readBundleFile(flags.from, { settings, config, reads: input.reads(PLATFORM_IDS, settings) });
  }
  const { readFiles } = await import('./read-files.ts');
  const known = { ...config.for(undefined), ...settings };
  return readFiles({
    sources: flags.filename ?? [],
    recursive: flags.recursive,
    complete: flags['complete-all'] ? 'all' : flags.complete ? 'kinds-present' : 'none',
    settings: known,
    ...(known.platformNamespace === undefined ? {} : { defaultNamespace: known.platformNamespace }),
  });
}

/** @throws CrewisoError (2) where two sources are named, or something is asked of one that it cannot do */
function refuseContradictions(flags: SourceInput['flags']): void {
  const { from, filename } = flags;
  if (from !== undefined && filename) throw usage('--from reads a bundle and -f reads files', 'leave out one of them');
  if (!filename && (flags.recursive || flags.complete || flags['complete-all']))
    throw usage('-R and --complete belong to -f', 'add -f FILE');
  if (from === undefined && !filename) return;
  const source = from === undefined ? '-f reads files' : '--from reads a bundle';
  const given = Object.keys(clusterFlags).find((name) => isGiven(flags, name));
  if (given !== undefined) throw usage(`--${given} is about a cluster and ${source}`, 'leave out one of them');
  if (flags.logs) throw usage(`--logs reads the logs of a cluster and ${source}`, 'leave out one of them');
}

function isGiven(flags: object, name: string): boolean {
  const value = (flags as Record<string, unknown>)[name];
  return value !== undefined && value !== false;
}

const usage = (message: string, suggestion: string): CrewisoError =>
  new CrewisoError(message, { code: 'usage', exitCode: EXIT.usage, suggestions: [suggestion] });
