import { chmodSync, closeSync, fsyncSync, mkdirSync, openSync, readFileSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { isRecord } from '../kubernetes/json-value.ts';
import type { Plan, Step } from '../model/fix.ts';
import { CrewisoError, EXIT } from '../model/error.ts';

/** What is written down of a run, before and after each write; no value of a Secret is in it. */
export type JournalEvent =
  | {
      readonly event: 'begin';
      readonly run: string;
      /** What is applied: with it a run that was cut off can be gone on with, whatever became of the plan's file. */
      readonly plan: Plan;
      readonly tool: string;
      /** The run that this one takes back. */
      readonly undoes?: string;
    }
  | { readonly event: 'resume'; readonly run: string }
  | { readonly event: 'intent'; readonly step: number; readonly change: Step }
  | {
      readonly event: 'done';
      readonly step: number;
      readonly result: 'applied' | 'unchanged';
      readonly uid?: string;
      readonly resourceVersion?: string;
    }
  | { readonly event: 'failed'; readonly step: number; readonly result: string; readonly why: string }
  | { readonly event: 'verify'; readonly finding: string; readonly result: string }
  | { readonly event: 'end'; readonly exit: number };

export type JournalLine = JournalEvent & { readonly seq: number; readonly at: string };

/** Where a run is written down. What `append` returns from is on the disk. */
export interface Journal {
  append(event: JournalEvent): void;
}

/**
 * A journal file that nobody else can read: a line is on the disk before what it announces happens.
 * @param after the lines that it has already, when a run is resumed
 * @throws CrewisoError (4) where it cannot be written: then nothing else is written either
 */
export function openJournal(
  file: string,
  now: () => number,
  after?: readonly JournalLine[],
): Journal & { close(): void } {
  let seq = after?.at(-1)?.seq ?? 0;
  const handle = attempt(file, () => {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    chmodSync(dirname(file), 0o700);
    const opened = openSync(file, after ? 'a' : 'wx', 0o600);
    // A line that was torn when the last run ended stays on a line of its own.
    if (after) writeSync(opened, '\n');
    return opened;
  });
  return {
    append: (event) => {
      seq += 1;
      const line = { seq, at: new Date(now()).toISOString(), ...event };
      attempt(file, () => {
        writeSync(handle, `${JSON.stringify(line)}\n`);
        fsyncSync(handle);
      });
    },
    close: () => {
      closeSync(handle);
    },
  };
}

function attempt<T>(file: string, write: () => T): T {
  try {
    return write();
  } catch (cause) {
    throw new CrewisoError(
      `cannot write the journal ${file}: ${cause instanceof Error ? cause.message : String(cause)}`,
      {
        code: 'journal',
        exitCode: EXIT.unreachable,
        suggestions: ['without a journal nothing is changed; set XDG_STATE_HOME to a folder that you may write to'],
        cause,
      },
    );
  }
}

/**
 * The lines of a journal. The process may have ended in the middle of one: what does not parse is left out.
 * @throws Error of node:fs where it cannot be read
 */
export function readJournal(file: string): readonly JournalLine[] {
  return parseJournal(readFileSync(file, 'utf8'));
}

export function parseJournal(text: string): readonly JournalLine[] {
  return text.split('\n').flatMap((line) => {
    const value = parsed(line);
    return isRecord(value) && typeof value.seq === 'number' && isEvent(value) ? [value as unknown as JournalLine] : [];
  });
}

/** A beginning of another make tells too little to be gone on with or taken back. */
function isEvent({ event, run, plan }: Readonly<Record<string, unknown>>): boolean {
  return event === 'begin'
    ? typeof run === 'string' && isRecord(plan) && isRecord(plan.binding)
    : typeof event === 'string';
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line) as unknown;
  } catch {
    return undefined;
  }
}

/** What became of the steps of a run, as far as its journal tells. */
export interface Settled {
  readonly begin: Extract<JournalLine, { event: 'begin' }>;
  readonly done: ReadonlyMap<number, Extract<JournalLine, { event: 'done' }>>;
  /** Steps that were begun and of whose end nothing is written. */
  readonly open: ReadonlySet<number>;
  readonly changes: ReadonlyMap<number, Step>;
  readonly end?: Extract<JournalLine, { event: 'end' }>;
}

/** Undefined for a journal without a beginning: nothing was written then. */
export function settle(lines: readonly JournalLine[]): Settled | undefined {
  let begin: Settled['begin'] | undefined;
  let end: Settled['end'];
  const done = new Map<number, Extract<JournalLine, { event: 'done' }>>();
  const open = new Set<number>();
  const changes = new Map<number, Step>();
  for (const line of lines) {
    if (line.event === 'begin') begin = line;
    else if (line.event === 'end') end = line;
    else if (line.event === 'intent') {
      changes.set(line.step, line.change);
      open.add(line.step);
    } else if (line.event === 'done') {
      done.set(line.step, line);
      open.delete(line.step);
    } else if (line.event === 'failed' && line.result !== 'unknown') open.delete(line.step);
  }
  return begin && { begin, done, open, changes, ...(end ? { end } : {}) };
}
