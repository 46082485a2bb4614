import { addPullSecret } from '../../checks/fix-changes.ts';
import type { Fix } from '../../model/fix.ts';
import type { CrewaiPlatform, Tenant } from '../../model/platform.ts';
import type { Snapshot } from '../../model/snapshot.ts';

/** One change more in whatever brings the secret. */
export function withPullSecret(
  fixes: ReadonlyMap<string, Fix>,
  snapshot: Snapshot,
  { registrySecret }: CrewaiPlatform,
  { namespace }: Tenant,
): ReadonlyMap<string, Fix> {
  const account = snapshot.find('serviceaccounts', 'default', namespace);
  const patch = addPullSecret(
    account ?? { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'default', namespace } },
    registrySecret.name,
  );
  const named = (account as { imagePullSecrets?: readonly { name?: string }[] | null } | undefined)?.imagePullSecrets;
  if (named?.some(({ name }) => name === registrySecret.name)) return fixes;
  return new Map(
    [...fixes].map(([id, fix]) => [
      id,
      fix.changes.some((change) => change.op === 'create' && change.object.kind === 'Secret')
        ? { ...fix, changes: [...fix.changes, patch] }
        : fix,
    ]),
  );
}
