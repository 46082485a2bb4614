import { CrewisoError } from '../model/error.ts';
import { RUN_ANNOTATION } from '../kubernetes/write-state.ts';
import { namespaceOfChange, targetOf, type Step } from '../model/fix.ts';
import type { Written } from '../model/writing.ts';
import type { RunResult, StepOutcome } from '../model/run.ts';
import type { Journal, JournalEvent } from './journal.ts';
import { guardNamespaces } from './namespace-guard.ts';
import { prepare, restores } from './prepare.ts';
import { describe, makesNamespace, refusedRights, rehearse, rehearseAll } from './rehearse.ts';
import { RunState } from './run-state.ts';
import type { RunInput, RunPorts } from './run.ts';
import { verifyByReading, verifyWave } from './verify.ts';
import { awaitNamespace, awaitRemoval } from './wait.ts';

/** At most ten writes a second: controllers and quotas want to keep up. */
const BETWEEN_WRITES = 100;

/**
 * Applies a plan: rights, comparison and rehearsal of everything first, then wave by wave, each verified before the next.
 * Stops at the first trouble; what was done is in the journal, so that it can be gone on with or taken back.
 */
export async function applyPlan(input: RunInput, ports: RunPorts): Promise<RunResult> {
  const state = new RunState(input, ports);
  const open = input.plan.steps.filter(({ step }) => !input.settled?.done.has(step));
  const refusal = (await refusedRights(open, ports)) ?? (await rehearseAll(open, state));
  if (refusal) return state.refused(refusal.why, refusal.stale);
  if (input.dryRun || ports.signal.aborted) return state.result();
  begin(input, ports);
  try {
    for (const wave of input.plan.waves) {
      if (!(await applyWave(wave, state))) break;
    }
    ports.journal.append({ event: 'end', exit: state.result().exit });
  } catch (error) {
    // A journal that cannot be written any more, for one: what was done before must be told all the same.
    if (!(error instanceof CrewisoError)) throw error;
    state.stopped = error.message;
  }
  return state.result();
}

function begin({ plan, run, version, settled, undoes }: RunInput, { journal }: RunPorts): void {
  if (settled) {
    journal.append({ event: 'resume', run });
    return;
  }
  journal.append({
    event: 'begin',
    run,
    plan,
    tool: version,
    ...(undoes === undefined ? {} : { undoes }),
  });
}

/** Applies and verifies the steps of one wave. @returns false when the run ends here */
async function applyWave(wave: readonly number[], state: RunState): Promise<boolean> {
  const { plan } = state.input;
  const steps = plan.steps.filter(({ step }) => wave.includes(step));
  for (const step of steps) {
    if (state.ports.signal.aborted || !(await applyStep(step, state))) return false;
  }
  const startedAt = state.ports.now();
  const sight = plan.fixes.some(({ findings }) => findings.length > 0)
    ? await verifyWave(steps, state)
    : await verifyByReading(steps, state.ports.writer);
  state.verifications.push(...sight.verifications);
  state.regressed = [...state.regressed, ...sight.regressed];
  for (const { finding, result } of sight.verifications)
    state.ports.journal.append({ event: 'verify', finding, result });
  const milliseconds = state.ports.now() - startedAt;
  state.ports.tell({ event: 'verified', verifications: sight.verifications, milliseconds });
  if (sight.regressed.length > 0)
    state.stopped = `new findings: ${sight.regressed.map(({ message }) => message).join('; ')}`;
  else if (sight.verifications.some(({ result }) => result !== 'fixed'))
    state.stopped = 'what was applied did not help';
  return state.stopped === undefined;
}

async function applyStep(step: Step, state: RunState): Promise<boolean> {
  const { settled } = state.input;
  const startedAt = state.ports.now();
  const outcome: StepOutcome = settled?.done.has(step.step)
    ? { step, result: 'earlier' }
    : await untilGone(step, await makeChange(step, state), state);
  state.outcomes.push(outcome);
  state.ports.tell({ event: 'step', outcome, milliseconds: state.ports.now() - startedAt });
  if ('why' in outcome) state.stopped = `${describe(step)}: ${outcome.why}`;
  else if (makesNamespace(step) && outcome.result !== 'earlier') await settleNamespace(step, state);
  return state.stopped === undefined;
}

