import type { Crd } from '../kubernetes/crd.ts';
import { compareCrds } from '../kubernetes/crd-compare.ts';
import type { CrdChange, CrdRuleId } from '../kubernetes/crd-rules.ts';

/** What breaks at one path of one version. */
export interface BreakingRow {
  readonly key: string;
  readonly changes: readonly CrdChange[];
  /** Behind the name of the CRD: ` v1alpha1 spec.nickname`. */
  readonly where: string;
  readonly reason: string;
  /** Nothing is refused or lost; what is filled in differs. */
  readonly behaviour: boolean;
}

export interface BreakingRows {
  readonly rows: readonly BreakingRow[];
  /** What cannot be told from the two definitions, one line each. */
  readonly unknown: readonly string[];
}

const BEHAVIOUR: ReadonlySet<CrdRuleId> = new Set(['default-changed', 'default-removed']);

const STORED = 'objects may be stored in it, and the API server refuses a definition without it until none is';

/** What a new definition breaks, by version and path. */
export function breakingRows(old: Crd, now: Crd): BreakingRows {
  const changes = compareCrds(old, now);
  const groups = new Map<string, CrdChange[]>();
  for (const change of changes) {
    if (change.verdict !== 'breaking' && !isGoneFromStore(old, change)) continue;
    const key = `${change.version ?? ''} ${change.path}`.trim();
    groups.set(key, [...(groups.get(key) ?? []), change]);
  }
  const gone = old.versions.filter(({ name }) => !now.versions.some((version) => version.name === name));
  return {
    rows: [...groups].map(([key, group]) => rowOf(old, key, group)),
    unknown: [
      ...changes
        .filter(({ verdict }) => verdict === 'unknown')
        .map((change) => `${old.name}${whereOf(change)}: ${change.reason}`),
      ...(gone.length > 0 && old.storedVersions.length === 0
        ? [
            `${old.name} has no stored versions in what was read: whether ${gone.map(({ name }) => name).join(', ')} may go`,
          ]
        : []),
    ],
  };
}

/** A version that nobody asks for may still be in the store. */
const isGoneFromStore = ({ storedVersions }: Crd, { rule, version = '' }: CrdChange): boolean =>
  rule === 'version-retired' && storedVersions.includes(version);

const whereOf = ({ version, path }: CrdChange): string =>
  [version, path].map((part) => (part === undefined || part === '' ? '' : ` ${part}`)).join('');

function rowOf(old: Crd, key: string, changes: readonly CrdChange[]): BreakingRow {
  const [first] = changes;
  if (!first) throw new Error('a row without a change');
  const { version = '' } = first;
  const gone = changes.some(({ rule }) => rule === 'version-removed' || rule === 'version-retired');
  const reasons = changes.filter(({ verdict }) => verdict === 'breaking').map(({ reason }) => reason);
  return {
    key,
    changes,
    where: whereOf(first),
    reason: [...reasons, ...(gone && old.storedVersions.includes(version) ? [STORED] : [])].join('; '),
    behaviour: changes.every(({ rule }) => BEHAVIOUR.has(rule)),
  };
}
