import path from 'node:path';
import { clean } from '../model/text.ts';
import { noAccess, type KubeconfigIo } from './cluster-access.ts';
import { decodeCluster, decodeContext, decodeUser, Fields } from './kubeconfig-entry.ts';
import type { ClusterEntry, ContextEntry, UserEntry } from './kubeconfig-entry.ts';

/** All files of one kubeconfig as one: the first file wins, entry by entry. */
export interface Kubeconfig {
  readonly files: readonly string[];
  readonly currentContext: string;
  readonly clusters: ReadonlyMap<string, ClusterEntry>;
  readonly contexts: ReadonlyMap<string, ContextEntry>;
  readonly users: ReadonlyMap<string, UserEntry>;
}

/**
 * Reads and merges kubeconfig files by client-go's loading rules (tools/clientcmd/loader.go): `explicit` must exist;
 * else every file of `$KUBECONFIG`, else `~/.kube/config`, where missing and empty files are skipped. The first file
 * wins for `current-context` and for an entry, which is taken whole.
 *
 * @throws CrewisoError (4) for a file that is missing (explicit), unreadable or no kubeconfig.
 */
export function readKubeconfig(explicit: string | undefined, io: KubeconfigIo): Kubeconfig {
  const files = explicit ? [explicit] : candidates(io);
  const clusters = new Map<string, ClusterEntry>();
  const contexts = new Map<string, ContextEntry>();
  const users = new Map<string, UserEntry>();
  const read: string[] = [];
  let currentContext = '';
  for (const file of files) {
    const text = readText(file, io, explicit !== undefined && explicit !== '');
    if (text === undefined) continue;
    read.push(file);
    if (text.trim() === '') continue;
    const document = decode(file, text, io);
    currentContext ||= document.currentContext;
    addNew(clusters, document.clusters);
    addNew(contexts, document.contexts);
    addNew(users, document.users);
  }
  return { files: read, currentContext, clusters, contexts, users };
}

function candidates(io: KubeconfigIo): readonly string[] {
  const paths = pathsOf(io);
  const listed = (io.env.KUBECONFIG ?? '').split(paths.delimiter).filter((file) => file !== '');
  return io.env.KUBECONFIG ? [...new Set(listed)] : [paths.join(io.homedir, '.kube', 'config')];
}

/** The path rules of the platform that the kubeconfig lives on. */
export function pathsOf(io: Pick<KubeconfigIo, 'platform'>): path.PlatformPath {
  return io.platform === 'win32' ? path.win32 : path.posix;
}

function readText(file: string, io: KubeconfigIo, required: boolean): string | undefined {
  try {
    return io.readFile(file);
  } catch (error) {
    const code = codeOf(error);
    if (code === 'ENOENT' && !required) return undefined;
    if (code === 'ENOENT')
      throw noAccess(`stat ${clean(file)}: no such file or directory`, 'check the path given with --kubeconfig');
    throw noAccess(`error loading config file "${clean(file)}": ${reasonOf(error)}`, `ls -l ${clean(file)}`);
  }
}

/** `ENOENT` and the like of a Node error. */
function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}

/** Why a file could not be read, in the words of the operating system. */
export function reasonOf(error: unknown): string {
  const known: Record<string, string> = {
    ENOENT: 'no such file or directory',
    EACCES: 'permission denied',
    EISDIR: 'is a directory',
  };
  const code = codeOf(error);
  return known[code] ?? (code || 'cannot be read');
}

interface FileContent {
  readonly currentContext: string;
  readonly clusters: Map<string, ClusterEntry>;
  readonly contexts: Map<string, ContextEntry>;
  readonly users: Map<string, UserEntry>;
}

function decode(file: string, text: string, io: KubeconfigIo): FileContent {
  try {
    const fields = new Fields(io.parseYaml(text), '');
    const paths = pathsOf(io);
    const resolve = (name: string): string =>
      name === '' ? '' : paths.resolve(paths.dirname(paths.resolve(file)), name);
    return {
      currentContext: fields.text('current-context'),
      clusters: named(fields, 'clusters', 'cluster', (entry) => decodeCluster(entry, resolve)),
      contexts: named(fields, 'contexts', 'context', decodeContext),
      users: named(fields, 'users', 'user', (entry) => decodeUser(entry, resolve, paths.sep)),
    };
  } catch (error) {
    // Only the first line: a YAML parser shows the offending source, which may be a credential, on the next ones.
    const [reason = ''] = (error instanceof Error ? error.message : String(error)).split('\n');
    throw noAccess(
      `error loading config file "${clean(file)}": ${clean(reason).replace(/:$/, '')}`,
      'kubectl config view',
    );
  }
}

function named<T>(fields: Fields, list: string, key: string, decodeEntry: (fields: Fields) => T): Map<string, T> {
  const entries = new Map<string, T>();
  for (const item of fields.list(list)) {
    const name = item.text('name');
    if (entries.has(name)) throw new Error(`duplicate name "${name}" in ${list}`);
    entries.set(name, decodeEntry(item.object(key)));
  }
  return entries;
}

function addNew<T>(all: Map<string, T>, more: ReadonlyMap<string, T>): void {
  for (const [name, entry] of more) if (!all.has(name)) all.set(name, entry);
}
