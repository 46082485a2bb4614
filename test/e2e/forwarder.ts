import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { Agent, request } from 'node:https';
import type { AddressInfo } from 'node:net';
import { accessFor, cluster } from './harness.ts';

export interface Forwarder {
  readonly url: string;
  readonly close: () => void;
}

export interface Hooks {
  /** Before a request is handed on; true: it never is, and nobody is answered. */
  readonly before?: (incoming: IncomingMessage) => boolean;
  /** Once the API server has answered; true: the client never learns. */
  readonly after?: (incoming: IncomingMessage, status: number) => boolean;
}

/** A change of an object that the API server is asked to make: no rehearsal, and no question about rights. */
export function isWrite({ method = '', url = '' }: IncomingMessage): boolean {
  return method !== 'GET' && !url.includes('dryRun=All') && !/reviews(\?|$)/.test(url);
}

/** Hands requests on to the API server as the administrator. Credentials do not travel over plain HTTP: it brings its own. */
export async function startForwarder(hooks: Hooks = {}): Promise<Forwarder> {
  const { admin } = cluster();
  const { host } = new URL(admin.server);
  const { token } = accessFor('admin', ['system:masters']);
  const agent = new Agent({ ca: admin.ca, keepAlive: true });
  const server = createServer((incoming: IncomingMessage, answer: ServerResponse) => {
    if (hooks.before?.(incoming)) {
      incoming.socket.destroy();
      return;
    }
    const outgoing = request(
      new URL(incoming.url ?? '/', admin.server),
      { agent, method: incoming.method, headers: { ...incoming.headers, host, authorization: `Bearer ${token}` } },
      (response) => {
        if (hooks.after?.(incoming, response.statusCode ?? 0)) {
          incoming.socket.destroy();
          response.resume();
          return;
        }
        answer.writeHead(response.statusCode ?? 502, response.headers);
        response.pipe(answer);
      },
    );
    outgoing.on('error', () => answer.destroy());
    incoming.pipe(outgoing);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`,
    close: () => {
      server.closeAllConnections();
      server.close();
      agent.destroy();
    },
  };
}
