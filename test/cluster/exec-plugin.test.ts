import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { beforeEach, describe, expect, test } from 'vitest';
import type { ExecEntry } from '../../src/cluster/cluster-access.ts';
import { createCredentials, type CredentialOptions } from '../../src/cluster/credentials.ts';
import { runExecPlugin } from '../../src/cluster/exec-plugin.ts';
import { accessTo } from './loopback-server.ts';

const V1 = 'client.authentication.k8s.io/v1';
const answer = (status: object | undefined, more: object = {}): string =>
  `process.stdout.write(${JSON.stringify(JSON.stringify({ kind: 'ExecCredential', apiVersion: V1, ...(status && { status }), ...more }))})`;

function plugin(script: string, more: Partial<ExecEntry> = {}): ExecEntry {
  return {
    apiVersion: V1,
    command: process.execPath,
    args: ['-e', script],
    env: [],
    interactiveMode: 'Never',
    ...more,
  };
}

let said = '';
const options = (more: Partial<CredentialOptions> = {}) => ({
  user: 'oncall',
  terminal: false,
  timeoutMs: 20_000,
  signal: new AbortController().signal,
  stderr: (text: string) => (said += text),
  ...more,
});
beforeEach(() => {
  said = '';
});

describe('an answer', () => {
  test('token and expiry', async () => {
    const script = answer({ token: 't', expirationTimestamp: '2030-01-01T00:00:00Z' });
    expect(await runExecPlugin(plugin(script), options())).toEqual({
      token: 't',
      expiresAt: Date.parse('2030-01-01T00:00:00Z'),
    });
  });

  test('client certificate', async () => {
    const script = answer({ clientCertificateData: 'C', clientKeyData: 'K' });
    expect(await runExecPlugin(plugin(script), options())).toEqual({ certificate: { cert: 'C', key: 'K' } });
  });

  test('the plugin gets KUBERNETES_EXEC_INFO and its own environment, and what it says is passed on', async () => {
    const script = `process.stderr.write('open https://login\\n'); const i = process.env.KUBERNETES_EXEC_INFO;
      process.stdout.write(JSON.stringify({kind:'ExecCredential',apiVersion:'${V1}',status:{token:i + process.env.EXTRA}}))`;
    const entry = plugin(script, { env: [{ name: 'EXTRA', value: 'x' }], clusterInfo: { server: 'https://s' } });
    const { token } = await runExecPlugin(entry, options());
    const spec = { cluster: { server: 'https://s' }, interactive: false };
    expect(token).toBe(`${JSON.stringify({ kind: 'ExecCredential', apiVersion: V1, spec })}x`);
    expect(said).toBe('open https://login\n');
  });

  test('a plugin that reads stdin does not hang', async () => {
    const script = `process.stdin.resume().on('end', () => { ${answer({ token: 't' })} })`;
    expect(await runExecPlugin(plugin(script), options())).toEqual({ token: 't' });
  });
});

