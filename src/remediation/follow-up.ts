import type { Binding, Change, FixClass, LeftToYou, Plan, Step } from '../model/fix.ts';
import { digestOf } from './canonical.ts';
import type { Settled } from './journal.ts';

/** What every plan about earlier runs says of itself. */
export interface FollowUpInput {
  /** The cluster and person that it is for: another person may take back what one has done. */
  readonly binding: Binding;
  /** Eight hex digits. */
  readonly id: string;
  /** Milliseconds since the epoch. */
  readonly now: number;
  readonly ttlMs: number;
  readonly version: string;
}

export interface FollowUp {
  /** The run that it is about. */
  readonly begin: Settled['begin'];
  readonly class: FixClass;
  readonly summary: string;
  /** In the order of application. */
  readonly changes: readonly { readonly change: Change; readonly tenant: string }[];
  readonly left: readonly LeftToYou[];
}

/** A plan that repairs no finding: one fix in one wave. */
export function followUpPlan(input: FollowUpInput, about: FollowUp): Plan {
  const { binding, id, now, ttlMs, version } = input;
  const { begin, summary, left } = about;
  const steps = about.changes.map(({ change, tenant }, index): Step => ({
    ...change,
    step: index + 1,
    fix: '1',
    tenant,
  }));
  const numbers = steps.map(({ step }) => step);
  const plan: Omit<Plan, 'digest'> = {
    apiVersion: 'crewiso/v1',
    kind: 'Plan',
    id,
    createdAt: new Date(now).toISOString(),
    expiresAt: new Date(now + ttlMs).toISOString(),
    tool: { name: 'kubectl-crewiso', version },
    report: begin.run,
    origin: 'cluster',
    binding,
    settings: begin.plan.settings,
    fixes: [{ id: '1', class: about.class, summary, findings: [], steps: numbers, verify: [], leaves: [] }],
    steps,
    waves: [numbers],
    maxWrites: steps.length,
    left,
  };
  return { ...plan, digest: digestOf(plan) };
}
