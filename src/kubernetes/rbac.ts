import type { Identity } from '../model/access.ts';
import type { Binding, ClusterRole, PolicyRule, Role, Subject } from '../model/kinds.ts';
import { compareText } from '../model/text.ts';
import { goQuote } from './go-quote.ts';
import type { Question } from './rbac-question.ts';
import { ruleAllows } from './rbac-rules.ts';

export { accountOfUser, questionOfRule, serviceAccountIdentity } from './rbac-question.ts';
export type { Question } from './rbac-question.ts';

/** The four listings that RBAC is made of; only `.rules` counts, see `aggregate` for roles whose rules are computed. */
export interface RbacObjects {
  readonly roles: readonly Role[];
  readonly roleBindings: readonly Binding[];
  readonly clusterRoles: readonly ClusterRole[];
  readonly clusterRoleBindings: readonly Binding[];
}

/** A binding with the role it refers to; list items carry no kind of their own. */
export interface BoundRole {
  readonly kind: 'RoleBinding' | 'ClusterRoleBinding';
  readonly binding: Binding;
  /** Absent where the roleRef points at nothing. */
  readonly role?: Role | ClusterRole;
}

/** A binding that applies to somebody, through this subject (the first that matches). */
export interface Grant extends BoundRole {
  readonly subject: Subject;
}

/** A role that an applicable binding refers to and that does not exist. */
export interface DanglingRole {
  readonly kind: string;
  readonly name: string;
  readonly bindingKind: BoundRole['kind'];
  readonly binding: Binding;
}

export type Decision =
  | {
      readonly allowed: true;
      /** Absent for members of system:masters, who never reach RBAC. */
      readonly via?: Grant & { readonly role: Role | ClusterRole; readonly rule: PolicyRule };
      /** As an access review prints it; empty for system:masters. */
      readonly reason: string;
    }
  | {
      readonly allowed: false;
      readonly dangling: readonly DanglingRole[];
      /** What the server appends to its denial: `RBAC: … not found`, or empty. */
      readonly reason: string;
    };

export interface Authorizer {
  /** What RBAC answers. Other authorizers (Node, cloud webhooks) may still allow what it denies. */
  decide(identity: Identity, question: Question): Decision;
  /** The same as yes or no, at a fraction of the cost. */
  allows(identity: Identity, question: Question): boolean;
  /** Bindings that apply to somebody: ClusterRoleBindings, then the RoleBindings of the namespace, each by name. */
  grantsFor(identity: Identity, namespace?: string): readonly Grant[];
  /** RoleBindings of a namespace by name, or without one the ClusterRoleBindings. */
  bindingsIn(namespace?: string): readonly BoundRole[];
  /** Bindings whose role answers the question with yes, whoever their subjects are. */
  bindingsGranting(question: Question): readonly BoundRole[];
}

interface Scope {
  readonly bound: readonly BoundRole[];
  /** Who → where in `bound`, and through which subject. */
  readonly bySubject: ReadonlyMap<string, readonly Hit[]>;
}
interface Hit {
  readonly index: number;
  readonly position: number;
}

const EMPTY: Scope = { bound: [], bySubject: new Map() };

/**
 * Answers access questions from RBAC objects as the API server's RBAC authorizer does. Bindings are indexed by
 * subject and namespace once; a question then touches only the bindings that apply to the asker.
 *
 * Source: plugin/pkg/auth/authorizer/rbac/rbac.go, pkg/registry/rbac/validation/rule.go. The server walks its caches
 * in no particular order within a kind; here bindings are walked by name, so that answers are the same every time.
 */
export function createAuthorizer(objects: RbacObjects): Authorizer {
  const roles = indexRoles(objects);
  const bind = (kind: BoundRole['kind'], binding: Binding): BoundRole => {
    const role = roles.get(roleKey(kind, binding));
    return role ? { kind, binding, role } : { kind, binding };
  };
  const cluster = buildScope(objects.clusterRoleBindings.map((binding) => bind('ClusterRoleBinding', binding)));
  const bound = new Map<string, BoundRole[]>();
  for (const binding of objects.roleBindings) {
    const { namespace } = binding.metadata;
    if (!namespace) continue;
    const items = bound.get(namespace);
    if (items) items.push(bind('RoleBinding', binding));
    else bound.set(namespace, [bind('RoleBinding', binding)]);
  }
  const namespaces = new Map([...bound].map(([namespace, items]) => [namespace, buildScope(items)] as const));

  const scopesOf = (namespace: string | undefined): readonly Scope[] =>
    namespace ? [cluster, namespaces.get(namespace) ?? EMPTY] : [cluster];
  // Callers ask dozens of questions about one identity in one namespace.
  const known = new WeakMap<Identity, Map<Scope, readonly Grant[]>>();
  const grantsIn = (scope: Scope, identity: Identity): readonly Grant[] => {
    const byScope = known.get(identity) ?? new Map<Scope, readonly Grant[]>();
    known.set(identity, byScope);
    const grants = byScope.get(scope) ?? applicable(scope, identity);
    byScope.set(scope, grants);
    return grants;
  };
  const grantsFor = (identity: Identity, namespace?: string): readonly Grant[] =>
    scopesOf(namespace).flatMap((scope) => grantsIn(scope, identity));
  return {
    grantsFor,
    decide(identity, question) {
      if (identity.groups.includes('system:masters')) return { allowed: true, reason: '' };
      return decideBy(grantsFor(identity, namespaceOf(question)), question);
    },
    allows(identity, question) {
      if (identity.groups.includes('system:masters')) return true;
      const grants = (scope: Scope): boolean =>
        grantsIn(scope, identity).some(({ role }) => role?.rules?.some((rule) => ruleAllows(rule, question)));
      return scopesOf(namespaceOf(question)).some(grants);
    },
    bindingsIn: (namespace) => (namespace === undefined ? cluster : (namespaces.get(namespace) ?? EMPTY)).bound,
    bindingsGranting: (question) =>
      scopesOf(namespaceOf(question)).flatMap((scope) =>
        scope.bound.filter(({ role }) => role?.rules?.some((rule) => ruleAllows(rule, question))),
      ),
  };
}

