import { accountOfUser } from '../kubernetes/rbac-question.ts';
import type { BoundRole } from '../kubernetes/rbac.ts';
import type { AccountRef } from '../model/access.ts';
import type { Subject } from '../model/kinds.ts';

/** A subject of a binding that stands for accounts of tenants. */
export interface TenantSubject {
  /** Where it stands in the binding. */
  readonly index: number;
  /** `ServiceAccount crewai-org-4/default` */
  readonly who: string;
  /** `crewai-org-4/default`, or the group: by it findings about one account find each other. */
  readonly key: string;
  /** The one tenant whose accounts are meant; absent where every tenant's are. */
  readonly namespace?: string;
  /** The one account that is meant. */
  readonly account?: AccountRef;
  /** Nobody logs in as it (see isFormerReconciler). */
  readonly former?: true;
}

/**
 * Groups that hold every service account, whichever namespace it is in. Without a token, which no pod needs to send,
 * everybody is system:anonymous in system:unauthenticated.
 */
const EVERYBODY: Readonly<Record<string, string>> = {
  'Group system:serviceaccounts': 'every ServiceAccount of the cluster (Group system:serviceaccounts)',
  'Group system:authenticated': 'everybody with credentials (Group system:authenticated)',
  'Group system:unauthenticated': 'everybody, also without credentials (Group system:unauthenticated)',
  'User system:anonymous': 'everybody, also without credentials (User system:anonymous)',
};

const OF_NAMESPACE = 'system:serviceaccounts:';

/**
 * `flux create tenant` still binds the user as whom Flux reconciled a namespace before it had tenants' accounts. Nobody
 * logs in as it; whoever may impersonate it may.
 */
export const isFormerReconciler = (user: string): boolean => FORMER.test(user);

const FORMER = /^gotk:([^:]+):reconciler$/;

/**
 * The subjects of a binding that are, or contain, accounts of these namespaces. A binding named `system:…` belongs to
 * Kubernetes or its distribution, which know groups but no tenants: its groups of everybody are left out.
 */
export function tenantSubjects(bound: BoundRole, tenants: ReadonlySet<string>): readonly TenantSubject[] {
  if (tenants.size === 0) return [];
  const { binding } = bound;
  const reserved = binding.metadata.name.startsWith('system:');
  return (binding.subjects ?? []).flatMap((subject, index): TenantSubject[] => {
    const everybody = everybodyOf(subject);
    if (everybody !== undefined) return reserved ? [] : [{ index, who: everybody, key: subject.name }];
    const found = memberOf(subject, binding.metadata.namespace);
    return found?.namespace !== undefined && tenants.has(found.namespace) ? [{ index, ...found }] : [];
  });
}

/** Whether a subject is, or contains, this account. */
export function isAccount(subject: Subject, own: string | undefined, account: AccountRef): boolean {
  if (everybodyOf(subject) !== undefined)
    return subject.name !== 'system:unauthenticated' && subject.name !== 'system:anonymous';
  const found = memberOf(subject, own);
  if (found?.namespace !== account.namespace) return false;
  return found.account === undefined || found.account.name === account.name;
}

function everybodyOf({ kind, name }: Subject): string | undefined {
  const key = `${kind} ${name}`;
  return Object.hasOwn(EVERYBODY, key) ? EVERYBODY[key] : undefined;
}

function memberOf(subject: Subject, own: string | undefined): Omit<TenantSubject, 'index'> | undefined {
  const { kind, name } = subject;
  if (kind === 'Group' && name.startsWith(OF_NAMESPACE)) {
    const namespace = name.slice(OF_NAMESPACE.length);
    return { who: `every ServiceAccount of ${namespace} (Group ${name})`, key: name, namespace };
  }
  const former = kind === 'User' ? FORMER.exec(name)?.[1] : undefined;
  if (former !== undefined)
    return { who: `the former reconciler of ${former} (User ${name})`, key: name, namespace: former, former: true };
  const account =
    kind === 'User' ? accountOfUser(name) : kind === 'ServiceAccount' ? accountRef(subject, own) : undefined;
  if (!account) return undefined;
  const key = `${account.namespace}/${account.name}`;
  const spelled = kind === 'User' ? ` (User ${name})` : '';
  return { who: `ServiceAccount ${key}${spelled}`, key, namespace: account.namespace, account };
}

/** In a ClusterRoleBinding a subject without a namespace means nobody. */
function accountRef({ name, namespace }: Subject, own: string | undefined): AccountRef | undefined {
  const where = namespace === undefined || namespace === '' ? own : namespace;
  return where === undefined ? undefined : { namespace: where, name };
}

/** `ServiceAccount crewai-org-4/default and 3 more` */
export function whoseOf(subjects: readonly TenantSubject[]): string {
  const [first] = subjects;
  const more = subjects.length - 1;
  const who = `${first?.who ?? 'nobody'}${more > 0 ? ` and ${String(more)} more` : ''}`;
  return who.charAt(0).toUpperCase() + who.slice(1);
}
