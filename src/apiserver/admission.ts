import { sameJson } from '../kubernetes/json-value.ts';
import { escalationMessage } from '../kubernetes/denial-message.ts';
import { missingRules } from '../kubernetes/rbac-rules.ts';
import type { PolicyRule } from '../model/kinds.ts';
import type { Call } from './call.ts';
import { forbidden, notFound, StatusError } from './status.ts';
import { child, omit, text, type Wire } from './wire.ts';

const NAMESPACE = { group: '', resource: 'namespaces', kind: 'Namespace' };

/**
 * NamespaceLifecycle (k8s.io/apiserver/pkg/admission/plugin/namespace/lifecycle): nothing is created in a namespace that
 * is not there or that is being deleted.
 *
 * @throws StatusError 404, 403
 */
export function admitToNamespace({ type, question, backend }: Call, name: string): void {
  const { namespace } = question;
  if (!type.namespaced || !namespace) return;
  const found = backend.store.find('namespaces', namespace);
  if (!found) throw notFound(NAMESPACE, namespace);
  if (!found.metadata.deletionTimestamp && text(child(found, 'status'), 'phase') !== 'Terminating') return;
  const why = `unable to create new content in namespace ${namespace} because it is being terminated`;
  const message = `namespace ${namespace} is being terminated`;
  throw forbidden(type, name, why, [{ reason: 'NamespaceTerminating', message, field: 'metadata.namespace' }]);
}

const ROLES = ['roles', 'clusterroles'];
const BINDINGS = ['rolebindings', 'clusterrolebindings'];

/**
 * Nobody grants what they do not hold: `escalate` on the role, `bind` on the role that a binding names, or every rule of
 * it (pkg/registry/rbac/{role,rolebinding}/policybased/storage.go).
 *
 * @throws StatusError 403; 404 for a binding to a role that is not there, by somebody who may not bind it
 */
export function refuseEscalation(call: Call, object: Wire, before?: Wire): void {
  const { type } = call;
  if (type.group !== 'rbac.authorization.k8s.io' || (before && sameGrant(before, object))) return;
  if (ROLES.includes(type.resource)) refuseRole(call, object);
  else if (BINDINGS.includes(type.resource)) refuseBinding(call, object);
}

/** Changes that only concern garbage collection are free. */
function sameGrant(before: Wire, after: Wire): boolean {
  const relevant = (object: Wire): object => ({
    ...object,
    metadata: omit({ ...object.metadata }, 'finalizers', 'ownerReferences', 'managedFields', 'resourceVersion'),
  });
  return sameJson(relevant(before), relevant(after));
}

function refuseRole(call: Call, object: Wire): void {
  const { identity, backend, type, question } = call;
  const asked = { group: type.group, resource: type.resource, namespace: question.namespace ?? '' };
  // A create is authorized without a name, and so is its escalation.
  const name = question.verb === 'create' ? '' : object.metadata.name;
  if (backend.access.decide(identity, { ...asked, verb: 'escalate', name }).allowed) return;
  if (object.aggregationRule) {
    const everything: PolicyRule = { verbs: ['*'], apiGroups: ['*'], resources: ['*'] };
    if (missing(call, [everything]).length > 0)
      throw forbidden(type, object.metadata.name, 'must have cluster-admin privileges to use the aggregationRule');
  }
  refuse(call, object, (object.rules ?? []) as readonly PolicyRule[]);
}

function refuseBinding(call: Call, object: Wire): void {
  const { identity, backend, type, question } = call;
  const roleRef = child(object, 'roleRef');
  const resource = text(roleRef, 'kind') === 'Role' ? 'roles' : 'clusterroles';
  const name = text(roleRef, 'name');
  const asked = { group: type.group, resource, name, namespace: question.namespace ?? '' };
  if (backend.access.decide(identity, { ...asked, verb: 'bind' }).allowed) return;
  const rules = backend.access.rulesOfRole(name, resource === 'roles' ? question.namespace : undefined);
  if (!rules) throw notFound(type, name);
  refuse(call, object, rules);
}

const missing = ({ identity, backend, question }: Call, rules: readonly PolicyRule[]): readonly PolicyRule[] =>
  missingRules(backend.access.rules(identity, question.namespace ?? ''), rules);

function refuse(call: Call, object: Wire, rules: readonly PolicyRule[]): void {
  const lacking = missing(call, rules);
  if (lacking.length === 0) return;
  const { group, resource } = call.type;
  const { name } = object.metadata;
  const message = escalationMessage(call.identity, { resource, name }, lacking);
  throw new StatusError(403, 'Forbidden', message, { name, group, kind: resource });
}
