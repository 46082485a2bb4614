import { sameJson } from '../kubernetes/json-value.ts';
import {
  FIX_CLASSES,
  targetOf,
  type Change,
  type FixClass,
  type JsonPatch,
  type Patch,
  type PlannedFinding,
} from '../model/fix.ts';
import { groupOf } from '../model/object.ts';

/** A change and what it is for. */
export interface Purposed {
  readonly change: Change;
  /** Namespace of the organization. */
  readonly tenant: string;
  /** Id of the finding. */
  readonly finding: string;
}

/** What repairs one or more findings at once. */
export interface Candidate {
  readonly class: FixClass;
  readonly summaries: readonly string[];
  readonly findings: readonly PlannedFinding[];
  readonly changes: readonly Purposed[];
  readonly verify: readonly string[];
  readonly leaves: readonly string[];
}

export interface Merged {
  readonly candidates: readonly Candidate[];
  /** Those that contradict one before them, and what about. */
  readonly conflicts: readonly { readonly candidate: Candidate; readonly object: string }[];
}

/** Identity of the object that a change is about. */
export function keyOf(change: Change): string {
  const { apiVersion, kind, namespace = '', name } = targetOf(change);
  return [groupOf(apiVersion), kind, namespace, name].join('/');
}

/**
 * One change per object: candidates that touch the same object become one, if their changes agree; else the later one
 * is a conflict.
 */
export function mergeCandidates(candidates: readonly Candidate[]): Merged {
  let merged: readonly Candidate[] = [];
  const conflicts: { candidate: Candidate; object: string }[] = [];
  for (const candidate of candidates) {
    const keys = new Set(candidate.changes.map(({ change }) => keyOf(change)));
    const touching = merged.filter(({ changes }) => changes.some(({ change }) => keys.has(keyOf(change))));
    const joined = [...touching, candidate].reduce<Candidate | string | undefined>(
      (sum, next) => (sum === undefined ? next : typeof sum === 'string' ? sum : join(sum, next)),
      undefined,
    );
    if (typeof joined === 'string') conflicts.push({ candidate, object: joined });
    else if (joined) merged = [...merged.filter((other) => !touching.includes(other)), joined];
  }
  return { candidates: merged, conflicts };
}

/** Both as one, or the key of the object about which they contradict. */
function join(a: Candidate, b: Candidate): Candidate | string {
  const changes = new Map(a.changes.map((purposed) => [keyOf(purposed.change), purposed]));
  for (const purposed of b.changes) {
    const key = keyOf(purposed.change);
    const known = changes.get(key);
    const both = known ? joinChanges(known.change, purposed.change) : purposed.change;
    if (!both) return key;
    changes.set(key, { ...(known ?? purposed), change: both });
  }
  return {
    class: FIX_CLASSES[Math.max(FIX_CLASSES.indexOf(a.class), FIX_CLASSES.indexOf(b.class))] ?? 'destructive',
    summaries: [...new Set([...a.summaries, ...b.summaries])],
    findings: [...a.findings, ...b.findings],
    changes: [...changes.values()],
    verify: [...new Set([...a.verify, ...b.verify])],
    leaves: [...new Set([...a.leaves, ...b.leaves])],
  };
}

function joinChanges(a: Change, b: Change): Change | undefined {
  if (sameJson(a, b)) return a;
  return a.op === 'patch' && b.op === 'patch' && a.uid === b.uid ? joinPatches(a, b) : undefined;
}

function joinPatches(a: Patch, b: Patch): Patch | undefined {
  const patch = joinOperations(a.patch, b.patch);
  const inverse = joinOperations(b.inverse, a.inverse);
  if (!patch || !inverse) return undefined;
  const fill = [...(a.fill ?? []), ...(b.fill ?? [])];
  const inverseFill = [...(b.inverseFill ?? []), ...(a.inverseFill ?? [])];
  return {
    ...a,
    patch,
    inverse,
    ...(fill.length > 0 ? { fill } : {}),
    ...(inverseFill.length > 0 ? { inverseFill } : {}),
    needs: [...new Map([...a.needs, ...b.needs].map((rule) => [JSON.stringify(rule), rule])).values()],
  };
}

/** All preconditions, then all changes; undefined where both change the same field in different ways. */
function joinOperations(a: JsonPatch, b: JsonPatch): JsonPatch | undefined {
  const result = [...a.filter(({ op }) => op === 'test')];
  const changes = a.filter(({ op }) => op !== 'test');
  for (const operation of b) {
    const same = [...result, ...changes].some((other) => sameJson(other, operation));
    if (same) continue;
    const clash = [...result, ...changes].some(
      (other) =>
        (other.op === 'test') === (operation.op === 'test') &&
        (within(other.path, operation.path) || within(operation.path, other.path)),
    );
    if (clash) return undefined;
    (operation.op === 'test' ? result : changes).push(operation);
  }
  return [...result, ...changes];
}

const within = (path: string, other: string): boolean => path === other || path.startsWith(`${other}/`);
