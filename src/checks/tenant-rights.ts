import type { BoundRole } from '../kubernetes/rbac.ts';
import { ownerOf } from '../kubernetes/ownership.ts';
import { refOf } from '../kubernetes/resource-of.ts';
import type { View } from '../model/check.ts';
import type { Confidence, Evidence, Severity } from '../model/finding.ts';
import type { ClusterRole, PolicyRule, Role } from '../model/kinds.ts';
import type { Platform, Tenant } from '../model/platform.ts';
import { shellQuote } from '../model/text.ts';
import { bindingResource, removalSteps, roleFlag } from './binding-steps.ts';
import { commented } from './drafting.ts';
import { isAccount, type TenantSubject } from './tenant-subjects.ts';

/** Judges the rules of each role once, however many bindings refer to it; a role that does not exist grants nothing. */
export function knownRights<T>(
  judge: (rules: readonly PolicyRule[]) => readonly T[],
): (bound: BoundRole) => readonly T[] {
  const known = new Map<Role | ClusterRole, readonly T[]>();
  return ({ role }) => {
    if (!role) return [];
    const rights = known.get(role) ?? judge(role.rules ?? []);
    known.set(role, rights);
    return rights;
  };
}

/** Namespaces of tenants that exist, or may exist, and are not being deleted. */
export function livingNamespaces(tenants: readonly Tenant[]): ReadonlySet<string> {
  return new Set(
    tenants.filter(({ exists, terminating }) => exists !== false && !terminating).map(({ namespace }) => namespace),
  );
}

/** RBAC only ever adds: what a role grants is granted. Built-in roles that no file brings are known as one release ships them. */
export function confidenceOf(view: View<'clusterroles.rbac.authorization.k8s.io'>, { binding }: BoundRole): Confidence {
  const { kind, name } = binding.roleRef;
  if (view.origin.from !== 'manifests' || kind !== 'ClusterRole') return 'certain';
  return typeof view.find('clusterroles.rbac.authorization.k8s.io', name) === 'object' ? 'certain' : 'likely';
}

const SHOWN = 3;

/** Account → binding → role → what it grants, for the first few accounts. */
export function evidenceOfBinding(
  view: View<'serviceaccounts'>,
  { binding, kind }: BoundRole,
  subjects: readonly TenantSubject[],
  grants: string,
): readonly Evidence[] {
  const { name, namespace } = binding.metadata;
  const chain = `${kind} ${namespace === undefined ? '' : `${namespace}/`}${name} -> ${binding.roleRef.kind} ${binding.roleRef.name}: ${grants}`;
  const more = subjects.length - SHOWN;
  return [
    ...subjects.slice(0, SHOWN).map(({ who, index }) => ({
      type: 'rbac' as const,
      object: refOf(bindingResource(kind), binding),
      path: `/subjects/${String(index)}`,
      message: `${who} -> ${chain}`,
    })),
    ...subjects.slice(0, SHOWN).flatMap((subject) => membersOf(view, subject)),
    ...(more > 0 ? [{ type: 'rbac' as const, message: `and ${String(more)} more subjects of organizations` }] : []),
  ];
}

/** Every namespace has an account `default`, which a controller makes; the others are told where they are known. */
function membersOf(
  view: View<'serviceaccounts'>,
  { key, namespace, account, former }: TenantSubject,
): readonly Evidence[] {
  if (namespace === undefined || account || former) return [];
  const known = view.evidence('serviceaccounts', namespace).map(({ metadata }) => metadata.name);
  const names = [...new Set(['default', ...known])];
  const more = names.length - SHOWN;
  const some = `${names.slice(0, SHOWN).join(', ')}${more > 0 ? ` and ${String(more)} more` : ''}`;
  return [{ type: 'object', message: `Group ${key} contains ${some}` }];
}

/** Whom it concerns: the namespace of a RoleBinding if it is a tenant's, else the one tenant that is bound. */
export function tenantOf(
  { allTenants }: Platform,
  { binding }: BoundRole,
  subjects: readonly TenantSubject[],
): { readonly tenant?: string } {
  const { namespace } = binding.metadata;
  if (allTenants.some((tenant) => tenant.namespace === namespace)) return {};
  const [only, ...others] = new Set(subjects.map((subject) => subject.namespace));
  return only === undefined || others.length > 0 ? {} : { tenant: only };
}

/** Rights of somebody as whom nobody logs in any more lie in wait, no more. */
export function severityOf(subjects: readonly TenantSubject[], worst: Severity): Severity {
  return subjects.every(({ former }) => former) ? 'low' : worst;
}

/** Takes the subjects out, with a word on whom that hits who is not meant: the platform's account, if a group brings it in. */
export function withdrawal(
  platform: Platform,
  bound: BoundRole,
  subjects: readonly TenantSubject[],
): readonly string[] {
  const { account } = platform;
  const { binding } = bound;
  const { namespace, name } = binding.metadata;
  const indexes = subjects.map(({ index }) => index);
  const bringsPlatform = subjects.some(({ index }) => {
    const subject = binding.subjects?.[index];
    return account !== undefined && subject !== undefined && isAccount(subject, namespace, account);
  });
  const target = `${bound.kind.toLowerCase()} ${shellQuote(`${name}-platform`)}`;
  const owner = ownerOf(binding);
  return [
    ...(owner ? [`# ${owner.owner} would revert a change made by hand: ${owner.advice}`] : []),
    ...(account && bringsPlatform
      ? [
          "# the platform's account has rights by this binding too; if it needs them, bind it by name first:",
          ...commented([
            `kubectl${namespace === undefined ? '' : ` -n ${shellQuote(namespace)}`} create ${target} --${roleFlag(bound)} --serviceaccount=${account.namespace}:${account.name}`,
          ]),
        ]
      : []),
    ...(owner ? commented(removalSteps(bound, indexes)) : removalSteps(bound, indexes)),
  ];
}

/** For what an account needs in its own namespace, a RoleBinding there; a person decides whether it needs it. */
export function ownNamespaceSteps(bound: BoundRole, subjects: readonly TenantSubject[]): readonly string[] {
  const accounts = subjects.flatMap(({ account }) => account ?? []).slice(0, SHOWN);
  if (accounts.length === 0) return [];
  return [
    '# if it needs these rights in its own namespace:',
    ...commented(
      accounts.map(
        ({ namespace, name }) =>
          `kubectl -n ${shellQuote(namespace)} create rolebinding ${shellQuote(bound.binding.metadata.name)} --${roleFlag(bound)} --serviceaccount=${shellQuote(`${namespace}:${name}`)}`,
      ),
    ),
  ];
}
