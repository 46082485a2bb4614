import { count } from '../model/text.ts';
import { storageVersion } from './crd.ts';
import { losing, refusedOf, type AffectedObject, type CrdDifference } from './crd-diff.ts';
import { CRD_RULES } from './crd-rules.ts';
import { applyStep, exportStep, instanceSteps, migrateStep, rollBack } from './crd-plan-steps.ts';

/** A Helm release of the software that reads and writes the objects. */
export interface Instance {
  readonly namespace: string;
  readonly release: string;
}

/** One step of an upgrade that somebody else carries out. */
export interface CrdPlanStep {
  readonly phase: 'export' | 'repair' | 'migrate' | 'definitions' | 'instances';
  readonly title: string;
  /** `blocked`: it must not, or cannot, be done as things are. */
  readonly state: 'ready' | 'blocked' | 'undecided';
  readonly why: readonly string[];
  /** For a shell; lines that begin with `#` are advice. */
  readonly commands: readonly string[];
  /** `namespace/name`, of the objects that it is about. */
  readonly objects: readonly string[];
}

export interface CrdPlan {
  /** `nothing`: the definitions are as they should be · `undecided`: not everything could be seen or decided. */
  readonly state: 'nothing' | 'ready' | 'blocked' | 'undecided';
  readonly steps: readonly CrdPlanStep[];
  /** Where an instance fails with the new definitions. */
  readonly rollBack: readonly string[];
}

/** Where kubectl finds the new definitions. */
export interface NewDefinitions {
  /** Folder or file. */
  readonly place: string;
  /** Commands that bring them there first. */
  readonly fetch: readonly string[];
}

export interface CrdPlanInput {
  readonly differences: readonly CrdDifference[];
  readonly to: NewDefinitions;
  /** The first one is the canary. */
  readonly instances: readonly Instance[];
}

/**
 * The order of an upgrade: look and save, correct objects, migrate the store, definitions, instances from the canary on.
 * Definitions lead as long as they only add; what is taken away comes last, when nobody needs it any more.
 */
export function planCrds({ differences, to, instances }: CrdPlanInput): CrdPlan {
  const changed = differences.filter(({ changes }) => changes.some(({ rule }) => rule !== 'crd-removed'));
  if (changed.length === 0) return { state: 'nothing', steps: [], rollBack: [] };
  const before = [...changed.flatMap(exportStep), ...changed.flatMap(repairStep), ...changed.flatMap(migrateBefore)];
  const apply = waiting(applyStep(changed, to), before);
  const after = [...changed.flatMap(migrateAfter), ...instanceSteps(instances, changed)];
  const steps = [...before, apply, ...after.map((step) => waiting(step, [apply]))];
  return { state: stateOf(steps), steps, rollBack: rollBack(instances) };
}

/** What comes after a step that is blocked is not to be done either. */
function waiting(step: CrdPlanStep, before: readonly CrdPlanStep[]): CrdPlanStep {
  const blocking = before.filter(({ state }) => state === 'blocked');
  const [first] = blocking;
  if (!first || step.state === 'blocked') return step;
  const more = blocking.length > 1 ? ` and ${count(blocking.length - 1, 'other step')}` : '';
  return { ...step, state: 'blocked', why: [`not before this is done: ${first.title}${more}`, ...step.why] };
}

function stateOf(steps: readonly CrdPlanStep[]): CrdPlan['state'] {
  if (steps.some(({ state }) => state === 'blocked')) return 'blocked';
  return steps.some(({ state }) => state === 'undecided') ? 'undecided' : 'ready';
}

/** Objects that break the new definition are corrected while the old one still takes them. */
function repairStep({ name, objects }: CrdDifference): readonly CrdPlanStep[] {
  const [lost, refused] = [losing(objects), refusedOf(objects)];
  if (lost.length + refused.length === 0) return [];
  const named = [...new Set([...lost, ...refused])];
  const why = [
    ...(lost.length > 0
      ? [
          `${count(lost.length, 'object')} would lose ${fieldsOf(lost.flatMap(({ dropped, nulls }) => [...dropped, ...nulls]))}`,
        ]
      : []),
    ...(refused.length > 0
      ? [
          `${count(refused.length, 'object')} would be refused when written: ${fieldsOf(refused.flatMap(({ violations }) => violations.map(({ path }) => path)))}`,
        ]
      : []),
  ];
  return [
    {
      phase: 'repair',
      title: `correct ${count(named.length, 'object')} of ${name}`,
      state: 'blocked',
      why,
      commands: editCommands(name, named),
      objects: named.map((object) =>
        object.namespace === undefined ? object.name : `${object.namespace}/${object.name}`,
      ),
    },
  ];
}

const EDITED = 20;

function editCommands(kind: string, objects: readonly AffectedObject[]): readonly string[] {
  const edit = ({ name, namespace }: AffectedObject): string =>
    `kubectl edit ${kind} ${name}${namespace === undefined ? '' : ` -n ${namespace}`}`;
  const more = objects.length - EDITED;
  return [
    ...objects.slice(0, EDITED).map(edit),
    ...(more > 0 ? [`# and ${count(more, 'more object')}: -o json names them all`] : []),
  ];
}

function fieldsOf(paths: readonly string[]): string {
  const fields = [...new Set(paths.map((path) => path.replaceAll(/\[\d+\]/g, '[]')))].sort();
  return fields.slice(0, 3).join(', ') + (fields.length > 3 ? ` … ${fields.length - 3} more` : '');
}

/** Versions in which objects may lie that the new definition does not know: it is refused until none does. */
function migrateBefore({ name, old, new: now }: CrdDifference): readonly CrdPlanStep[] {
  if (!old || !now) return [];
  const kept = new Set(now.versions.map((version) => version.name));
  const gone = old.storedVersions.filter((version) => !kept.has(version));
  const storage = storageVersion(old)?.name ?? '';
  if (gone.length === 0) return [];
  const why = [`objects may still be stored as ${gone.join(', ')}, which the new definition does not have`];
  if (!kept.has(storage))
    return [
      {
        phase: 'migrate',
        title: `no way from ${storage} to ${storageVersion(now)?.name ?? 'the new storage version'} of ${name} in one step`,
        state: 'blocked',
        why: [...why, CRD_RULES['version-removed'].why],
        commands: [`# apply definitions first that have both versions and store the new one; migrate; then these`],
        objects: [],
      },
    ];
  return [migrateStep(name, storage, why)];
}

/** Once another version is stored the objects are written anew, one day before the old version is dropped. */
function migrateAfter({ name, old, new: now }: CrdDifference): readonly CrdPlanStep[] {
  const storage = now && storageVersion(now)?.name;
  if (!old || storage === undefined) return [];
  const kept = new Set(now?.versions.map((version) => version.name));
  const others = old.storedVersions.filter((version) => version !== storage && kept.has(version));
  if (others.length === 0) return [];
  return [migrateStep(name, storage, [`objects may still be stored as ${others.join(', ')}`])];
}
