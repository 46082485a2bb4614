/** What an archive may be at most; far above what any tool collects. */
export interface Limits {
  readonly entries: number;
  readonly entryBytes: number;
  readonly totalBytes: number;
  /** Unpacked to packed, behind the first 64 MiB; deflate reaches 1,029. */
  readonly ratio: number;
  readonly pathLength: number;
  readonly pathDepth: number;
  /** Of a PAX header or a GNU long name. */
  readonly headerBytes: number;
}

export const LIMITS: Limits = {
  entries: 500_000,
  entryBytes: 256 * 1024 ** 2,
  totalBytes: 20 * 1024 ** 3,
  ratio: 200,
  pathLength: 1024,
  pathDepth: 32,
  headerBytes: 64 * 1024,
};
