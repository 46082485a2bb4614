import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'vitest';
import type { FaultRequest } from '../../src/apiserver/options.ts';
import { OUTPUT_FORMATS } from '../../src/commands/shared/flags.ts';
import { stringifyYaml } from '../../src/manifests/yaml.ts';
import { pem } from '../cluster/loopback-server.ts';
import { brokenPlatform } from '../fixtures/broken.ts';
import { helmReleaseSecret, registrySecret, type RawObject } from '../fixtures/crewai.ts';
import { crewiso, withFolder, withServer, type Ended } from './program.ts';

const TLS = { key: pem('server.key'), cert: pem('server.crt') };

/** Each place that may hold a secret has a text of its own, so that a leak tells where it comes from. */
const made: string[] = [];
const canary = (place: string): string => {
  const text = `canary-${place}-7Zq4`;
  made.push(text);
  return text;
};
const base64 = (text: string): string => Buffer.from(text).toString('base64');

const secret = (namespace: string, name: string, type: string, data: Record<string, string>): RawObject => ({
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: {
    name,
    namespace,
    uid: `uid-${namespace}-${name}`,
    annotations: {
      'kubectl.kubernetes.io/last-applied-configuration': `{"data":{"x":"${canary(`annotation-${name}`)}"}}`,
    },
  },
  type,
  data: Object.fromEntries(Object.entries(data).map(([key, value]) => [key, base64(value)])),
});

function auths(password: string, more: object = {}): string {
  return JSON.stringify({ auths: { 'images.crewai.com': { auth: base64(`pull:${password}`), ...more } } });
}

const objects: RawObject[] = [
  ...brokenPlatform()
    .map((object) => {
      const { kind, metadata } = object;
      if (kind === 'Deployment' && metadata.name === 'crewai-web') {
        const text = JSON.stringify(object);
        const env = `{"name":"OPENAI_API_KEY","value":"${canary('env')}"},{"name":"K8S_NAMESPACE"`;
        return JSON.parse(text.replace('{"name":"K8S_NAMESPACE"', env)) as RawObject;
      }
      return object;
    })
    .filter(({ kind, metadata }) => kind !== 'Secret' || metadata.name !== 'docker-registry'),
  registrySecret('crewai', {
    content: auths(canary('registry-source'), { username: 'pull', password: canary('registry-password') }),
  }),
  registrySecret('crewai-org-1', { content: auths(canary('registry-copy')) }),
  // Malformed in ways whose parse errors like to quote.
  registrySecret('crewai-org-2', { content: `{"auths": {"images.crewai.com": {"auth": "${canary('not-json')}` }),
  registrySecret('crewai-org-4', {
    content: JSON.stringify({ auths: { 'images.crewai.com': { auth: `%%%${canary('not-base64')}` } } }),
  }),
  registrySecret('crewai-org-7', {
    content: JSON.stringify({ [canary('legacy-host')]: { auth: canary('legacy') } }),
    type: 'kubernetes.io/dockerconfigjson',
  }),
  registrySecret('crewai-org-12', {
    content: auths(canary('identity'), {
      identitytoken: canary('identitytoken'),
      registrytoken: canary('registrytoken'),
    }),
  }),
  secret('crewai-org-19', 'docker-registry', 'Opaque', { '.dockerconfigjson': canary('opaque') }),
  secret('crewai', 'crewai-extra', 'Opaque', { DATABASE_URL: `postgres://u:${canary('database')}@db/x` }),
  secret('crewai', 'default-token', 'kubernetes.io/service-account-token', { token: canary('service-account') }),
  secret('crewai-org-1', 'tls', 'kubernetes.io/tls', { 'tls.key': `-----BEGIN PRIVATE KEY-----\n${canary('tls')}\n` }),
  helmReleaseSecret('crewai', 'crewai', {
    revision: 2,
    values: {
      envVars: { K8S_NAMESPACE: 'crewai', SECRET: canary('helm') },
      postgres: { password: canary('helm-deep') },
    },
  }),
  {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'crewai-config', namespace: 'crewai' },
    data: { K8S_NAMESPACE: 'crewai', KEY: canary('configmap') },
  },
];

/** Raw, base64 at each of the three offsets within four characters, URL-encoded base64, hex. */
function shapesOf(text: string): readonly string[] {
  const inner = [0, 1, 2].map((offset) =>
    base64(' '.repeat(offset) + text)
      .slice(offset === 0 ? 0 : 4, -4)
      .replace(/=+$/, ''),
  );
  return [text, ...inner, Buffer.from(text).toString('hex')];
}

function leaksIn({ stdout, stderr }: Ended): readonly string[] {
  return made.filter((text) => shapesOf(text).some((shape) => stdout.includes(shape) || stderr.includes(shape)));
}

it('the search finds each shape', ({ expect }) => {
  const [text = ''] = made;
  for (const shape of [
    text,
    base64(text),
    base64(`x${text}`),
    base64(`{"password":"${text}"}`),
    Buffer.from(text).toString('hex'),
  ]) {
    expect(leaksIn({ stdout: `… ${shape} …`, stderr: '' } as Ended)).toEqual([text]);
  }
  expect(made.length).toBeGreaterThan(20);
});

