import { openBundle } from '../../bundle/open-bundle.ts';
import { parseYaml } from '../../manifests/yaml.ts';
import type { Settings } from '../../model/platform.ts';
import type { Resource } from '../../model/resource.ts';
import type { Config } from './config-file.ts';
import { NO_REQUESTS, secretTools, type Reading } from './reading.ts';

export interface BundleInput {
  readonly settings: Settings;
  readonly config: Config;
  /** What is read of it besides the cluster that it shows. */
  readonly reads?: readonly Resource[];
}

/**
 * Reads a support bundle into a snapshot, whichever tool made it.
 * @throws CrewisoError (4) for what is no bundle, or one that was changed
 */
export async function readBundleFile(file: string, { settings, config, reads = [] }: BundleInput): Promise<Reading> {
  const {
    snapshot,
    identity,
    notes,
    settings: own,
  } = await openBundle(file, secretTools(parseYaml), {
    exposures: reads.includes('exposed-secrets'),
  });
  const { origin } = snapshot;
  const context = origin.from === 'bundle' ? origin.context : undefined;
  return {
    snapshot,
    ...(identity && { identity: { ...identity, impersonated: false } }),
    requests: NO_REQUESTS,
    interrupted: false,
    notes,
    settings: { ...own, ...config.for(context), ...settings },
  };
}
