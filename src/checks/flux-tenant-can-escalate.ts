import { holderOf, type Holder } from '../kubernetes/holders.ts';
import { ruleAllows } from '../kubernetes/rbac-rules.ts';
import { authorizerOf } from '../kubernetes/rbac-snapshot.ts';
import type { Authorizer, BoundRole } from '../kubernetes/rbac.ts';
import { refOf } from '../kubernetes/resource-of.ts';
import type { Identity } from '../model/access.ts';
import { defineCheck, type FluxView } from '../model/check.ts';
import type { FindingDraft } from '../model/finding.ts';
import type { FluxController } from '../model/flux.ts';
import type { PolicyRule } from '../model/kinds.ts';
import { RBAC } from '../model/resource.ts';
import { shellQuote } from '../model/text.ts';
import { rbacComplete } from './access.ts';
import { bindingResource } from './binding-steps.ts';
import { commented, manual } from './drafting.ts';
import { flagPatches } from './flux-lockdown-steps.ts';
import {
  APPLIED,
  flagOf,
  identityOf,
  isClusterAdmin,
  keyOfController,
  noteUnknown,
  tenantsSeen,
} from './flux-objects.ts';
import { confidenceOf } from './tenant-rights.ts';
import { isFormerReconciler } from './tenant-subjects.ts';

const READS = [...RBAC, 'deployments.apps', 'namespaces', ...APPLIED] as const;
type Eyes = FluxView<(typeof READS)[number]>;

const OBJECTS = [
  { kind: 'kustomize-controller', group: 'kustomize.toolkit.fluxcd.io', resource: 'kustomizations' },
  { kind: 'helm-controller', group: 'helm.toolkit.fluxcd.io', resource: 'helmreleases' },
] as const;
const VERBS = ['create', 'update', 'patch'] as const;

export default defineCheck({
  id: 'flux-tenant-can-escalate',
  title: 'Creating Flux objects gives a tenant no controller rights',
  severity: 'critical',
  area: 'rbac',
  platforms: ['flux'],
  reads: READS,
  causes: [{ check: 'flux-lockdown-missing', by: ['object'] }],
  *run(view) {
    const { platform } = view;
    const authorizer = authorizerOf({ origin: view.origin, list: (resource) => view.evidence(resource) });
    view.complete('deployments.apps');
    const tenants = tenantsSeen(view);
    if (tenants.length === 0) return;
    platform.controllers.forEach(() => {
      view.examined();
    });
    const open = platform.controllers.filter((controller) => actsAsItself(view, controller));
    if (open.length === 0) return;
    for (const namespace of [undefined, ...tenants.map((tenant) => tenant.namespace)]) {
      rbacComplete(view, namespace);
      for (const bound of authorizer.bindingsIn(namespace)) {
        const held = bound.binding.metadata.name.startsWith('system:') ? [] : rightsOf(bound, open);
        const holders = held.length > 0 ? holdersOf(view, authorizer, bound) : [];
        if (holders.length > 0) yield draftOf(view, bound, holders, held);
      }
    }
  },
});

/** Where an object names no account. */
function actsAsItself(view: Eyes, controller: FluxController): boolean {
  if (!OBJECTS.some(({ kind }) => kind === controller.kind)) return false;
  const flag = flagOf(controller, 'default-service-account');
  if (flag && 'unknown' in flag) noteUnknown(view, controller, flag.unknown);
  return !flag || ('value' in flag && flag.value === '');
}

/** Something that a role lets its holder write, and who applies it. */
interface Held {
  readonly resource: string;
  readonly verbs: readonly string[];
  readonly rule: PolicyRule;
  readonly controllers: readonly FluxController[];
}

function rightsOf({ role }: BoundRole, open: readonly FluxController[]): readonly Held[] {
  return OBJECTS.flatMap(({ kind, group, resource }): Held[] => {
    const controllers = open.filter((controller) => controller.kind === kind);
    if (controllers.length === 0) return [];
    const matching = VERBS.flatMap((verb) =>
      (role?.rules ?? [])
        .filter((rule) => ruleAllows(nameless(rule, verb), { verb, group, resource }))
        .map((rule) => ({ verb, rule })),
    );
    const [first] = matching;
    return first
      ? [{ resource, verbs: [...new Set(matching.map(({ verb }) => verb))], rule: first.rule, controllers }]
      : [];
  });
}

