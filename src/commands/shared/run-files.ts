import { randomBytes } from 'node:crypto';
import { existsSync, readdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { CrewisoError, EXIT } from '../../model/error.ts';
import { undoneRuns } from '../../remediation/history.ts';
import {
  openJournal,
  readJournal,
  settle,
  type Journal,
  type JournalLine,
  type Settled,
} from '../../remediation/journal.ts';

/** Where journals are: `$XDG_STATE_HOME/kubectl-crewiso/runs`, as the XDG Base Directory Specification says. */
export function runsFolder(env: NodeJS.ProcessEnv, platform: NodeJS.Platform): string {
  const { XDG_STATE_HOME: state, LOCALAPPDATA: local } = env;
  if (state) return join(state, 'kubectl-crewiso', 'runs');
  const base = platform === 'win32' && local ? local : join(homedir(), '.local', 'state');
  return join(base, 'kubectl-crewiso', 'runs');
}

/** `r-20261120-1006-4c1d`: when it began (UTC), and what tells it from others. @param now milliseconds since the epoch */
export function newRunId(now: number): string {
  const [date = '', time = ''] = new Date(now).toISOString().split('T');
  return `r-${date.replaceAll('-', '')}-${time.slice(0, 5).replace(':', '')}-${randomBytes(2).toString('hex')}`;
}

export const journalFile = (folder: string, run: string): string => join(folder, `${run}.jsonl`);

const RUN = /^r-\d{8}-\d{4}-[0-9a-f]{4}$/;

export interface StoredRun {
  readonly run: string;
  readonly lines: readonly JournalLine[];
  readonly settled: Settled;
}

/** All runs with a journal here, oldest first; a file that tells of no run is left out. */
export function listRuns(folder: string): readonly StoredRun[] {
  const names = existsSync(folder) ? readdirSync(folder) : [];
  return names
    .flatMap((name) => (name.endsWith('.jsonl') ? [name.slice(0, -'.jsonl'.length)] : []))
    .filter((run) => RUN.test(run))
    .flatMap((run) => loadRun(folder, run) ?? [])
    .sort((a, b) => (startOf(a) < startOf(b) ? -1 : 1));
}

const startOf = ({ settled }: StoredRun): string => settled.begin.at;

/** Somebody else's file, or a folder of that name, tells nothing. */
function linesOf(file: string): readonly JournalLine[] {
  try {
    return readJournal(file);
  } catch {
    return [];
  }
}

function loadRun(folder: string, run: string): StoredRun | undefined {
  const lines = linesOf(journalFile(folder, run));
  const settled = settle(lines);
  return settled && { run, lines, settled };
}

const changed = ({ done, open }: Settled): boolean =>
  open.size > 0 || [...done.values()].some(({ result }) => result === 'applied');

/**
 * The run of this name, or the last one that changed something, was no undo and has not been taken back.
 * @throws CrewisoError (2) where there is none
 */
export function findRun(folder: string, name: string): StoredRun {
  const runs = listRuns(folder);
  const undone = undoneRuns(runs.map(({ settled }) => settled));
  const found =
    name === 'last'
      ? runs.findLast(({ run, settled }) => settled.begin.undoes === undefined && !undone.has(run) && changed(settled))
      : runs.find(({ run }) => run === name);
  if (found) return found;
  throw new CrewisoError(name === 'last' ? 'there is no run to take back' : `there is no journal of a run ${name}`, {
    code: 'no-run',
    exitCode: EXIT.usage,
    suggestions: [`journals are in ${folder}`, 'kubectl crewiso fix history'],
  });
}

/** A journal that is made with its first line: of a run that writes nothing, nothing stays. */
export function lazyJournal(folder: string, run: string, after?: readonly JournalLine[]): Journal & { close(): void } {
  let open: ReturnType<typeof openJournal> | undefined;
  return {
    append: (event) => {
      open ??= openJournal(journalFile(folder, run), Date.now, after);
      open.append(event);
    },
    close: () => open?.close(),
  };
}
