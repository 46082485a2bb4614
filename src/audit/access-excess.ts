import { questionOfRule } from '../kubernetes/rbac-question.ts';
import type { Grant } from '../kubernetes/rbac.ts';
import type { AccessRule } from '../model/access.ts';
import type { Excess } from '../model/access-document.ts';
import type { Platform } from '../model/platform.ts';
import type { Gap, Snapshot } from '../model/snapshot.ts';
import { boundNamespaces, rbacGaps } from './access-completeness.ts';
import type { Judge } from './access-rows.ts';

const RBAC_GROUP = 'rbac.authorization.k8s.io';

/** Rights with which an account can take over what others own: read their credentials, run as them, or widen its own. */
const DANGER: readonly AccessRule[] = [
  ...['get', 'list', 'watch'].map((verb) => ({ verb, group: '', resource: 'secrets' })),
  { verb: 'create', group: '', resource: 'pods' },
  { verb: 'create', group: '', resource: 'pods/exec' },
  { verb: 'create', group: '', resource: 'serviceaccounts/token' },
  { verb: 'impersonate', group: '', resource: 'serviceaccounts' },
  { verb: 'patch', group: 'apps', resource: 'deployments' },
  { verb: 'create', group: RBAC_GROUP, resource: 'rolebindings' },
  ...['bind', 'escalate'].flatMap((verb) =>
    ['roles', 'clusterroles'].map((resource) => ({ verb, group: RBAC_GROUP, resource })),
  ),
];

/** Whoever logs in has these: they say nothing about the account. */
const COMMON = new Set(['system:authenticated', 'system:unauthenticated']);

/** Dangerous rights in every namespace, and any rights in namespaces that are not the platform's. */
export function excessOf(
  snapshot: Snapshot,
  platform: Platform,
  judge: Judge,
): { readonly found: readonly Excess[]; readonly gaps: readonly Gap[] } {
  const { authorizer, identity } = judge;
  const wide = authorizer.grantsFor(identity);
  const own = new Set([...platform.ownNamespaces, ...platform.allTenants.map(({ namespace }) => namespace)]);
  const everywhere = wide.flatMap((grant): Excess[] => {
    const dangerous = dangerOf(grant, judge);
    return dangerous.length > 0 ? [excess('cluster', [], grant, dangerous)] : [];
  });
  const elsewhere = new Map<string, { grant: Grant; namespaces: string[]; dangerous: readonly AccessRule[] }>();
  for (const namespace of boundNamespaces(snapshot)) {
    if (own.has(namespace)) continue;
    for (const grant of authorizer.grantsFor(identity, namespace).slice(wide.length)) {
      const dangerous = dangerOf(grant, judge);
      const isCommon = grant.subject.kind === 'Group' && COMMON.has(grant.subject.name);
      if ((grant.role?.rules ?? []).length === 0 || (isCommon && dangerous.length === 0)) continue;
      const { name, roleRef } = { ...grant.binding.metadata, ...grant.binding };
      const key = JSON.stringify([name, roleRef.kind, roleRef.name, dangerous]);
      const known = elsewhere.get(key);
      if (known) known.namespaces.push(namespace);
      else elsewhere.set(key, { grant, namespaces: [namespace], dangerous });
    }
  }
  return {
    found: [
      ...everywhere,
      ...[...elsewhere.values()].map(({ grant, namespaces, dangerous }) =>
        excess('namespace', namespaces, grant, dangerous),
      ),
    ],
    gaps: [
      ...rbacGaps(snapshot),
      ...snapshot.gaps('rolebindings.rbac.authorization.k8s.io').filter(({ namespace }) => namespace === undefined),
    ],
  };
}

const dangerOf = ({ role }: Grant, { matcher }: Judge): readonly AccessRule[] =>
  DANGER.filter((rule) => matcher.find(role, questionOfRule(rule)) !== undefined);

function excess(
  scope: Excess['scope'],
  namespaces: readonly string[],
  { kind, binding }: Grant,
  dangerous: readonly AccessRule[],
): Excess {
  const role = `${binding.roleRef.kind}/${binding.roleRef.name}`;
  return { scope, namespaces, via: { kind, name: binding.metadata.name, role }, dangerous };
}
