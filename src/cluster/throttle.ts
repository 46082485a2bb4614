import { setTimeout as sleep } from 'node:timers/promises';
import { ExchangeFailure } from './exchange.ts';
import type { Wait } from './retry.ts';

/** When the server asks one request to wait, all of them wait: it counts clients, not requests. */
export class Throttle {
  throttledMs = 0;
  #resumeAt = 0;

  /** Waits out a pause before a retry. @throws ExchangeFailure (`interrupted`) */
  async pause(wait: Wait, signal: AbortSignal): Promise<void> {
    if (!wait.throttled) return sleepUnless(wait.ms, signal);
    const now = performance.now();
    const resumeAt = Math.max(this.#resumeAt, now + wait.ms);
    this.throttledMs += Math.round(resumeAt - Math.max(this.#resumeAt, now));
    this.#resumeAt = resumeAt;
    await this.turn(signal);
  }

  /** Waits while the server wants to be left alone. @throws ExchangeFailure (`interrupted`) */
  async turn(signal: AbortSignal): Promise<void> {
    for (;;) {
      const ms = this.#resumeAt - performance.now();
      if (ms <= 0) return;
      await sleepUnless(ms, signal);
    }
  }
}

async function sleepUnless(ms: number, signal: AbortSignal): Promise<void> {
  try {
    await sleep(ms, undefined, { signal });
  } catch {
    throw new ExchangeFailure('interrupted', 'interrupted');
  }
}
