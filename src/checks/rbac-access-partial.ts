import type { AccessRule } from '../model/access.ts';
import { defineCheck } from '../model/check.ts';
import type { FindingDraft } from '../model/finding.ts';
import { compareNames } from '../model/object.ts';
import type { Needs } from '../model/platform.ts';
import {
  ACCESS_EVIDENCE,
  ACCESS_READS,
  accessOf,
  describeRules,
  freeBindingName,
  rbacComplete,
  refusalEvidence,
  type Access,
  type CrewaiAccessView,
} from './access.ts';
import { absent, livingTenants, manual } from './drafting.ts';

const NAME = 'crewai-platform-missing';

/** `edit` in hardened clusters loses these; CrewAI does not need them to deploy. */
const OPTIONAL = new Set(['list  events']);

export default defineCheck({
  id: 'rbac-access-partial',
  title: "The platform's account has every right it needs in each organization's namespace",
  severity: 'high',
  area: 'rbac',
  platforms: ['crewai'],
  reads: ACCESS_READS,
  evidence: ACCESS_EVIDENCE,
  causes: [{ check: 'rbac-binding-role-missing', by: ['namespace', 'account'] }],
  *run(view) {
    const access = accessOf(view);
    if (!access) return;
    view.complete('namespaces');
    const denied = access.denied(neededRules(view.platform.needs));
    for (const { namespace } of livingTenants(view.platform)) {
      view.examined();
      const missing = denied(namespace);
      if (missing.length === 0 || !rbacComplete(view, namespace) || isNothing(missing, view.platform.needs)) continue;
      yield draftOf(view, access, namespace, missing);
    }
  },
});

function neededRules({ core, full }: Needs): readonly AccessRule[] {
  return unique([...core, ...full]).filter((rule) => !OPTIONAL.has(keyOf(rule)));
}

/** Nothing at all is rbac-access-missing's to say. */
function isNothing(missing: readonly AccessRule[], { core }: Needs): boolean {
  return core.every((rule) => isAmong(rule, missing));
}

function draftOf(
  view: CrewaiAccessView,
  access: Access,
  namespace: string,
  missing: readonly AccessRule[],
): FindingDraft {
  const refusals = refusalEvidence(view, access.identity.user, namespace);
  const { core } = view.platform.needs;
  const { account } = access;
  return {
    object: absent('rolebindings.rbac.authorization.k8s.io', NAME, namespace),
    message: `ServiceAccount ${account.namespace}/${account.name} lacks in ${namespace}: ${describeRules(missing)}`,
    // The profile of what the platform needs is inferred: only a refusal that was observed makes it certain to hurt.
    severity: refusals.length > 0 || missing.some((rule) => isAmong(rule, core)) ? 'high' : 'medium',
    confidence: access.confidence,
    evidence: [{ type: 'rbac', message: `denied: ${describeRules(missing)}` }, ...refusals.slice(0, 3)],
    remediation: manual(
      'Add a Role with exactly the missing rights and bind it',
      ...stepsFor(access, namespace, missing),
    ),
  };
}

/** One pair of commands per distinct set of verbs: `kubectl create role` gives every verb to every resource. */
function stepsFor(access: Access, namespace: string, missing: readonly AccessRule[]): readonly string[] {
  const byResource = new Map<string, AccessRule[]>();
  for (const rule of missing) {
    const key = `${rule.group}/${rule.resource}`;
    byResource.set(key, [...(byResource.get(key) ?? []), rule]);
  }
  const byVerbs = new Map<string, AccessRule[]>();
  for (const rules of byResource.values()) {
    const verbs = rules.map(({ verb }) => verb).join(',');
    byVerbs.set(verbs, [...(byVerbs.get(verbs) ?? []), ...rules.slice(0, 1)]);
  }
  return [...byVerbs].flatMap(([verbs, rules], index) => {
    const base = index === 0 ? NAME : `${NAME}-${String(index + 1)}`;
    const name = freeBindingName(access, namespace, base);
    const { account } = access;
    const resources = rules.map(({ group, resource }) => asArgument(group, resource)).join(',');
    return [
      `kubectl -n ${namespace} create role ${name} --verb=${verbs} --resource=${resources}`,
      `kubectl -n ${namespace} create rolebinding ${name} --role=${name} --serviceaccount=${account.namespace}:${account.name}`,
    ];
  });
}

/** `deployments.apps/scale`: group before subresource, as kubectl's --resource wants it. */
function asArgument(group: string, resource: string): string {
  const [plural = '', subresource] = resource.split('/');
  return `${plural}${group === '' ? '' : `.${group}`}${subresource === undefined ? '' : `/${subresource}`}`;
}

const keyOf = ({ verb, group, resource }: AccessRule): string => `${verb} ${group} ${resource}`;

const isAmong = (rule: AccessRule, rules: readonly AccessRule[]): boolean =>
  rules.some((other) => keyOf(other) === keyOf(rule));

function unique(rules: readonly AccessRule[]): readonly AccessRule[] {
  const byKey = new Map(rules.map((rule) => [keyOf(rule), rule]));
  return [...byKey].sort(([a], [b]) => compareNames(a, b)).map(([, rule]) => rule);
}
