import { refOf } from '../kubernetes/resource-of.ts';
import { serviceAccountIdentity } from '../kubernetes/rbac-question.ts';
import { authorizerOf } from '../kubernetes/rbac-snapshot.ts';
import type { Grant } from '../kubernetes/rbac.ts';
import { defineCheck } from '../model/check.ts';
import { RBAC } from '../model/resource.ts';
import { shellQuote } from '../model/text.ts';
import { POOL_READS, poolTenants } from './commander-pool.ts';
import { dangerousRights } from './dangerous-rights.ts';
import { manual } from './drafting.ts';
import { ownedBy } from './owned.ts';

export default defineCheck({
  id: 'astronomer-commander-over-privileged',
  title: 'Commander can act only in the pool and its own namespace',
  severity: 'high',
  area: 'rbac',
  platforms: ['astronomer'],
  reads: [...POOL_READS, ...RBAC],
  evidence: ['secrets'],
  *run(view) {
    const { account, pool, ownNamespaces, release, platformNamespace } = view.platform;
    poolTenants(view);
    // Without pools Commander makes namespaces itself: then it is meant to reach them all.
    if (pool.state !== 'on' || !account) return;
    view.examined();
    for (const resource of RBAC) view.complete(resource);
    const identity = serviceAccountIdentity(account.namespace, account.name);
    const authorizer = authorizerOf({ origin: view.origin, list: (resource) => view.evidence(resource) });
    const own = new Set([...ownNamespaces, ...pool.names]);
    const bound = view
      .evidence('rolebindings.rbac.authorization.k8s.io')
      .map(({ metadata }) => metadata.namespace ?? '');
    const elsewhere = [...new Set(bound)].filter((namespace) => !own.has(namespace));
    const grants: readonly Grant[] = [
      ...authorizer.grantsFor(identity),
      ...elsewhere.flatMap((namespace) =>
        authorizer.grantsFor(identity, namespace).filter(({ kind }) => kind === 'RoleBinding'),
      ),
    ];
    for (const { binding, role, kind } of grants) {
      const rights = dangerousRights(role?.rules ?? []);
      if (rights.length === 0) continue;
      const { name, namespace } = binding.metadata;
      const resource =
        kind === 'RoleBinding'
          ? 'rolebindings.rbac.authorization.k8s.io'
          : 'clusterrolebindings.rbac.authorization.k8s.io';
      yield {
        object: refOf(resource, binding),
        message: `ServiceAccount ${account.namespace}/${account.name} may ${rights.map(({ words }) => words).join(', ')} in ${namespace ?? 'every namespace'}, although deployments are limited to a pool`,
        confidence: 'likely',
        evidence: [
          {
            type: 'rbac',
            message: `${kind} ${name} -> ${binding.roleRef.kind}/${binding.roleRef.name}: ${rights.map(({ shown }) => shown).join('; ')}`,
          },
        ],
        remediation: ownedBy(
          view,
          binding,
          manual(
            'Take away what Commander does not need once deployments are limited to the pool',
            // Commander would be left without any right at all.
            '# first: kubectl crewiso doctor --check astronomer-role-outdated must find nothing to be missing',
            `# set global.clusterRoles: false in the values and run: helm upgrade ${release} astronomer/astronomer -n ${platformNamespace} -f config.yaml`,
            namespace === undefined
              ? `kubectl delete clusterrolebinding ${shellQuote(name)}`
              : `kubectl -n ${namespace} delete rolebinding ${shellQuote(name)}`,
          ),
        ),
      };
    }
  },
});
