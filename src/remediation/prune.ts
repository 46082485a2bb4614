import { targetOf, type Delete, type Plan, type Step } from '../model/fix.ts';
import { followUpPlan, type FollowUpInput } from './follow-up.ts';
import type { Settled } from './journal.ts';

export interface PruneInput extends FollowUpInput {
  /** Runs of one cluster whose undo is given up. */
  readonly runs: readonly Settled[];
}

/** Deletes what runs have kept for their undo, if it is still what they made. It cannot be taken back. */
export function prunePlan({ runs, ...input }: PruneInput): Plan | undefined {
  const changes = runs.flatMap((settled) => [...settled.changes.values()].flatMap((step) => deletionOf(step, settled)));
  const [first] = runs;
  if (!first || changes.length === 0) return undefined;
  return followUpPlan(input, {
    begin: first.begin,
    class: 'destructive',
    summary: `delete what ${runs.map(({ begin }) => begin.run).join(', ')} kept for undo`,
    changes,
    left: [],
  });
}

function deletionOf(step: Step, { done }: Settled): readonly { readonly change: Delete; readonly tenant: string }[] {
  const made = done.get(step.step);
  if (step.op !== 'create' || !step.backup || made?.result !== 'applied' || made.uid === undefined) return [];
  const { namespace, name } = step.object.metadata;
  const where = namespace === undefined ? {} : { namespace };
  const change: Delete = {
    op: 'delete',
    target: targetOf(step),
    uid: made.uid,
    needs: [{ verb: 'delete', group: '', resource: 'secrets', name, ...where }],
  };
  return [{ change, tenant: step.tenant }];
}
