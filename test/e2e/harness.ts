import { spawn, type ChildProcess } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, inject, test } from 'vitest';
import { createClient, type Access, type ApiClient } from './api-client.ts';
import { mintToken } from './authenticator.ts';
import type { Connection } from './control-plane.ts';
import { NODE, runningStatus, writeLog, type LogLine } from './kubelet.ts';

const repository = fileURLToPath(new URL('../..', import.meta.url));

/**
 * `describe` for tests that need the control plane. Where there is none, the body is not even read (it may connect)
 * and one skipped test says why.
 */
export function describeCluster(title: string, body: () => void): void {
  const found = inject('controlPlane');
  if (found.available) describe(title, body);
  else
    describe(title, () => {
      // The reason is the name of the test: whoever reads the results sees why nothing was tried.
      test.skip(found.reason, () => undefined);
    });
}

/** The running control plane. */
export function cluster(): Connection {
  const found = inject('controlPlane');
  if (!found.available) throw new Error(found.reason);
  return found;
}

/** A client with every right; its requests are not in the audit log. */
export function adminClient(connections?: number): ApiClient {
  return createClient(cluster().admin, connections);
}

/** How a person reaches the API server; `system:authenticated` is added by the server itself. */
export function accessFor(user: string, groups: readonly string[] = []): Access {
  const { admin, tokenKey } = cluster();
  return { ...admin, token: mintToken(tokenKey, user, groups) };
}

/** How a ServiceAccount reaches it: by a token of the TokenRequest API, as in a pod. */
export async function accessForServiceAccount(client: ApiClient, namespace: string, name: string): Promise<Access> {
  const answer = await client.demand('POST', `/api/v1/namespaces/${namespace}/serviceaccounts/${name}/token`, {
    apiVersion: 'authentication.k8s.io/v1',
    kind: 'TokenRequest',
    spec: { expirationSeconds: 3600 },
  });
  return { ...cluster().admin, token: (answer as { status: { token: string } }).status.token };
}

/** Writes a kubeconfig and returns its path. */
export function writeKubeconfig(access: Access, namespace?: string): string {
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [
      {
        name: 'e2e',
        cluster: { server: access.server, 'certificate-authority-data': Buffer.from(access.ca).toString('base64') },
      },
    ],
    users: [{ name: 'e2e', user: { token: access.token } }],
    contexts: [
      { name: 'e2e', context: { cluster: 'e2e', user: 'e2e', ...(namespace === undefined ? {} : { namespace }) } },
    ],
    'current-context': 'e2e',
  };
  const text = JSON.stringify(config, undefined, 2);
  const name = createHash('sha256').update(text).digest('hex').slice(0, 16);
  const file = join(cluster().folder, `${name}.kubeconfig`);
  // Its name tells its content: it is never written over, which a program that reads it would notice.
  if (existsSync(file)) return file;
  const beside = `${file}.${String(process.pid)}`;
  writeFileSync(beside, text, { mode: 0o600 });
  renameSync(beside, file);
  return file;
}

/** The administrator's kubeconfig; unlike `adminClient`, what is done with it is in the audit log, as user `admin`. */
export function adminKubeconfig(namespace?: string): string {
  return kubeconfigFor('admin', ['system:masters'], namespace);
}

/** A person's kubeconfig. */
export function kubeconfigFor(user: string, groups: readonly string[] = [], namespace?: string): string {
  return writeKubeconfig(accessFor(user, groups), namespace);
}

export interface Ran {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  /** Default: the administrator's. */
  readonly kubeconfig?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly input?: string;
  /** Called once the process runs; kubectl becomes the plugin, so a signal reaches that. */
  readonly started?: (child: ChildProcess) => void;
}

/** Runs the built plugin the way users do: `kubectl crewiso …`. */
export function crewiso(args: readonly string[], options: RunOptions = {}): Promise<Ran> {
  return kubectl(['crewiso', ...args], options);
}

/** Runs kubectl with the repository's bin/ first on PATH, so that it finds this plugin and no installed one. */
export async function kubectl(args: readonly string[], options: RunOptions = {}): Promise<Ran> {
  const path = [join(repository, 'bin'), process.env.PATH ?? '', cluster().assets].join(delimiter);
  const child = spawn('kubectl', args, {
    env: {
      ...process.env,
      // kubectl caches discovery below HOME; a run must not see another one's.
      HOME: cluster().folder,
      KUBECONFIG: options.kubeconfig ?? adminKubeconfig(),
      ...options.env,
      PATH: path,
    },
    stdio: 'pipe',
  });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  child.stdin.end(options.input ?? '');
  options.started?.(child);
  const status = await new Promise<number | null>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', resolve);
  });
  return { status, stdout, stderr };
}

