import { createReadStream } from 'node:fs';
import { readdir, realpath, stat } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { CrewisoError, EXIT } from '../model/error.ts';

/** Caps that keep hostile or mistaken input from using up memory; far above what `kubectl get -A -o yaml` prints. */
export interface Limits {
  readonly fileBytes: number;
  readonly totalBytes: number;
  readonly files: number;
}

export const LIMITS: Limits = { fileBytes: 64 * 1024 ** 2, totalBytes: 512 * 1024 ** 2, files: 20_000 };

export interface FileOptions {
  /** Also the folders in a folder. */
  readonly recursive?: boolean;
  /** What `-` reads; default: the standard input of the process. */
  readonly stdin?: AsyncIterable<Uint8Array | string>;
  readonly limits?: Partial<Limits>;
}

/** A file's text, or why it could not be read. `name` is the path as the user would write it. */
export type FileText = { readonly name: string } & ({ readonly text: string } | { readonly fault: string });

const EXTENSIONS = ['.json', '.yaml', '.yml'];

/**
 * Reads what `-f` names, one file at a time, with kubectl's rules (ExpandPathsToFileVisitors in
 * k8s.io/cli-runtime/pkg/resource/visitor.go): files whatever they are called; of folders the .yaml, .yml and .json files
 * in lexical order, without subfolders unless `recursive`; linked folders inside a folder are not followed. A file that is
 * reached twice is read once.
 * Throws CrewisoError for a source that does not exist or cannot be read; inside folders that is a fault of the file.
 */
export async function* readFiles(sources: readonly string[], options: FileOptions): AsyncGenerator<FileText> {
  const limits = { ...LIMITS, ...options.limits };
  const seen = new Set<string>();
  let total = 0;
  for await (const file of findFiles(sources, options)) {
    if (seen.has(file.identity)) continue;
    seen.add(file.identity);
    if ('fault' in file) {
      yield { name: file.name, fault: file.fault };
      continue;
    }
    if (seen.size > limits.files || total >= limits.totalBytes) {
      yield { name: file.name, fault: `not read, nor is anything after it: ${beyond(limits)}` };
      return;
    }
    const read = await readText(file, limits.fileBytes);
    total += read.bytes;
    yield read.text;
  }
}

const beyond = (limits: Limits): string => `more than ${limits.files} files or ${mebibytes(limits.totalBytes)}`;
const mebibytes = (bytes: number): string => `${Math.round(bytes / 1024 ** 2)} MiB`;

type Found = { readonly name: string; readonly identity: string } & (
  { readonly open: () => AsyncIterable<Uint8Array | string>; readonly named: boolean } | { readonly fault: string }
);

async function* findFiles(sources: readonly string[], options: FileOptions): AsyncGenerator<Found> {
  for (const source of sources) {
    if (source === '-') {
      yield { name: 'stdin', identity: '-', open: () => options.stdin ?? process.stdin, named: true };
      continue;
    }
    const kind = await kindOf(source);
    if (kind === 'folder') yield* walk(source, options.recursive ?? false);
    else yield { name: source, identity: await realpath(source), open: () => createReadStream(source), named: true };
  }
}

async function kindOf(source: string): Promise<'file' | 'folder'> {
  try {
    return (await stat(source)).isDirectory() ? 'folder' : 'file';
  } catch (error) {
    if (/^https?:\/\//.test(source)) {
      throw new CrewisoError('-f reads files and does not fetch addresses', {
        code: 'usage',
        exitCode: EXIT.usage,
        suggestions: ['fetch it and hand it in: curl … | kubectl crewiso doctor -f -'],
        cause: error,
      });
    }
    throw unreadable(source, error);
  }
}

function unreadable(source: string, error: unknown): CrewisoError {
  return new CrewisoError(`${source}: ${reasonOf(error)}`, {
    code: 'manifest-unreadable',
    exitCode: EXIT.unreachable,
    cause: error,
  });
}

async function* walk(folder: string, recursive: boolean): AsyncGenerator<Found> {
  let entries;
  try {
    entries = await readdir(folder, { withFileTypes: true });
  } catch (error) {
    yield { name: folder, identity: folder, fault: reasonOf(error) };
    return;
  }
  entries.sort((a, b) => (a.name < b.name ? -1 : 1));
  let found = false;
  for (const entry of entries) {
    const name = join(folder, entry.name);
    if (entry.isDirectory()) {
      if (recursive) yield* walk(name, recursive);
    } else if (EXTENSIONS.includes(extname(entry.name))) {
      found = true;
      yield await fileIn(name);
    }
  }
  if (!found && !recursive) {
    const hint = entries.some((entry) => entry.isDirectory()) ? '; -R reads its subfolders too' : '';
    yield { name: folder, identity: folder, fault: `no .yaml, .yml or .json file in this folder${hint}` };
  }
}

/** Pipes and devices in a folder are not opened: reading them might never end. */
async function fileIn(name: string): Promise<Found> {
  try {
    const identity = await realpath(name);
    if (!(await stat(name)).isFile()) return { name, identity, fault: 'not a regular file' };
    return { name, identity, open: () => createReadStream(name), named: false };
  } catch (error) {
    return { name, identity: name, fault: reasonOf(error) };
  }
}

async function readText(
  file: Extract<Found, { open: unknown }>,
  limit: number,
): Promise<{ text: FileText; bytes: number }> {
  const { name } = file;
  const parts: Uint8Array[] = [];
  let bytes = 0;
  try {
    for await (const part of file.open()) {
      const chunk = typeof part === 'string' ? Buffer.from(part) : part;
      bytes += chunk.length;
      if (bytes > limit) return { text: { name, fault: `larger than ${mebibytes(limit)}` }, bytes: 0 };
      parts.push(chunk);
    }
  } catch (error) {
    if (error instanceof CrewisoError) throw error;
    if (file.named) throw unreadable(name, error);
    return { text: { name, fault: reasonOf(error) }, bytes: 0 };
  }
  return { text: { name, ...decode(Buffer.concat(parts)) }, bytes };
}

/** UTF-8, or UTF-16 with a byte order mark, which PowerShell writes. */
function decode(bytes: Buffer): { text: string } | { fault: string } {
  if (bytes[0] === 0x1f && bytes[1] === 0x8b) return { fault: 'compressed with gzip: unpack it first' };
  const encoding =
    bytes[0] === 0xff && bytes[1] === 0xfe ? 'utf-16le' : bytes[0] === 0xfe && bytes[1] === 0xff ? 'utf-16be' : 'utf-8';
  try {
    return { text: new TextDecoder(encoding, { fatal: true }).decode(bytes) };
  } catch {
    return { fault: 'not a text in UTF-8' };
  }
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'no such file or folder',
  ENOTDIR: 'no such file or folder',
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  EISDIR: 'a folder',
  ELOOP: 'symbolic links that go in a circle',
};

function reasonOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  return REASONS[code] ?? `could not be read (${code || 'unknown reason'})`;
}
