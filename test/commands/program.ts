import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ApiServerOptions } from '../../src/apiserver/options.ts';
import { createApiServer, type ApiServer } from '../../src/apiserver/server.ts';
import type { Report } from '../../src/model/report.ts';

/** The executable as it is installed; `npm test` builds dist/ before. */
export const EXECUTABLE = fileURLToPath(new URL('../../bin/kubectl-crewiso', import.meta.url));
export const ROOT = fileURLToPath(new URL('../../', import.meta.url));

export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly milliseconds: number;
}

export interface RunOptions {
  /** Variables besides PATH and a home without a kubeconfig. */
  readonly env?: Readonly<Record<string, string>>;
  readonly input?: string;
  /** When the program has shown this, the input is given to it, and not before. */
  readonly inputAfter?: string;
  readonly cwd?: string;
  /** Called once the process runs. */
  readonly started?: (child: ChildProcessWithoutNullStreams) => void;
}

/** Nothing of the machine that runs the tests: no kubeconfig, no proxy, no colour settings. */
export function environment(more: Readonly<Record<string, string>> = {}): Record<string, string> {
  return { PATH: process.env.PATH ?? '', HOME: '/nonexistent', TZ: 'UTC', LANG: 'C.UTF-8', COLUMNS: '100', ...more };
}

/** Runs the built program and waits for its end; killed after 60 s, which shows as `signal`. */
export function crewiso(argv: readonly string[], options: RunOptions = {}): Promise<Ended> {
  return run(process.execPath, [EXECUTABLE, ...argv], options);
}

/** A line of bash in which `"$@"` is the program with these words; `code N` on stderr tells its exit code. */
export function inShell(line: string, argv: readonly string[], options: RunOptions = {}): Promise<Ended> {
  return run('bash', ['-c', line, 'bash', process.execPath, EXECUTABLE, ...argv], options);
}

export async function run(command: string, argv: readonly string[], options: RunOptions = {}): Promise<Ended> {
  const startedAt = performance.now();
  const child = spawn(command, argv, {
    env: environment(options.env),
    cwd: options.cwd ?? ROOT,
    timeout: 60_000,
    killSignal: 'SIGKILL',
  });
  const chunks: Record<'stdout' | 'stderr', Buffer[]> = { stdout: [], stderr: [] };
  child.stdout.on('data', (chunk: Buffer) => chunks.stdout.push(chunk));
  child.stderr.on('data', (chunk: Buffer) => chunks.stderr.push(chunk));
  child.stdin.on('error', () => undefined);
  if (options.inputAfter === undefined) child.stdin.end(options.input ?? '');
  else
    child.stdout.on(
      'data',
      whenShown(options.inputAfter, chunks.stdout, () => child.stdin.end(options.input ?? '')),
    );
  options.started?.(child);
  const [code, signal] = await new Promise<[number | null, NodeJS.Signals | null]>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (...ended) => {
      resolve(ended);
    });
  });
  return {
    code,
    signal,
    stdout: Buffer.concat(chunks.stdout).toString('utf8'),
    stderr: Buffer.concat(chunks.stderr).toString('utf8'),
    milliseconds: performance.now() - startedAt,
  };
}

const ADMIN = { user: 'oncall', groups: ['system:masters', 'system:authenticated'] };

/** Serves a cluster on loopback while `use` runs; whoever asks without credentials may do everything. */
export async function withServer<T>(
  options: ApiServerOptions,
  use: (server: ApiServer, flags: readonly string[]) => Promise<T>,
): Promise<T> {
  const server = createApiServer({ anonymous: ADMIN, ...options });
  await server.listen();
  try {
    return await use(server, ['--server', server.url, '--kubeconfig', '/dev/null']);
  } finally {
    await server.close();
  }
}

function whenShown(text: string, chunks: readonly Buffer[], act: () => void): () => void {
  let done = false;
  return () => {
    if (done || !Buffer.concat(chunks).includes(text)) return;
    done = true;
    act();
  };
}

/** The one JSON document that stdout is. @throws SyntaxError when it is anything else */
export function reportOf(ended: Ended): Report {
  return JSON.parse(ended.stdout) as Report;
}

/** A folder that exists while `use` runs. */
export async function withFolder<T>(use: (folder: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'crewiso-'));
  try {
    return await use(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Outcome of each check by id. */
export function outcomesOf({ checks }: Report): Readonly<Record<string, string>> {
  return Object.fromEntries(checks.map(({ id, outcome }) => [id, outcome]));
}
