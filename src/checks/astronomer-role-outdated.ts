import { rulesOf } from '../kubernetes/role-manifests.ts';
import { refOf } from '../kubernetes/resource-of.ts';
import type { AccessRule } from '../model/access.ts';
import { defineCheck, type View } from '../model/check.ts';
import type { FindingDraft, Remediation } from '../model/finding.ts';
import type { Role } from '../model/kinds.ts';
import { count, shellQuote } from '../model/text.ts';
import {
  ACCESS_EVIDENCE,
  ACCESS_READS,
  accessOf,
  denialEvidence,
  describeRules,
  rbacComplete,
  type Access,
} from './access.ts';
import { chartSteps, grantCommander, poolTenants, type POOL_READS } from './commander-pool.ts';
import { absent, manual } from './drafting.ts';
import { ownedBy } from './owned.ts';

type RoleView = View<
  (typeof ACCESS_READS | typeof POOL_READS | typeof ACCESS_EVIDENCE)[number] | 'secrets',
  'astronomer'
>;

/** Rights that a message names before it only counts them. */
const NAMED = 6;

export default defineCheck({
  id: 'astronomer-role-outdated',
  title: "Commander's role fits the platform's version in every namespace of the pool",
  severity: 'high',
  area: 'rbac',
  platforms: ['astronomer'],
  reads: [...ACCESS_READS, 'houston-configs'],
  evidence: [...ACCESS_EVIDENCE, 'secrets'],
  *run(view) {
    const tenants = poolTenants(view).filter(({ exists, terminating }) => exists !== false && !terminating);
    const access = accessOf(view);
    if (!access) return;
    const { needs } = view.platform;
    for (const { namespace } of tenants) {
      view.examined();
      const lacking = lackIn(access, namespace, needs.version ?? needs.always);
      const [first] = lacking;
      const whole = rbacComplete(view, namespace);
      if (!first) {
        if (!needs.version) tellVersion(view, access, namespace);
        continue;
      }
      if (!whole && !lacking.some((rule) => access.review({ ...rule, namespace })?.answer === 'denied')) continue;
      yield draft(view, access, namespace, lacking, first);
    }
  },
});

/** A Namespace by its name is in itself, and a Role may name it (rbac.go, the request's namespace of `/namespaces/x`). */
function lackIn(access: Access, namespace: string, rules: readonly AccessRule[]): readonly AccessRule[] {
  const { authorizer, identity } = access;
  return access
    .denied(rules)(namespace)
    .filter(
      (rule) => rule.resource !== 'namespaces' || !authorizer.allows(identity, { ...rule, name: namespace, namespace }),
    );
}

/** Without a version: up to which one it is enough. What is enough for all of them passes. */
function tellVersion(view: RoleView, access: Access, namespace: string): void {
  const { later } = view.platform.needs;
  const next = later
    .map(({ since, rules }) => ({ since, lacking: lackIn(access, namespace, rules) }))
    .find(({ lacking }) => lacking.length > 0);
  if (!next) return;
  const { since, lacking } = next;
  view.unknown(
    'deployments.apps',
    `the version of the platform is not known: what Commander may in ${namespace} is enough for versions before ${since}, which also needs ${describeRules(lacking)}`,
    view.platform.platformNamespace,
  );
}

function draft(
  view: RoleView,
  access: Access,
  namespace: string,
  lacking: readonly AccessRule[],
  first: AccessRule,
): FindingDraft {
  const { version, needs } = view.platform;
  const { account } = access;
  const role = roleIn(access, namespace);
  const nothing = lacking.length === (needs.version ?? needs.always).length;
  const more = lacking.length > NAMED ? ` and ${count(lacking.length - NAMED, 'right')} more` : '';
  const lacks = nothing
    ? 'may do nothing that Commander needs'
    : `lacks ${describeRules(lacking.slice(0, NAMED))}${more}`;
  const changes = grantCommander(view, namespace);
  return {
    object: role
      ? refOf('roles.rbac.authorization.k8s.io', role)
      : absent('rolebindings.rbac.authorization.k8s.io', account.name, namespace),
    ...(role ? { path: 'rules' } : {}),
    message: `ServiceAccount ${account.namespace}/${account.name} ${lacks} in ${namespace}${version === undefined ? '' : `, for version ${version}`}`,
    confidence: access.confidence,
    evidence: [
      { type: 'rbac', message: `missing: ${describeRules(lacking)}` },
      ...denialEvidence(view, access, namespace, first),
    ],
    tenant: namespace,
    ...(changes
      ? {
          fix: {
            class: 'review',
            summary: 'create the Role for this version of Commander and its RoleBinding',
            changes,
          },
        }
      : {}),
    remediation: role
      ? ownedBy(view, role, stepsFor(view, namespace, lacking, role))
      : stepsFor(view, namespace, lacking),
  };
}

/** The Role that gives Commander most here. */
function roleIn({ authorizer, identity }: Access, namespace: string): Role | undefined {
  const roles = authorizer
    .grantsFor(identity, namespace)
    .flatMap(({ kind, role, binding }) =>
      kind === 'RoleBinding' && binding.roleRef.kind === 'Role' && role ? [role] : [],
    );
  return roles.sort((a, b) => (b.rules ?? []).length - (a.rules ?? []).length)[0];
}

function stepsFor(view: RoleView, namespace: string, lacking: readonly AccessRule[], role?: Role): Remediation {
  const summary = 'Give Commander what this version of the platform needs in each namespace of the pool';
  if (view.platform.pool.chart.createsRoles === true) return manual(summary, ...chartSteps(view));
  if (role) {
    const patch = rulesOf(lacking).map((value) => ({ op: 'add', path: '/rules/-', value }));
    return manual(
      summary,
      `kubectl -n ${namespace} patch role ${shellQuote(role.metadata.name)} --type=json -p ${shellQuote(JSON.stringify(patch))}`,
      '# and add the same rules to the file that the Role is applied from',
    );
  }
  const created = (grantCommander(view, namespace) ?? []).flatMap((change) =>
    change.op === 'create' ? [change.object] : [],
  );
  if (created.length === 0)
    return manual(
      summary,
      `# create a Role with what is missing in ${namespace}, and a RoleBinding for Commander's account`,
    );
  const list = { apiVersion: 'v1', kind: 'List', items: created };
  return manual(summary, `printf %s ${shellQuote(JSON.stringify(list))} | kubectl apply -f -`);
}
