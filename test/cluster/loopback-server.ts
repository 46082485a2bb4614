import { readFileSync } from 'node:fs';
import http, { type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http';
import https from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import type { ClusterAccess } from '../../src/cluster/cluster-access.ts';

/** Certificates of a test authority, valid from 2020 to 2120 (`expired`: until 2020-01-02). */
export const pem = (name: string): string => readFileSync(new URL(`certs/${name}`, import.meta.url), 'utf8');

export interface LoopbackServer {
  readonly url: string;
  readonly port: number;
  /** Connections that were accepted. */
  readonly connections: () => number;
  readonly close: () => Promise<void>;
}

export interface ServerOptions {
  /** Certificate: `server` (127.0.0.1, localhost), `named` (api.crewiso.test) or `expired`; none means http. */
  readonly certificate?: 'server' | 'named' | 'expired';
  readonly askClient?: boolean;
}

export async function startServer(listener: RequestListener, options: ServerOptions = {}): Promise<LoopbackServer> {
  const { certificate, askClient } = options;
  const server = certificate
    ? https.createServer(
        {
          cert: pem(`${certificate}.crt`),
          key: pem(`${certificate}.key`),
          ...(askClient && { ca: pem('ca.crt'), requestCert: true, rejectUnauthorized: true }),
        },
        listener,
      )
    : http.createServer(listener);
  let connections = 0;
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    connections += 1;
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `${certificate ? 'https' : 'http'}://127.0.0.1:${port}`,
    port,
    connections: () => connections,
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => {
          resolve();
        });
        for (const socket of sockets) socket.destroy();
      }),
  };
}

export function sendJson(response: ServerResponse, body: unknown, status = 200, headers: object = {}): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers });
  response.end(JSON.stringify(body));
}

/** A metav1.Status. */
export function status(code: number, reason: string, message: string, metadata: object = {}): object {
  return { kind: 'Status', apiVersion: 'v1', metadata, status: 'Failure', message, reason, code };
}

export function bodyOf(request: IncomingMessage): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = '';
    request.on('data', (chunk: Buffer) => (text += chunk.toString()));
    request.on('end', () => {
      resolve(text);
    });
    request.on('error', reject);
  });
}

/** Access to a server that the test authority vouches for, as nobody. */
export function accessTo(server: string, more: Partial<ClusterAccess> = {}): ClusterAccess {
  return {
    context: 'test',
    cluster: 'test-cluster',
    user: 'oncall',
    server,
    tls: server.startsWith('https:') ? { ca: pem('ca.crt'), insecure: false } : { insecure: false },
    credentials: { type: 'none' },
    ...more,
  };
}
