import pLimit from 'p-limit';
import { CrewisoError } from '../model/error.ts';
import type { Requests } from '../model/report.ts';
import { cleanMessage } from '../model/text.ts';
import type { ClusterAccess } from './cluster-access.ts';
import { connectionError, type Target } from './connection-error.ts';
import { createCredentials, type Credentials, type Grant } from './credentials.ts';
import { ExchangeFailure, type Exchange, type ExchangeLimits, type Method, type Sink } from './exchange.ts';
import { announceRest, replyOf, type More, type Problem, type Reduce, type Reply } from './reply.ts';
import { JSON_TYPE, requestHeaders } from './request-headers.ts';
import { waitAfterAnswer, waitAfterFailure } from './retry.ts';
import { Throttle } from './throttle.ts';
import { headerLines, pathLine, warningTexts, type Trace } from './tracing.ts';
import { DEFAULT_LIMITS, Wire } from './wire.ts';

export interface TransportOptions {
  readonly limits?: Partial<ExchangeLimits>;
  /** Of kubectl-crewiso, for the user agent. */
  readonly version: string;
  /** Id of the run of fixes that this transport serves. */
  readonly run?: string;
  /** Requests in flight at the same time. */
  readonly concurrency?: number;
  readonly trace?: Trace;
  /** Receives what a credential plugin says to the user. */
  readonly stderr?: (text: string) => void;
  /** Somebody sits at the terminal: a credential plugin may ask. */
  readonly terminal?: boolean;
  readonly pluginTimeoutMs?: number;
}

export interface RequestSpec {
  readonly purpose: 'list' | 'get' | 'review' | 'write';
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly accept?: string;
  /** Of a list: what stands for each of its items, which it gets without managedFields. */
  readonly reduce?: Reduce | undefined;
  /** Of a list: called while its items are not parsed yet, when more of them follow. */
  readonly onMore?: (more: More) => void;
  /** Makes what takes the body of a good answer as it arrives, anew for each attempt; the reply has no body then. */
  readonly openSink?: () => Sink;
  /** Makes it a POST, unless `method` says otherwise. */
  readonly body?: unknown;
  readonly method?: 'PATCH' | 'DELETE';
  readonly contentType?: string;
  readonly signal?: AbortSignal | undefined;
}

export interface Transport {
  readonly target: Target & Pick<ClusterAccess, 'user' | 'namespace' | 'impersonation'>;
  /** Never rejects for what the world does: see Reply. */
  send(request: RequestSpec): Promise<Reply>;
  counts(): Requests;
  /** Distinct `Warning` headers. */
  warnings(): readonly string[];
  /** Why a 401 may have happened, for people. */
  whyRefused(): string;
  trace: Trace;
  /** Ends idle connections; requests in flight fail. */
  close(): void;
}

/**
 * The one way to the API server: keep-alive connections, compressed JSON, credentials renewed on 401, retries of what
 * can succeed, limits on time, size and concurrency. Opens nothing before the first request.
 */
export function createTransport(access: ClusterAccess, options: TransportOptions): Transport {
  return new HttpTransport(access, options);
}

class HttpTransport implements Transport {
  readonly target: ClusterAccess;
  readonly trace: Trace;
  readonly #version: string;
  readonly #run: string | undefined;
  readonly #credentials: Credentials;
  readonly #wire: Wire;
  readonly #limit: ReturnType<typeof pLimit>;
  readonly #closed = new AbortController();
  readonly #throttle: Throttle;
  readonly #counts = { total: 0, list: 0, get: 0, review: 0, write: 0, retried: 0, refused: 0 };
  readonly #warnings = new Set<string>();
  /** The credential was refused and there is no other: nothing more is sent. */
  #locked: Problem | undefined;

