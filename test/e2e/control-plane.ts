import { spawn, type ChildProcess } from 'node:child_process';
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { closeSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createClient, type Access, type ApiClient } from './api-client.ts';
import { startAuthenticator } from './authenticator.ts';
import { startKubelet } from './kubelet.ts';

/** What a test needs to know about the running control plane; plain data, so that it travels to the test's process. */
export interface Connection {
  readonly available: true;
  /** Cluster administrator (group system:masters). */
  readonly admin: Access;
  readonly version: string;
  /** Signs the tokens of people, see authenticator.ts. */
  readonly tokenKey: string;
  /** Of this run only; removed at its end. */
  readonly folder: string;
  /** Folder with the programs, last on PATH for the tests: it holds kubectl where the machine has none. */
  readonly assets: string;
}

export interface Running {
  readonly connection: Connection;
  readonly stop: () => Promise<void>;
}

/** Only what the tests need: no controller here evicts pods or ages the node, which nobody keeps alive. */
const CONTROLLERS = [
  'clusterrole-aggregation-controller',
  'cronjob-controller',
  'daemonset-controller',
  'deployment-controller',
  'endpoints-controller',
  'endpointslice-controller',
  'garbage-collector-controller',
  'job-controller',
  'namespace-controller',
  'replicaset-controller',
  'resourcequota-controller',
  'root-ca-certificate-publisher-controller',
  'serviceaccount-controller',
  'serviceaccount-token-controller',
  'statefulset-controller',
];

/** Who did what, but for the tests themselves and the control plane: what is left is the program under test. */
const AUDIT_POLICY = {
  apiVersion: 'audit.k8s.io/v1',
  kind: 'Policy',
  omitStages: ['RequestReceived'],
  rules: [
    { level: 'None', users: ['kube-controller-manager', 'system:apiserver', 'e2e-kubelet', 'e2e-harness'] },
    { level: 'None', userGroups: ['system:serviceaccounts:kube-system'] },
    { level: 'Metadata' },
  ],
};

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

interface Part {
  readonly name: string;
  readonly child: ChildProcess;
  readonly log: string;
}

/** Processes of one control plane; the newest is stopped first. */
class Processes {
  readonly #parts: Part[] = [];
  readonly #folder: string;
  readonly #assets: string;

  constructor(folder: string, assets: string) {
    this.#folder = folder;
    this.#assets = assets;
  }

  start(name: string, flags: readonly string[]): void {
    const log = join(this.#folder, `${name}.log`);
    const output = openSync(log, 'w');
    const child = spawn(join(this.#assets, name), flags, { stdio: ['ignore', output, output], cwd: this.#folder });
    closeSync(output);
    this.#parts.push({ name, child, log });
  }

  /** Throws with the end of the log when one of them is no longer there. */
  check(): void {
    for (const { name, child, log } of this.#parts) {
      if (child.exitCode === null && child.signalCode === null) continue;
      const end = readFileSync(log, 'utf8').split('\n').slice(-15).join('\n');
      throw new Error(`${name} ended (${child.exitCode ?? child.signalCode ?? ''}):\n${end}`);
    }
  }

  async stop(): Promise<void> {
    for (const { child } of this.#parts.toReversed()) {
      if (child.exitCode !== null || child.signalCode !== null) continue;
      const gone = new Promise((resolve) => child.once('exit', resolve));
      // Nothing in there is kept, so nothing has to be closed in order.
      child.kill('SIGKILL');
      await gone;
    }
  }

  killNow(): void {
    for (const { child } of this.#parts) child.kill('SIGKILL');
  }
}

/** Waits for `done`, looking every 50 ms; at the end of its patience it throws, naming what it waited for. */
export async function waitFor(what: string, done: () => Promise<boolean>, patience = 60_000): Promise<void> {
  const until = Date.now() + patience;
  for (;;) {
    if (await done()) return;
    if (Date.now() > until) throw new Error(`gave up after ${patience / 1000} s waiting until ${what}`);
    await sleep(50);
  }
}

function kubeconfig(cluster: object, token: string | undefined): string {
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'e2e', cluster }],
    users: [{ name: 'e2e', user: token === undefined ? {} : { token } }],
    contexts: [{ name: 'e2e', context: { cluster: 'e2e', user: 'e2e' } }],
    'current-context': 'e2e',
  });
}

