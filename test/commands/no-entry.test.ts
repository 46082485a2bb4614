import { writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { describe, it } from 'vitest';
import { pem } from '../cluster/loopback-server.ts';
import { crewiso, withFolder, withServer, type Ended } from './program.ts';

const TLS = { key: pem('server.key'), cert: pem('server.crt') };

/** A kubeconfig with one cluster and one user, as JSON: YAML contains it. */
function kubeconfig(folder: string, server: string, user: object): string {
  const file = join(folder, 'kubeconfig');
  writeFileSync(join(folder, 'ca.crt'), pem('ca.crt'));
  writeFileSync(
    file,
    JSON.stringify({
      apiVersion: 'v1',
      kind: 'Config',
      'current-context': 'prod-eu',
      contexts: [{ name: 'prod-eu', context: { cluster: 'prod', user: 'anna' } }],
      clusters: [{ name: 'prod', cluster: { server, 'certificate-authority': 'ca.crt' } }],
      users: [{ name: 'anna', user }],
    }),
  );
  return file;
}

const secure = (user: object, argv: readonly string[] = []): Promise<Ended> =>
  withFolder((folder) =>
    withServer({ tls: TLS }, (server) =>
      crewiso(['doctor', '--kubeconfig', kubeconfig(folder, server.url, user), ...argv]),
    ),
  );

const execPlugin = (script: string, more: object = {}): object => ({
  exec: {
    apiVersion: 'client.authentication.k8s.io/v1',
    command: process.execPath,
    args: ['-e', script],
    interactiveMode: 'Never',
    ...more,
  },
});

async function refusedPort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

describe.concurrent('a cluster that cannot be read at all: one line, what to do next, nothing on stdout', () => {
  it.for<[string, () => Promise<Ended>, number, string[]]>([
    ['no kubeconfig', () => crewiso(['doctor', '-o', 'json']), 4, ['no kubeconfig', 'KUBECONFIG']],
    [
      'a kubeconfig that does not exist',
      () => crewiso(['doctor', '--kubeconfig', '/nonexistent/config']),
      4,
      ['/nonexistent/config'],
    ],
    [
      'a kubeconfig that is none',
      () =>
        withFolder(async (folder) => {
          const file = join(folder, 'config');
          writeFileSync(file, 'just: [text');
          return crewiso(['doctor'], { env: { KUBECONFIG: file } });
        }),
      4,
      ['config'],
    ],
    ['an unknown context', () => secure({}, ['--context', 'prod-us']), 2, ['prod-us', 'kubectl config get-contexts']],
    ['an unknown user', () => secure({}, ['--user', 'bert']), 2, ['bert']],
    [
      'a server that refuses connections',
      async () =>
        crewiso(['doctor', '--kubeconfig', '/dev/null', '--server', `http://127.0.0.1:${String(await refusedPort())}`]),
      4,
      ['the connection was refused', 'kubectl cluster-info'],
    ],
    [
      'a name that does not resolve',
      () => crewiso(['doctor', '--kubeconfig', '/dev/null', '--server', 'https://api.crewiso.invalid']),
      4,
      ['api.crewiso.invalid', 'does not resolve'],
    ],
    ['an expired token', () => secure({ token: 'expired-token' }), 4, ['401', 'anna', 'log in again']],
    ['no credentials', () => secure({}, ['--token', 'wrong-token']), 4, ['401']],
    [
      'an authority that is not the server’s',
      () =>
        withServer({ tls: TLS }, (server) =>
          crewiso(['doctor', '--kubeconfig', '/dev/null', '--server', server.url, '--token', 't']),
        ),
      4,
      ['certificate'],
    ],
    [
      'an exec plugin that fails',
      () => secure(execPlugin('console.error("session expired, run: sso login"); process.exitCode = 7')),
      4,
      ['session expired, run: sso login'],
    ],
    [
      'an exec plugin that is not installed',
      () => secure(execPlugin('', { command: 'crewiso-no-such-plugin', installHint: 'brew install it' })),
      4,
      ['crewiso-no-such-plugin', 'brew install it'],
    ],
    [
      'a server that is no Kubernetes',
      async () => {
        const server = createServer((_, response) => {
          response.writeHead(404, { 'content-type': 'text/html' }).end('<html><h1>Not Found</h1></html>');
        });
        await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
        const { port } = server.address() as AddressInfo;
        const url = `http://127.0.0.1:${String(port)}`;
        const ended = await crewiso(['doctor', '--kubeconfig', '/dev/null', '--server', url]);
        server.close();
        return ended;
      },
      4,
      [],
    ],
    [
      'a server that never answers',
      () =>
        withServer({ faults: () => ({ hang: true }) }, (_, flags) => crewiso(['doctor', ...flags, '--timeout', '1s'])),
      4,
      ['did not answer in time', '--timeout'],
    ],
  ])('%s', async ([, start, expected, parts], { expect }) => {
    const { code, stdout, stderr, milliseconds } = await start();
    expect({ code, stdout, stderr: expect.stringMatching(/(^|\n)error: \S/) as string }).toEqual({
      code: expected,
      stdout: '',
      stderr,
    });
    for (const part of parts) expect(stderr).toContain(part);
    expect(stderr).not.toMatch(/expired-token|wrong-token|\n\s+at .*\.js/);
    expect(milliseconds).toBeLessThan(20_000);
  });
});
