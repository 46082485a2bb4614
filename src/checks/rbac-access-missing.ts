import { eventTime } from '../kubernetes/event.ts';
import type { AccessRule, AccountRef } from '../model/access.ts';
import { defineCheck } from '../model/check.ts';
import type { Fix } from '../model/fix.ts';
import {
  ACCESS_EVIDENCE,
  ACCESS_READS,
  accessOf,
  denialEvidence,
  describeRules,
  freeBindingName,
  rbacComplete,
  type Access,
  type CrewaiAccessView,
} from './access.ts';
import { absent, livingTenants, manual } from './drafting.ts';
import { createBinding } from './fix-changes.ts';

export default defineCheck({
  id: 'rbac-access-missing',
  title: "The platform's account can work in every organization's namespace",
  severity: 'critical',
  area: 'rbac',
  platforms: ['crewai'],
  reads: ACCESS_READS,
  evidence: ACCESS_EVIDENCE,
  causes: [
    { check: 'platform-service-account-missing', by: ['account'] },
    { check: 'rbac-isolation-binding-missing', by: ['account'] },
    { check: 'rbac-binding-role-missing', by: ['namespace', 'account'] },
    { check: 'rbac-binding-subject-wrong', by: ['namespace', 'account'] },
  ],
  *run(view) {
    const access = accessOf(view);
    if (!access) return;
    const { core } = view.platform.needs;
    const denied = access.denied(core);
    view.complete('namespaces');
    const tenants = livingTenants(view.platform);
    const without: string[] = [];
    for (const { namespace } of tenants) {
      view.examined();
      if (denied(namespace).length < core.length) continue;
      if (rbacComplete(view, namespace) || deniedByServer(access, core, namespace)) without.push(namespace);
    }
    for (const namespace of without) {
      const name = freeBindingName(access, namespace);
      const { account } = access;
      const since = view
        .evidence('events', namespace)
        .flatMap((event) =>
          event.message?.includes(access.identity.user) ? (event.firstTimestamp ?? eventTime(event) ?? []) : [],
        )
        .sort()[0];
      yield {
        object: absent('rolebindings.rbac.authorization.k8s.io', name, namespace),
        message: `ServiceAccount ${account.namespace}/${account.name} ${lackOf(view, access, namespace)}`,
        confidence: access.confidence,
        evidence: [
          ...denialEvidence(view, access, namespace, core[0] ?? { verb: 'get', group: '', resource: 'secrets' }),
          {
            type: 'comparison',
            message: `${String(tenants.length - without.length)} of ${String(tenants.length)} org namespaces have it`,
          },
        ],
        ...(since === undefined ? {} : { since }),
        // In automatic mode its one ClusterRoleBinding is what is to be repaired.
        ...(view.platform.mode.wanted === 'auto' ? {} : { fix: bindFix(namespace, name, account) }),
        remediation: manual(
          "Bind the platform's account to the ClusterRole edit where it has nothing",
          ...(view.platform.mode.wanted === 'auto'
            ? ['# automatic mode is asked for: repair its ClusterRoleBinding first, these are for manual mode']
            : []),
          `kubectl -n ${namespace} create rolebinding ${name} --clusterrole=edit --serviceaccount=${account.namespace}:${account.name}`,
        ),
      };
    }
  },
});

const EDIT = { kind: 'ClusterRole', name: 'edit' };

const bindFix = (namespace: string, name: string, account: AccountRef): Fix => ({
  class: 'safe',
  summary: "create the platform's RoleBinding",
  changes: [createBinding(namespace, name, EDIT, account)],
});

/** The right that the API server itself denied: then the RBAC listings need not be complete to say so much. */
function deniedByServer(access: Access, core: readonly AccessRule[], namespace: string): AccessRule | undefined {
  return core.find((rule) => access.review({ ...rule, namespace })?.answer === 'denied');
}

/** All that RBAC says where it is known, and only the one right that was asked about where it is not. */
function lackOf(view: CrewaiAccessView, access: Access, namespace: string): string {
  const { core } = view.platform.needs;
  const denied = rbacComplete(view, namespace) ? undefined : deniedByServer(access, core, namespace);
  return denied
    ? `may not ${describeRules([denied])} in ${namespace}; what else it may there could not be seen`
    : `may do nothing in ${namespace}: not even ${describeRules(core.slice(0, 2))}`;
}
