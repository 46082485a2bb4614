import type { Plan } from '../model/fix.ts';
import type { Report } from '../model/report.ts';
import type { RunEvent } from '../model/run.ts';
import type { ClusterWriter } from '../model/writing.ts';
import type { Journal, Settled } from './journal.ts';

/** What a run of a plan needs from outside. */
export interface RunPorts {
  readonly writer: ClusterWriter;
  readonly journal: Journal;
  /** Reads these organizations' namespaces again and judges them. */
  readonly audit: (namespaces: readonly string[]) => Promise<Report>;
  readonly sleep: (milliseconds: number) => Promise<void>;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  readonly tell: (event: RunEvent) => void;
  readonly signal: AbortSignal;
}

export interface RunInput {
  readonly plan: Plan;
  /** `r-20261120-1006-4c1d`. */
  readonly run: string;
  readonly version: string;
  /** Keys (`findingKey`) of what was wrong before: other findings in the same namespaces are new. */
  readonly known: ReadonlySet<string>;
  /** What an earlier attempt of the same run came to. */
  readonly settled?: Settled;
  /** The run that this one takes back. */
  readonly undoes?: string;
  /** Stop after the rehearsal. */
  readonly dryRun?: boolean;
}