/** Replaces a pod's status, as its kubelet would. */
export async function setPodStatus(client: ApiClient, namespace: string, pod: string, status: object): Promise<void> {
  await client.demand(
    'PATCH',
    `/api/v1/namespaces/${namespace}/pods/${pod}/status`,
    [{ op: 'add', path: '/status', value: status }],
    { contentType: 'application/json-patch+json' },
  );
}

interface ContainerOf {
  readonly name: string;
  readonly image: string;
}

/** Statuses that a kubelet reports, for `setPodStatus`. */
export const podStatus = {
  running: (containers: readonly ContainerOf[], at = new Date()): object => runningStatus(containers, at),

  /** The kubelet could not pull the image; `message` as the container runtime words it. */
  imagePullBackOff: (containers: readonly ContainerOf[], message: string, at = new Date()): object =>
    waiting(containers, at, { reason: 'ImagePullBackOff', message }),

  /** Containers start and end at once, again and again. */
  crashLoopBackOff: (containers: readonly ContainerOf[], at = new Date()): object => {
    const time = kubernetesTime(at);
    const last = { terminated: { reason: 'Error', exitCode: 1, startedAt: time, finishedAt: time } };
    const message = 'back-off 5m0s restarting failed container';
    return waiting(containers, at, { reason: 'CrashLoopBackOff', message }, { restartCount: 7, lastState: last });
  },
};

function waiting(
  containers: readonly ContainerOf[],
  at: Date,
  reason: { reason: string; message: string },
  more: object = {},
): object {
  const time = kubernetesTime(at);
  const condition = (type: string, status: string): object => ({
    type,
    status,
    lastTransitionTime: time,
    ...(status === 'True' ? {} : { reason: 'ContainersNotReady' }),
  });
  return {
    phase: 'Pending',
    startTime: time,
    hostIP: '127.0.0.1',
    conditions: [
      condition('PodScheduled', 'True'),
      condition('Initialized', 'True'),
      condition('ContainersReady', 'False'),
      condition('Ready', 'False'),
    ],
    containerStatuses: containers.map(({ name, image }) => ({
      name,
      image,
      imageID: '',
      ready: false,
      started: false,
      restartCount: 0,
      state: { waiting: reason },
      ...more,
    })),
  };
}

const kubernetesTime = (at: Date): string => at.toISOString().replace(/\.\d+Z$/, 'Z');

/** Sets what `kubectl logs` shows for a container. */
export function setLog(
  where: { namespace: string; pod: string; container: string; previous?: boolean },
  lines: readonly (string | LogLine)[],
): void {
  writeLog(join(cluster().folder, 'logs'), where, lines);
}

/** Creates an event about an object. */
export async function createEvent(
  client: ApiClient,
  about: { apiVersion: string; kind: string; namespace: string; name: string; uid?: string },
  event: { reason: string; message: string; type?: 'Normal' | 'Warning'; count?: number; at?: Date },
): Promise<void> {
  const time = kubernetesTime(event.at ?? new Date());
  await client.demand('POST', `/api/v1/namespaces/${about.namespace}/events`, {
    apiVersion: 'v1',
    kind: 'Event',
    metadata: { generateName: `${about.name}.`, namespace: about.namespace },
    involvedObject: about,
    reason: event.reason,
    message: event.message,
    type: event.type ?? 'Warning',
    count: event.count ?? 1,
    firstTimestamp: time,
    lastTimestamp: time,
    source: { component: 'kubelet', host: NODE },
  });
}

/** One request that reached the API server, as its audit log tells it (audit.k8s.io/v1 Event, level Metadata). */
export interface AuditEvent {
  readonly verb: string;
  readonly requestURI: string;
  readonly user: { readonly username: string; readonly groups?: readonly string[] };
  readonly userAgent?: string;
  readonly objectRef?: {
    readonly resource?: string;
    readonly namespace?: string;
    readonly name?: string;
    readonly apiGroup?: string;
    readonly subresource?: string;
  };
  readonly responseStatus?: { readonly code?: number };
  readonly requestReceivedTimestamp: string;
}

/** This module is loaded anew for each test file: the audit log is shared, and what other files asked is not ours. */
const loadedAt = Date.now();

/** What a user has asked of the API server in this test file so far, oldest first. */
export function auditEvents(user: string): readonly AuditEvent[] {
  return readFileSync(join(cluster().folder, 'audit.log'), 'utf8')
    .split('\n')
    .filter((line) => line.endsWith('}'))
    .map((line) => JSON.parse(line) as AuditEvent)
    .filter((event) => event.user.username === user && Date.parse(event.requestReceivedTimestamp) >= loadedAt);
}
