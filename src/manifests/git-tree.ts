import { execFile } from 'node:child_process';
import { posix } from 'node:path';
import { promisify } from 'node:util';
import { CrewisoError, EXIT } from '../model/error.ts';
import { clean } from '../model/text.ts';
import { LIMITS } from './files.ts';

const run = promisify(execFile);

/** A text in a revision, under the name that git gives it. */
export interface GitFile {
  readonly name: string;
  readonly text: string;
}

/** `HEAD~1:charts/crds`: a revision and a path from the top of the repository, as `git show` takes it. */
export function isGitSource(source: string): boolean {
  return /^[^-:][^:]*:./.test(source) && !source.startsWith('cluster:') && !isDrivePath(source);
}

/** `C:\charts`, `C:/charts`: Windows' paths. In git a path begins at the top of the repository, without a slash. */
const isDrivePath = (source: string): boolean => /^[A-Za-z]:[\\/]/.test(source);

/** Revision and path of a git source. */
export function partsOfGitSource(source: string): { readonly revision: string; readonly path: string } {
  const at = source.indexOf(':');
  return { revision: source.slice(0, at), path: source.slice(at + 1) };
}

/**
 * The .yaml, .yml and .json files of a folder in a git revision, or the one file that is named; nothing is checked out.
 * @throws CrewisoError (4) where git has no such thing
 */
export async function readGitTree(source: string): Promise<readonly GitFile[]> {
  const type = (await git(source, 'cat-file', '-t', source)).trim();
  if (type === 'blob') return [{ name: source, text: await git(source, 'cat-file', 'blob', source) }];
  const entries = (await git(source, 'ls-tree', '-z', source)).split('\0').flatMap(entryOf);
  const files: GitFile[] = [];
  for (const { hash, name } of entries.slice(0, LIMITS.files))
    files.push({ name: `${source}/${name}`, text: await git(source, 'cat-file', 'blob', hash) });
  if (files.length === 0) throw unreadable(source, 'there is no .yaml, .yml or .json file in it');
  return files;
}

/** `100644 blob HASH\tNAME`; links and submodules are no files. */
function entryOf(line: string): readonly { readonly hash: string; readonly name: string }[] {
  const [, hash, name] = /^100\d{3} blob ([0-9a-f]+)\t(.+)$/s.exec(line) ?? [];
  if (hash === undefined || name === undefined || !['.yaml', '.yml', '.json'].includes(posix.extname(name))) return [];
  return [{ hash, name }];
}

/** No shell is between, and what the user wrote never begins with a dash (isGitSource). */
async function git(source: string, ...words: readonly string[]): Promise<string> {
  try {
    const { stdout } = await run('git', [...words], { maxBuffer: LIMITS.fileBytes, encoding: 'utf8' });
    return stdout;
  } catch (error) {
    const said = error instanceof Error && 'stderr' in error ? String(error.stderr) : '';
    const missing = error instanceof Error && 'code' in error && error.code === 'ENOENT';
    const why = missing ? 'git is not installed' : clean(said.split('\n')[0] ?? '').replace(/^fatal: /, '');
    throw unreadable(source, why === '' ? 'git could not read it' : why, error);
  }
}

const unreadable = (source: string, why: string, cause?: unknown): CrewisoError =>
  new CrewisoError(`${clean(source)}: ${why}`, {
    code: 'git-unreadable',
    exitCode: EXIT.unreachable,
    suggestions: ['give a file, a folder, a bundle, cluster:, or REVISION:PATH from the top of the repository'],
    ...(cause !== undefined && { cause }),
  });
