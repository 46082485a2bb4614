import { authorizerOf } from '../kubernetes/rbac-snapshot.ts';
import type { Authorizer } from '../kubernetes/rbac.ts';
import { refOf } from '../kubernetes/resource-of.ts';
import type { AccountRef } from '../model/access.ts';
import { defineCheck, type FluxView } from '../model/check.ts';
import type { Evidence, FindingDraft, Remediation } from '../model/finding.ts';
import { qualifiedName } from '../model/object.ts';
import type { Tenant } from '../model/platform.ts';
import { RBAC } from '../model/resource.ts';
import { shellQuote } from '../model/text.ts';
import { rbacComplete } from './access.ts';
import { judgedNamespaces, manual } from './drafting.ts';
import { accountFirst } from './flux-lockdown-steps.ts';
import {
  actorOf,
  APPLIED,
  appliedIn,
  identityOf,
  keyOfRef,
  mayWrite,
  sameTenant,
  tenantsSeen,
  type Actor,
  type Applied,
} from './flux-objects.ts';

const READS = [...APPLIED, 'deployments.apps', 'namespaces', 'serviceaccounts', ...RBAC] as const;
type Eyes = FluxView<(typeof READS)[number]>;
type ByAccount = Extract<Actor, { as: 'account' }>;

export default defineCheck({
  id: 'flux-account-unbound',
  title: 'The account a Flux object runs as may apply there',
  severity: 'high',
  area: 'rbac',
  platforms: ['flux'],
  reads: READS,
  causes: [{ check: 'rbac-binding-role-missing', by: ['account'] }],
  *run(view) {
    const authorizer = authorizerOf({ origin: view.origin, list: (resource) => view.evidence(resource) });
    const tenants = new Map(tenantsSeen(view).map((tenant) => [tenant.namespace, tenant]));
    for (const namespace of [...view.platform.ownNamespaces, ...tenants.keys()]) {
      for (const applied of appliedIn(view, namespace)) {
        view.examined();
        const actor = actorOf(view, applied);
        if (actor.as === 'account') yield* judge(view, authorizer, applied, actor, tenants.get(namespace));
      }
    }
  },
});

function* judge(
  view: Eyes,
  authorizer: Authorizer,
  applied: Applied,
  actor: ByAccount,
  tenant: Tenant | undefined,
): Iterable<FindingDraft> {
  const { account } = actor;
  const targets = targetsOf(view, applied);
  const identity = identityOf(account);
  if (targets.some((namespace) => mayWrite(authorizer, identity, namespace))) {
    // The controller of accounts makes `default` by itself.
    if (account.name !== 'default' && view.find('serviceaccounts', account.name, account.namespace) === 'absent')
      yield draftOf(view, applied, actor, tenant, 'no account');
  } else if (targets.map((namespace) => rbacComplete(view, namespace)).every(Boolean)) {
    yield draftOf(view, applied, actor, tenant, 'no rights');
  }
}

/** Namespaces where it may have something to apply: what it names, else those of its tenant; Flux's own may be meant for all. */
function targetsOf({ platform }: Eyes, { spec, namespace, controller }: Applied): readonly string[] {
  if (spec.targetNamespace) return [spec.targetNamespace];
  if (controller === 'helm-controller') return [namespace];
  if (platform.ownNamespaces.includes(namespace)) return judgedNamespaces(platform);
  const others = platform.allTenants.map((tenant) => tenant.namespace);
  return [namespace, ...others.filter((other) => other !== namespace && sameTenant(platform, namespace, other))];
}

function draftOf(
  view: Eyes,
  applied: Applied,
  actor: ByAccount,
  tenant: Tenant | undefined,
  lack: 'no account' | 'no rights',
): FindingDraft {
  const { ref, namespace, name, spec } = applied;
  const { account, from } = actor;
  const who = `ServiceAccount ${qualifiedName(account)}`;
  const where = spec.targetNamespace ?? (tenant ? namespace : 'any namespace that is known');
  const why = from === 'flag' ? ` (by --default-service-account)` : '';
  const what =
    lack === 'no rights'
      ? `runs as ${who}${why}, which may write nothing in ${where}`
      : `runs as ${who}${why}, which has rights but does not exist: what it applied would stay when it is deleted`;
  return {
    object: ref,
    path: '/spec/serviceAccountName',
    message: `${ref.kind} ${namespace}/${name} ${what}`,
    severity: lack === 'no account' || spec.suspend === true ? 'low' : tenant ? 'high' : 'critical',
    confidence: lack === 'no account' ? 'certain' : 'likely',
    evidence: evidenceOf(view, applied, account, where),
    keys: { object: keyOfRef(ref), account: qualifiedName(account) },
    remediation: remediationOf(view, applied, account, tenant),
  };
}

/** Bindings that stand there for others, and what the controller says. */
function evidenceOf(view: Eyes, { object, ref }: Applied, account: AccountRef, where: string): readonly Evidence[] {
  const bindings = view.evidence('rolebindings.rbac.authorization.k8s.io', where);
  const condition = object.status?.conditions?.find(({ type, status }) => type === 'Ready' && status === 'False');
  const absent = view.find('serviceaccounts', account.name, account.namespace) === 'absent';
  return [
    ...(bindings.length === 0
      ? [{ type: 'rbac' as const, message: `there is no RoleBinding for it in ${where}` }]
      : bindings.slice(0, 3).map((binding) => ({
          type: 'rbac' as const,
          object: refOf('rolebindings.rbac.authorization.k8s.io', binding),
          message: `RoleBinding ${binding.metadata.name} -> ${binding.roleRef.kind} ${binding.roleRef.name} is for ${(binding.subjects ?? []).map((subject) => `${subject.kind} ${subject.name}`).join(', ') || 'nobody'}`,
        }))),
    ...(absent
      ? [{ type: 'absence' as const, message: `ServiceAccount ${qualifiedName(account)} does not exist` }]
      : []),
    ...(condition?.message === undefined
      ? []
      : [{ type: 'condition' as const, object: ref, path: '/status/conditions', message: condition.message }]),
  ];
}

function remediationOf(
  view: Eyes,
  { spec, namespace }: Applied,
  account: AccountRef,
  tenant: Tenant | undefined,
): Remediation {
  if (!tenant && !spec.serviceAccountName) {
    return manual('Let Flux act as its own account again, in Git', ...accountFirst(view));
  }
  const where = shellQuote(spec.targetNamespace ?? namespace);
  const manifests = [
    `kubectl -n ${account.namespace} create serviceaccount ${shellQuote(account.name)} --dry-run=client -o yaml`,
    `kubectl -n ${where} create rolebinding ${shellQuote(`${account.name}-reconciler`)} --clusterrole=cluster-admin --serviceaccount=${shellQuote(`${account.namespace}:${account.name}`)} --dry-run=client -o yaml`,
  ];
  return manual(
    'Put the account and its RoleBinding into Git',
    ...(tenant?.id === account.name && tenant.namespace === account.namespace
      ? [
          '# Namespace, ServiceAccount and RoleBinding, to be committed where Flux itself is:',
          `flux create tenant ${shellQuote(tenant.id)} --with-namespace=${where} --export`,
        ]
      : [
          '# manifests to be committed where Flux itself is; cluster-admin is limited to the namespace by the RoleBinding:',
          ...manifests,
        ]),
  );
}
