import { isRecord } from '../kubernetes/json-value.ts';
import type { ResourceType } from './resource-types.ts';
import { child, omit, text, type Json, type Meta, type Wire } from './wire.ts';

/**
 * The defaults that readers rely on; everything else stays as it was given: `kind` and `apiVersion` first, `stringData`
 * folded into `data` (pkg/registry/core/secret/strategy.go), a Secret's type, a Namespace's label, finalizer and phase,
 * the API groups of RBAC references (pkg/apis/rbac/v1/defaults.go).
 */
export function prepare(type: ResourceType, object: Wire): Wire {
  const metadata = withoutEmptyMaps(object.metadata);
  const rest = omit(object, 'kind', 'apiVersion', 'metadata');
  const ordered: Wire = { kind: type.kind, apiVersion: type.apiVersion, metadata, ...rest };
  if (type.group === '' && type.resource === 'secrets') return secret(ordered);
  if (type.group === '' && type.resource === 'namespaces') return namespace(ordered);
  if (type.resource === 'rolebindings' || type.resource === 'clusterrolebindings') return binding(ordered);
  return ordered;
}

/** ObjectMeta is written with `omitempty`: an empty map is none. */
function withoutEmptyMaps(metadata: Meta): Meta {
  const empty = (['labels', 'annotations'] as const).filter((key) => {
    const map = metadata[key];
    return isRecord(map) && Object.keys(map).length === 0;
  });
  return omit({ ...metadata }, ...empty) as unknown as Meta;
}

function secret(object: Wire): Wire {
  const { stringData, ...rest } = object;
  const typed: Wire = { ...rest, metadata: object.metadata, type: text(object, 'type') || 'Opaque' };
  if (!isRecord(stringData)) return typed;
  const encoded = Object.entries(stringData).map(([key, value]) => [
    key,
    Buffer.from(String(value)).toString('base64'),
  ]);
  return { ...typed, data: { ...child(object, 'data'), ...(Object.fromEntries(encoded) as Json) } };
}

function namespace(object: Wire): Wire {
  const { metadata } = object;
  const phase = metadata.deletionTimestamp ? 'Terminating' : 'Active';
  return {
    ...object,
    metadata: { ...metadata, labels: { ...metadata.labels, 'kubernetes.io/metadata.name': metadata.name } },
    spec: { finalizers: ['kubernetes'], ...child(object, 'spec') },
    status: { phase, ...child(object, 'status') },
  };
}

const RBAC_GROUP = 'rbac.authorization.k8s.io';

function binding(object: Wire): Wire {
  const subjects = Array.isArray(object.subjects) ? object.subjects.filter(isRecord) : undefined;
  return {
    ...object,
    ...(subjects ? { subjects: subjects.map(subject) } : {}),
    roleRef: { apiGroup: RBAC_GROUP, ...child(object, 'roleRef') },
  };
}

function subject(given: Json): Json {
  if (text(given, 'apiGroup') || text(given, 'kind') === 'ServiceAccount') return given;
  return { kind: given.kind, apiGroup: RBAC_GROUP, ...given };
}
