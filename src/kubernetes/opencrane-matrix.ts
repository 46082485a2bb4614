/** Which releases of OpenCrane can read and write which CRDs, as its documentation says it. */
export interface MatrixRow {
  readonly bundle: string;
  /** Versions of the API that the CRDs serve, sorted. */
  readonly served: readonly string[];
  /** Of appVersion: all patches of a minor release. */
  readonly versions: readonly string[];
}

export const OPENCRANE_MATRIX: readonly MatrixRow[] = [
  { bundle: 'v1alpha1 (1)', served: ['v1alpha1'], versions: ['0.1'] },
];

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