interface Tokens {
  readonly admin: string;
  readonly harness: string;
  readonly kubelet: string;
  readonly controllerManager: string;
}

/** Logins that must work before, and without, the webhook; all of them masters. */
function writeStaticTokens(file: string): Tokens {
  const token = (): string => randomBytes(24).toString('hex');
  const tokens = { admin: token(), harness: token(), kubelet: token(), controllerManager: token() };
  const users = [
    [tokens.admin, 'admin'],
    [tokens.harness, 'e2e-harness'],
    [tokens.kubelet, 'e2e-kubelet'],
    [tokens.controllerManager, 'kube-controller-manager'],
  ];
  writeFileSync(file, users.map(([secret, user]) => `${secret},${user},${user},system:masters\n`).join(''), {
    mode: 0o600,
  });
  return tokens;
}

function apiServerFlags(folder: string, etcd: string, port: number): string[] {
  return [
    `--etcd-servers=${etcd}`,
    '--bind-address=127.0.0.1',
    '--advertise-address=127.0.0.1',
    '--endpoint-reconciler-type=none',
    `--secure-port=${port}`,
    `--cert-dir=${join(folder, 'certificates')}`,
    '--service-cluster-ip-range=10.0.0.0/16',
    '--authorization-mode=RBAC',
    '--enable-admission-plugins=ServiceAccount',
    '--allow-privileged=true',
    `--token-auth-file=${join(folder, 'tokens.csv')}`,
    `--authentication-token-webhook-config-file=${join(folder, 'webhook.kubeconfig')}`,
    '--authentication-token-webhook-version=v1',
    '--authentication-token-webhook-cache-ttl=10m',
    '--service-account-issuer=https://kubernetes.default.svc',
    `--service-account-key-file=${join(folder, 'service-account.pub')}`,
    `--service-account-signing-key-file=${join(folder, 'service-account.key')}`,
    '--kubelet-preferred-address-types=InternalIP',
    `--audit-policy-file=${join(folder, 'audit-policy.json')}`,
    `--audit-log-path=${join(folder, 'audit.log')}`,
    '--audit-log-mode=blocking',
  ];
}

function controllerManagerFlags(folder: string): string[] {
  return [
    `--kubeconfig=${join(folder, 'controller-manager.kubeconfig')}`,
    '--leader-elect=false',
    '--secure-port=0',
    `--controllers=${CONTROLLERS.join(',')}`,
    `--service-account-private-key-file=${join(folder, 'service-account.key')}`,
    `--root-ca-file=${join(folder, 'certificates', 'apiserver.crt')}`,
    '--kube-api-qps=2000',
    '--kube-api-burst=4000',
    '--concurrent-deployment-syncs=20',
    '--concurrent-replicaset-syncs=20',
    '--concurrent-namespace-syncs=20',
    '--concurrent-gc-syncs=20',
  ];
}

function writeServiceAccountKeys(folder: string): void {
  const keys = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  });
  writeFileSync(join(folder, 'service-account.key'), keys.privateKey, { mode: 0o600 });
  writeFileSync(join(folder, 'service-account.pub'), keys.publicKey);
}

function startEtcd(processes: Processes, folder: string, port: number, peerPort: number): string {
  const client = `http://127.0.0.1:${port}`;
  const peer = `http://127.0.0.1:${peerPort}`;
  processes.start('etcd', [
    `--data-dir=${join(folder, 'etcd')}`,
    `--listen-client-urls=${client}`,
    `--advertise-client-urls=${client}`,
    `--listen-peer-urls=${peer}`,
    `--initial-advertise-peer-urls=${peer}`,
    `--initial-cluster=default=${peer}`,
    '--unsafe-no-fsync',
    '--log-level=warn',
  ]);
  return client;
}

