import { Agent, request } from 'node:https';

/** How to reach the API server as one identity. */
export interface Access {
  readonly server: string;
  /** PEM bundle. */
  readonly ca: string;
  readonly token: string;
}

export interface Answer {
  readonly status: number;
  readonly body: unknown;
}

export interface ApiClient {
  /** Any request; a body is sent as JSON under `contentType` (default application/json). Never throws for an HTTP status. */
  send(method: string, path: string, body?: unknown, contentType?: string): Promise<Answer>;
  /** As `send`, but throws with the server's message unless the status is 2xx or listed in `accept`. */
  demand(method: string, path: string, body?: unknown, options?: DemandOptions): Promise<unknown>;
  readonly close: () => void;
}

export interface DemandOptions {
  readonly contentType?: string;
  readonly accept?: readonly number[];
}

/** A client of the test's own, so that nothing is tested with itself; at most `connections` requests are under way. */
export function createClient(access: Access, connections = 24): ApiClient {
  const agent = new Agent({ keepAlive: true, maxSockets: connections, ca: access.ca });
  const send: ApiClient['send'] = (method, path, body, contentType = 'application/json') =>
    new Promise((resolve, reject) => {
      const payload = body === undefined ? undefined : JSON.stringify(body);
      const headers: Record<string, string | number> = {
        authorization: `Bearer ${access.token}`,
        accept: 'application/json',
        'user-agent': 'e2e-harness',
      };
      if (payload !== undefined) {
        headers['content-type'] = contentType;
        headers['content-length'] = Buffer.byteLength(payload);
      }
      const outgoing = request(new URL(path, access.server), { agent, method, headers }, (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', reject);
        response.on('end', () => {
          resolve({ status: response.statusCode ?? 0, body: parsed(Buffer.concat(chunks).toString('utf8')) });
        });
      });
      outgoing.on('error', (error: NodeJS.ErrnoException) => {
        // The server had closed an idle connection just before it was used again: it has not seen the request.
        if (error.code === 'ECONNRESET' && outgoing.reusedSocket)
          send(method, path, body, contentType).then(resolve, reject);
        else reject(error);
      });
      outgoing.end(payload);
    });
  return {
    send,
    async demand(method, path, body, options = {}) {
      const answer = await send(method, path, body, options.contentType);
      if ((answer.status >= 200 && answer.status < 300) || options.accept?.includes(answer.status)) return answer.body;
      const message = (answer.body as { message?: string } | null)?.message ?? JSON.stringify(answer.body);
      throw new Error(`${method} ${path}: ${answer.status} ${message}`);
    },
    close: () => {
      agent.destroy();
    },
  };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
