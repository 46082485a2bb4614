import type { RunStep } from './run.ts';

/** A run as its journal tells it. */
export interface PastRun {
  readonly run: string;
  readonly at: string;
  readonly server?: string;
  readonly username?: string;
  readonly summary: string;
  readonly changed: number;
  readonly steps: number;
  /** `applied`: all went well · `stopped`: trouble ended it · `cut off`: the process ended in the middle · `undone`: taken back. */
  readonly state: 'applied' | 'stopped' | 'cut off' | 'undone';
  readonly undoes?: string;
}

export interface HistoryDocument {
  readonly apiVersion: 'crewiso/v1';
  readonly kind: 'History';
  /** Oldest first. */
  readonly runs: readonly PastRun[];
  /** Of the one run that was asked for. */
  readonly changes?: readonly RunStep[];
}
