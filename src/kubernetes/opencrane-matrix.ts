import type { MatrixRow } from '../model/opencrane.ts';
import { compareNames } from '../model/object.ts';

/** As OpenCrane's documentation says it. */
const BUILT_IN: readonly MatrixRow[] = [{ bundle: 'v1alpha1 (1)', served: ['v1alpha1'], versions: ['0.1'] }];

/** What the matrix says about CRDs that serve these versions: rows for the same ones add up. Undefined without any. */
export function rowFor(served: readonly string[], more: readonly MatrixRow[] = []): MatrixRow | undefined {
  const rows = [...BUILT_IN, ...more].filter((row) => row.served.join() === served.join());
  if (rows.length === 0) return undefined;
  const unique = (texts: readonly string[]): readonly string[] => [...new Set(texts)].sort(compareNames);
  return {
    bundle: unique(rows.map(({ bundle }) => bundle)).join(', '),
    served,
    versions: unique(rows.flatMap(({ versions }) => versions)),
  };
}

/** Whether a version is among those of a row, newer than all of them, or another; undefined for what is no version. */
export function placeInRow(version: string, { versions }: MatrixRow): 'listed' | 'newer' | 'unlisted' | undefined {
  const [, major, minor] = /^v?(\d+)\.(\d+)\.\d+(?:[-+].*)?$/.exec(version) ?? [];
  if (major === undefined || minor === undefined) return undefined;
  if (versions.includes(`${major}.${minor}`)) return 'listed';
  const isNewer = (than: string): boolean => {
    const [otherMajor = 0, otherMinor = 0] = than.split('.').map(Number);
    return Number(major) > otherMajor || (Number(major) === otherMajor && Number(minor) > otherMinor);
  };
  return versions.every(isNewer) ? 'newer' : 'unlisted';
}
