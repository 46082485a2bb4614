import { countVerdicts, losing, refusedOf, undecidedOf, type CrdDifference } from './crd-diff.ts';
import type { CrdPlan } from './crd-plan.ts';

/** What both documents say about where they come from. */
export interface CrdRun {
  readonly version: string;
  readonly old: string;
  readonly new: string;
  /** What could not be read or is worth knowing, one line each; `missing` makes the answer incomplete. */
  readonly notes: readonly { readonly missing: boolean; readonly message: string }[];
}

/** `crd diff -o json`: schemas/crd-diff.schema.json. */
export type CrdDiffDocument = ReturnType<typeof crdDiffDocument>;

export function crdDiffDocument(differences: readonly CrdDifference[], run: CrdRun) {
  const summary = {
    crds: differences.length,
    added: differences.filter((one) => !one.old).length,
    removed: differences.filter((one) => !one.new).length,
    changed: differences.filter((one) => one.old && one.new && one.changes.length > 0).length,
    ...countVerdicts(differences),
  };
  return {
    apiVersion: 'crewiso/v1',
    kind: 'CrdDiff',
    tool: { name: 'kubectl-crewiso', version: run.version },
    old: run.old,
    new: run.new,
    notes: run.notes,
    summary,
    crds: differences.map((one) => ({
      name: one.name,
      versions: versionsOf(one),
      state: !one.old ? 'added' : !one.new ? 'removed' : one.changes.length > 0 ? 'changed' : 'same',
      changes: one.changes.map(changeOf),
      objects: objectsOf(one),
    })),
    exit: diffExit(differences, run),
  } as const;
}

const versionsOf = ({ old, new: now }: CrdDifference): readonly string[] =>
  ((now ?? old)?.versions ?? []).filter(({ served }) => served).map(({ name }) => name);

/** Without the name that stands above it. */
function changeOf(change: CrdDifference['changes'][number]) {
  const { version, path, rule, verdict, breaks, losesData, before, after, reason, source, objects } = change;
  return {
    ...(version !== undefined && { version }),
    path,
    rule,
    verdict,
    breaks,
    losesData,
    ...(before !== undefined && { before }),
    ...(after !== undefined && { after }),
    reason,
    source,
    ...(objects !== undefined && { objects }),
  };
}

function objectsOf({ objects }: CrdDifference) {
  const { read, why, total, affected } = objects;
  return {
    read,
    ...(why !== undefined && { why }),
    total,
    losing: losing(objects).length,
    refused: refusedOf(objects).length,
    undecided: undecidedOf(objects).length,
    affected,
  };
}

interface Exit {
  readonly code: 0 | 1 | 3;
  readonly reason: string;
}

function diffExit(differences: readonly CrdDifference[], { notes }: CrdRun): Exit {
  const { breaking, unknown } = countVerdicts(differences);
  if (breaking > 0) return { code: 1, reason: 'something breaks' };
  if (unknown > 0) return { code: 3, reason: 'not every change could be judged' };
  if (notes.some(({ missing }) => missing)) return { code: 3, reason: 'not everything could be read' };
  return { code: 0, reason: 'nothing breaks' };
}

/** `crd plan -o json`: schemas/crd-plan.schema.json. */
export type CrdPlanDocument = ReturnType<typeof crdPlanDocument>;

export function crdPlanDocument(plan: CrdPlan, differences: readonly CrdDifference[], run: CrdRun) {
  return {
    apiVersion: 'crewiso/v1',
    kind: 'CrdPlan',
    tool: { name: 'kubectl-crewiso', version: run.version },
    from: run.old,
    to: run.new,
    notes: run.notes,
    state: plan.state,
    summary: countVerdicts(differences),
    steps: plan.steps.map((step, index) => ({ step: index + 1, ...step })),
    rollBack: plan.rollBack,
    exit: planExit(plan, run),
  } as const;
}

function planExit({ state }: CrdPlan, { notes }: CrdRun): Exit {
  if (state === 'blocked') return { code: 1, reason: 'a step is blocked' };
  if (state === 'undecided') return { code: 3, reason: 'not everything could be decided' };
  if (notes.some(({ missing }) => missing)) return { code: 3, reason: 'not everything could be read' };
  return { code: 0, reason: state === 'nothing' ? 'nothing to do' : 'no step is blocked' };
}
