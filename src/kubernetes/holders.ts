import type { AccountRef } from '../model/access.ts';
import type { PolicyRule, Subject } from '../model/kinds.ts';
import { accountOfUser, type Question } from './rbac-question.ts';
import type { Authorizer, BoundRole } from './rbac.ts';
import type { RuleMatcher } from './rule-matcher.ts';

/** Who a subject of a binding means: a service account is one however it is spelled. */
export type Holder =
  | { readonly kind: 'ServiceAccount'; readonly namespace: string; readonly name: string }
  | { readonly kind: 'User' | 'Group'; readonly name: string };

/** Somebody who may, and through what; without `namespace` everywhere. */
export interface Holding {
  readonly holder: Holder;
  readonly via: BoundRole;
  readonly rule: PolicyRule;
  readonly namespace?: string;
}

/**
 * Everybody whom RBAC allows this, in these namespaces. ClusterRoleBindings are looked at once, not once per namespace.
 *
 * @param question its namespace plays no part
 * @param namespaces whose RoleBindings count; none for what has no namespace
 */
export function holdingsOf(
  authorizer: Pick<Authorizer, 'bindingsIn'>,
  matcher: RuleMatcher,
  question: Question,
  namespaces: readonly string[],
): readonly Holding[] {
  const scopes = [undefined, ...('path' in question ? [] : namespaces)];
  return scopes.flatMap((namespace) =>
    authorizer.bindingsIn(namespace).flatMap((via) => {
      const rule = matcher.find(via.role, question);
      if (!rule) return [];
      return (via.binding.subjects ?? []).flatMap((subject) => {
        const holder = holderOf(subject, namespace ?? '');
        return holder ? [{ holder, via, rule, ...(namespace === undefined ? {} : { namespace }) }] : [];
      });
    }),
  );
}

/**
 * Whom a subject means; undefined where it means nobody: an unknown kind, or an account without a namespace in a
 * ClusterRoleBinding.
 * @param bindingNamespace empty for a ClusterRoleBinding
 */
export function holderOf(subject: Subject, bindingNamespace: string): Holder | undefined {
  const { kind, name } = subject;
  if (kind === 'Group') return { kind, name };
  if (kind === 'User') {
    const account = accountOfUser(name);
    return account ? { kind: 'ServiceAccount', ...account } : { kind, name };
  }
  if (kind !== 'ServiceAccount') return undefined;
  const namespace = subject.namespace === undefined || subject.namespace === '' ? bindingNamespace : subject.namespace;
  return namespace === '' ? undefined : { kind, namespace, name };
}

/** `ServiceAccount crewai/crewai-sa`, `Group devs`. */
export function holderName(holder: Holder): string {
  return holder.kind === 'ServiceAccount'
    ? `ServiceAccount ${holder.namespace}/${holder.name}`
    : `${holder.kind} ${holder.name}`;
}

const GROUP_OF_ALL = 'system:serviceaccounts';

/** The namespace whose accounts a group holds, `all` for every account, undefined for every other group. */
export function accountsOfGroup(group: string): { readonly namespace: string } | 'all' | undefined {
  if (group === GROUP_OF_ALL) return 'all';
  const namespace = group.startsWith(`${GROUP_OF_ALL}:`) ? group.slice(GROUP_OF_ALL.length + 1) : '';
  return namespace === '' ? undefined : { namespace };
}

/** Groups that hold everybody who can log in, or everybody. */
export const EVERYBODY: ReadonlySet<string> = new Set(['system:authenticated', 'system:unauthenticated']);

/** Whether this is Kubernetes itself: its users, its groups, and the controllers that run as accounts of kube-system. */
export function isSystem(holder: Holder): boolean {
  if (holder.kind === 'ServiceAccount') return holder.namespace === 'kube-system';
  if (holder.kind === 'User') return holder.name.startsWith('system:') && holder.name !== 'system:anonymous';
  if (EVERYBODY.has(holder.name)) return false;
  const accounts = accountsOfGroup(holder.name);
  if (accounts !== undefined) return accounts !== 'all' && accounts.namespace === 'kube-system';
  return holder.name.startsWith('system:');
}

/** Whether a holder lives in the namespace: an account of it, or the group of all its accounts. */
export function livesIn(holder: Holder, namespace: string): boolean {
  if (holder.kind === 'ServiceAccount') return holder.namespace === namespace;
  const accounts = holder.kind === 'Group' ? accountsOfGroup(holder.name) : undefined;
  return typeof accounts === 'object' && accounts.namespace === namespace;
}

export function isAccount(holder: Holder, account: AccountRef | undefined): boolean {
  return holder.kind === 'ServiceAccount' && holder.namespace === account?.namespace && holder.name === account.name;
}
