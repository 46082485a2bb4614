import { DOCKER_CONFIG_JSON } from '../kubernetes/registry-secret.ts';
import type { View } from '../model/check.ts';
import type { RegistrySecret } from '../model/derived.ts';
import type { FindingDraft } from '../model/finding.ts';
import { refreshSecret } from './fix-changes.ts';
import { isGoodSource } from './registry-secrets.ts';

/**
 * The data of the source for one copy; nothing where the copy cannot be changed (type and immutable data are fixed) or
 * where the source would spread its own fault.
 */
export function refreshFix(
  view: Pick<View, 'now'>,
  source: RegistrySecret,
  copy: RegistrySecret,
): Pick<FindingDraft, 'fix'> {
  if (copy.immutable === true || copy.type !== DOCKER_CONFIG_JSON) return {};
  if (!isGoodSource(source, view.now)) return {};
  return {
    fix: {
      class: 'review',
      summary: 'refresh the registry secret from its source',
      changes: refreshSecret(source, copy),
      verify: ['registry-secret-stale', 'registry-secret-malformed'],
    },
  };
}
