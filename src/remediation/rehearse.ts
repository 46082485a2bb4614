import { namespaceOfChange, targetOf, type Step } from '../model/fix.ts';
import { qualifiedName } from '../model/object.ts';
import type { Refusal } from '../model/run.ts';
import { guardNamespaces } from './namespace-guard.ts';
import { foresee, prepare, type Prepared, type Preparing } from './prepare.ts';
import { checkRights } from './rights.ts';
import type { RunState } from './run-state.ts';
import type { RunPorts } from './run.ts';

/** The rights that are missing, asked of the API server. */
export async function refusedRights(steps: readonly Step[], { writer, tell }: RunPorts): Promise<Refusal | undefined> {
  const { asked, denied } = await checkRights(steps, writer);
  tell({ event: 'rights', asked });
  if (denied.length === 0) return undefined;
  const why = denied.map(({ verb, group, resource, name, namespace }) => {
    const what = `${resource}${group === '' ? '' : `.${group}`}${name === undefined ? '' : `/${name}`}`;
    return `you may not ${verb} ${what}${namespace === undefined ? '' : ` in ${namespace}`}`;
  });
  return { why, stale: false };
}

/** Nothing is written before everything that can be rehearsed was: what is in a Namespace that is yet to be made cannot. */
export async function rehearseAll(steps: readonly Step[], state: RunState): Promise<Refusal | undefined> {
  const context = state.context();
  const missing = new Set<string>();
  const troubles: { why: string; stale: boolean }[] = [];
  let later = 0;
  let unchanged = 0;
  for (const step of steps) {
    const inMissing = !makesNamespace(step) && missing.has(targetOf(step).namespace ?? '');
    const prepared = inMissing ? await compareOnly(step, context) : await rehearse(step, state, context);
    if (inMissing) later += 1;
    if ('why' in prepared) {
      troubles.push({ why: `${describe(step)}: ${prepared.why}`, stale: prepared.state === 'stale' });
    } else if (prepared.state === 'in place') unchanged += inMissing ? 0 : 1;
    else if (makesNamespace(step)) missing.add(namespaceOfChange(step));
  }
  state.ports.tell({ event: 'rehearsed', steps: state.rehearsed, later, unchanged });
  if (troubles.length === 0) return undefined;
  return { why: troubles.map(({ why }) => why), stale: troubles.some(({ stale }) => stale) };
}

export const makesNamespace = (step: Step): boolean => step.op === 'create' && step.object.kind === 'Namespace';

/** `create RoleBinding crewai-org-17/crewai-sa-edit`. */
export function describe(step: Step): string {
  const target = targetOf(step);
  return `${step.op} ${target.kind} ${qualifiedName(target)}`;
}

/** In a Namespace that is yet to be made: what a change rests on is elsewhere and can be looked at. */
async function compareOnly(step: Step, context: Preparing): Promise<Prepared> {
  // Accounts are made with the Namespace.
  if (step.op !== 'create') return { state: 'in place', present: undefined };
  const prepared = await prepare(step, context);
  foresee(step, context);
  return prepared;
}

/** Compares one step and lets the server rehearse it. */
export async function rehearse(step: Step, state: RunState, context: Preparing): Promise<Prepared> {
  const prepared = await prepare(step, context);
  if (step.op === 'create') foresee(step, context);
  if (prepared.state !== 'ready') return prepared;
  const guarded = await guardNamespaces(step, state.input, state.ports.writer);
  if (guarded !== undefined) return { state: 'refused', why: guarded };
  const written = await state.ports.writer.write(prepared.write, { dryRun: true });
  if ('why' in written) {
    return { state: written.result === 'stale' ? 'stale' : 'refused', why: written.why };
  }
  state.rehearsed += 1;
  return prepared;
}