  constructor(access: ClusterAccess, options: TransportOptions) {
    this.target = access;
    this.trace = options.trace ?? (() => undefined);
    this.#version = options.version;
    this.#run = options.run;
    const concurrency = options.concurrency ?? 16;
    this.#limit = pLimit(concurrency);
    this.#throttle = new Throttle(this.#limit);
    const limits = { ...DEFAULT_LIMITS, ...(options.limits ?? {}) };
    this.#wire = new Wire(access, limits, concurrency, this.#closed.signal);
    this.#credentials = createCredentials(access, {
      terminal: options.terminal ?? false,
      timeoutMs: options.pluginTimeoutMs ?? 60_000,
      signal: this.#closed.signal,
      stderr: options.stderr ?? (() => undefined),
    });
  }

  async send(request: RequestSpec): Promise<Reply> {
    this.#counts[request.purpose] += 1;
    // One signal per request: a shared one would collect a listener for each of them.
    const signal = AbortSignal.any([this.#closed.signal, ...(request.signal ? [request.signal] : [])]);
    try {
      return await this.#sendUntilAnswered(request, signal);
    } catch (error) {
      return { ok: false, problem: this.#problemOf(error) };
    }
  }

  counts(): Requests {
    const { total, list, get, review, retried, refused } = this.#counts;
    return { total, list, get, review, retried, refused, throttledMs: this.#throttle.throttledMs };
  }

  warnings(): readonly string[] {
    return [...this.#warnings].sort();
  }

  whyRefused(): string {
    return this.#credentials.whyRefused();
  }

  close(): void {
    this.#closed.abort();
    this.#wire.close();
  }

  async #sendUntilAnswered(request: RequestSpec, signal: AbortSignal): Promise<Reply> {
    const method = methodOf(request);
    for (let attempt = 0, renewed = false; ; attempt += 1) {
      if (this.#locked) return { ok: false, problem: this.#locked };
      if (attempt > 0) this.#counts.retried += 1;
      const sent = await this.#attempt(request, signal);
      if ('failure' in sent) {
        const wait = waitAfterFailure(sent.failure, method, attempt);
        if (!wait) throw sent.failure;
        await this.#throttle.pause(wait, signal);
      } else if (sent.answer.status === 401) {
        if (renewed || method !== 'GET' || !(await this.#credentials.refresh(sent.grant)))
          return this.#unauthorized(sent.answer, method);
        renewed = true;
      } else {
        this.#credentials.accepted(sent.grant);
        const wait = waitAfterAnswer(sent.answer, method, attempt, Date.now());
        if (!wait) {
          await announceRest(sent.answer, request.onMore);
          return this.#answered(sent.answer, request);
        }
        await this.#throttle.pause(wait, signal);
      }
    }
  }

  /** One request on the wire, once the server wants one and a slot is free. */
  async #attempt(
    request: RequestSpec,
    signal: AbortSignal,
  ): Promise<{ readonly answer: Exchange; readonly grant: Grant } | { readonly failure: ExchangeFailure }> {
    await this.#throttle.turn(signal);
    const grant = await unlessAborted(this.#credentials.current(), signal);
    return this.#limit(async () => {
      if (signal.aborted) throw new ExchangeFailure('interrupted', 'interrupted');
      this.#counts.total += 1;
      try {
        return { answer: await this.#exchange(request, grant, signal), grant };
      } catch (error) {
        if (error instanceof ExchangeFailure) return { failure: error };
        throw error;
      }
    });
  }

  async #exchange(request: RequestSpec, grant: Grant, signal: AbortSignal): Promise<Exchange> {
    const url = new URL(this.target.server + request.path);
    for (const [name, value] of Object.entries(request.query ?? {})) url.searchParams.set(name, value);
    const body = request.body === undefined ? undefined : JSON.stringify(request.body);
    const { impersonation } = this.target;
    const headers = requestHeaders({
      version: this.#version,
      accept: request.accept,
      streamed: request.openSink !== undefined,
      contentType: body === undefined ? undefined : (request.contentType ?? JSON_TYPE),
      run: this.#run,
      impersonation,
    });
    const startedAt = performance.now();
    let result = 'failed';
    let answer: Exchange | undefined;
    try {
      answer = await this.#wire.exchange(methodOf(request), url, headers, body, grant, signal, request.openSink?.());
      result = String(answer.status);
      for (const text of warningTexts(answer.headers.warning)) this.#warnings.add(this.#credentials.scrub(text));
      return answer;
    } finally {
      const ms = Math.round(performance.now() - startedAt);
      this.trace(6, `${methodOf(request)} ${pathLine(url)} ${result} ${ms} ms`);
      const { scrub } = this.#credentials;
      const sent = { ...headers, ...(grant.authorization && { authorization: '' }) };
      const lines = [...headerLines('>', sent, scrub), ...headerLines('<', answer?.headers ?? {}, scrub)];
      for (const line of lines) this.trace(8, line);
    }
  }

  #answered(answer: Exchange, { openSink, reduce }: Pick<RequestSpec, 'openSink' | 'reduce'> = {}): Reply {
    if (answer.status === 403) this.#counts.refused += 1;
    if (openSink && answer.status >= 200 && answer.status < 300) return { ok: true, body: undefined, bytes: 0 };
    return replyOf(answer, this.#credentials.scrub, reduce);
  }

  #unauthorized(answer: Exchange, method: string): Reply {
    const reply = this.#answered(answer);
    if (!reply.ok && method === 'GET') this.#locked = reply.problem;
    return reply;
  }

  #problemOf(error: unknown): Problem {
    if (error instanceof CrewisoError) return { kind: 'credentials', message: error.message, error };
    if (!(error instanceof ExchangeFailure)) throw error;
    const { scrub } = this.#credentials;
    const message = cleanMessage(scrub(error.message));
    if (error.kind === 'interrupted') return { kind: error.kind, message };
    const cause = error.kind === 'connection' ? error.cause : new Error(message);
    const reached = connectionError(cause, this.target, scrub);
    return { kind: error.kind, message: error.kind === 'connection' ? reached.message : message, error: reached };
  }
}

const methodOf = ({ method, body }: RequestSpec): Method => method ?? (body === undefined ? 'GET' : 'POST');

async function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  if (signal.aborted) throw new ExchangeFailure('interrupted', 'interrupted');
  let stop: (() => void) | undefined;
  const aborted = new Promise<never>((_, reject) => {
    stop = () => {
      reject(new ExchangeFailure('interrupted', 'interrupted'));
    };
    signal.addEventListener('abort', stop, { once: true });
  });
  try {
    return await Promise.race([promise, aborted]);
  } finally {
    if (stop) signal.removeEventListener('abort', stop);
  }
}
