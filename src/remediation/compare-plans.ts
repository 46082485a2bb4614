import { targetOf, type Plan, type Step } from '../model/fix.ts';
import { CrewisoError, EXIT } from '../model/error.ts';
import { qualifiedName } from '../model/object.ts';
import { sameJson } from '../kubernetes/json-value.ts';
import { keyOf } from './merge.ts';

/**
 * A plan that was made from files is made anew on the cluster; only what was reviewed may be done.
 * @throws CrewisoError (6) where the cluster needs another change than the one that was reviewed
 */
export function refuseUnreviewed(reviewed: Plan, live: Plan): void {
  const before = new Map(reviewed.steps.map((step) => [keyOf(step), step]));
  const other = live.steps.find((step) => !isReviewed(step, before.get(keyOf(step))));
  if (!other) return;
  const { kind, ...name } = targetOf(other);
  throw new CrewisoError(
    `plan ${reviewed.id} is not applied: the cluster needs another change of ${kind} ${qualifiedName(name)}`,
    {
      code: 'plan',
      exitCode: EXIT.refused,
      suggestions: ['make a plan on the cluster: kubectl crewiso doctor --fix --plan-out FILE'],
    },
  );
}

/** The same change but for what only a cluster knows: uids, versions, and where a value comes from. */
function isReviewed(live: Step, reviewed: Step | undefined): boolean {
  return reviewed !== undefined && sameJson(essence(live), essence(reviewed));
}

const ONLY_LIVE: ReadonlySet<string> = new Set(['/metadata/uid', '/metadata/resourceVersion']);

function essence(step: Step): unknown {
  switch (step.op) {
    case 'create':
      return [step.op, step.object];
    case 'patch':
      return [step.op, step.patch.filter(({ path }) => !ONLY_LIVE.has(path))];
    case 'delete':
      return [step.op];
  }
}
