import type { Identity } from '../model/access.ts';
import type { PolicyRule } from '../model/kinds.ts';
import { goQuote, goQuoteAll } from './go-quote.ts';
import { combinedResource, type Question } from './rbac-question.ts';
import { formatRule } from './rbac-rules.ts';

/**
 * The message of the 403 that the API server answers a denied request with.
 *
 * @param reason what the authorizer says (`Decision.reason`), appended when not empty
 *
 * Source: k8s.io/apiserver/pkg/endpoints/handlers/responsewriters/errors.go (what the asker sent is HTML-escaped, the
 * reason is not) and NewForbidden of k8s.io/apimachinery/pkg/api/errors.
 */
export function denialMessage(identity: Identity, question: Question, reason = ''): string {
  const tail = reason ? `: ${reason}` : '';
  const who = `User ${goQuote(identity.user)} cannot ${question.verb}`;
  if ('path' in question) return `forbidden: ${escapeHtml(`${who} path ${goQuote(question.path)}`)}${tail}`;
  const { group, resource, name, namespace } = question;
  const what = `resource ${goQuote(combinedResource(question))} in API group ${goQuote(group)}`;
  const where = namespace ? `in the namespace ${goQuote(namespace)}` : 'at the cluster scope';
  return forbidden(group, resource, name, `${escapeHtml(`${who} ${what} ${where}`)}${tail}`);
}

/**
 * The message of the 403 for somebody who creates or changes a role or binding without holding what it grants.
 *
 * @param object the Role, ClusterRole, RoleBinding or ClusterRoleBinding that is written
 * @param missing from `missingRules`, not empty
 *
 * Source: pkg/registry/rbac/validation/rule.go (ConfirmNoEscalation).
 */
export function escalationMessage(
  identity: Identity,
  object: { readonly resource: string; readonly name: string },
  missing: readonly PolicyRule[],
): string {
  const who = `user ${goQuote(identity.user)} (groups=${goQuoteAll(identity.groups)})`;
  const rules = [...new Set(missing.map(formatRule))].sort().join('\n');
  const inner = `${who} is attempting to grant RBAC permissions not currently held:\n${rules}`;
  return forbidden('rbac.authorization.k8s.io', object.resource, object.name, inner);
}

function forbidden(group: string, resource: string, name: string | undefined, inner: string): string {
  const target = group ? `${resource}.${group}` : resource;
  if (!target) return `forbidden: ${inner}`;
  return `${target}${name ? ` ${goQuote(name)}` : ''} is forbidden: ${inner}`;
}

function escapeHtml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
