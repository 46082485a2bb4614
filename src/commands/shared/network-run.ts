import { NETWORK_READS } from '../../audit/network-places.ts';
import type { Settings } from '../../model/platform.ts';
import { readConfig } from './config-file.ts';
import { readSource, type SourceInput } from './read-source.ts';
import type { Reading } from './reading.ts';

export interface NetworkInput {
  readonly flags: SourceInput['flags'] & { readonly config?: string | undefined };
  readonly settings: Settings;
  readonly version: string;
  readonly signal: () => AbortSignal;
}

/** Reads pods, namespaces and policies, and what tells a platform. */
export async function readNetwork({ flags, settings, version, signal }: NetworkInput): Promise<Reading> {
  const { parseYaml } = await import('../../manifests/yaml.ts');
  const config = readConfig(flags.config, process.env, parseYaml);
  const reading = await readSource({ flags, settings, config, reads: () => NETWORK_READS, version, signal });
  for (const note of reading.notes) process.stderr.write(`warning: ${note}\n`);
  return reading;
}
