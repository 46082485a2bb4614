import { sameJson } from '../kubernetes/json-value.ts';
import { admitToNamespace, refuseEscalation } from './admission.ts';
import { json, type Answer } from './answer.ts';
import { objectOf } from './body.ts';
import { prepare } from './defaults.ts';
import type { Call } from './call.ts';
import { changedFields, leavesOf, ownership, type FieldSet } from './managed-fields.ts';
import { alreadyExists, badRequest, conflict, notFound, STALE, StatusError } from './status.ts';
import { validate } from './validate.ts';
import { omit, type ManagedFields, type Meta, type Wire } from './wire.ts';

/** Whether the request only rehearses. @throws StatusError 400 */
export function isDryRun({ query }: Call): boolean {
  const asked = query.getAll('dryRun').filter((value) => value !== '');
  if (asked.some((value) => value !== 'All')) throw badRequest('the only value of dryRun is All');
  return asked.length > 0;
}

export interface Ownership {
  readonly operation: ManagedFields['operation'];
  readonly gained: FieldSet;
  readonly shared?: FieldSet;
}

/** managedFields after a write by the request's field manager. */
function owned(call: Call, object: Wire, before: Wire | undefined, given?: Ownership): Wire {
  const entries = before?.metadata.managedFields ?? [];
  const writer = {
    manager: managerOf(call),
    operation: given?.operation ?? 'Update',
    apiVersion: call.type.apiVersion,
    time: call.backend.store.timestamp(),
  };
  const gained = given?.gained ?? changedFields(before, object);
  if (gained.size === 0 && !given) return object;
  const managedFields = ownership(entries, writer, gained, leavesOf(object), given?.shared);
  return { ...object, metadata: { ...object.metadata, managedFields } };
}

/** `fieldManager`, else the program's name in the user agent (k8s.io/apiserver/pkg/endpoints/handlers/create.go). */
export function managerOf({ query, request }: Call): string {
  const [program] = (request.headers['user-agent'] ?? 'unknown').split('/');
  return query.get('fieldManager') ?? program ?? 'unknown';
}

export function create(call: Call): Answer {
  const object = objectOf(call);
  return json(201, insert(call, object));
}

/**
 * Adds an object: admission, validation, and only then whether the name is free, as in
 * k8s.io/apiserver/pkg/registry/generic/registry/store.go.
 *
 * @throws StatusError
 */
export function insert(call: Call, given: Wire, ownership?: Ownership): Wire {
  const { type, question, backend } = call;
  const { store } = backend;
  const object = prepare(type, named(given, store.revision));
  const { name, resourceVersion } = object.metadata;
  if (resourceVersion && !ownership)
    throw new StatusError(500, '', 'resourceVersion should not be set on objects to be created');
  admitToNamespace(call, name);
  refuseEscalation(call, object);
  validate(type, object);
  if (store.get(type, question.namespace, name)) throw alreadyExists(type, name);
  const fresh = omit({ ...object.metadata }, 'uid', 'resourceVersion', 'creationTimestamp', 'managedFields');
  const born: Wire = { ...object, metadata: fresh as unknown as Meta };
  const identified = owned(call, { ...born, metadata: store.identify(type, born) }, undefined, ownership);
  if (isDryRun(call)) return identified;
  const written = store.write(type, identified);
  if (type.group === '' && type.resource === 'namespaces') furnish(call, name);
  return written;
}

/** What the service account controller does, at once: every namespace gets its `default` account. */
function furnish({ backend }: Call, namespace: string): void {
  backend.store.put({ apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'default', namespace } });
}

/** Five characters behind `generateName`, different for every revision. */
function named(object: Wire, revision: number): Wire {
  const { name, generateName } = object.metadata;
  if (name || !generateName) return object;
  const suffix = (revision * 7919 + 1_679_616).toString(36).slice(-5);
  return { ...object, metadata: { ...object.metadata, name: `${generateName}${suffix}` } };
}

/** PUT. A missing object is not created. */
export function replace(call: Call): Answer {
  const object = objectOf(call);
  return json(200, change(call, current(call), object));
}

/** @throws StatusError 404 */
export function current({ type, question, backend }: Call): Wire {
  const name = question.name ?? '';
  const found = backend.store.get(type, question.namespace, name);
  if (!found) throw notFound(type, name);
  return found;
}

/**
 * Turns one version of an object into the next. Nothing is written, and no version spent, when nothing changes.
 *
 * @throws StatusError 409 for a stale resourceVersion or another uid, 422, 403 for an escalation
 */
export function change(call: Call, before: Wire, after: Wire, ownership?: Ownership): Wire {
  const { type, backend } = call;
  const { name, uid, resourceVersion } = before.metadata;
  const claimed = after.metadata;
  if (claimed.resourceVersion && claimed.resourceVersion !== resourceVersion) throw conflict(type, name, STALE);
  if (claimed.uid && claimed.uid !== uid)
    throw conflict(
      type,
      name,
      `Precondition failed: UID in precondition: ${claimed.uid}, UID in object meta: ${uid ?? ''}`,
    );
  if (claimed.name !== name)
    throw badRequest(`the name of the object (${claimed.name}) does not match the name on the URL (${name})`);
  const next = withServerMetadata(prepare(type, after), before);
  refuseEscalation(call, next, before);
  validate(type, next, before);
  const result = owned(call, next, before, ownership);
  if (sameJson(result, before)) return before;
  return isDryRun(call) ? result : backend.store.write(type, result);
}

/** What a client cannot change; `generation` counts the changes of the spec where the object has one. */
function withServerMetadata(after: Wire, before: Wire): Wire {
  const { uid, resourceVersion, creationTimestamp, deletionTimestamp, generation, managedFields } = before.metadata;
  const bumped = generation !== undefined && !sameJson(before.spec, after.spec) ? generation + 1 : generation;
  const metadata = omit({ ...after.metadata }, 'deletionTimestamp', 'managedFields', 'generation') as unknown as Meta;
  return {
    ...after,
    metadata: {
      ...metadata,
      ...(uid ? { uid } : {}),
      ...(resourceVersion ? { resourceVersion } : {}),
      ...(bumped === undefined ? {} : { generation: bumped }),
      ...(creationTimestamp ? { creationTimestamp } : {}),
      ...(deletionTimestamp ? { deletionTimestamp } : {}),
      ...(managedFields ? { managedFields } : {}),
    },
  };
}
