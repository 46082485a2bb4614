import {
  targetOf,
  type Change,
  type Create,
  type Fill,
  type JsonPatch,
  type LeftToYou,
  type Plan,
  type Step,
} from '../model/fix.ts';
import { resourceOf } from '../kubernetes/resource-of.ts';
import { groupOf, qualifiedName } from '../model/object.ts';
import type { AccessRule } from '../model/access.ts';
import { RESOURCES } from '../model/resource.ts';
import { followUpPlan, type FollowUpInput } from './follow-up.ts';
import type { Settled } from './journal.ts';

export interface UndoInput extends FollowUpInput {
  readonly settled: Settled;
  /** Step of the run to take back; default: all of them. */
  readonly only?: number;
  readonly allowDestructive: boolean;
  /** What cannot be taken back for reasons of its own. */
  readonly alsoLeft?: readonly LeftToYou[];
}

/**
 * What takes a run back: the inverse of everything that it has really changed, last change first. Preconditions are that
 * the objects are still those, and their fields still hold what the run put there.
 */
export function undoPlan(input: UndoInput): Plan {
  const { settled } = input;
  const inverses = [...settled.changes.values()]
    .filter(({ step }) => input.only === undefined || step === input.only)
    .sort((a, b) => b.step - a.step)
    .flatMap((step) => inverseOf(step, settled));
  const isDestructive = ({ change }: Inverse): boolean => change.op === 'delete' && change.target.kind === 'Namespace';
  const kept = inverses.filter((inverse) => input.allowDestructive || !isDestructive(inverse));
  const { begin } = settled;
  return followUpPlan(input, {
    begin,
    class: kept.some(isDestructive) ? 'destructive' : 'review',
    summary: `take back ${begin.run}`,
    changes: kept.map(({ change, step: { tenant } }) => ({ change, tenant })),
    left: [...(input.alsoLeft ?? []), ...inverses.filter((inverse) => !kept.includes(inverse)).map(leftOver)],
  });
}

interface Inverse {
  readonly change: Change;
  readonly step: Step;
}

function leftOver({ change }: Inverse): Plan['left'][number] {
  const { kind, namespace, name } = targetOf(change);
  return {
    check: 'undo',
    finding: '',
    object: `${kind} ${qualifiedName({ name, ...(namespace === undefined ? {} : { namespace }) })}`,
    why: 'a Namespace is deleted only with --allow-destructive',
    steps: [],
  };
}

/** Kinds that change only when somebody changes them: their version tells whether anybody did. */
const QUIET: ReadonlySet<string> = new Set(['Secret', 'ConfigMap', 'Role', 'RoleBinding']);

/** What somebody else had done already is not taken back. */
function inverseOf(step: Step, { done }: Settled): readonly Inverse[] {
  const made = done.get(step.step);
  if (made?.result !== 'applied') return [];
  const { uid, resourceVersion } = made;
  const version = (kind: string): { readonly resourceVersion?: string } =>
    QUIET.has(kind) && resourceVersion !== undefined ? { resourceVersion } : {};
  switch (step.op) {
    case 'create': {
      const target = targetOf(step);
      if (uid === undefined) return [];
      const change: Change = {
        op: 'delete',
        target,
        uid,
        ...version(target.kind),
        restores: again(step),
        needs: [right('delete', step)],
      };
      return [{ step, change }];
    }
    case 'patch': {
      const { target, needs, inverse, inverseFill, patch, fill } = step;
      // Of data that came from a Secret only the version tells that it is still ours.
      const versions = inverseFill ? version(target.kind) : {};
      const change: Change = {
        op: 'patch',
        target,
        ...(uid === undefined ? {} : { uid }),
        patch: withVersion(inverse, versions.resourceVersion),
        inverse: patch.filter(({ path }) => path !== VERSION),
        ...(inverseFill ? { fill: inverseFill } : {}),
        ...(fill ? { inverseFill: fill.map(unversioned) } : {}),
        needs,
      };
      return [{ step, change }];
    }
    case 'delete':
      return step.restores ? [{ step, change: step.restores }] : [];
  }
}

const VERSION = '/metadata/resourceVersion';

function withVersion(patch: JsonPatch, value: string | undefined): JsonPatch {
  return value === undefined ? patch : [{ op: 'test', path: VERSION, value }, ...patch];
}

/** The same creation once more: its sources may have got another version by then. */
function again({ op, object, fill, backup, needs }: Create): Create {
  return {
    op,
    object,
    ...(fill ? { fill: fill.map(unversioned) } : {}),
    ...(backup ? { backup } : {}),
    needs,
  };
}

function unversioned(fill: Fill): Fill {
  if (fill.from === 'time') return fill;
  const { apiVersion, kind, namespace, name, uid, key } = fill.from;
  const from = { apiVersion, kind, namespace, name };
  return {
    path: fill.path,
    from: { ...from, ...(uid === undefined ? {} : { uid }), ...(key === undefined ? {} : { key }) },
  };
}

function right(verb: string, change: Change): AccessRule {
  const { apiVersion, kind, namespace, name } = targetOf(change);
  const resource = resourceOf(apiVersion, kind);
  return {
    verb,
    group: groupOf(apiVersion),
    resource: resource ? RESOURCES[resource].plural : kind.toLowerCase(),
    name,
    ...(namespace === undefined ? {} : { namespace }),
  };
}
