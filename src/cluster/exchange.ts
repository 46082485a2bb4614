import http from 'node:http';
import https from 'node:https';

export type Method = 'GET' | 'POST' | 'PATCH' | 'DELETE';

/** One request on the wire. */
export interface ExchangeSpec {
  readonly url: URL;
  readonly method: Method;
  readonly headers: Readonly<Record<string, string | readonly string[]>>;
  readonly body?: string;
  readonly agent: http.Agent;
  readonly tls: https.RequestOptions;
  readonly limits: ExchangeLimits;
  readonly signal: AbortSignal;
  /** Takes the body of a good answer piece by piece instead of having it kept. */
  readonly sink?: Sink;
}

/** Is given a body as it arrives, without a limit of size; false where nothing more is wanted. */
export type Sink = (chunk: Buffer) => boolean;

export interface ExchangeLimits {
  /** Until the connection stands and the request is sent. */
  readonly connectMs: number;
  /** Longest time without a single byte of the answer. */
  readonly stallMs: number;
  /** For the whole exchange. */
  readonly requestMs?: number;
  /** Of the answer, before and after decompression. */
  readonly maxBytes: number;
}

export interface Exchange {
  readonly status: number;
  readonly headers: http.IncomingHttpHeaders;
  /** As it was sent, compressed or not. */
  readonly body: Buffer;
}

export type FailureKind = 'connection' | 'cut' | 'timeout' | 'interrupted' | 'too-large';

/** An exchange without a complete answer. `cut`: the answer had begun. */
export class ExchangeFailure extends Error {
  readonly kind: FailureKind;
  /** The connection had been used before: the server may just have closed it as idle. */
  readonly stale: boolean;

  constructor(kind: FailureKind, message: string, options: { cause?: unknown; stale?: boolean } = {}) {
    super(message, { cause: options.cause });
    this.kind = kind;
    this.stale = options.stale ?? false;
  }
}

/** What is said of an answer that may not be kept. */
export const tooLarge = (maxBytes: number): string => `the answer is larger than ${maxBytes} bytes`;

/** Sends one request and reads the whole answer, whatever its status. Follows no redirect. @throws ExchangeFailure */
export async function exchange(spec: ExchangeSpec): Promise<Exchange> {
  const watch = new Watch(spec);
  try {
    return await perform(spec, watch);
  } finally {
    watch.stop();
  }
}

/** Ends the request when the caller, a deadline or a lack of progress says so, and remembers which. */
class Watch {
  failure: ExchangeFailure | undefined;
  request: http.ClientRequest | undefined;
  readonly #spec: ExchangeSpec;
  readonly #whole: NodeJS.Timeout | undefined;
  #progress: NodeJS.Timeout | undefined;

  constructor(spec: ExchangeSpec) {
    this.#spec = spec;
    const { requestMs, connectMs } = spec.limits;
    if (requestMs)
      this.#whole = setTimeout(() => {
        this.fail('timeout', `no complete answer within ${seconds(requestMs)}`);
      }, requestMs);
    this.#arm(connectMs, `no connection within ${seconds(connectMs)}`);
    spec.signal.addEventListener('abort', this.#interrupted);
  }

  progress(): void {
    const { stallMs } = this.#spec.limits;
    this.#arm(stallMs, `nothing arrived for ${seconds(stallMs)}`);
  }

  fail(kind: FailureKind, message: string): void {
    this.failure ??= new ExchangeFailure(kind, message);
    this.request?.destroy(this.failure);
  }

  stop(): void {
    clearTimeout(this.#progress);
    clearTimeout(this.#whole);
    this.#spec.signal.removeEventListener('abort', this.#interrupted);
  }

  readonly #interrupted = (): void => {
    this.fail('interrupted', 'interrupted');
  };

  #arm(ms: number, message: string): void {
    clearTimeout(this.#progress);
    this.#progress = setTimeout(() => {
      this.fail('timeout', message);
    }, ms);
  }
}

function seconds(ms: number): string {
  return ms < 1000 ? `${ms} ms` : `${ms / 1000} s`;
}

function perform(spec: ExchangeSpec, watch: Watch): Promise<Exchange> {
  return new Promise((resolve, reject) => {
    const fail = (kind: FailureKind, cause: unknown): void => {
      const message = cause instanceof Error ? cause.message : String(cause);
      reject(
        watch.failure ?? new ExchangeFailure(kind, message, { cause, stale: watch.request?.reusedSocket === true }),
      );
    };
    if (spec.signal.aborted) {
      reject(new ExchangeFailure('interrupted', 'interrupted'));
      return;
    }
    try {
      watch.request = open(spec);
    } catch (error) {
      // A header or a certificate that Node refuses before anything is sent.
      fail('connection', error);
      return;
    }
    watch.request.on('error', (error) => {
      fail('connection', error);
    });
    watch.request.on('finish', () => {
      watch.progress();
    });
    watch.request.on('response', (response) => {
      const { statusCode: status = 0, headers } = response;
      const { sink } = spec;
      const body = sink && status < 300 ? pour(response, sink, watch) : readBody(response, spec, watch);
      body.then(
        (body) => {
          resolve({ status, headers, body });
        },
        (error: unknown) => {
          fail('cut', error);
        },
      );
    });
    watch.request.end(spec.body);
  });
}

function open(spec: ExchangeSpec): http.ClientRequest {
  const { method, agent, url } = spec;
  const headers = Object.fromEntries(
    Object.entries(spec.headers).map(([name, value]) => [name, typeof value === 'string' ? value : [...value]]),
  );
  // Node frames the body of a DELETE only when it is told its length (RFC 9110 gives that body no meaning; Kubernetes does).
  if (spec.body !== undefined) headers['content-length'] = String(Buffer.byteLength(spec.body));
  return url.protocol === 'https:'
    ? https.request(url, { ...spec.tls, method, agent, headers })
    : http.request(url, { method, agent, headers });
}

/** The body goes to the sink; what is left of it when the sink has enough is not fetched. */
async function pour(response: http.IncomingMessage, sink: Sink, watch: Watch): Promise<Buffer> {
  const { 'content-encoding': encoding } = response.headers;
  if (encoding !== undefined && encoding !== 'identity') throw new Error(`unexpected content encoding ${encoding}`);
  for await (const chunk of response as AsyncIterable<Buffer>) {
    watch.progress();
    if (!sink(chunk)) break;
  }
  return Buffer.alloc(0);
}

async function readBody(response: http.IncomingMessage, spec: ExchangeSpec, watch: Watch): Promise<Buffer> {
  const { maxBytes } = spec.limits;
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    watch.progress();
    size += chunk.length;
    if (size > maxBytes) {
      watch.fail('too-large', tooLarge(maxBytes));
      throw new Error('too large');
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
