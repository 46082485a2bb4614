import { diffCrds, type CrdDifference } from '../../kubernetes/crd-diff.ts';
import type { CrdRun } from '../../kubernetes/crd-document.ts';
import type { CrdLive } from './crd-live.ts';
import { readCrdSource, type CrdSource } from './crd-sources.ts';

/** Two sets of definitions, compared, with the objects of the first one judged under the second. */
export interface CrdComparison {
  readonly differences: readonly CrdDifference[];
  readonly run: CrdRun;
  /** Who uses the first one. */
  instances: CrdSource['instances'];
  /** What lies beside the second one. */
  readonly charts: CrdSource['charts'];
}

/**
 * Reads both sources and compares them. Of a cluster or a bundle only the groups of the other side are looked at.
 * @throws CrewisoError (4) for a source that cannot be read
 */
export async function compareSources(old: string, now: string, live: CrdLive): Promise<CrdComparison> {
  const [before, after] = [await readCrdSource(old, live), await readCrdSource(now, live)];
  const sets = { old: within(before, after), new: within(after, before) };
  const pairs = sets.old.flatMap((crd) => {
    const other = sets.new.find(({ name }) => name === crd.name);
    return other ? [{ old: crd, new: other }] : [];
  });
  const changed = new Set(
    diffCrds(sets, new Map())
      .filter(({ changes }) => changes.some(({ verdict }) => verdict !== 'neutral'))
      .map(({ name }) => name),
  );
  const judged = await before.judge(pairs.filter(({ old: crd }) => changed.has(crd.name)));
  const differences = diffCrds(sets, judged);
  const notes = [...before.notes, ...after.notes];
  const run = { version: live.version, old: before.name, new: after.name, notes };
  return { differences, run, instances: () => before.instances(), charts: after.charts };
}

function within({ crds, extent }: CrdSource, other: CrdSource): CrdSource['crds'] {
  if (extent === 'set') return crds;
  const groups = new Set(other.crds.map(({ group }) => group));
  return crds.filter(({ group }) => groups.has(group));
}
