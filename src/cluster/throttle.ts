import { setTimeout as sleep } from 'node:timers/promises';
import type { LimitFunction } from 'p-limit';
import { ExchangeFailure } from './exchange.ts';
import type { Wait } from './retry.ts';

const RECOVERY_MS = 10_000;

/**
 * When the server asks one request to wait, all of them wait: it counts clients, not requests. Then half as many are in
 * flight as before, and one more for every ten seconds in which it does not ask again.
 */
export class Throttle {
  throttledMs = 0;
  #resumeAt = 0;
  readonly #limit: Pick<LimitFunction, 'concurrency'>;
  readonly #most: number;
  #changedAt = 0;

  /** @param limit of requests in flight, which is not exceeded */
  constructor(limit: Pick<LimitFunction, 'concurrency'>) {
    this.#limit = limit;
    this.#most = limit.concurrency;
  }

  /** Waits out a pause before a retry. @throws ExchangeFailure (`interrupted`) */
  async pause(wait: Wait, signal: AbortSignal): Promise<void> {
    if (!wait.throttled) return sleepUnless(wait.ms, signal);
    const now = performance.now();
    // The others that were in flight are told the same: that is one refusal, not many.
    if (now >= this.#resumeAt) this.#allow(Math.max(1, Math.floor(this.#limit.concurrency / 2)), now + wait.ms);
    const resumeAt = Math.max(this.#resumeAt, now + wait.ms);
    this.throttledMs += Math.round(resumeAt - Math.max(this.#resumeAt, now));
    this.#resumeAt = resumeAt;
    await this.turn(signal);
  }

  /** Waits while the server wants to be left alone. @throws ExchangeFailure (`interrupted`) */
  async turn(signal: AbortSignal): Promise<void> {
    const steps = Math.floor((performance.now() - this.#changedAt) / RECOVERY_MS);
    const allowed = Math.min(this.#most, this.#limit.concurrency + steps);
    if (allowed > this.#limit.concurrency) this.#allow(allowed, this.#changedAt + steps * RECOVERY_MS);
    for (;;) {
      const ms = this.#resumeAt - performance.now();
      if (ms <= 0) return;
      await sleepUnless(ms, signal);
    }
  }

  #allow(inFlight: number, at: number): void {
    this.#limit.concurrency = inFlight;
    this.#changedAt = at;
  }
}

async function sleepUnless(ms: number, signal: AbortSignal): Promise<void> {
  try {
    await sleep(ms, undefined, { signal });
  } catch {
    throw new ExchangeFailure('interrupted', 'interrupted');
  }
}
