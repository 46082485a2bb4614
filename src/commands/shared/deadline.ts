/** A signal for one run, and what ends waiting for it. */
export interface Deadline {
  /** Aborted with a `TimeoutError` after the time, or with the user's reason when the user stops the run. */
  readonly signal: AbortSignal;
  readonly end: () => void;
}

/**
 * Joins the user's signal and a time limit. Not `AbortSignal.any([user, AbortSignal.timeout(ms)])`: before Node 24 the
 * timeout is held by nobody and collected before it fires (https://github.com/nodejs/node/issues/54614).
 * @param milliseconds 0 for no limit
 */
export function startDeadline(user: AbortSignal, milliseconds: number): Deadline {
  const controller = new AbortController();
  const stop = (): void => {
    controller.abort(user.reason);
  };
  user.addEventListener('abort', stop, { once: true });
  if (user.aborted) stop();
  const late = (): void => {
    controller.abort(new DOMException('the run took too long', 'TimeoutError'));
  };
  const timer = milliseconds > 0 ? setTimeout(late, milliseconds) : undefined;
  return {
    signal: controller.signal,
    end: () => {
      clearTimeout(timer);
      user.removeEventListener('abort', stop);
    },
  };
}