/** The certificate that the API server made for itself; the file holds its CA too. */
async function readCertificate(folder: string, processes: Processes): Promise<{ cert: string; key: string }> {
  const read = (name: string): string => {
    try {
      return readFileSync(join(folder, 'certificates', name), 'utf8');
    } catch {
      return '';
    }
  };
  await waitFor('the API server has a certificate', () => {
    processes.check();
    return Promise.resolve(read('apiserver.crt').includes('END CERTIFICATE') && read('apiserver.key').includes('END'));
  });
  return { cert: read('apiserver.crt'), key: read('apiserver.key') };
}

async function isReady(client: ApiClient): Promise<boolean> {
  try {
    return (await client.send('GET', '/readyz')).status === 200;
  } catch {
    return false;
  }
}

/** Starts a control plane of its own on free loopback ports; ready in a few seconds, gone without a trace at `stop`. */
export async function startControlPlane(assets: string): Promise<Running> {
  const folder = mkdtempSync(join(tmpdir(), 'crewiso-e2e-'));
  const processes = new Processes(folder, assets);
  const closers: (() => void | Promise<void>)[] = [];
  const onExit = (): void => {
    processes.killNow();
    rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
  };
  // Unlike Ctrl-C, these end the process without its `exit` event; sent once more, they end it as they would have.
  const onSignal = (signal: NodeJS.Signals): void => {
    onExit();
    process.kill(process.pid, signal);
  };
  process.once('exit', onExit).once('SIGTERM', onSignal).once('SIGHUP', onSignal);
  const stop = async (): Promise<void> => {
    for (const close of closers.toReversed()) await close();
    await processes.stop();
    rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
    process.off('exit', onExit).off('SIGTERM', onSignal).off('SIGHUP', onSignal);
  };
  try {
    return { connection: await bringUp(folder, assets, processes, closers), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function bringUp(
  folder: string,
  assets: string,
  processes: Processes,
  closers: (() => void | Promise<void>)[],
): Promise<Connection> {
  const tokenKey = randomBytes(32).toString('hex');
  const authenticator = await startAuthenticator(tokenKey);
  closers.push(authenticator.close);
  for (const name of ['certificates', 'logs']) mkdirSync(join(folder, name));
  writeServiceAccountKeys(folder);
  writeFileSync(join(folder, 'audit-policy.json'), JSON.stringify(AUDIT_POLICY));
  writeFileSync(join(folder, 'webhook.kubeconfig'), kubeconfig({ server: authenticator.url }, undefined));
  const tokens = writeStaticTokens(join(folder, 'tokens.csv'));
  const [etcdPort, peerPort, port] = [await freePort(), await freePort(), await freePort()];
  const etcd = startEtcd(processes, folder, etcdPort, peerPort);
  processes.start('kube-apiserver', apiServerFlags(folder, etcd, port));
  const certificate = await readCertificate(folder, processes);
  const server = `https://127.0.0.1:${port}`;
  const access = (token: string): Access => ({ server, ca: certificate.cert, token });
  const cluster = { server, 'certificate-authority-data': Buffer.from(certificate.cert).toString('base64') };
  writeFileSync(join(folder, 'controller-manager.kubeconfig'), kubeconfig(cluster, tokens.controllerManager), {
    mode: 0o600,
  });
  const client = createClient(access(tokens.kubelet));
  closers.push(client.close);
  await waitFor('the API server is ready', () => {
    processes.check();
    return isReady(client);
  });
  processes.start('kube-controller-manager', controllerManagerFlags(folder));
  const kubelet = await startKubelet({ client, logs: join(folder, 'logs'), certificate });
  closers.push(kubelet.close);
  await waitFor('the controllers have made a ServiceAccount', async () => {
    processes.check();
    return (await client.send('GET', '/api/v1/namespaces/default/serviceaccounts/default')).status === 200;
  });
  const { gitVersion } = (await client.demand('GET', '/version')) as { gitVersion: string };
  return { available: true, admin: access(tokens.harness), version: gitVersion, tokenKey, folder, assets };
}
