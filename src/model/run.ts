import type { Finding } from './finding.ts';
import type { FixClass, LeftToYou, Step } from './fix.ts';
import type { ObjectRef } from './object.ts';
import type { Requests } from './report.ts';

export type StepOutcome =
  | { readonly step: Step; readonly result: 'applied' | 'unchanged' | 'earlier' }
  | { readonly step: Step; readonly result: 'stale' | 'refused' | 'unknown'; readonly why: string };

export interface Verification {
  readonly finding: string;
  readonly check: string;
  readonly tenant: string;
  readonly result: 'fixed' | 'not-fixed' | 'not-evaluated';
}

export type RunEvent =
  | { readonly event: 'rights'; readonly asked: number }
  /** `later`: in a Namespace that is yet to be made · `unchanged`: in place already. */
  | { readonly event: 'rehearsed'; readonly steps: number; readonly later: number; readonly unchanged: number }
  | { readonly event: 'step'; readonly outcome: StepOutcome; readonly milliseconds: number }
  | { readonly event: 'verified'; readonly verifications: readonly Verification[]; readonly milliseconds: number };

/** Why nothing was written at all. */
export interface Refusal {
  readonly why: readonly string[];
  /** Something is not what the plan was made for. */
  readonly stale: boolean;
}

export interface RunResult {
  /** Steps that were reached. */
  readonly outcomes: readonly StepOutcome[];
  readonly verifications: readonly Verification[];
  /** New findings in namespaces that were touched. */
  readonly regressed: readonly Finding[];
  readonly refused?: Refusal;
  /** Why it ended before its end. */
  readonly stopped?: string;
  readonly interrupted: boolean;
  /** Rehearsals that went well. */
  readonly rehearsed: number;
  readonly writes: number;
  readonly exit: number;
}

export interface RunStep {
  readonly step: number;
  readonly op: Step['op'];
  readonly object: ObjectRef;
  readonly tenant: string;
  /** `not-reached`: the run ended before it. */
  readonly result: StepOutcome['result'] | 'not-reached';
  readonly why?: string;
}

/** What became of a plan: `fix apply`, `fix undo`, `doctor --fix` and `provision` in the formats for machines. */
export interface RunDocument {
  readonly apiVersion: 'crewiso/v1';
  readonly kind: 'Run';
  readonly tool: { readonly name: 'kubectl-crewiso'; readonly version: string };
  /** `r-20261120-1006-4c1d`: names the journal, and the run in the API server's audit log. */
  readonly id: string;
  readonly startedAt: string;
  readonly durationMs: number;
  readonly plan: {
    readonly id: string;
    readonly digest: string;
    readonly fixes: readonly { readonly id: string; readonly class: FixClass; readonly summary: string }[];
  };
  /** Nothing but a rehearsal was asked for. */
  readonly dryRun: boolean;
  /** The run that this one takes back. */
  readonly undoes?: string;
  readonly refused?: Refusal;
  readonly stopped?: string;
  readonly interrupted: boolean;
  readonly steps: readonly RunStep[];
  readonly verifications: readonly Verification[];
  readonly regressed: readonly Pick<Finding, 'id' | 'check' | 'message'>[];
  readonly left: readonly LeftToYou[];
  readonly writes: number;
  readonly requests: Requests;
  readonly exit: { readonly code: number; readonly reasons: readonly string[] };
}
