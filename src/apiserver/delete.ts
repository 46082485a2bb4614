import { isRecord } from '../kubernetes/json-value.ts';
import { json, type Answer } from './answer.ts';
import { parseBody } from './body.ts';
import type { Call } from './call.ts';
import { conflict, StatusError } from './status.ts';
import type { Store } from './store.ts';
import { child, text, type Json, type Meta, type Wire } from './wire.ts';
import { current, isDryRun } from './write.ts';

/**
 * Deletes one object: preconditions, finalizers, foreground deletion. There is no garbage collector: what the object
 * owns stays, and an object that waits for finalizers waits until somebody removes them.
 *
 * @throws StatusError 404, 409
 */
export function remove(call: Call): Answer {
  const object = current(call);
  const { type, question, query, backend, request } = call;
  const body = request.body ? parseBody(request.body) : {};
  const options = isRecord(body) ? body : {};
  const dryRun = isRehearsal(call, options);
  checkPreconditions(call, object, child(options, 'preconditions'));
  const policy = text(options, 'propagationPolicy') || (query.get('propagationPolicy') ?? '');
  const { store } = backend;
  if (type.group === '' && type.resource === 'namespaces') return removeNamespace(call, object, dryRun);
  const finalizers = [
    ...(object.metadata.finalizers ?? []),
    ...(policy === 'Foreground' ? ['foregroundDeletion'] : []),
  ];
  if (finalizers.length > 0) {
    const marked = deleted(object, store, { finalizers, deletionGracePeriodSeconds: 0 });
    return json(200, dryRun ? marked : store.write(type, marked));
  }
  if (!dryRun) store.remove(type, question.namespace, object.metadata.name);
  return json(200, success(call, object));
}

/** With a body, the query is not looked at (k8s.io/apiserver/pkg/endpoints/handlers/delete.go). */
function isRehearsal(call: Call, { dryRun }: Json): boolean {
  return call.request.body ? Array.isArray(dryRun) && dryRun.includes('All') : isDryRun(call);
}

function checkPreconditions(call: Call, { metadata }: Wire, preconditions: Json): void {
  const uid = text(preconditions, 'uid');
  const version = text(preconditions, 'resourceVersion');
  const fail = (why: string): StatusError => conflict(call.type, metadata.name, why, call.type.kind);
  if (uid && uid !== metadata.uid)
    throw fail(
      `the UID in the precondition (${uid}) does not match the UID in record (${metadata.uid ?? ''}). The object might have been deleted and then recreated`,
    );
  if (version && version !== metadata.resourceVersion)
    throw fail(
      `the ResourceVersion in the precondition (${version}) does not match the ResourceVersion in record (${metadata.resourceVersion ?? ''}). The object might have been modified`,
    );
}

function deleted(object: Wire, store: Store, more: Partial<Meta>): Wire {
  const { generation, deletionTimestamp } = object.metadata;
  const metadata = {
    ...object.metadata,
    ...(generation === undefined || deletionTimestamp ? {} : { generation: generation + 1 }),
    deletionTimestamp: deletionTimestamp ?? store.timestamp(),
    ...more,
  };
  return { ...object, metadata };
}

function success({ type }: Call, { metadata }: Wire): Json {
  const details = {
    name: metadata.name,
    ...(type.group ? { group: type.group } : {}),
    kind: type.resource,
    uid: metadata.uid,
  };
  return { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', details };
}

/**
 * What the namespace controller does, at once: everything in it goes but for what has finalizers, then the Namespace
 * itself unless something is left.
 *
 * @throws StatusError 403 for the namespaces that every cluster has
 */
function removeNamespace(call: Call, namespace: Wire, dryRun: boolean): Answer {
  const { type, backend } = call;
  const { store } = backend;
  const { name } = namespace.metadata;
  if (['default', 'kube-system', 'kube-public'].includes(name))
    throw new StatusError(403, 'Forbidden', `namespaces "${name}" is forbidden: this namespace may not be deleted`, {
      name,
      kind: 'namespaces',
    });
  const marked = { ...deleted(namespace, store, {}), status: { ...child(namespace, 'status'), phase: 'Terminating' } };
  if (dryRun) return json(200, marked);
  const written = store.write(type, marked);
  let left = 0;
  for (const inner of store.catalogue.types.filter((candidate) => candidate.namespaced && !candidate.alias))
    for (const { object } of store.list(inner, name)) {
      if ((object.metadata.finalizers ?? []).length > 0) left += 1;
      else store.remove(inner, name, object.metadata.name);
    }
  if (left === 0) store.remove(type, undefined, name);
  return json(200, written);
}
