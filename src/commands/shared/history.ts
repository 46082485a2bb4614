import type { HistoryDocument } from '../../model/history.ts';
import { pastRun, pastSteps, undoneRuns } from '../../remediation/history.ts';
import { historyText } from '../../reporters/history.ts';
import type { AnswerFlags } from './access-run.ts';
import { findRun, listRuns, runsFolder } from './run-files.ts';
import { machineText } from './run-output.ts';
import { renderOptions } from './terminal.ts';

/** Tells what was repaired from this machine. @throws CrewisoError (2) where there is no such run */
export async function showHistory(name: string | undefined, flags: AnswerFlags): Promise<void> {
  const folder = runsFolder(process.env, process.platform);
  const all = listRuns(folder);
  const undone = undoneRuns(all.map(({ settled }) => settled));
  const one = name === undefined ? undefined : findRun(folder, name);
  const document: HistoryDocument = {
    apiVersion: 'crewiso/v1',
    kind: 'History',
    runs: (one ? [one] : all).map(({ settled }) => pastRun(settled, undone)),
    ...(one ? { changes: pastSteps(one.settled) } : {}),
  };
  const options = renderOptions({ ...flags, 'min-severity': 'info' }, process.stdout, process.env);
  process.stdout.write(
    flags.output === 'table' ? historyText(document, options) : await machineText(document, flags.output),
  );
}
