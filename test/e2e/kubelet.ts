import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ApiClient } from './api-client.ts';

export const NODE = 'e2e-node';

/** A pod with this annotation (any value) is left Pending, as on a node that has not got to it yet. */
export const LEFT_PENDING = 'e2e/left-pending';

/**
 * Stands in for the kubelet of the one node: it says that pods run, lets deleted ones go (a real kubelet confirms the
 * end of a pod; without that no namespace ever finishes terminating) and hands out the logs that tests wrote.
 */
export interface Kubelet {
  readonly close: () => Promise<void>;
}

export interface LogLine {
  /** RFC 3339 with zone Z. */
  readonly at: string;
  readonly text: string;
}

const LOG_TIME = '2026-01-01T00:00:00.000000000Z';

function logFile(folder: string, namespace: string, pod: string, container: string, previous: boolean): string {
  return join(folder, namespace, pod, `${container}${previous ? '.previous' : ''}.json`);
}

/** Sets what `kubectl logs` shows for a container from now on; plain strings get a fixed time. */
export function writeLog(
  folder: string,
  where: { namespace: string; pod: string; container: string; previous?: boolean },
  lines: readonly (string | LogLine)[],
): void {
  const file = logFile(folder, where.namespace, where.pod, where.container, where.previous ?? false);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(
    file,
    JSON.stringify(lines.map((line) => (typeof line === 'string' ? { at: LOG_TIME, text: line } : line))),
  );
}

/** Answers `/containerLogs/{namespace}/{pod}/{container}` as the kubelet does, with the options that tools use. */
function answerLogs(folder: string, url: URL): { status: number; text: string } {
  const [, kind, namespace, pod, container] = url.pathname.split('/');
  if (kind !== 'containerLogs' || !namespace || !pod || !container) return { status: 404, text: 'not found\n' };
  const file = logFile(folder, namespace, pod, container, url.searchParams.get('previous') === 'true');
  if (!existsSync(file)) return { status: 200, text: '' };
  let lines = JSON.parse(readFileSync(file, 'utf8')) as LogLine[];
  const since = sinceOf(url);
  if (since !== undefined) lines = lines.filter((line) => Date.parse(line.at) >= since);
  const tail = url.searchParams.get('tailLines');
  if (tail !== null) lines = Number(tail) === 0 ? [] : lines.slice(-Number(tail));
  const stamped = url.searchParams.get('timestamps') === 'true';
  const text = lines.map((line) => `${stamped ? `${line.at} ` : ''}${line.text}\n`).join('');
  const limit = url.searchParams.get('limitBytes');
  return { status: 200, text: limit === null ? text : text.slice(0, Number(limit)) };
}

function sinceOf(url: URL): number | undefined {
  const time = url.searchParams.get('sinceTime');
  if (time !== null) return Date.parse(time);
  const seconds = url.searchParams.get('sinceSeconds');
  return seconds === null ? undefined : Date.now() - Number(seconds) * 1000;
}

async function startLogServer(folder: string, certificate: { cert: string; key: string }): Promise<[Server, number]> {
  const server = createServer(certificate, (incoming, outgoing) => {
    const { status, text } = answerLogs(folder, new URL(incoming.url ?? '/', 'https://kubelet'));
    outgoing.writeHead(status, { 'content-type': 'text/plain' });
    outgoing.end(text);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return [server, (server.address() as AddressInfo).port];
}

async function registerNode(client: ApiClient, port: number): Promise<void> {
  const node = { apiVersion: 'v1', kind: 'Node', metadata: { name: NODE, labels: { 'kubernetes.io/hostname': NODE } } };
  await client.demand('POST', '/api/v1/nodes', node, { accept: [409] });
  const now = new Date().toISOString().replace(/\.\d+Z$/, 'Z');
  const status = {
    addresses: [{ type: 'InternalIP', address: '127.0.0.1' }],
    daemonEndpoints: { kubeletEndpoint: { Port: port } },
    capacity: { cpu: '64', memory: '256Gi', pods: '5000' },
    allocatable: { cpu: '64', memory: '256Gi', pods: '5000' },
    conditions: [
      { type: 'Ready', status: 'True', reason: 'KubeletReady', lastHeartbeatTime: now, lastTransitionTime: now },
    ],
  };
  await client.demand('PATCH', `/api/v1/nodes/${NODE}/status`, { status }, { contentType: MERGE_PATCH });
}

const MERGE_PATCH = 'application/merge-patch+json';

interface SeenPod {
  readonly metadata: {
    readonly name: string;
    readonly namespace: string;
    readonly uid: string;
    readonly deletionTimestamp?: string;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  readonly spec: { readonly containers: readonly { readonly name: string; readonly image: string }[] };
  readonly status?: { readonly startTime?: string };
}

/** The status of a pod whose containers all run and are ready. */
export function runningStatus(
  containers: readonly { readonly name: string; readonly image: string }[],
  at: Date,
): object {
  const time = at.toISOString().replace(/\.\d+Z$/, 'Z');
  const conditions = ['PodScheduled', 'Initialized', 'ContainersReady', 'Ready'];
  return {
    phase: 'Running',
    startTime: time,
    hostIP: '127.0.0.1',
    podIP: '10.1.0.1',
    podIPs: [{ ip: '10.1.0.1' }],
    conditions: conditions.map((type) => ({ type, status: 'True', lastTransitionTime: time })),
    containerStatuses: containers.map(({ name, image }) => ({
      name,
      image,
      imageID: `${image}@sha256:${'0'.repeat(64)}`,
      containerID: `containerd://${name}`,
      ready: true,
      started: true,
      restartCount: 0,
      state: { running: { startedAt: time } },
    })),
  };
}

/** One look at the node's pods. Each pod is told once that it runs: what a test says later stands. */
async function syncPods(client: ApiClient, told: Set<string>): Promise<void> {
  const query = `fieldSelector=${encodeURIComponent(`spec.nodeName=${NODE}`)}&resourceVersion=0`;
  const list = (await client.demand('GET', `/api/v1/pods?${query}`)) as { items: SeenPod[] };
  await Promise.all(
    list.items.map(async ({ metadata, spec, status }) => {
      const path = `/api/v1/namespaces/${metadata.namespace}/pods/${metadata.name}`;
      if (metadata.deletionTimestamp !== undefined) {
        await client.send('DELETE', path, { gracePeriodSeconds: 0, preconditions: { uid: metadata.uid } });
      } else if (!told.has(metadata.uid) && metadata.annotations?.[LEFT_PENDING] === undefined) {
        told.add(metadata.uid);
        if (status?.startTime !== undefined) return;
        await client.send(
          'PATCH',
          `${path}/status`,
          { status: runningStatus(spec.containers, new Date()) },
          MERGE_PATCH,
        );
      }
    }),
  );
}

export async function startKubelet(options: {
  client: ApiClient;
  logs: string;
  certificate: { cert: string; key: string };
}): Promise<Kubelet> {
  const [server, port] = await startLogServer(options.logs, options.certificate);
  await registerNode(options.client, port);
  const stopped = new AbortController();
  const told = new Set<string>();
  const loop = (async () => {
    while (!stopped.signal.aborted) {
      // A look that fails (the API server is going down, a pod went away) is followed by the next one.
      await syncPods(options.client, told).catch(() => undefined);
      await sleep(150, undefined, { signal: stopped.signal }).catch(() => undefined);
    }
  })();
  return {
    async close() {
      stopped.abort();
      await loop;
      server.closeAllConnections();
      server.close();
    },
  };
}
