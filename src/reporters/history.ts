import type { HistoryDocument } from '../model/history.ts';
import { qualifiedName } from '../model/object.ts';
import type { RenderOptions } from '../model/report.ts';
import { cleanDeep } from './clean-report.ts';
import { columnLines } from './columns.ts';
import { asciiProse } from './layout.ts';

/** Runs as a table, the last one at the end, where the eye is; with one run its changes. */
export function historyText(source: HistoryDocument, { headers, ascii }: RenderOptions): string {
  const { runs, changes } = cleanDeep(source) as HistoryDocument;
  if (runs.length === 0) return 'nothing was repaired from this machine\n';
  const lines = columnLines(
    ['run', 'when', 'state', 'changes', 'server', 'what'],
    runs.map(({ run, at, state, changed, steps, server = '', summary, undoes }) => [
      run,
      `${at.slice(0, 16).replace('T', ' ')}Z`,
      state,
      `${String(changed)}/${String(steps)}`,
      server,
      undoes === undefined ? summary : `undo of ${undoes}`,
    ]),
    headers,
  );
  const steps = columnLines(
    ['step', 'result', 'change', 'object'],
    (changes ?? []).map(({ step, result, op, object }) => [
      String(step),
      result,
      op,
      `${object.kind} ${qualifiedName(object)}`,
    ]),
    headers,
  );
  return asciiProse(`${[...lines, ...(changes ? ['', ...steps] : [])].join('\n')}\n`, ascii);
}
