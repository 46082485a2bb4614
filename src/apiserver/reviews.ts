import { isRecord } from '../kubernetes/json-value.ts';
import type { Question } from '../kubernetes/rbac-question.ts';
import type { Identity } from '../model/access.ts';
import { json, type Answer } from './answer.ts';
import { objectOf } from './body.ts';
import type { Call } from './call.ts';
import { badRequest, invalid, invalidValue, notImplemented } from './status.ts';
import { child, text, type Json, type Wire } from './wire.ts';

export const REVIEW_GROUPS = ['authentication.k8s.io', 'authorization.k8s.io'];

/** Answers the access reviews and SelfSubjectReview with 201: nothing is stored. */
export function review(call: Call): Answer {
  const object = objectOf(call);
  const head = { kind: call.type.kind, apiVersion: call.type.apiVersion, metadata: metadataOf(object) };
  switch (call.type.kind) {
    case 'SelfSubjectReview':
      return json(201, { ...head, ...self(call) });
    case 'SelfSubjectRulesReview':
      return json(201, { ...head, spec: {}, status: rules(call, text(child(object, 'spec'), 'namespace')) });
    case 'SelfSubjectAccessReview':
      return json(201, { ...head, spec: object.spec ?? {}, status: decide(call, object, call.identity) });
    case 'SubjectAccessReview':
    case 'LocalSubjectAccessReview':
      return json(201, { ...head, spec: object.spec ?? {}, status: decide(call, object, subjectOf(call, object)) });
    default:
      throw notImplemented(call.type.kind);
  }
}

const metadataOf = ({ metadata }: Wire): Json => (metadata.namespace ? { namespace: metadata.namespace } : {});

function self({ identity, backend }: Call): Json {
  const { user, uid, groups, extra } = identity;
  const userInfo = { username: user, ...(uid ? { uid } : {}), groups, ...(extra ? { extra } : {}) };
  return { metadata: { creationTimestamp: backend.store.timestamp() }, status: { userInfo } };
}

function rules({ identity, backend }: Call, namespace: string): Json {
  if (namespace === '') throw badRequest('no namespace on request');
  const held = backend.access.rules(identity, namespace);
  return {
    resourceRules: held
      .filter((rule) => (rule.resources ?? []).length > 0)
      .map(({ verbs, apiGroups, resources, resourceNames }) => ({
        verbs,
        apiGroups,
        resources,
        ...(resourceNames ? { resourceNames } : {}),
      })),
    nonResourceRules: held
      .filter((rule) => (rule.nonResourceURLs ?? []).length > 0)
      .map(({ verbs, nonResourceURLs }) => ({ verbs, nonResourceURLs })),
    incomplete: false,
  };
}

function decide(call: Call, object: Wire, identity: Identity): Json {
  const { allowed, reason } = call.backend.access.decide(identity, questionOf(call, child(object, 'spec')));
  return { allowed, ...(reason ? { reason } : {}) };
}

/** Groups are what the review says and nothing more. */
function subjectOf(call: Call, object: Wire): Identity {
  const spec = child(object, 'spec');
  const groups = Array.isArray(spec.groups) ? spec.groups.filter((group) => typeof group === 'string') : [];
  const user = text(spec, 'user');
  if (user === '' && groups.length === 0)
    throw invalid(call.type, '', [invalidValue('spec.user', '""', 'at least one of user or group must be specified')]);
  const { namespace } = call.question;
  const asked = text(child(spec, 'resourceAttributes'), 'namespace');
  if (call.type.kind === 'LocalSubjectAccessReview' && asked !== namespace)
    throw invalid(call.type, '', [
      invalidValue('spec.resourceAttributes.namespace', JSON.stringify(asked), 'must match metadata.namespace'),
    ]);
  return { user, groups };
}

function questionOf(call: Call, spec: Json): Question {
  const { resourceAttributes: resource, nonResourceAttributes: path } = spec;
  if (isRecord(resource) === isRecord(path)) {
    const why = 'exactly one of nonResourceAttributes or resourceAttributes must be specified';
    throw invalid(call.type, '', [invalidValue('spec.resourceAttributes', 'null', why)]);
  }
  if (isRecord(path)) return { verb: text(path, 'verb'), path: text(path, 'path') };
  const at = (key: string): string => text(resource, key);
  return {
    verb: at('verb'),
    group: at('group'),
    resource: at('resource'),
    subresource: at('subresource'),
    name: at('name'),
    namespace: at('namespace'),
  };
}