describe.concurrent('live', () => {
  const token = canary('token');
  const tokens = { [token]: { user: 'oncall', groups: ['system:masters'] } };

  it.for(OUTPUT_FORMATS)('-o %s -v 8', async (format, { expect }) => {
    await withFolder(async (folder) => {
      const ca = join(folder, 'ca.crt');
      writeFileSync(ca, pem('ca.crt'));
      const ended = await withServer({ objects, tokens, tls: TLS }, (server) =>
        crewiso([
          ...['doctor', '--server', server.url, '--kubeconfig', '/dev/null', '--certificate-authority', ca],
          ...['--token', token, '-o', format, '-v', '8', '--show', 'all', '-w'],
        ]),
      );
      expect(ended.code).toBe(1);
      expect(ended.stderr).toContain('GET /api/v1/namespaces');
      expect(ended.stderr).toContain('authorization');
      expect(leaksIn(ended)).toEqual([]);
    });
  });

  it('a token for a server without TLS stays here, and that is said', async ({ expect }) => {
    const sent: unknown[] = [];
    const faults = ({ headers }: FaultRequest): undefined => {
      if (headers.authorization !== undefined) sent.push(headers.authorization);
    };
    const ended = await withServer({ objects, faults }, (_, flags) => crewiso(['doctor', ...flags, '--token', token]));
    expect(sent).toEqual([]);
    expect(ended.stderr).toMatch(/^warning: credentials are not sent to http:/m);
    expect(leaksIn(ended)).toEqual([]);
  });

  const refused = canary('refused-token');
  const password = canary('basic-password');
  it.for<[string, object]>([
    ['token', { token: refused }],
    ['basic', { username: 'anna', password }],
    [
      'exec',
      {
        exec: {
          apiVersion: 'client.authentication.k8s.io/v1',
          interactiveMode: 'Never',
          command: process.execPath,
          args: [
            '-e',
            `console.log(JSON.stringify({apiVersion:"client.authentication.k8s.io/v1",kind:"ExecCredential",status:{token:"${refused}"}}))`,
          ],
          env: [{ name: 'PLUGIN_SECRET', value: canary('plugin-env') }],
        },
      },
    ],
  ])('a kubeconfig with %s, and a server that repeats what it was sent', async ([, user], { expect }) => {
    await withFolder(async (folder) => {
      writeFileSync(join(folder, 'ca.crt'), pem('ca.crt'));
      const file = join(folder, 'config');
      const ended = await withServer(
        {
          tls: TLS,
          faults: ({ headers }) => {
            const message = `no: ${String(headers.authorization)}`;
            return {
              status: 401,
              body: { kind: 'Status', apiVersion: 'v1', status: 'Failure', code: 401, message },
              headers: { warning: `299 - "${message}"`, 'x-echo': message },
            };
          },
        },
        (server) => {
          const config = {
            'current-context': 'x',
            contexts: [{ name: 'x', context: { cluster: 'x', user: 'x' } }],
            clusters: [{ name: 'x', cluster: { server: server.url, 'certificate-authority': 'ca.crt' } }],
            users: [{ name: 'x', user }],
          };
          writeFileSync(file, JSON.stringify(config));
          return crewiso(['doctor', '--kubeconfig', file, '-v', '8', '-o', 'json']);
        },
      );
      expect({ code: ended.code, stdout: ended.stdout }).toEqual({ code: 4, stdout: '' });
      expect(ended.stderr).toContain('401');
      expect(leaksIn(ended)).toEqual([]);
      // Basic credentials travel as one base64 text.
      expect(ended.stderr).not.toContain(base64(`anna:${password}`));
    });
  });
});

describe.concurrent('manifests', () => {
  it.for(OUTPUT_FORMATS)('-o %s', async (format, { expect }) => {
    const input = objects.map((object) => `---\n${stringifyYaml(object)}`).join('');
    const ended = await crewiso(['doctor', '-f', '-', '--complete=all', '-o', format, '--show', 'all', '-w'], {
      input,
    });
    expect(ended.code).toBe(1);
    expect(leaksIn(ended)).toEqual([]);
  });

  it('that are broken in the middle of a secret', async ({ expect }) => {
    const broken = [
      `apiVersion: v1\nkind: Secret\nmetadata: {name: a}\nstringData:\n  key: "${canary('unterminated')}\n`,
      `apiVersion: v1\nkind: Secret\nmetadata: {name: b}\nstringData:\n  ${canary('no-colon')}\n  : x: y\n`,
      `apiVersion: v1\nkind: Secret\nmetadata: {name: c}\ndata:\n  key: ${canary('not-base64-data')}%%\n`,
      `{"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "d"}, "stringData": {"key": "${canary('json')}}\n`,
      `apiVersion: v1\nkind: Secret\nmetadata: {name: e}\nstringData:\n  key: *${canary('alias')}\n`,
      `${canary('just-text')}\n`,
    ];
    for (const input of [broken.join('---\n'), ...broken.slice(3)]) {
      const ended = await crewiso(['doctor', '-f', '-'], { input });
      expect(ended.code).not.toBe(70);
      expect(ended.stderr).not.toBe('');
      expect(leaksIn(ended)).toEqual([]);
    }
  });
});
