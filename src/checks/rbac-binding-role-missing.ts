import { refOf } from '../kubernetes/resource-of.ts';
import type { BoundRole } from '../kubernetes/rbac.ts';
import { authorizerOf } from '../kubernetes/rbac-snapshot.ts';
import { defineCheck, type View } from '../model/check.ts';
import type { Subject } from '../model/kinds.ts';
import { PLATFORM_IDS, type Platform } from '../model/platform.ts';
import { RBAC } from '../model/resource.ts';
import { shellQuote } from '../model/text.ts';
import { commented, judgedNamespaces, livingTenants, manual } from './drafting.ts';
import { upgradeSteps } from './platform-release.ts';

export default defineCheck({
  id: 'rbac-binding-role-missing',
  title: 'Every binding refers to a role that exists',
  severity: 'high',
  area: 'rbac',
  platforms: PLATFORM_IDS,
  reads: RBAC,
  causes: [{ check: 'platform-release-unhealthy', by: ['release'] }],
  *run(view) {
    const { platform } = view;
    const authorizer = authorizerOf({ origin: view.origin, list: (resource) => view.evidence(resource) });
    const namespaces = judgedNamespaces(platform);
    const bound = [undefined, ...namespaces].flatMap((namespace) => {
      const resource =
        namespace === undefined
          ? 'clusterrolebindings.rbac.authorization.k8s.io'
          : 'rolebindings.rbac.authorization.k8s.io';
      view.complete(resource, namespace);
      return authorizer.bindingsIn(namespace);
    });
    const own = new Set(namespaces);
    for (const item of bound) {
      const { kind, binding, role } = item;
      const subjects = binding.subjects ?? [];
      if (kind === 'ClusterRoleBinding' && !subjects.some((subject) => concerns(subject, own))) continue;
      view.examined();
      if (role || !roleIsAbsent(view, item)) continue;
      yield draftOf(item, platform);
    }
  },
});

/** A cluster-wide binding concerns us when it is for an account of the platform or of a tenant. */
function concerns({ kind, namespace }: Subject, own: ReadonlySet<string>): boolean {
  return kind === 'ServiceAccount' && namespace !== undefined && own.has(namespace);
}

function roleIsAbsent(view: View<(typeof RBAC)[number]>, { binding }: BoundRole): boolean {
  const { roleRef, metadata } = binding;
  if (roleRef.kind === 'ClusterRole') return view.complete('clusterroles.rbac.authorization.k8s.io');
  return metadata.namespace !== undefined && view.complete('roles.rbac.authorization.k8s.io', metadata.namespace);
}

function draftOf({ kind, binding }: BoundRole, platform: Platform) {
  const { roleRef, metadata, subjects } = binding;
  const resource =
    kind === 'RoleBinding' ? 'rolebindings.rbac.authorization.k8s.io' : 'clusterrolebindings.rbac.authorization.k8s.io';
  const where = metadata.namespace === undefined ? '' : ` -n ${metadata.namespace}`;
  const accounts = (subjects ?? []).flatMap((subject) =>
    subject.kind === 'ServiceAccount' ? [`${subject.namespace ?? metadata.namespace ?? ''}/${subject.name}`] : [],
  );
  return {
    object: refOf(resource, binding),
    path: '/roleRef',
    message: `${kind} ${metadata.namespace === undefined ? '' : `${metadata.namespace}/`}${metadata.name} refers to ${roleRef.kind} ${roleRef.name}, which does not exist, and so grants nothing`,
    confidence: 'certain' as const,
    evidence: [
      {
        type: 'absence' as const,
        path: '/roleRef',
        observed: `${roleRef.kind}/${roleRef.name}`,
        message: `there is no ${roleRef.kind} ${roleRef.name}`,
      },
    ],
    keys: {
      account: accounts,
      namespace: metadata.namespace ?? livingTenants(platform).map(({ namespace }) => namespace),
    },
    remediation: manual(
      'Create the role again (it may belong to a chart), or delete the binding and bind a role that exists',
      `kubectl${where} get ${kind.toLowerCase()} ${shellQuote(metadata.name)} -o yaml`,
      "# if the role is of the platform's chart:",
      ...(platform.id === 'crewai'
        ? commented(upgradeSteps(platform))
        : ['# upgrade its Helm release, which makes the role again']),
      '# if nobody needs the binding any more:',
      ...commented([`kubectl${where} delete ${kind.toLowerCase()} ${shellQuote(metadata.name)}`]),
    ),
  };
}
