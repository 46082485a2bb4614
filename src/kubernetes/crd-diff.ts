import { compareNames, qualifiedName, type KubeObject } from '../model/object.ts';
import type { Crd } from './crd.ts';
import { compareCrdSets } from './crd-compare.ts';
import { decode } from './crd-prune.ts';
import type { CrdChange, Verdict } from './crd-rules.ts';
import { judgeStored, type StoredJudgement } from './crd-stored.ts';
import type { Violation } from './crd-validate.ts';

/** An object that the new definition drops something of, refuses, or about which that is not decided. */
export interface AffectedObject extends Omit<StoredJudgement, 'object' | 'version'> {
  readonly namespace?: string;
  readonly name: string;
}

/** What becomes of the objects of one kind. */
export interface JudgedObjects {
  /** `none`: nobody looked, or could; `some`: there may be more. */
  readonly read: 'all' | 'some' | 'none';
  readonly why?: string;
  readonly total: number;
  /** Those that anything is said about, by name. */
  readonly affected: readonly AffectedObject[];
}

export interface CrdDifference {
  readonly name: string;
  readonly old?: Crd;
  readonly new?: Crd;
  readonly changes: readonly (CrdChange & {
    /** How many objects the change touches; absent where that was not seen. */
    readonly objects?: number;
  })[];
  readonly objects: JudgedObjects;
}

const UNREAD: JudgedObjects = { read: 'none', total: 0, affected: [] };

/** Two sets of CRDs, kind by kind, with what becomes of the objects that were looked at. */
export function diffCrds(
  sets: { readonly old: readonly Crd[]; readonly new: readonly Crd[] },
  judged: ReadonlyMap<string, JudgedObjects>,
): readonly CrdDifference[] {
  const changes = compareCrdSets(sets);
  const names = [...new Set([...sets.old, ...sets.new].map(({ name }) => name))].sort();
  return names.map((name) => {
    const old = sets.old.find((crd) => crd.name === name);
    const now = sets.new.find((crd) => crd.name === name);
    const objects = judged.get(name) ?? UNREAD;
    return {
      name,
      ...(old && { old }),
      ...(now && { new: now }),
      changes: changes
        .filter(({ crd }) => crd === name)
        .map((change) => ({
          ...change,
          ...(objects.read !== 'none' && { objects: touchedBy(change, objects).length }),
        })),
      objects,
    };
  });
}

/** Judges the objects of one kind one by one, as they are read; only what is said about them is kept. */
export class ObjectJudge {
  readonly #old: Crd;
  readonly #new: Crd;
  readonly #affected = new Map<string, AffectedObject>();
  readonly #seen = new Set<string>();

  constructor(old: Crd, now: Crd) {
    this.#old = old;
    this.#new = now;
  }

  add(object: KubeObject): void {
    const before = this.#asStored(object);
    const known = new Set((judgeStored(before, this.#old)?.violations ?? []).map(keyOf));
    const judgement = judgeStored(before, this.#new);
    const { name, namespace } = object.metadata;
    const id = qualifiedName({ name, ...(namespace !== undefined && { namespace }) });
    this.#seen.add(id);
    this.#affected.delete(id);
    if (!judgement) return;
    const { dropped, nulls, unchecked } = judgement;
    // What the old definition refuses as well is no consequence of the change.
    const violations = judgement.violations.filter((violation) => !known.has(keyOf(violation)));
    if (dropped.length + nulls.length + unchecked.length + violations.length === 0) return;
    const about = { name, ...(namespace !== undefined && { namespace }) };
    this.#affected.set(id, { ...about, dropped, nulls, violations, unchecked });
  }

  /** An object in a file may hold what no API server has kept. */
  #asStored(object: KubeObject): KubeObject {
    const { apiVersion = '' } = object;
    const version = this.#old.versions.find(({ name }) => apiVersion.endsWith(`/${name}`));
    return version?.schema ? (decode(object, version.schema, this.#old).value as KubeObject) : object;
  }

  result(read: JudgedObjects['read'], why?: string): JudgedObjects {
    const affected = [...this.#affected].sort(([a], [b]) => compareNames(a, b)).map(([, object]) => object);
    return { read, ...(why !== undefined && { why }), total: this.#seen.size, affected };
  }
}

const keyOf = ({ path, keyword }: Violation): string => `${keyword} ${path}`;

/**
 * Objects that lose something, or would be refused, where a change breaks something. Of the whole object nothing is said,
 * nor of rules in CEL, which are not evaluated.
 */
export function touchedBy(
  { path, rule, verdict }: Pick<CrdChange, 'path' | 'rule' | 'verdict'>,
  { affected }: JudgedObjects,
): readonly AffectedObject[] {
  if (verdict !== 'breaking' || path === '' || rule === 'cel-added') return [];
  return affected.filter((object) => brokenPaths(object).some((found) => isBelow(found, path)));
}

/** Where an object loses something, or would be refused. */
export const brokenPaths = ({ dropped, nulls, violations }: AffectedObject): readonly string[] => [
  ...dropped,
  ...nulls,
  ...violations.map(({ path }) => path),
];

/** Whether a path in an object (`spec.list[0].a`) is that of a schema (`spec.list[]`, `spec.labels.*`) or below it. */
function isBelow(found: string, path: string): boolean {
  const steps = (text: string): readonly string[] =>
    text
      .replaceAll(/\[\d*\]/g, '.[]')
      .replaceAll(/\['([^']*)'\]/g, '.$1')
      .split('.')
      .filter(Boolean);
  const [whole, start] = [steps(found), steps(path)];
  return start.every((step, index) => step === whole[index] || (step === '*' && whole[index] !== undefined));
}

/** Counts by verdict. */
export function countVerdicts(differences: readonly CrdDifference[]): Readonly<Record<Verdict, number>> {
  const counts = { breaking: 0, unknown: 0, additive: 0, neutral: 0 };
  for (const { verdict } of differences.flatMap(({ changes }) => changes)) counts[verdict] += 1;
  return counts;
}

/** Objects that lose something, and those that would be refused. */
export const losing = ({ affected }: JudgedObjects): readonly AffectedObject[] =>
  affected.filter(({ dropped, nulls }) => dropped.length + nulls.length > 0);
export const refusedOf = ({ affected }: JudgedObjects): readonly AffectedObject[] =>
  affected.filter(({ violations }) => violations.length > 0);
export const undecidedOf = ({ affected }: JudgedObjects): readonly AffectedObject[] =>
  affected.filter(({ unchecked }) => unchecked.length > 0);
