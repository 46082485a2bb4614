import type { Identity } from '../model/access.ts';
import type { Subject } from '../model/kinds.ts';
import type { Question } from './rbac-question.ts';
import { accountOfUser } from './rbac-question.ts';
import type { Authorizer, BoundRole } from './rbac.ts';

const SHOWN = 3;

/**
 * Bindings that nearly allow a request that is denied, and why each does not: its role is missing, its role gives
 * something else, or it is for somebody else. The nearest first, a few of them.
 * @param complete whether every role and binding could be seen
 */
export function nearMisses(
  authorizer: Authorizer,
  identity: Identity,
  question: Question,
  complete: boolean,
): readonly string[] {
  const namespace = 'path' in question ? undefined : question.namespace;
  const applying = authorizer.grantsFor(identity, namespace);
  const applies = new Set(applying.map(({ binding }) => binding));
  const elsewhere = authorizer
    .bindingsGranting(question)
    .filter(({ binding }) => !applies.has(binding) && !isControlPlanes(binding.subjects ?? []));
  const name = accountOfUser(identity.user)?.name ?? identity.user;
  const lines = [
    ...applying
      .filter(({ role }) => !role)
      .map((bound) => `${nameOf(bound)}, which ${complete ? 'does not exist' : 'was not seen'}`),
    ...elsewhere
      .toSorted((a, b) => nearness(b, name) - nearness(a, name))
      .map((bound) => `${nameOf(bound)} gives it, but ${whose(bound.binding.subjects ?? [])}`),
    ...applying
      .filter(({ role, subject }) => role && subject.name !== 'system:authenticated')
      .map((bound) => `${nameOf(bound)} applies, but does not give this`),
  ];
  if (lines.length > 0) return lines.slice(0, SHOWN);
  const where = namespace ? ` in ${namespace}` : '';
  return [`no binding${complete ? '' : ' that was seen'}${where} gives it to anybody, or is for this subject`];
}

/** `RoleBinding crewai-org-4/crewai-sa-edit to ClusterRole edit` */
function nameOf({ kind, binding }: BoundRole): string {
  const { name, namespace } = binding.metadata;
  return `${kind} ${namespace ? `${namespace}/` : ''}${name} to ${binding.roleRef.kind} ${binding.roleRef.name}`;
}

function whose(subjects: readonly Subject[]): string {
  if (subjects.length === 0) return 'has no subject';
  const names = subjects.map(({ kind, namespace, name }) => `${kind} ${namespace ? `${namespace}/` : ''}${name}`);
  const more = names.length > SHOWN ? ` and ${String(names.length - SHOWN)} more` : '';
  return `is for ${names.slice(0, SHOWN).join(', ')}${more}`;
}

/** Of the same name in another namespace: somebody mistyped. A RoleBinding is nearer than a ClusterRoleBinding. */
function nearness({ kind, binding }: BoundRole, name: string): number {
  const named = binding.subjects?.some((subject) => subject.name === name || subject.name.endsWith(`:${name}`));
  return (named === true ? 2 : 0) + (kind === 'RoleBinding' ? 1 : 0);
}

/** What the control plane has for itself says nothing about a workload. */
function isControlPlanes(subjects: readonly Subject[]): boolean {
  return subjects.length > 0 && subjects.every(({ name, namespace }) => isSystem(name) || namespace === 'kube-system');
}

function isSystem(name: string): boolean {
  return name.startsWith('system:') && !name.startsWith('system:serviceaccount');
}
