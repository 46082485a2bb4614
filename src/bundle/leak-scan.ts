import { unpackedBytes } from './byte-source.ts';
import { LIMITS, type Limits } from './limits.ts';
import type { Redaction } from './redaction-counts.ts';
import { readTar } from './tar-reader.ts';

/** A secret in an archive: where, and by which rule; never what. */
export interface FoundLeak {
  readonly path: string;
  readonly rule: string;
  readonly offset: number;
}

/**
 * Looks through every byte of an archive for what the redactor would have taken out.
 * @param archive its bytes, gzipped
 */
export async function findLeaks(
  archive: AsyncIterable<Buffer>,
  redaction: Pick<Redaction, 'leaks'>,
  limits: Limits = LIMITS,
): Promise<readonly FoundLeak[]> {
  const found: FoundLeak[] = [];
  for await (const entry of readTar(unpackedBytes(archive, limits), limits)) {
    const { path } = entry;
    const scanner = redaction.leaks();
    const name = Buffer.from(`${path}\n`);
    scanner.write(name);
    for await (const piece of entry.content()) scanner.write(piece);
    found.push(...scanner.end().map(({ rule, offset }) => ({ path, rule, offset: Math.max(0, offset - name.length) })));
  }
  return found;
}
