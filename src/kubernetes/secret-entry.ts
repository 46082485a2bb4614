import type { SecretEntry } from '../model/kinds.ts';
import type { KubeObject, ObjectMeta } from '../model/object.ts';
import { isRecord, stringAt, valueAt } from './json-value.ts';
import { secretKeys } from './secret-data.ts';

const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration';

/** Who owns or synchronizes a Secret, and what it is for: the only annotations of Secrets whose values are kept. */
const KEPT_ANNOTATIONS =
  /^(?:[\w-]+\.)*(?:helm\.sh|fluxcd\.io|argoproj\.io|external-secrets\.io|emberstack\.com|mittwald\.de|appscode\.com|appscode\.cloud|bitnami\.com|astronomer\.io|cert-manager\.io)\/|^kubernetes\.io\/service-account\.(?:name|uid)$/;

/** Stands for an annotation value that was not kept. */
const NOT_KEPT = '<not kept>';

/**
 * Metadata of a Secret that may travel. managedFields go. The annotation that `kubectl apply` leaves holds the whole
 * Secret: only the namespace in it stays (`{"metadata":{"namespace":"x"}}`), because it tells a copy from its source.
 * Other annotations keep their value only where they are known to name an owner; OpenShift, for one, keeps a token in one.
 */
export function secretMetadata(metadata: ObjectMeta): ObjectMeta {
  const { annotations, ...rest } = withoutManagedFields(metadata);
  if (!isRecord(annotations)) return rest;
  const kept = Object.entries(annotations).map(([key, value]) => [key, keptValue(key, value)] as const);
  return { ...rest, annotations: Object.fromEntries(kept) };
}

/** Metadata without managedFields, which no check reads and which can be larger than the object. */
export function withoutManagedFields(metadata: ObjectMeta): ObjectMeta {
  if (!('managedFields' in metadata)) return metadata;
  return Object.fromEntries(
    Object.entries(metadata).filter(([field]) => field !== 'managedFields'),
  ) as unknown as ObjectMeta;
}

function keptValue(key: string, value: unknown): string {
  if (key === LAST_APPLIED) return lastAppliedNamespace(value);
  return typeof value === 'string' && KEPT_ANNOTATIONS.test(key) ? value : NOT_KEPT;
}

function lastAppliedNamespace(value: unknown): string {
  const namespace = typeof value === 'string' ? stringAt(parse(value), 'metadata', 'namespace') : undefined;
  return JSON.stringify(namespace && /^[a-z0-9-]{1,63}$/.test(namespace) ? { metadata: { namespace } } : {});
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    // The server keeps any text here; one that is no JSON names no namespace.
    return undefined;
  }
}

/**
 * The inventory entry of a raw Secret: type (Opaque where none is given, as the API server defaults it), names of its
 * data and safe metadata. `keys` is left out where the object has no data at all: stripped is not empty.
 */
export function secretEntry(secret: KubeObject): SecretEntry {
  const keys = secretKeys(secret);
  const hasData = isRecord(valueAt(secret, 'data')) || isRecord(valueAt(secret, 'stringData'));
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: secretMetadata(secret.metadata),
    type: secretType(secret),
    ...(hasData ? { keys } : {}),
  };
}

/** The type of a raw Secret, `Opaque` where none is given. */
export function secretType(secret: KubeObject): string {
  return stringAt(secret, 'type') ?? 'Opaque';
}
