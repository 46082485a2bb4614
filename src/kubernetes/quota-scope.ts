import type { ResourceQuota, ScopeRequirement } from '../model/kinds.ts';
import type { PodSpec } from '../model/pods.ts';

/** Everything that a quota asks of a pod before it counts, `scopes` and `scopeSelector` alike. */
export function scopesOf({ spec }: ResourceQuota): readonly ScopeRequirement[] {
  return [
    ...(spec?.scopes ?? []).map((scopeName) => ({ scopeName, operator: 'Exists' })),
    ...(spec?.scopeSelector?.matchExpressions ?? []),
  ];
}

/** ` for scope NotTerminating, PriorityClass In high`, or nothing. */
export function scopeText(quota: ResourceQuota): string {
  const words = scopesOf(quota).map(({ scopeName, operator, values }) =>
    operator === 'Exists' ? scopeName : `${scopeName} ${operator}${values ? ` ${values.join(',')}` : ''}`,
  );
  return words.length === 0 ? '' : ` for scope ${words.join(', ')}`;
}

/**
 * Whether a quota counts pods of this spec (pkg/quota/v1/evaluator/core `podMatchesScopeFunc`); undefined for scopes that
 * the spec alone does not decide.
 */
export function countsPod(quota: ResourceQuota, spec: PodSpec): boolean | undefined {
  const answers = scopesOf(quota).map((scope) => matchesScope(scope, spec));
  if (answers.includes(false)) return false;
  return answers.includes(undefined) ? undefined : true;
}

function matchesScope({ scopeName, operator, values }: ScopeRequirement, spec: PodSpec): boolean | undefined {
  switch (scopeName) {
    case 'Terminating':
      return isTerminating(spec);
    case 'NotTerminating':
      return !isTerminating(spec);
    case 'BestEffort':
      return isBestEffort(spec);
    case 'NotBestEffort':
      return !isBestEffort(spec);
    case 'PriorityClass':
      return hasPriority(spec.priorityClassName, operator, values ?? []);
    default:
      return undefined;
  }
}

const isTerminating = ({ activeDeadlineSeconds }: PodSpec): boolean => activeDeadlineSeconds !== undefined;

/** Neither requests nor limits of cpu or memory anywhere (component-helpers qos `GetPodQOS`). */
function isBestEffort(spec: PodSpec): boolean {
  const all = [spec, ...(spec.containers ?? []), ...(spec.initContainers ?? [])];
  return !all.some(({ resources }) =>
    [resources?.requests, resources?.limits].some((amounts) =>
      ['cpu', 'memory'].some((resource) => !isZero(amounts?.[resource])),
    ),
  );
}

const isZero = (amount: string | number | undefined): boolean => amount === undefined || /^0*$/.test(String(amount));

/** A pod without a class may still get the cluster's default one, which its template does not say. */
function hasPriority(name: string | undefined, operator: string, values: readonly string[]): boolean | undefined {
  if (name === undefined || name === '') return undefined;
  if (operator === 'Exists') return true;
  if (operator === 'DoesNotExist') return false;
  return values.includes(name) === (operator === 'In');
}