/** One object by name is enough to change what is applied; a creation carries no name, and is not granted by one. */
const nameless = (rule: PolicyRule, verb: string): PolicyRule =>
  verb === 'create' ? rule : { ...rule, resourceNames: null };

/** Those who do not have everything anyway, and are not Flux or Kubernetes itself. */
function holdersOf({ platform }: Eyes, authorizer: Authorizer, { binding }: BoundRole): readonly Holder[] {
  const own = new Set([...platform.ownNamespaces, 'kube-system']);
  return (binding.subjects ?? []).flatMap((subject) => {
    const holder = holderOf(subject, binding.metadata.namespace ?? '');
    if (!holder || (holder.kind === 'ServiceAccount' && own.has(holder.namespace))) return [];
    if (holder.kind === 'User' && isFormerReconciler(holder.name)) return [];
    return isClusterAdmin(authorizer, identityOfHolder(holder)) ? [] : [holder];
  });
}

function identityOfHolder(holder: Holder): Identity {
  if (holder.kind === 'ServiceAccount') return identityOf(holder);
  return holder.kind === 'User'
    ? { user: holder.name, groups: ['system:authenticated'] }
    : { user: '', groups: [holder.name] };
}

const nameOfHolder = (holder: Holder): string =>
  holder.kind === 'ServiceAccount'
    ? `ServiceAccount ${holder.namespace}/${holder.name}`
    : `${holder.kind} ${holder.name}`;

function draftOf(view: Eyes, bound: BoundRole, holders: readonly Holder[], held: readonly Held[]): FindingDraft {
  const { binding, kind } = bound;
  const { namespace, name } = binding.metadata;
  const controllers = held.flatMap((right) => right.controllers);
  const object = refOf(bindingResource(kind), binding);
  const [first] = holders;
  const more = holders.length > 1 ? ` and ${String(holders.length - 1)} more` : '';
  const rights = held.map(({ verbs, resource }) => `${verbs.join(', ')} ${resource}`).join('; ');
  return {
    object,
    message: `${first ? nameOfHolder(first) : ''}${more} may ${rights} in ${namespace ?? 'every namespace'}; one that names no account is applied with all rights of ${[...new Set(controllers.map((each) => each.kind))].join(' and ')}`,
    confidence: confidenceOf(view, bound),
    evidence: holders.slice(0, 3).map((holder) => ({
      type: 'rbac' as const,
      object,
      message: `${nameOfHolder(holder)} -> ${kind} ${name} -> ${binding.roleRef.kind} ${binding.roleRef.name}: ${rights}${sourceOf(view, bound)}`,
    })),
    keys: { object: controllers.map(keyOfController) },
    remediation: manual(
      'Give the controllers a default account without rights, in Git (flux-lockdown-missing has all flags)',
      ...controllers.flatMap((each) => flagPatches(each, ['--default-service-account=default'], view.platform)),
      ...withoutEdit(view),
    ),
  };
}

const editRoles = (view: Eyes): readonly string[] =>
  view
    .evidence('clusterroles.rbac.authorization.k8s.io')
    .map(({ metadata }) => metadata.name)
    .filter((name) => name.startsWith('flux-edit'));

/** `edit` and `admin` have it from Flux's own role, which is aggregated into them. */
function sourceOf(view: Eyes, { binding }: BoundRole): string {
  const { name } = binding.roleRef;
  const [role] = editRoles(view);
  return role !== undefined && (name === 'edit' || name === 'admin') ? ` (aggregated from ${role})` : '';
}

function withoutEdit(view: Eyes): readonly string[] {
  const roles = editRoles(view);
  if (roles.length === 0) return [];
  return [
    "# or, where nobody is to write Flux's objects but through Git, take them out of edit and admin (and out of Git):",
    ...commented([`kubectl delete clusterrole ${roles.map(shellQuote).join(' ')}`]),
  ];
}
