import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import type { ClusterAccess, ClusterFlags, KubeconfigIo } from '../../src/cluster/cluster-access.ts';
import { loadKubeconfig } from '../../src/cluster/kubeconfig.ts';
import { CrewisoError } from '../../src/model/error.ts';

const PEM = '-----BEGIN CERTIFICATE-----\nYQ==\n-----END CERTIFICATE-----\n';
const base64 = (text: string): string => Buffer.from(text).toString('base64');

interface World {
  readonly files: Record<string, string>;
  readonly env?: Record<string, string>;
  readonly platform?: string;
  readonly homedir?: string;
}

function io(world: World): KubeconfigIo {
  return {
    env: world.env ?? {},
    homedir: world.homedir ?? '/home/u',
    platform: world.platform ?? 'linux',
    parseYaml: (text) => parse(text) as unknown,
    readFile: (path) => {
      const text = world.files[path];
      if (text === undefined) throw Object.assign(new Error(`ENOENT ${path}`), { code: 'ENOENT' });
      if (text === 'EACCES') throw Object.assign(new Error('EACCES'), { code: 'EACCES' });
      return text;
    },
  };
}

/** A kubeconfig with one context `c` of cluster `k` and user `u`. */
function config(user: object, cluster: object = {}, more: object = {}): string {
  return JSON.stringify({
    'current-context': 'c',
    clusters: [{ name: 'k', cluster: { server: 'https://api.example.com:6443', ...cluster } }],
    contexts: [{ name: 'c', context: { cluster: 'k', user: 'u', namespace: 'crewai' } }],
    users: [{ name: 'u', user }],
    ...more,
  });
}

const HOME = '/home/u/.kube/config';
const load = (text: string, flags: ClusterFlags = {}, more: Partial<World> = {}): ClusterAccess =>
  loadKubeconfig(flags, io({ ...more, files: { [HOME]: text, ...more.files } }));