/** What is deleted in the foreground lives on until what it owns has gone. */
async function untilGone(step: Step, outcome: StepOutcome, { ports }: RunState): Promise<StepOutcome> {
  if (step.op !== 'delete' || !step.propagation || 'why' in outcome) return outcome;
  if (await awaitRemoval(step, ports)) return outcome;
  return { step, result: 'unknown', why: 'is still being deleted; what it owns has to go first' };
}

/** The rest of a new Namespace could not be rehearsed before: it is now, before anything else is written. */
async function settleNamespace(step: Step, state: RunState): Promise<void> {
  const namespace = namespaceOfChange(step);
  const { input, ports } = state;
  if (!(await awaitNamespace(namespace, ports))) {
    state.stopped = `Namespace ${namespace} does not become Active`;
    return;
  }
  const context = state.context();
  const inside = input.plan.steps.filter(
    (other) => targetOf(other).namespace === namespace && !input.settled?.done.has(other.step),
  );
  for (const other of inside) {
    const prepared = await rehearse(other, state, context);
    if ('why' in prepared) {
      state.stopped = `${describe(other)}: ${prepared.why}`;
      return;
    }
  }
}

async function makeChange(step: Step, state: RunState): Promise<StepOutcome> {
  const { journal, writer, sleep } = state.ports;
  const prepared = await prepare(step, state.context());
  if ('why' in prepared) return { step, result: prepared.state, why: prepared.why };
  if (prepared.state === 'in place') return alreadyThere(step, prepared.present, state);
  const guarded = await guardNamespaces(step, state.input, writer);
  if (guarded !== undefined) return { step, result: 'refused', why: guarded };
  const unwritable = note(journal, { event: 'intent', step: step.step, change: step });
  if (unwritable !== undefined) return { step, result: 'refused', why: unwritable };
  const written = await writer.write(prepared.write, { dryRun: false });
  await sleep(BETWEEN_WRITES);
  const outcome = finishStep(step, written);
  const unwritten = note(journal, eventOf(step, written));
  return unwritten === undefined || 'why' in outcome ? outcome : { step, result: 'unknown', why: unwritten };
}

/** What an attempt that was cut off has made is ours, and to be taken back; what others have made is not. */
function alreadyThere(step: Step, present: { metadata: Meta } | undefined, state: RunState): StepOutcome {
  const { settled, run } = state.input;
  const begun = settled?.open.has(step.step) === true;
  const mark = present?.metadata.annotations?.[RUN_ANNOTATION];
  const made = step.op !== 'create' || restores(step.fill) || mark === run;
  const result = begun && made ? 'applied' : 'unchanged';
  if (!begun) state.ports.journal.append({ event: 'intent', step: step.step, change: step });
  state.ports.journal.append({ event: 'done', step: step.step, result, ...identityOf(present?.metadata) });
  return { step, result };
}

interface Meta {
  readonly uid?: string;
  readonly resourceVersion?: string;
  readonly annotations?: Readonly<Record<string, string>> | null;
}

function identityOf({ uid, resourceVersion }: Meta = {}): { readonly uid?: string; readonly resourceVersion?: string } {
  return { ...(uid === undefined ? {} : { uid }), ...(resourceVersion === undefined ? {} : { resourceVersion }) };
}

function finishStep(step: Step, written: Written): StepOutcome {
  return 'why' in written ? { step, result: written.result, why: written.why } : { step, result: written.result };
}

function eventOf({ step }: Step, written: Written): JournalEvent {
  if ('why' in written) return { event: 'failed', step, result: written.result, why: written.why };
  return { event: 'done', step, result: written.result, ...identityOf(written) };
}

/** Writes a line; why that could not be done, where it could not. */
function note(journal: Journal, event: JournalEvent): string | undefined {
  try {
    journal.append(event);
    return undefined;
  } catch (error) {
    if (error instanceof CrewisoError) return error.message;
    throw error;
  }
}
