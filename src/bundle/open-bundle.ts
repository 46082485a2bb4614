import type { SecretTools } from '../model/derived.ts';
import { openSource, type ArchiveSource } from './archive-source.ts';
import { snapshotOfBundle, type BundleSnapshot } from './bundle-snapshot.ts';
import { snapshotOfForeign } from './foreign-snapshot.ts';
import { PLAN } from './format.ts';
import { Exposures } from './exposures.ts';
import { LIMITS } from './limits.ts';

/**
 * A support bundle as a snapshot, whichever tool made it: ours, troubleshoot.sh, must-gather, support-bundle-kit,
 * `kubectl cluster-info dump`; a tar, a zip, or a folder.
 * @param options `exposures`: also look through every file of it for secrets
 * @throws CrewisoError (4) for what cannot be read, or no known tool made
 */
export async function openBundle(
  file: string,
  tools: SecretTools,
  options: { readonly exposures?: boolean } = {},
): Promise<BundleSnapshot> {
  const source = await openSource(file, LIMITS);
  const exposures = options.exposures === true ? new Exposures() : undefined;
  return (await isOurs(source))
    ? snapshotOfBundle(file, { exposures })
    : snapshotOfForeign(file, source, tools, exposures);
}

/** Our archives begin with their plan. */
export async function isOurs(source: ArchiveSource): Promise<boolean> {
  for await (const { path } of source()) return path.split('/').length === 2 && path.endsWith(`/${PLAN}`);
  return false;
}
