import { builtinClusterRoles } from './builtin-roles.ts';
import { bindAdvice, whoOf } from './denial-advice-access.ts';
import { placeOf, targetText, type DenialOf, type Explanation, type Told } from './denial-explanation.ts';
import type { PolicyRule } from '../model/kinds.ts';
import { formatRule, missingRules } from './rbac-rules.ts';

const SHOWN = 5;

/** Somebody was stopped from handing out rights that it does not hold. */
export function explainEscalation(told: Told<DenialOf<'escalation'>>): Explanation {
  const { denial, namespace } = told;
  const { user, missing, target } = denial;
  const isBinding = target?.resource.endsWith('bindings') === true;
  const isCluster = target?.resource.startsWith('cluster') === true;
  const more = missing.length - SHOWN;
  const builtin = builtinOf(missing);
  return {
    class: denial.class,
    rbac: true,
    headline: 'it would have granted rights that it does not hold itself; the API server stops that',
    what: [
      `write ${targetText(told)}`,
      ...(builtin === undefined ? [] : [`what is lacking is exactly the ClusterRole ${builtin}`]),
      ...missing.slice(0, SHOWN).map((rule) => `lacks ${ruleText(rule)}`),
      ...(more > 0 ? [`and ${String(more)} rules more`] : []),
      ...(denial.truncated ? ['the message was cut: more may be lacking'] : []),
    ],
    who: user === undefined ? 'not in the message' : whoOf(user),
    where: isCluster ? 'the cluster scope' : placeOf(namespace),
    steps: isBinding
      ? [
          '# once: let an administrator create the binding',
          '# again and again: grant the verb bind on exactly the role that is bound, in place of ROLE:',
          ...(!isCluster && namespace === undefined
            ? bindAdvice(user, 'NAMESPACE')
            : bindAdvice(user, isCluster ? undefined : namespace)),
        ]
      : [
          '# let an administrator create the role, and let this one bind it (the verb bind on that role)',
          '# or grant it the rights that are listed above first',
        ],
    watch: [
      'never grant escalate: it allows to become cluster-admin',
      'a role without rules passes this check, also an aggregated one that is not filled yet',
    ],
    see: ['forbidden-by-escalation'],
  };
}

/** The built-in role that lacks whole. */
function builtinOf(missing: readonly PolicyRule[]): string | undefined {
  const lacking = missing.map(formatRule).sort().join('\n');
  if (lacking === '') return undefined;
  return builtinClusterRoles().find(
    ({ rules }) =>
      missingRules([], rules ?? [])
        .map(formatRule)
        .sort()
        .join('\n') === lacking,
  )?.metadata.name;
}

function ruleText({ verbs, apiGroups, resources, nonResourceURLs, resourceNames }: PolicyRule): string {
  const group = apiGroups?.find((name) => name !== '');
  const what = nonResourceURLs ?? (resources ?? []).map((resource) => (group ? `${resource}.${group}` : resource));
  const names = resourceNames?.length ? ` named ${resourceNames.join(', ')}` : '';
  return `${verbs.join(', ')} ${what.join(', ')}${names}`;
}
