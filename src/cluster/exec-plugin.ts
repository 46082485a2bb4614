import { spawn, type ChildProcess } from 'node:child_process';
import { isRecord, stringAt, valueAt } from '../kubernetes/json-value.ts';
import { clean } from '../model/text.ts';
import { noAccess, type ExecEntry } from './cluster-access.ts';

export interface ExecOptions {
  readonly user: string;
  /** Whether somebody sits at the terminal; the plugin may talk to them unless its entry says `Never`. */
  readonly terminal: boolean;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
  /** Receives what the plugin says to the user: device codes, prompts, its own errors. */
  readonly stderr: (text: string) => void;
}

export interface ExecCredential {
  readonly token?: string;
  readonly certificate?: { readonly cert: string; readonly key: string };
  /** Milliseconds since the epoch; without it good until refused. */
  readonly expiresAt?: number;
}

/** The two members of client-node's ExecAuth that are used; both are private to its types. */
interface ExecAuthLike {
  execFn: (command: string, args: string[], options: object) => ChildProcess;
  getCredential(user: object): Promise<unknown>;
}

/**
 * Runs a client-go credential plugin once (client.authentication.k8s.io, `plugin/pkg/client/auth/exec`) by way of
 * client-node's ExecAuth, which is loaded only now, and adds what that leaves out: KUBERNETES_EXEC_INFO, a stdin that
 * nobody waits for, the plugin's stderr, a deadline, and the rules for its answer.
 *
 * @throws CrewisoError (4); no message ever quotes the plugin's output, which is a credential.
 */
export async function runExecPlugin(entry: ExecEntry, options: ExecOptions): Promise<ExecCredential> {
  const interactive = options.terminal && entry.interactiveMode !== 'Never';
  if (entry.interactiveMode === 'Always' && !interactive)
    throw noAccess(
      `${nameOf(entry, options)} cannot support interactive mode: standard input is not a terminal`,
      'run it in a terminal',
    );
  const { ExecAuth } = await import('@kubernetes/client-node/dist/exec_auth.js');
  const auth = new ExecAuth() as unknown as ExecAuthLike;
  const run: Run = { exit: null };
  auth.execFn = (command, args, spawnOptions) => {
    const child = spawn(command, args, {
      ...spawnOptions,
      stdio: [interactive ? 'inherit' : 'ignore', 'pipe', 'pipe'],
      windowsHide: true,
    });
    child.stderr.on('data', (text: string) => {
      options.stderr(text);
    });
    child.on('close', (code, signal) => (run.exit = code ?? signal));
    run.child = child;
    return child;
  };
  try {
    return read(await beforeDeadline(auth.getCredential(userOf(entry, options, interactive)), run, options), entry);
  } catch (error) {
    throw explain(error, entry, options, run);
  }
}

interface Run {
  child?: ChildProcess;
  exit: number | string | null;
}

function userOf(entry: ExecEntry, options: ExecOptions, interactive: boolean): object {
  const info = {
    kind: 'ExecCredential',
    apiVersion: entry.apiVersion,
    spec: { ...(entry.clusterInfo && { cluster: entry.clusterInfo }), interactive },
  };
  const env = [...entry.env, { name: 'KUBERNETES_EXEC_INFO', value: JSON.stringify(info) }];
  return { name: options.user, exec: { command: entry.command, args: entry.args, env } };
}

class PluginProblem extends Error {}

/** The plugin is killed, and its pipes are let go even if a child of its own still holds them. */
async function beforeDeadline(answer: Promise<unknown>, run: Run, options: ExecOptions): Promise<unknown> {
  const deadline = AbortSignal.any([options.signal, AbortSignal.timeout(options.timeoutMs)]);
  let stop: (() => void) | undefined;
  const stopped = new Promise<never>((_, reject) => {
    stop = () => {
      run.child?.kill();
      run.child?.stdout?.destroy();
      run.child?.stderr?.destroy();
      run.child?.unref();
      const seconds = Math.ceil(options.timeoutMs / 1000);
      reject(new PluginProblem(options.signal.aborted ? 'was stopped' : `did not answer within ${seconds} s`));
    };
    if (deadline.aborted) stop();
    else deadline.addEventListener('abort', stop, { once: true });
  });
  answer.catch(() => undefined);
  try {
    return await Promise.race([answer, stopped]);
  } finally {
    if (stop) deadline.removeEventListener('abort', stop);
    stopped.catch(() => undefined);
  }
}

function read(answer: unknown, entry: ExecEntry): ExecCredential {
  if (stringAt(answer, 'kind') !== 'ExecCredential') throw new PluginProblem('did not answer with an ExecCredential');
  const version = stringAt(answer, 'apiVersion') ?? '';
  if (version !== entry.apiVersion)
    throw new PluginProblem(
      `is configured to use API version ${entry.apiVersion} and returned version ${clean(version)}`,
    );
  const status = valueAt(answer, 'status');
  if (!isRecord(status)) throw new PluginProblem("didn't return a status field");
  const token = stringAt(status, 'token');
  const certificate = certificateOf(status);
  if (!token && !certificate) throw new PluginProblem("didn't return a token or cert/key pair");
  const expiresAt = Date.parse(stringAt(status, 'expirationTimestamp') ?? '');
  return {
    ...(token && { token }),
    ...(certificate && { certificate }),
    ...(!Number.isNaN(expiresAt) && { expiresAt }),
  };
}

function certificateOf(status: unknown): ExecCredential['certificate'] {
  const cert = stringAt(status, 'clientCertificateData');
  const key = stringAt(status, 'clientKeyData');
  if (!cert !== !key) throw new PluginProblem('returned only certificate or key, not both');
  return cert && key ? { cert, key } : undefined;
}

function nameOf(entry: ExecEntry, options: ExecOptions): string {
  return `credential plugin "${clean(entry.command)}" of user "${clean(options.user)}"`;
}

function explain(error: unknown, entry: ExecEntry, options: ExecOptions, run: Run): Error {
  const name = nameOf(entry, options);
  const hint = entry.installHint ? [clean(entry.installHint)] : [];
  if (error instanceof PluginProblem) return noAccess(`${name} ${error.message}`, ...hint);
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  if (code === 'ENOENT')
    return noAccess(`${name} was not found`, ...hint, `check that ${clean(entry.command)} is installed and on PATH`);
  if (code) return noAccess(`${name} could not be started (${code})`, ...hint);
  if (run.exit !== 0 && run.exit !== null)
    return noAccess(`${name} failed with exit code ${run.exit}`, 'log in again, then repeat the command', ...hint);
  // Anything else is JSON.parse, whose message quotes the output.
  return noAccess(`${name} did not answer with JSON`, ...hint);
}
