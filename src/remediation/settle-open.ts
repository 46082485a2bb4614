import { RUN_ANNOTATION } from '../kubernetes/write-state.ts';
import { targetOf, type LeftToYou, type Step } from '../model/fix.ts';
import { qualifiedName, type KubeObject } from '../model/object.ts';
import type { ClusterWriter } from '../model/writing.ts';
import type { JournalLine, Settled } from './journal.ts';
import { prepare, restores } from './prepare.ts';
import type { RunPorts } from './run.ts';
import { awaitRemoval } from './wait.ts';

export interface Resettled {
  readonly settled: Settled;
  /** Changes of which nobody can say whether they were made. */
  readonly unknown: readonly LeftToYou[];
}

type Ports = Pick<RunPorts, 'writer' | 'sleep' | 'now' | 'signal'>;
type Done = Extract<JournalLine, { event: 'done' }>;

/**
 * What became of the changes that a run had begun when it was cut off, found out by reading: those that are in place
 * were made by it.
 */
export async function settleOpen(settled: Settled, ports: Ports): Promise<Resettled> {
  const done = new Map(settled.done);
  const unknown: LeftToYou[] = [];
  for (const number of settled.open) {
    const step = settled.changes.get(number);
    if (!step) continue;
    const came = await lookAt(step, settled.begin.run, ports);
    if (came === 'unknown') unknown.push(leftOf(step));
    else if (came !== 'not made') done.set(number, doneLine(number, came, settled));
  }
  return { settled: { ...settled, done, open: new Set() }, unknown };
}

/** The object as the change left it. */
async function lookAt(step: Step, run: string, ports: Ports): Promise<KubeObject | 'gone' | 'not made' | 'unknown'> {
  const { writer, now } = ports;
  if (step.op === 'create' && !restores(step.fill)) return madeBy(run, step, writer);
  const prepared = await prepare(step, { writer, run, now: now(), known: new Map() });
  if (prepared.state === 'ready') return 'not made';
  if (prepared.state !== 'in place') return 'unknown';
  // What is deleted in the foreground lives on for a while; until then nothing else can have its name.
  if (step.op === 'delete') return (await awaitRemoval(step, ports)) ? 'gone' : 'unknown';
  return prepared.present ?? 'gone';
}

async function madeBy(run: string, step: Step, writer: ClusterWriter): Promise<KubeObject | 'not made' | 'unknown'> {
  const found = await writer.get(targetOf(step));
  if (found.state !== 'found') return found.state === 'unknown' ? 'unknown' : 'not made';
  return found.object.metadata.annotations?.[RUN_ANNOTATION] === run ? found.object : 'not made';
}

function doneLine(step: number, object: KubeObject | 'gone', { begin }: Settled): Done {
  const { uid, resourceVersion } = object === 'gone' ? {} : object.metadata;
  return {
    ...{ seq: begin.seq, at: begin.at, event: 'done', step, result: 'applied' },
    ...(uid === undefined ? {} : { uid }),
    ...(resourceVersion === undefined ? {} : { resourceVersion }),
  };
}

function leftOf(step: Step): LeftToYou {
  const { kind, ...name } = targetOf(step);
  const object = `${kind} ${qualifiedName(name)}`;
  return {
    ...{ check: 'undo', finding: '', object },
    why: `the run was cut off while it was to ${step.op} it, and somebody has changed it since`,
    steps: [],
  };
}
