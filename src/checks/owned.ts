import { ownerOf, type Ownership } from '../kubernetes/ownership.ts';
import type { Remediation } from '../model/finding.ts';
import type { SecretEntry } from '../model/kinds.ts';
import type { KubeObject } from '../model/object.ts';

interface SecretEvidence {
  evidence(resource: 'secrets', namespace?: string): readonly SecretEntry[];
}

/**
 * A remediation for an object that may have an owner: with one, who that is and the owner's way instead of commands that
 * would be reverted. Helm's marks count only where the inventory of Secrets shows the release.
 */
export function ownedBy(view: SecretEvidence, object: KubeObject, remediation: Remediation): Remediation {
  const ownership = liveOwner(view, object);
  if (!ownership) return remediation;
  const { owner, advice } = ownership;
  return { ...remediation, owner, steps: [`# ${owner} would revert a change made by hand: ${advice}`] };
}

/** The owner that would revert a live change, undefined where there is none. */
export function liveOwner(view: SecretEvidence, object: KubeObject): Ownership | undefined {
  return ownerOf(object, (release, namespace) =>
    view.evidence('secrets', namespace).some((secret) => isReleaseRecord(secret, release)),
  );
}

/** Helm's record of one revision of a release, kept in the namespace of the release (helm pkg/storage/driver). */
export function isReleaseRecord({ type, metadata }: SecretEntry, release: string): boolean {
  return type === 'helm.sh/release.v1' && metadata.name.startsWith(`sh.helm.release.v1.${release}.v`);
}

/** What tells a synchronizer, on the source, to make copies of it elsewhere. */
const SPREAD_BY: readonly (readonly [annotation: string, name: string])[] = [
  ['reflector.v1.k8s.emberstack.com/reflection-auto-enabled', 'Reflector'],
  ['replicator.v1.mittwald.de/replicate-to', 'Kubernetes Replicator'],
  ['replicator.v1.mittwald.de/replicate-to-matching', 'Kubernetes Replicator'],
  ['kubed.appscode.com/sync', 'Config Syncer (kubed)'],
];

/** The synchronizer that copies this object to other namespaces by itself, undefined where none is asked to. */
export function spreadBy({ metadata }: KubeObject): string | undefined {
  const annotations = metadata.annotations ?? {};
  return SPREAD_BY.find(([key]) => Object.hasOwn(annotations, key) && annotations[key] !== 'false')?.[1];
}
