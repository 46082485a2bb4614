import type { Agent } from 'node:http';
import type { RequestOptions } from 'node:https';
import pLimit from 'p-limit';
import { createAgent, tlsOptions } from './agent.ts';
import type { ClusterAccess } from './cluster-access.ts';
import type { Grant } from './credentials.ts';
import { exchange, type Exchange, type ExchangeLimits, type Method, type Sink } from './exchange.ts';
import { inflate } from './inflate.ts';
import type { Headers } from './request-headers.ts';

export const DEFAULT_LIMITS: ExchangeLimits = { connectMs: 10_000, stallMs: 30_000, maxBytes: 256 * 1024 * 1024 };

/** The connections to one server: its agent and TLS options, made at the first request. */
export class Wire {
  readonly #access: ClusterAccess;
  readonly #limits: ExchangeLimits;
  readonly #concurrency: number;
  readonly #closed: AbortSignal;
  /** Of many answers that arrive together, all but one wait in their compressed form. */
  readonly #inflating = pLimit(1);
  #agent: Promise<Agent> | undefined;
  #tls: RequestOptions | undefined;

  constructor(access: ClusterAccess, limits: ExchangeLimits, concurrency: number, closed: AbortSignal) {
    this.#access = access;
    this.#limits = limits;
    this.#concurrency = concurrency;
    this.#closed = closed;
  }

  /** @throws ExchangeFailure */
  async exchange(
    method: Method,
    url: URL,
    headers: Headers,
    body: string | undefined,
    grant: Grant,
    signal: AbortSignal,
    sink?: Sink,
  ): Promise<Exchange> {
    this.#agent ??= createAgent(this.#access, {
      maxSockets: this.#concurrency,
      connectMs: this.#limits.connectMs,
      closed: this.#closed,
    });
    this.#tls ??= tlsOptions(this.#access);
    const secure = url.protocol === 'https:';
    const answer = await exchange({
      url,
      method,
      headers: { ...headers, ...(grant.authorization && { authorization: grant.authorization }) },
      ...(body !== undefined && { body }),
      agent: await this.#agent,
      tls: { ...this.#tls, ...(secure && grant.certificate) },
      limits: this.#limits,
      signal,
      ...(sink && { sink }),
    });
    if (answer.headers['content-encoding'] !== 'gzip') return answer;
    return this.#inflating(() => inflate(answer, this.#limits.maxBytes));
  }

  close(): void {
    const destroy = (agent: Agent): void => {
      agent.destroy();
    };
    this.#agent?.then(destroy, () => undefined);
  }
}
