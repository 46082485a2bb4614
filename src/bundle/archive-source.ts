import { open, readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { unpacked } from './byte-source.ts';
import { refuseEncrypted } from './encrypted-file.ts';
import type { Limits } from './limits.ts';
import { refuse } from './refusal.ts';
import { readTar, type ArchiveEntry } from './tar-reader.ts';
import { readZip } from './zip-reader.ts';
import { unreadable } from './byte-source.ts';

/** Any archive, or a folder that one was unpacked into, as often as it is read. */
export type ArchiveSource = () => AsyncGenerator<ArchiveEntry>;

/**
 * What a path leads to, by its content.
 * @throws CrewisoError (4) where there is nothing, or nothing that is read here
 */
export async function openSource(file: string, limits: Limits): Promise<ArchiveSource> {
  const found = await stat(file).catch((error: unknown) => {
    throw unreadable(file, error as NodeJS.ErrnoException);
  });
  if (found.isDirectory()) return () => readFolder(file, limits);
  const head = await headOf(file);
  if (head.startsWith('504b0304') || head.startsWith('504b0506')) return () => readZip(file, limits);
  if (head.startsWith('fd377a585a00')) throw refuse('it is compressed with xz', `unxz ${file}, and then again`);
  await refuseEncrypted(file);
  return () => readTar(unpacked(file, limits), limits);
}

async function headOf(file: string): Promise<string> {
  const handle = await open(file, 'r');
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(16), 0, 16, 0);
    return buffer.toString('hex', 0, bytesRead);
  } finally {
    await handle.close();
  }
}

/** Links and special files are passed over: what they lead to is not the bundle's. */
async function* readFolder(folder: string, limits: Limits, below = ''): AsyncGenerator<ArchiveEntry> {
  if (below.split('/').length > limits.pathDepth)
    throw refuse(`it is more than ${String(limits.pathDepth)} folders deep`);
  const entries = await readdir(join(folder, below), { withFileTypes: true });
  entries.sort((a, b) => (a.name < b.name ? -1 : 1));
  for (const entry of entries) {
    const path = below === '' ? entry.name : `${below}/${entry.name}`;
    if (entry.isDirectory()) yield* readFolder(folder, limits, path);
    if (!entry.isFile()) continue;
    const full = join(folder, path);
    const { size, mtimeMs } = await stat(full);
    if (size > limits.entryBytes) throw refuse(`a file in it has more than ${String(limits.entryBytes)} bytes`);
    yield {
      path,
      size,
      time: Math.floor(mtimeMs / 1000),
      async *content() {
        yield await readFile(full);
      },
    };
  }
}
