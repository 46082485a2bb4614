import { denialMessage } from '../kubernetes/denial-message.ts';
import type { Question } from '../kubernetes/rbac-question.ts';
import type { Identity } from '../model/access.ts';
import type { PolicyRule } from '../model/kinds.ts';
import { StatusError } from './status.ts';

export interface Decision {
  readonly allowed: boolean;
  /** Who allowed it, or which roles are missing; `''` when there is nothing to say. */
  readonly reason: string;
}

/** The authorizer of the server. */
export interface Access {
  decide(identity: Identity, question: Question): Decision;
  /** Everything the identity holds in the namespace, or at the cluster scope for `''`. */
  rules(identity: Identity, namespace: string): readonly PolicyRule[];
  /** Rules of a Role (with a namespace) or ClusterRole; undefined where there is none. */
  rulesOfRole(name: string, namespace?: string): readonly PolicyRule[] | undefined;
}

/** @throws StatusError 403 in the words of the API server */
export function authorize(access: Access, identity: Identity, question: Question): void {
  const { allowed, reason } = access.decide(identity, question);
  if (!allowed) throw denied(identity, question, reason);
}

/** 403; its details are `{}` for a path. */
export function denied(identity: Identity, question: Question, reason: string): StatusError {
  const message = denialMessage(identity, question, reason);
  if ('path' in question) return new StatusError(403, 'Forbidden', message, {});
  const { name, group, resource } = question;
  return new StatusError(403, 'Forbidden', message, {
    ...(name ? { name } : {}),
    ...(group ? { group } : {}),
    kind: resource,
  });
}
