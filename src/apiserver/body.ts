import { isRecord } from '../kubernetes/json-value.ts';
import type { Call } from './call.ts';
import { badRequest, unsupportedMedia } from './status.ts';
import type { Json, Meta, Wire } from './wire.ts';

/** @throws StatusError 400 */
export function parseBody(body: string): unknown {
  try {
    return JSON.parse(body) as unknown;
  } catch {
    throw badRequest('the request body is not JSON, the only encoding that this server reads');
  }
}

/** The media type of the body without parameters; JSON when the client says nothing. */
export function mediaOf({ request }: Call): string {
  return request.headers['content-type']?.split(';')[0]?.trim() ?? 'application/json';
}

/**
 * The object of a create or update: of the type and namespace of the URL, under the name of the URL if that has one.
 *
 * @throws StatusError 400, 415
 */
export function objectOf(call: Call): Wire {
  const media = mediaOf(call);
  if (media !== 'application/json' && media !== '*/*') throw unsupportedMedia(['application/json']);
  return placed(call, parseBody(call.request.body));
}

/** @throws StatusError 400 */
export function placed(call: Call, body: unknown): Wire {
  if (!isRecord(body)) throw badRequest('the request body is not an object');
  checkType(call, body);
  const { type, question } = call;
  const { metadata: given } = body;
  const metadata = (isRecord(given) ? given : {}) as Partial<Meta>;
  const namespace = type.namespaced ? (question.namespace ?? '') : '';
  if (metadata.namespace && metadata.namespace !== namespace)
    throw badRequest('the namespace of the provided object does not match the namespace sent on the request');
  const name = metadata.name ?? question.name ?? '';
  if (question.name && name !== question.name)
    throw badRequest(`the name of the object (${name}) does not match the name on the URL (${question.name})`);
  return { ...body, metadata: { ...metadata, name, ...(namespace ? { namespace } : {}) } };
}

function checkType({ type, query }: Call, body: Json): void {
  const { kind = type.kind, apiVersion = type.apiVersion } = body;
  if (kind !== type.kind || apiVersion !== type.apiVersion)
    throw badRequest(
      `${String(kind)} in version ${JSON.stringify(apiVersion)} cannot be handled as a ${type.kind}: the object provided is of another type`,
    );
  if (query.get('fieldValidation') === 'Strict') refuseUnknown(type.kind, type.version, body);
}

const COMMON = ['apiVersion', 'kind', 'metadata'];

/** Top-level fields of the kinds that people write by hand; deeper fields are not looked at. */
const KNOWN: Readonly<Record<string, readonly string[]>> = {
  ConfigMap: ['data', 'binaryData', 'immutable'],
  Secret: ['data', 'stringData', 'type', 'immutable'],
  ServiceAccount: ['secrets', 'imagePullSecrets', 'automountServiceAccountToken'],
  Namespace: ['spec', 'status'],
  Role: ['rules'],
  ClusterRole: ['rules', 'aggregationRule'],
  RoleBinding: ['subjects', 'roleRef'],
  ClusterRoleBinding: ['subjects', 'roleRef'],
};

function refuseUnknown(kind: string, version: string, body: Json): void {
  const known = KNOWN[kind];
  if (!known) return;
  const unknown = Object.keys(body).filter((field) => !COMMON.includes(field) && !known.includes(field));
  if (unknown.length === 0) return;
  const errors = unknown.map((field) => `unknown field ${JSON.stringify(field)}`).join(', ');
  throw badRequest(
    `${kind} in version ${JSON.stringify(version)} cannot be handled as a ${kind}: strict decoding error: ${errors}`,
  );
}