/** URLs are granted by ClusterRoleBindings alone. */
function namespaceOf(question: Question): string | undefined {
  return 'path' in question ? undefined : question.namespace;
}

function decideBy(grants: readonly Grant[], question: Question): Decision {
  const dangling: DanglingRole[] = [];
  for (const grant of grants) {
    const { kind, binding, role } = grant;
    if (!role) dangling.push({ kind: binding.roleRef.kind, name: binding.roleRef.name, bindingKind: kind, binding });
    const rule = role?.rules?.find((candidate) => ruleAllows(candidate, question));
    if (role && rule)
      return { allowed: true, via: { ...grant, role, rule }, reason: `RBAC: allowed by ${describeGrant(grant)}` };
  }
  return { allowed: false, dangling, reason: danglingReason(dangling) };
}

/** `RoleBinding "crewai-sa-edit/crewai-org-2" of ClusterRole "edit" to ServiceAccount "crewai-sa/crewai"`, as access reviews say it. */
export function describeGrant({ kind, binding, subject }: Grant): string {
  const { name, namespace = '' } = binding.metadata;
  const bindingName = kind === 'RoleBinding' ? `${name}/${namespace}` : name;
  const scope = kind === 'RoleBinding' ? namespace : '';
  const who = subject.kind === 'ServiceAccount' ? `${subject.name}/${accountNamespace(subject, scope)}` : subject.name;
  return `${kind} ${goQuote(bindingName)} of ${binding.roleRef.kind} ${goQuote(binding.roleRef.name)} to ${subject.kind} ${goQuote(who)}`;
}

/** Equal errors are printed once, several in brackets (k8s.io/apimachinery/pkg/util/errors, aggregate). */
function danglingReason(dangling: readonly DanglingRole[]): string {
  const errors = [...new Set(dangling.map(missingRoleError))];
  if (errors.length === 0) return '';
  return errors.length === 1 ? `RBAC: ${errors.join('')}` : `RBAC: [${errors.join(', ')}]`;
}

function missingRoleError({ kind, name }: DanglingRole): string {
  return kind === 'Role' || kind === 'ClusterRole'
    ? `${kind.toLowerCase()}.rbac.authorization.k8s.io ${goQuote(name)} not found`
    : `unsupported role reference kind: ${goQuote(kind)}`;
}

function indexRoles({ roles, clusterRoles }: RbacObjects): ReadonlyMap<string, Role | ClusterRole> {
  const index = new Map<string, Role | ClusterRole>();
  for (const role of roles) index.set(`Role ${role.metadata.namespace ?? ''}/${role.metadata.name}`, role);
  for (const role of clusterRoles) index.set(`ClusterRole /${role.metadata.name}`, role);
  return index;
}

/** A Role is looked up in the binding's namespace, so that a ClusterRoleBinding never finds one. */
function roleKey(kind: BoundRole['kind'], { roleRef, metadata }: Binding): string {
  const inNamespace = kind === 'RoleBinding' && roleRef.kind === 'Role';
  return `${roleRef.kind} ${inNamespace ? (metadata.namespace ?? '') : ''}/${roleRef.name}`;
}

function buildScope(items: readonly BoundRole[]): Scope {
  const bound = [...items].sort(byName);
  const bySubject = new Map<string, Hit[]>();
  bound.forEach(({ kind, binding }, index) => {
    const scope = kind === 'RoleBinding' ? (binding.metadata.namespace ?? '') : '';
    (binding.subjects ?? []).forEach((subject, position) => {
      const key = subjectKey(subject, scope);
      if (key === undefined) return;
      const hits = bySubject.get(key);
      if (hits) hits.push({ index, position });
      else bySubject.set(key, [{ index, position }]);
    });
  });
  return { bound, bySubject };
}

/**
 * The user or group that a subject means. Kinds decide, API groups do not; a service account is its user name, and
 * its namespace defaults to the RoleBinding's (a ClusterRoleBinding has none to default to, so nobody is meant).
 */
function subjectKey(subject: Subject, bindingNamespace: string): string | undefined {
  switch (subject.kind) {
    case 'User':
      return `User ${subject.name}`;
    case 'Group':
      return `Group ${subject.name}`;
    case 'ServiceAccount': {
      const namespace = accountNamespace(subject, bindingNamespace);
      return namespace ? `User system:serviceaccount:${namespace}:${subject.name}` : undefined;
    }
    default:
      return undefined;
  }
}

function accountNamespace(subject: Subject, bindingNamespace: string): string {
  return subject.namespace === undefined || subject.namespace === '' ? bindingNamespace : subject.namespace;
}

function applicable(scope: Scope, identity: Identity): readonly Grant[] {
  const first = new Map<number, number>();
  for (const key of [`User ${identity.user}`, ...identity.groups.map((group) => `Group ${group}`)])
    for (const { index, position } of scope.bySubject.get(key) ?? [])
      first.set(index, Math.min(first.get(index) ?? position, position));
  return [...first]
    .sort(([a], [b]) => a - b)
    .flatMap(([index, position]) => {
      const bound = scope.bound[index];
      const subject = bound?.binding.subjects?.[position];
      return bound && subject ? [{ ...bound, subject }] : [];
    });
}

function byName(a: BoundRole, b: BoundRole): number {
  return compareText(a.binding.metadata.name, b.binding.metadata.name);
}