function failure(act: () => unknown): CrewisoError {
  try {
    act();
  } catch (error) {
    if (error instanceof CrewisoError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}

/** The credential in clear, to compare. */
function shown({ credentials }: ClusterAccess): unknown {
  switch (credentials.type) {
    case 'token':
      return { token: credentials.token() };
    case 'token-file':
      return { file: credentials.read() };
    case 'basic':
      return { basic: [credentials.username, credentials.password()] };
    case 'oidc':
      return { oidc: credentials.idToken() };
    case 'exec':
      return { exec: credentials.exec.command };
    case 'none':
      return 'none';
  }
}

describe('which files', () => {
  test('the home directory by default, with context, cluster, user and namespace', () => {
    expect(load(config({ token: 't' }))).toMatchObject({
      context: 'c',
      cluster: 'k',
      user: 'u',
      namespace: 'crewai',
      server: 'https://api.example.com:6443',
    });
  });

  test('a missing --kubeconfig is an error', () => {
    const error = failure(() => load(config({}), { kubeconfig: '/nope' }));
    expect(error).toMatchObject({ message: 'stat /nope: no such file or directory', exitCode: 4 });
  });

  test.each([
    { platform: 'linux', list: '/missing:/empty:/a:/b', a: '/a', b: '/b' },
    { platform: 'win32', list: 'C:\\missing;C:\\empty;C:\\a;C:\\b', a: 'C:\\a', b: 'C:\\b' },
  ])('$platform: a KUBECONFIG list skips missing and empty files and merges first-wins, entries whole', (row) => {
    const first = JSON.stringify({
      clusters: [{ name: 'k', cluster: { server: 'https://first:6443' } }],
      users: [{ name: 'other', user: {} }],
    });
    const second = config({ token: 't' }, { server: 'https://second:6443', 'tls-server-name': 'second' });
    const empty = row.list.split(row.platform === 'win32' ? ';' : ':')[1]!;
    const files = { [row.a]: first, [row.b]: second, [empty]: '' };
    const access = loadKubeconfig({}, io({ files, env: { KUBECONFIG: row.list }, platform: row.platform }));
    expect(access).toMatchObject({ server: 'https://first:6443', user: 'u', context: 'c' });
    expect(access.tls.serverName).toBeUndefined();
  });

  test('the first current-context wins', () => {
    const a = JSON.stringify({ 'current-context': 'c' });
    const b = config({}, {}, { 'current-context': 'other' });
    const access = loadKubeconfig({}, io({ files: { '/a': a, '/b': b }, env: { KUBECONFIG: '/a:/b' } }));
    expect(access.context).toBe('c');
  });

  test.each([
    ['broken YAML', 'a: [', /^error loading config file "\/home\/u\/.kube\/config": /],
    ['a wrong type', config({ token: 5 }), /users\[0\]\.user\.token must be a string, not a number$/],
    ['a name that YAML reads as a boolean', 'users: [{name: true, user: {}}]', /users\[0\]\.name must be a string/],
    ['bad base64', config({}, { 'certificate-authority-data': '***' }), /illegal base64 data$/],
    [
      'a name that appears twice in one file',
      JSON.stringify({ users: [{ name: 'u' }, { name: 'u' }] }),
      /duplicate name "u" in users$/,
    ],
    ['a file that may not be read', 'EACCES', /permission denied$/],
  ])('%s is an error that names the file', (_, text, message) => {
    expect(failure(() => load(text))).toMatchObject({ exitCode: 4, message: expect.stringMatching(message) as string });
  });

  test('a broken kubeconfig shows nothing of its content', () => {
    const error = failure(() => load('users:\n- name: u\n  user: {token: canary-canary\n  bad: ['));
    expect(error.message).toContain('error loading config file');
    expect(`${error.message} ${error.suggestions.join(' ')}`).not.toContain('canary');
  });

  test('relative paths are relative to their own file', () => {
    const text = config(
      { 'client-certificate': 'pki/c.crt', 'client-key': '../c.key', tokenFile: 'token' },
      { 'certificate-authority': 'ca.crt' },
    );
    const files = {
      '/etc/kube/config': text,
      '/etc/kube/ca.crt': PEM,
      '/etc/kube/pki/c.crt': 'CERT',
      '/etc/c.key': 'KEY',
      '/etc/kube/token': ' tok\n',
    };
    const access = loadKubeconfig({ kubeconfig: '/etc/kube/config' }, io({ files }));
    expect(access.tls.ca).toBe(PEM);
    expect(access.tls.clientCertificate?.()).toEqual({ cert: 'CERT', key: 'KEY' });
    expect(shown(access)).toEqual({ file: 'tok' });
  });

  test.each([
    ['./bin/login', '/home/u/.kube/bin/login'],
    ['aws', 'aws'],
    ['/usr/bin/aws', '/usr/bin/aws'],
  ])('exec command %s runs as %s', (command, expected) => {
    const exec = { command, apiVersion: 'client.authentication.k8s.io/v1beta1' };
    expect(shown(load(config({ exec })))).toEqual({ exec: expected });
  });
});

describe('nothing found', () => {
  const account = '/var/run/secrets/kubernetes.io/serviceaccount';

  test('no file, no pod: exit 4', () => {
    const error = failure(() => loadKubeconfig({}, io({ files: {} })));
    expect(error.exitCode).toBe(4);
    expect(error.message).toMatch(/^no kubeconfig/);
  });

  test('in a pod its account is used', () => {
    const files = { [`${account}/token`]: 'pod', [`${account}/ca.crt`]: PEM, [`${account}/namespace`]: 'audit\n' };
    const env = { KUBERNETES_SERVICE_HOST: 'fd00::1', KUBERNETES_SERVICE_PORT: '443' };
    const access = loadKubeconfig({}, io({ files, env }));
    expect(access).toMatchObject({ server: 'https://[fd00::1]', namespace: 'audit', tls: { ca: PEM } });
    expect(shown(access)).toEqual({ file: 'pod' });
  });

  test('a kubeconfig without current-context asks for one', () => {
    const error = failure(() => load(config({}, {}, { 'current-context': '' })));
    expect(error).toMatchObject({ exitCode: 2 });
    expect(error.suggestions).toContain('kubectl config get-contexts');
  });

  test('--server alone is enough', () => {
    expect(loadKubeconfig({ server: 'https://x:1' }, io({ files: {} }))).toMatchObject({ server: 'https://x:1' });
  });
});

describe('unknown names (exit 2)', () => {
  test.each<[ClusterFlags, string]>([
    [{ context: 'x' }, 'context was not found for specified context: x'],
    [{ cluster: 'x' }, 'no server found for cluster "x"'],
    [{ user: 'x' }, 'auth info "x" does not exist'],
  ])('%o', (flags, message) => {
    expect(failure(() => load(config({}), flags))).toMatchObject({ message, exitCode: 2 });
  });

  test('a context whose user is missing', () => {
    expect(failure(() => load(config({}, {}, { users: [] }))).message).toBe('auth info "u" does not exist');
  });
});

describe('overrides', () => {
  test('--context, --cluster and --user choose entries', () => {
    const more = {
      clusters: [
        { name: 'k', cluster: { server: 'https://k' } },
        { name: 'k2', cluster: { server: 'https://k2' } },
      ],
      contexts: [
        { name: 'c', context: { cluster: 'k', user: 'u' } },
        { name: 'c2', context: { cluster: 'k', user: 'u' } },
      ],
      users: [
        { name: 'u', user: { token: 'a' } },
        { name: 'u2', user: { token: 'b' } },
      ],
    };
    const access = load(config({}, {}, more), { context: 'c2', cluster: 'k2', user: 'u2' });
    expect(access).toMatchObject({ context: 'c2', cluster: 'k2', user: 'u2', server: 'https://k2' });
    expect(shown(access)).toEqual({ token: 'b' });
  });

  test('--server replaces the server and drops its TLS name', () => {
    const access = load(config({}, { 'tls-server-name': 'inside' }), { server: 'https://other:1/prefix/' });
    expect(access).toMatchObject({ server: 'https://other:1/prefix' });
    expect(access.tls.serverName).toBeUndefined();
  });

  test('--tls-server-name', () => {
    expect(load(config({}), { tlsServerName: 'inside' }).tls.serverName).toBe('inside');
  });

  test('--insecure-skip-tls-verify drops the CA; --certificate-authority drops insecure and the data', () => {
    const ca = config({}, { 'certificate-authority-data': base64(PEM) });
    expect(load(ca, { insecureSkipTlsVerify: true }).tls).toEqual({ insecure: true });
    const insecure = config({}, { 'insecure-skip-tls-verify': true });
    const files = { '/my/ca.crt': PEM };
    expect(load(insecure, { certificateAuthority: '/my/ca.crt' }, { files }).tls).toEqual({ ca: PEM, insecure: false });
  });

  test('--client-certificate and --client-key replace data', () => {
    const user = { 'client-certificate-data': base64('A'), 'client-key-data': base64('B') };
    const files = { '/c': 'C', '/k': 'K' };
    const access = load(config(user), { clientCertificate: '/c', clientKey: '/k' }, { files });
    expect(access.tls.clientCertificate?.()).toEqual({ cert: 'C', key: 'K' });
  });

  test('an empty flag is none', () => {
    expect(load(config({ token: 't' }), { context: '', server: '', token: '' }).context).toBe('c');
  });
});

describe('credentials', () => {
  const exec = { command: 'aws', apiVersion: 'client.authentication.k8s.io/v1beta1' };
  const files = { '/token': 'from-file\n' };
  test.each<[string, object, ClusterFlags, unknown]>([
    ['token', { token: 't' }, {}, { token: 't' }],
    ['tokenFile before token', { token: 't', tokenFile: '/token' }, {}, { file: 'from-file' }],
    ['tokenFile even before --token', { tokenFile: '/token' }, { token: 'flag' }, { file: 'from-file' }],
    ['--token before token', { token: 't' }, { token: 'flag' }, { token: 'flag' }],
    ['token before exec', { token: 't', exec }, {}, { token: 't' }],
    ['--token before exec', { exec }, { token: 'flag' }, { token: 'flag' }],
    ['basic', { username: 'n', password: 'p' }, {}, { basic: ['n', 'p'] }],
    ['exec', { exec }, {}, { exec: 'aws' }],
    ['oidc', { 'auth-provider': { name: 'oidc', config: { 'id-token': 'i' } } }, {}, { oidc: 'i' }],
    ['nobody', {}, {}, 'none'],
  ])('%s', (_, user, flags, expected) => {
    expect(shown(load(config(user), flags, { files }))).toEqual(expected);
  });

  test.each(['http://127.0.0.1:8001', '127.0.0.1:8001', 'localhost:8001'])(
    'none of them to %s, which has no TLS',
    (server) => {
      const user = { token: 't', 'client-certificate-data': base64('A'), 'client-key-data': base64('B') };
      const access = load(config(user, { server }), { token: 'flag' });
      expect(access.server).toBe(`http://${server.replace('http://', '')}`);
      expect(shown(access)).toBe('none');
      expect(access.tls).toEqual({ insecure: false });
    },
  );

  test('no secret shows when an access is printed', () => {
    const user = { token: 'canary', 'client-certificate-data': base64('c'), 'client-key-data': base64('canary') };
    const access = load(config(user));
    expect(JSON.stringify(access)).not.toContain('canary');
  });

  test.each([
    ['gcp', 'The gcp auth plugin has been removed.', /gke-gcloud-auth-plugin/],
    ['azure', 'The azure auth plugin has been removed.', /kubelogin/],
    ['foo', 'no Auth Provider found for name "foo"', /kubectl config view/],
  ])('auth-provider %s', (name, message, hint) => {
    const error = failure(() => load(config({ 'auth-provider': { name } })));
    expect(error).toMatchObject({ message, exitCode: 4 });
    expect(error.suggestions.join(' ')).toMatch(hint);
  });
});

describe('contradictions (exit 2)', () => {
  const v1 = 'client.authentication.k8s.io/v1';
  test.each<[string, object, object, ClusterFlags, string]>([
    [
      'token and basic authentication',
      { token: 't', username: 'n' },
      {},
      {},
      'more than one authentication method found for u; found [token basicAuth], only one is allowed',
    ],
    [
      '--token and basic authentication',
      { username: 'n' },
      {},
      { token: 't' },
      'more than one authentication method found for u; found [token basicAuth], only one is allowed',
    ],
    [
      'CA and insecure',
      {},
      { 'certificate-authority-data': base64(PEM), 'insecure-skip-tls-verify': true },
      {},
      'specifying a root certificates file with the insecure flag is not allowed',
    ],
    [
      'a CA that cannot be read',
      {},
      { 'certificate-authority': '/nope' },
      {},
      'unable to read certificate-authority /nope for k due to open /nope: no such file or directory',
    ],
    [
      'a certificate without key',
      { 'client-certificate-data': base64('A') },
      {},
      {},
      'client-key-data or client-key must be specified for u to use the clientCert authentication method.',
    ],
    [
      'a token file that cannot be read',
      { tokenFile: '/nope' },
      {},
      {},
      'unable to read tokenFile /nope for u due to open /nope: no such file or directory',
    ],
    [
      'groups without a user',
      { 'as-groups': ['g'] },
      {},
      {},
      'requesting uid, groups or user-extra for u without impersonating a user',
    ],
    [
      '--as-uid without a user',
      {},
      {},
      { asUid: '1' },
      'requesting uid, groups or user-extra for u without impersonating a user',
    ],
    [
      'exec v1 without interactiveMode',
      { exec: { command: 'x', apiVersion: v1 } },
      {},
      {},
      'interactiveMode must be specified for u to use exec authentication plugin',
    ],
    [
      'exec without apiVersion',
      { exec: { command: 'x' } },
      {},
      {},
      'apiVersion must be specified for u to use exec authentication plugin',
    ],
    [
      'exec v1alpha1',
      { exec: { command: 'x', apiVersion: 'client.authentication.k8s.io/v1alpha1' } },
      {},
      {},
      'exec plugin: invalid apiVersion "client.authentication.k8s.io/v1alpha1"',
    ],
    [
      'exec and auth-provider',
      { exec: { command: 'x', apiVersion: `${v1}beta1` }, 'auth-provider': { name: 'oidc' } },
      {},
      {},
      'authProvider cannot be provided in combination with an exec plugin for u',
    ],
    [
      'a proxy of an unknown kind',
      {},
      { 'proxy-url': 'ftp://p' },
      {},
      `invalid 'proxy-url' for cluster "k": unsupported scheme "ftp", must be http, https, or socks5`,
    ],
  ])('%s', (_, user, cluster, flags, message) => {
    expect(failure(() => load(config(user, cluster), flags))).toMatchObject({ message, exitCode: 2 });
  });

  test('several at once are all said', () => {
    const error = failure(() => load(config({ token: 't', username: 'n', 'as-uid': '1' })));
    expect(error.message).toMatch(/^invalid configuration: \[more than one .*, requesting uid/);
  });
});

describe('impersonation', () => {
  const user = { as: 'jane', 'as-uid': '7', 'as-groups': ['a', 'b'], 'as-user-extra': { scope: ['x'] } };
  test.each<[string, ClusterFlags, object]>([
    ['of the kubeconfig', {}, { user: 'jane', uid: '7', groups: ['a', 'b'], extra: { scope: ['x'] } }],
    ['--as replaces only the user', { as: 'joe' }, { user: 'joe', uid: '7', groups: ['a', 'b'] }],
    ['--as-group replaces the groups', { asGroup: ['c'] }, { user: 'jane', groups: ['c'] }],
    ['--as-uid', { asUid: '8' }, { uid: '8' }],
    ['--as-user-extra adds', { asUserExtra: ['k=1', 'k=2'] }, { extra: { scope: ['x'], k: ['1', '2'] } }],
  ])('%s', (_, flags, expected) => {
    expect(load(config(user), flags).impersonation).toMatchObject(expected);
  });
});

describe('exec cluster information', () => {
  test('is given only when asked for', () => {
    const exec = { command: 'x', apiVersion: 'client.authentication.k8s.io/v1', interactiveMode: 'Never' };
    const cluster = {
      'certificate-authority-data': base64(PEM),
      extensions: [{ name: 'client.authentication.k8s.io/exec', extension: { audience: 'a' } }],
    };
    const without = load(config({ exec }, cluster)).credentials;
    const withInfo = load(config({ exec: { ...exec, provideClusterInfo: true } }, cluster)).credentials;
    expect(without.type === 'exec' && without.exec.clusterInfo).toBeUndefined();
    expect(withInfo.type === 'exec' && withInfo.exec.clusterInfo).toEqual({
      server: 'https://api.example.com:6443',
      'certificate-authority-data': base64(PEM),
      config: { audience: 'a' },
    });
  });
});

describe('proxy', () => {
  test.each<[string, object, Record<string, string>, string | undefined]>([
    ['none', {}, {}, undefined],
    ['HTTPS_PROXY', {}, { HTTPS_PROXY: 'http://p:1' }, 'HTTPS_PROXY http://p:1'],
    ['lower case, no scheme', {}, { https_proxy: 'p:1' }, 'https_proxy http://p:1'],
    ['ALL_PROXY is ignored', {}, { ALL_PROXY: 'http://p:1' }, undefined],
    ['HTTP_PROXY is not for https', {}, { HTTP_PROXY: 'http://p:1' }, undefined],
    [
      'proxy-url before the environment, even for NO_PROXY',
      { 'proxy-url': 'socks5://q:2' },
      { HTTPS_PROXY: 'http://p:1', NO_PROXY: '*' },
      'proxy-url socks5://q:2',
    ],
    ['NO_PROXY with the domain', {}, { HTTPS_PROXY: 'http://p:1', NO_PROXY: 'a.b, example.com' }, undefined],
    ['NO_PROXY with a leading dot', {}, { HTTPS_PROXY: 'http://p:1', no_proxy: '.example.com' }, undefined],
    ['NO_PROXY with a star', {}, { HTTPS_PROXY: 'http://p:1', no_proxy: '*.example.com' }, undefined],
    ['NO_PROXY with the port', {}, { HTTPS_PROXY: 'http://p:1', NO_PROXY: 'api.example.com:6443' }, undefined],
    ['another port', {}, { HTTPS_PROXY: 'http://p:1', NO_PROXY: 'api.example.com:443' }, 'HTTPS_PROXY http://p:1'],
    ['a name that only ends alike', {}, { HTTPS_PROXY: 'http://p:1', NO_PROXY: 'ple.com' }, 'HTTPS_PROXY http://p:1'],
    ['loopback', { server: 'https://127.0.0.1:1' }, { HTTPS_PROXY: 'http://p:1' }, undefined],
    ['IPv6 loopback', { server: 'https://[::1]:1' }, { HTTPS_PROXY: 'http://p:1' }, undefined],
    ['localhost', { server: 'https://localhost:1' }, { HTTPS_PROXY: 'http://p:1' }, undefined],
    ['a network', { server: 'https://10.1.2.3' }, { HTTPS_PROXY: 'http://p:1', NO_PROXY: '10.0.0.0/8' }, undefined],
    [
      'another network',
      { server: 'https://11.1.2.3' },
      { HTTPS_PROXY: 'http://p:1', NO_PROXY: '10.0.0.0/8' },
      'HTTPS_PROXY http://p:1',
    ],
  ])('%s', (_, cluster, env, expected) => {
    const { proxy } = load(config({}, cluster), {}, { env });
    expect(proxy && `${proxy.from} ${proxy.url}`).toBe(expected);
  });
});

describe('server', () => {
  test.each([
    ['https://h:443/', 'https://h'],
    ['https://rancher.example.com/k8s/clusters/c-1?x=1', 'https://rancher.example.com/k8s/clusters/c-1'],
    ['https://name:canary@h:6443', 'https://h:6443'],
  ])('%s', (server, expected) => {
    expect(load(config({}, { server })).server).toBe(expected);
  });

  test.each(['ftp://h', 'https://'])('%s is a mistake', (server) => {
    expect(failure(() => load(config({}, { server }))).exitCode).toBe(2);
  });
});