describe('trouble (exit 4) that shows nothing of the output', () => {
  const other = { apiVersion: 'client.authentication.k8s.io/v1beta1' };
  test.each<[string, ExecEntry, RegExp]>([
    ['exit code', plugin('process.stdout.write("canary"); process.exitCode = 3'), /failed with exit code 3$/],
    ['no JSON', plugin('process.stdout.write("canary")'), /did not answer with JSON$/],
    ['no ExecCredential', plugin('process.stdout.write("{\\"canary\\":1}")'), /ExecCredential$/],
    ['another version', plugin(answer({ token: 'canary' }, other)), /API version .*v1 and returned version .*v1beta1$/],
    ['no status', plugin(answer(undefined)), /didn't return a status field$/],
    ['nothing', plugin(answer({})), /didn't return a token or cert\/key pair$/],
    ['half a pair', plugin(answer({ clientKeyData: 'canary' })), /only certificate or key, not both$/],
    ['no such command', plugin('', { command: 'no-such-plugin-here' }), /was not found$/],
    [
      'a terminal that is not there',
      plugin('', { interactiveMode: 'Always' }),
      /cannot support interactive mode: standard input is not a terminal$/,
    ],
  ])('%s', async (_, entry, message) => {
    const error = await runExecPlugin(entry, options()).catch((caught: unknown) => caught);
    expect(error).toMatchObject({ exitCode: 4, message: expect.stringMatching(message) as string });
    expect((error as Error).message).toMatch(/^credential plugin ".+" of user "oncall"/);
    expect(JSON.stringify([error, (error as Error).message])).not.toContain('canary');
  });

  test('a missing plugin comes with its install hint', async () => {
    const entry = plugin('', { command: 'no-such-plugin-here', installHint: 'brew install it' });
    await expect(runExecPlugin(entry, options())).rejects.toMatchObject({
      suggestions: expect.arrayContaining(['brew install it']) as string[],
    });
  });

  test('a hanging plugin is ended, also when a child of it holds the pipe', async () => {
    const hang = `require('node:child_process').spawn(process.execPath, ['-e', 'setTimeout(() => {}, 5000)'], {stdio: 'inherit'}); setTimeout(() => {}, 5000)`;
    const startedAt = performance.now();
    await expect(runExecPlugin(plugin(hang), options({ timeoutMs: 300 }))).rejects.toThrow(/did not answer within 1 s/);
    expect(performance.now() - startedAt).toBeLessThan(3000);
  });
});

describe('credentials of a plugin', () => {
  let runs: () => number;
  let entry: (expiry?: string) => ExecEntry;
  beforeEach(() => {
    let count = 0;
    runs = () => count;
    entry = (expiry) => {
      const script = `process.stderr.write('run'); process.stdout.write(JSON.stringify({kind:'ExecCredential',apiVersion:'${V1}',status:{token:'token-' + process.hrtime.bigint(),expirationTimestamp:${JSON.stringify(expiry)}}}))`;
      return plugin(script);
    };
    counting = () => (count += 1);
  });
  let counting: () => number;
  const credentialsOf = (exec: ExecEntry) =>
    createCredentials(accessTo('https://s', { credentials: { type: 'exec', exec } }), {
      ...options(),
      stderr: () => counting(),
    });

  test('five callers at once share one run, and the value is kept', async () => {
    const credentials = credentialsOf(entry());
    const grants = await Promise.all(Array.from({ length: 5 }, () => credentials.current()));
    await credentials.current();
    expect(new Set(grants.map(({ authorization }) => authorization)).size).toBe(1);
    expect(runs()).toBe(1);
  });

  test('an expired value is renewed', async () => {
    const credentials = credentialsOf(entry('2020-01-01T00:00:00Z'));
    const first = await credentials.current();
    const second = await credentials.current();
    expect([runs(), second.generation - first.generation]).toEqual([2, 1]);
  });

  test('a refused value is renewed once for all, and again only after it was accepted', async () => {
    const credentials = credentialsOf(entry());
    const first = await credentials.current();
    expect(await Promise.all([credentials.refresh(first), credentials.refresh(first)])).toEqual([true, true]);
    const second = await credentials.current();
    expect([runs(), await credentials.refresh(second)]).toEqual([2, false]);
    credentials.accepted(second);
    expect(await credentials.refresh(second)).toBe(true);
    expect(runs()).toBe(3);
  });

  test('a plugin that failed is not run for every request', async () => {
    const exec = plugin('process.stderr.write("run"); process.exitCode = 1');
    const credentials = credentialsOf(exec);
    await expect(credentials.current()).rejects.toThrow(/exit code 1/);
    await expect(credentials.current()).rejects.toThrow(/exit code 1/);
    expect(runs()).toBe(1);
  });

  test('texts are scrubbed of every value that was in use', async () => {
    const credentials = credentialsOf(entry());
    const { authorization } = await credentials.current();
    expect(credentials.scrub(`x ${authorization!} y`)).toBe('x Bearer <redacted> y');
  });
});

describe('oidc', () => {
  const jwt = (exp: number): string => `h.${Buffer.from(JSON.stringify({ exp })).toString('base64url')}.s`;
  const current = (token: string) =>
    createCredentials(
      accessTo('https://s', { credentials: { type: 'oidc', idToken: () => token } }),
      options(),
    ).current();

  test('a valid id-token is used', async () => {
    const token = jwt(4_000_000_000);
    expect(await current(token)).toMatchObject({ authorization: `Bearer ${token}` });
  });

  test('an expired one is left to kubectl to refresh', async () => {
    const error = await current(jwt(1_600_000_000)).catch((caught: unknown) => caught);
    expect(error).toMatchObject({
      exitCode: 4,
      message: 'the OIDC id-token of user "oncall" expired at 2020-09-13T12:26:40.000Z',
      suggestions: [expect.stringMatching(/^kubectl auth whoami --context test refreshes it/)],
    });
  });
});

test('the one file of client-node that is loaded loads nothing else of it', () => {
  const file = createRequire(import.meta.url).resolve('@kubernetes/client-node/dist/exec_auth.js');
  const imports = [...readFileSync(file, 'utf8').matchAll(/^import .* from '(.+)';/gm)].map(([, name]) => name);
  expect(imports).toEqual(['node:child_process']);
});
