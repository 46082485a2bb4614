import { createHmac, randomBytes } from 'node:crypto';
import { gunzip } from '../../kubernetes/gunzip.ts';
import type { Identity } from '../../model/access.ts';
import type { SecretTools } from '../../model/derived.ts';
import type { References, Settings } from '../../model/platform.ts';
import type { Requests } from '../../model/report.ts';
import type { Snapshot } from '../../model/snapshot.ts';

/** A snapshot and how it was come by. */
export interface Reading {
  readonly snapshot: Snapshot;
  readonly identity?: Identity & { readonly impersonated: boolean };
  readonly requests: Requests;
  readonly interrupted: boolean;
  /** One line each: documents that could not be read, headers of warning, what was ignored. */
  readonly notes: readonly string[];
  /** Flags over the configuration file's section for this context. */
  readonly settings: Settings;
  /** What stands in the files that the settings name, where that plays a part. */
  readonly references?: References;
}

export const NO_REQUESTS: Requests = { total: 0, list: 0, get: 0, review: 0, retried: 0, refused: 0, throttledMs: 0 };

/**
 * Fingerprints compare credentials and identify none.
 * @param key of the fingerprints: made for one run, which it never leaves, unless there is a reason to give another
 */
export function secretTools(parseYaml: (text: string) => unknown, key: Buffer = randomBytes(32)): SecretTools {
  return {
    fingerprint: (text) => createHmac('sha256', key).update(text).digest('hex').slice(0, 12),
    gunzip,
    parseYaml,
  };
}
