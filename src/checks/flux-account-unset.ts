import { authorizerOf } from '../kubernetes/rbac-snapshot.ts';
import { refOf } from '../kubernetes/resource-of.ts';
import type { Authorizer } from '../kubernetes/rbac.ts';
import { defineCheck, type FluxView } from '../model/check.ts';
import type { Evidence, FindingDraft } from '../model/finding.ts';
import type { FluxController } from '../model/flux.ts';
import { qualifiedName } from '../model/object.ts';
import { manual } from './drafting.ts';
import {
  actorOf,
  APPLIED,
  appliedIn,
  identityOf,
  isClusterAdmin,
  keyOfController,
  keyOfRef,
  tenantsSeen,
  type Applied,
} from './flux-objects.ts';

const READS = [
  ...APPLIED,
  'deployments.apps',
  'namespaces',
  'clusterroles.rbac.authorization.k8s.io',
  'clusterrolebindings.rbac.authorization.k8s.io',
] as const;
type Eyes = FluxView<(typeof READS)[number]>;

export default defineCheck({
  id: 'flux-account-unset',
  title: "Every tenant's Flux object names the account it runs as",
  severity: 'critical',
  area: 'rbac',
  platforms: ['flux'],
  reads: READS,
  evidence: ['roles.rbac.authorization.k8s.io'],
  causes: [{ check: 'flux-lockdown-missing', by: ['object'] }],
  *run(view) {
    const authorizer = authorizerOf(
      { origin: view.origin, list: (resource) => view.evidence(resource as (typeof READS)[number]) as never },
      'cluster',
    );
    const tenants = tenantsSeen(view);
    if (tenants.length > 0) view.complete('deployments.apps');
    for (const { id, namespace } of tenants) {
      for (const applied of appliedIn(view, namespace)) {
        view.examined();
        const actor = actorOf(view, applied);
        if (actor.as === 'controller') yield draftOf(view, authorizer, applied, actor.controllers, id);
      }
    }
  },
});

function draftOf(
  view: Eyes,
  authorizer: Authorizer,
  { ref, controller, name, namespace, spec }: Applied,
  controllers: readonly FluxController[],
  tenant: string,
): FindingDraft {
  const rights = ['clusterroles.rbac.authorization.k8s.io', 'clusterrolebindings.rbac.authorization.k8s.io'] as const;
  const known = rights.map((resource) => view.complete(resource)).every(Boolean);
  const [first] = controllers;
  const isAdmin = controllers.some(({ account }) => isClusterAdmin(authorizer, identityOf(account)));
  const power = isAdmin ? ', which may do everything in the cluster' : '';
  const as = first ? `as ServiceAccount ${qualifiedName(first.account)}${power}` : `with the rights of ${controller}`;
  return {
    object: ref,
    path: '/spec/serviceAccountName',
    message: `${ref.kind} ${namespace}/${name} names no account and is applied ${as}${spec.targetNamespace === undefined ? '' : `; its targetNamespace holds nothing back that is not namespaced`}`,
    severity: spec.suspend === true ? 'low' : isAdmin || !known || !first ? 'critical' : 'high',
    confidence: first ? 'certain' : 'likely',
    evidence: [
      { type: 'object', object: ref, path: '/spec/serviceAccountName', observed: null },
      ...controllers.flatMap((each) => evidenceOf(authorizer, each)),
      ...(spec.suspend === true
        ? [{ type: 'object' as const, object: ref, path: '/spec/suspend', observed: true }]
        : []),
    ],
    keys: { object: [keyOfRef(ref), ...controllers.map(keyOfController)] },
    remediation: manual(
      'Name the account in Git',
      `# in the manifest of ${ref.kind} ${name} (namespace ${namespace}): spec: {serviceAccountName: ${tenant}}`,
      `# the account and its rights, if ${namespace} has none yet: flux create tenant ${tenant} --with-namespace=${namespace} --export`,
      '# and lock the controllers down (flux-lockdown-missing), so that whoever forgets the account has no rights',
    ),
  };
}

/** Where the controller's power comes from. */
function evidenceOf(authorizer: Authorizer, { account, deployment }: FluxController): readonly Evidence[] {
  const grants = authorizer.grantsFor(identityOf(account)).filter(({ subject }) => subject.kind === 'ServiceAccount');
  return [
    {
      type: 'absence',
      object: refOf('deployments.apps', deployment),
      path: '/spec/template/spec/containers/0/args',
      message: `${qualifiedName(deployment.metadata)} has no --default-service-account`,
    },
    ...grants.slice(0, 2).map(({ binding }) => ({
      type: 'rbac' as const,
      object: refOf('clusterrolebindings.rbac.authorization.k8s.io', binding),
      message: `ServiceAccount ${qualifiedName(account)} -> ClusterRoleBinding ${binding.metadata.name} -> ${binding.roleRef.kind} ${binding.roleRef.name}`,
    })),
  ];
}
