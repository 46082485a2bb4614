import { createServer as createHttp, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createHttps } from 'node:https';
import type { AddressInfo } from 'node:net';
import { failure, type Answer } from './answer.ts';
import type { Backend } from './call.ts';
import { handle } from './handle.ts';
import type { ApiServerOptions, Fault, RequestRecord } from './options.ts';
import { rbacAccess } from './rbac-access.ts';
import { send, sendFault } from './send.ts';
import { Store } from './store.ts';

export interface ApiServer {
  /** `http://127.0.0.1:<port>`; throws before `listen`. */
  readonly url: string;
  /** Starts on a free loopback port and returns `url`. */
  listen(): Promise<string>;
  /** Stops at once; open connections, hanging ones too, are cut. */
  close(): Promise<void>;
  /** What is served; `put` and `discard` act as controllers do, without admission. */
  readonly store: Store;
  /** Every request so far. */
  readonly requests: readonly RequestRecord[];
  /**
   * Expires all continue tokens given out so far: a list that uses one is answered 410 with a token to go on. Called
   * from `faults` it concerns the request at hand as well.
   */
  compact(): void;
}

/**
 * A Kubernetes API server over raw objects, in this process and memory, on loopback: enough of kube-apiserver 1.36 for
 * reading, access reviews and the writes of a person who repairs a platform. No controller runs: what a Deployment, a
 * quota or the garbage collector would do does not happen. What it cannot do answers 501.
 *
 * @throws Error for an object of a kind that is neither built in nor defined by one of the objects
 */
export function createApiServer(options: ApiServerOptions = {}): ApiServer {
  const store = new Store(options.objects ?? [], options.notServed ?? [], options.now ?? (() => new Date()));
  const state = { store, options, access: options.access ?? rbacAccess(store), compacted: store.revision - 1 };
  const log: Mutable<RequestRecord>[] = [];
  const listener = (request: IncomingMessage, response: ServerResponse): void => {
    const entry = recordOf(request);
    const count = log.push(entry) - 1;
    response.on('close', () => {
      entry.status = response.headersSent ? response.statusCode : 0;
    });
    const backend = (): Backend => ({ ...state, address: hostOf(server) });
    answer(request, response, backend, entry, count).catch((error: unknown) => {
      // A client that went away while it was sending, or a `faults` that threw.
      if (response.headersSent || response.destroyed) response.destroy();
      else send(request, response, failure(error), {});
    });
  };
  const server: Server = options.tls ? createHttps(options.tls, listener) : createHttp(listener);
  const url = (): string => `${options.tls ? 'https' : 'http'}://${hostOf(server)}`;
  return {
    get url() {
      return url();
    },
    listen: () =>
      new Promise((resolve, reject) => {
        server.once('error', reject);
        server.listen(0, '127.0.0.1', () => {
          resolve(url());
        });
      }),
    close: () =>
      new Promise((resolve) => {
        server.close(() => {
          resolve();
        });
        server.closeAllConnections();
      }),
    store,
    requests: log,
    compact: () => {
      state.compacted = store.revision;
      store.revision += 1;
    },
  };
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

function hostOf(server: Server): string {
  const address = server.address() as AddressInfo | null;
  if (!address) throw new Error('the API server does not listen yet');
  return `${address.address}:${String(address.port)}`;
}

const recordOf = ({ method = '', url = '', headers }: IncomingMessage): Mutable<RequestRecord> => ({
  method,
  path: url,
  userAgent: headers['user-agent'] ?? '',
  accept: headers.accept ?? '',
  userName: '',
  status: 0,
});

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  backendNow: () => Backend,
  entry: Mutable<RequestRecord>,
  count: number,
): Promise<void> {
  const { method = '', url: path = '/', headers } = request;
  const body = await read(request);
  const { faults } = backendNow().options;
  const fault: Fault = faults?.({ method, path, headers, count }) ?? {};
  if (fault.hang) return;
  if (fault.delayMs !== undefined) await new Promise((resolve) => setTimeout(resolve, fault.delayMs));
  if (fault.status !== undefined) {
    sendFault(response, fault);
    return;
  }
  const url = new URL(path, 'http://127.0.0.1');
  const identified = (user: string): void => {
    entry.userName = user;
  };
  send(request, response, answerOf({ method, url, headers, body, identified }, backendNow()), fault);
}

function answerOf(request: Parameters<typeof handle>[0], backend: Backend): Answer {
  try {
    return handle(request, backend);
  } catch (error) {
    return failure(error);
  }
}

async function read(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}
