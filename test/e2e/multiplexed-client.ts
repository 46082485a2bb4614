import { connect, type ClientHttp2Session, type OutgoingHttpHeaders } from 'node:http2';
import type { Identity } from '../../src/model/access.ts';
import type { Access, Answer } from './api-client.ts';

export interface SendOptions {
  readonly body?: unknown;
  readonly contentType?: string;
  /** Asks as somebody else; the API server adds `system:authenticated`. */
  readonly as?: Identity;
}

export interface MultiplexedClient {
  /** Never throws for an HTTP status. Of an answer that is no refusal to `as`, only the status is read. */
  send(method: string, path: string, options?: SendOptions): Promise<Answer>;
  readonly close: () => void;
}

/**
 * A client for very many small requests: all of them share one HTTP/2 connection, which costs either side a third of
 * what HTTP/1.1 does. At most `parallel` are under way (the API server allows 100 streams).
 */
export function createMultiplexedClient(access: Access, parallel = 96): MultiplexedClient {
  const session = connect(access.server, { ca: access.ca });
  // Requests learn of it by themselves.
  session.on('error', () => undefined);
  const waiting: (() => void)[] = [];
  let free = parallel;
  const enter = async (): Promise<void> => {
    if (free > 0) free -= 1;
    else await new Promise<void>((resolve) => waiting.push(resolve));
  };
  const leave = (): void => {
    const next = waiting.shift();
    if (next) next();
    else free += 1;
  };
  return {
    async send(method, path, options = {}) {
      await enter();
      try {
        return await exchange(session, headersOf(method, path, access, options), options);
      } finally {
        leave();
      }
    },
    close: () => {
      session.destroy();
    },
  };
}

function headersOf(
  method: string,
  path: string,
  access: Access,
  { as, contentType }: SendOptions,
): OutgoingHttpHeaders {
  return {
    ':method': method,
    ':path': path,
    authorization: `Bearer ${access.token}`,
    accept: 'application/json',
    'content-type': contentType ?? 'application/json',
    'user-agent': 'e2e-harness',
    ...(as ? { 'impersonate-user': as.user } : {}),
    ...(as && as.groups.length > 0 ? { 'impersonate-group': [...as.groups] } : {}),
  };
}

function exchange(
  session: ClientHttp2Session,
  headers: OutgoingHttpHeaders,
  { body, as }: SendOptions,
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const stream = session.request(headers, { endStream: body === undefined });
    let status = 0;
    let text = '';
    stream.setEncoding('utf8');
    stream.on('response', ({ ':status': code }) => {
      status = Number(code);
      // A watch never ends, and a list may be long.
      if (as && status !== 403) {
        resolve({ status, body: undefined });
        stream.close();
      }
    });
    stream.on('data', (chunk: string) => (text += chunk));
    stream.on('end', () => {
      resolve({ status, body: parsed(text) });
    });
    stream.on('error', (cause: Error) => {
      reject(new Error(`${String(headers[':method'])} ${String(headers[':path'])}: ${cause.message}`, { cause }));
    });
    if (body !== undefined) stream.end(JSON.stringify(body));
  });
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
