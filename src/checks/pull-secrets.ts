import { parseImageReference, type ImageReference } from '../kubernetes/image-reference.ts';
import { pullFailures } from '../kubernetes/image-pull.ts';
import { accountName } from '../kubernetes/owners.ts';
import { matchingEntries } from '../kubernetes/registry-match.ts';
import type { View } from '../model/check.ts';
import type { RegistrySecret } from '../model/derived.ts';
import type { Event } from '../model/kinds.ts';
import { isPullType, usableEntries } from './registry-secrets.ts';
import type { Subject } from './workload-subjects.ts';

/** Where new pods of a workload take their pull Secrets from. */
export interface PullSecrets {
  readonly names: readonly string[];
  readonly from: 'pod' | 'account';
  readonly account: string;
}

/**
 * The pull Secrets of a workload's pods: its own, or those of its account when it names none. Admission copies the
 * account's in when a pod is created (plugin/pkg/admission/serviceaccount), so a pod that exists has what it has.
 */
export function pullSecretsOf(
  view: View<'serviceaccounts'>,
  { resource, object, spec }: Subject,
  namespace: string,
): PullSecrets | 'unknown' {
  const account = accountName(spec);
  const own = (spec.imagePullSecrets ?? []).flatMap(({ name }) => (name ? [name] : []));
  if (own.length > 0) return { names: own, from: 'pod', account };
  if (resource === 'pods' && object.metadata.uid !== undefined) return { names: [], from: 'pod', account };
  const found = view.find('serviceaccounts', account, namespace);
  if (found === 'unknown') return 'unknown';
  const named = found === 'absent' ? [] : (found.imagePullSecrets ?? []);
  return { names: named.flatMap(({ name }) => (name ? [name] : [])), from: 'account', account };
}

/**
 * What is in the given Secrets; undefined where any of them cannot be judged: absent, unread, or of no use as a whole,
 * which other checks report.
 */
export function contentsOf(
  view: View<'registry-secrets'>,
  names: readonly string[],
  namespace: string,
): readonly RegistrySecret[] | undefined {
  const found: RegistrySecret[] = [];
  for (const name of names) {
    const secret = view.find('registry-secrets', name, namespace);
    if (typeof secret !== 'object' || !isPullType(secret.type) || secret.parse !== 'ok') return undefined;
    found.push(secret);
  }
  return found;
}

/** Whether any usable entry of the Secrets serves the repository. */
export function covers(secrets: readonly RegistrySecret[], repository: string): boolean {
  return matchingEntries(secrets.flatMap(usableEntries), repository).length > 0;
}

/** An image of a workload and how pulling it goes. */
export interface ImageUse extends ImageReference {
  readonly image: string;
  /** A container runs from it, or did: some node could pull it, or had it. */
  readonly pulled: boolean;
  /** The registry refuses it to a pod that exists. */
  readonly refused: boolean;
}

/** The distinct repositories of a workload's images, in the order of the spec; names that are not valid are left out. */
export function imagesOf({ spec, pods }: Subject, events: readonly Event[]): readonly ImageUse[] {
  const uses = new Map<string, ImageUse>();
  for (const { image = '' } of [...(spec.initContainers ?? []), ...(spec.containers ?? [])]) {
    const reference = parseImageReference(image);
    if (!reference || uses.has(reference.repository)) continue;
    const refused = pods.some((pod) =>
      pullFailures(pod, events).some((failure) => failure.class === 'auth' && failure.image === image),
    );
    uses.set(reference.repository, { ...reference, image, refused, pulled: pods.some((pod) => hasPulled(pod, image)) });
  }
  return [...uses.values()];
}

function hasPulled({ spec, status }: Subject['pods'][number], image: string): boolean {
  const containers = [...(spec?.initContainers ?? []), ...(spec?.containers ?? [])];
  const names = new Set(containers.filter((container) => container.image === image).map(({ name }) => name));
  return [...(status?.initContainerStatuses ?? []), ...(status?.containerStatuses ?? [])].some(
    ({ name, state }) => names.has(name) && (state?.running !== undefined || state?.terminated !== undefined),
  );
}
