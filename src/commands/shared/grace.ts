import { whyAborted } from '../../cluster/gaps.ts';
import type { ClusterReader, ReadTrouble } from '../../model/cluster-reader.ts';

/** How long what is under way may still take once somebody interrupts. */
export const GRACE_MS = 5000;

/**
 * A signal that is aborted a while after the user interrupts, and at once where time has run out: a limit is one.
 * @param onStop is told of the user's signal
 */
export function afterGrace(stop: AbortSignal, onStop: () => void): AbortSignal {
  const controller = new AbortController();
  const end = (): void => {
    controller.abort(stop.reason);
  };
  const stopped = (): void => {
    if (whyAborted(stop) === 'timed out') {
      end();
      return;
    }
    onStop();
    // Whoever is done earlier does not wait for it.
    setTimeout(end, GRACE_MS).unref();
  };
  if (stop.aborted) end();
  else stop.addEventListener('abort', stopped, { once: true });
  return controller.signal;
}

/**
 * A reader that begins nothing more once a run is stopped.
 * @param reader of which whatever has begun may come to its end
 */
export function untilStopped(reader: ClusterReader, stop: AbortSignal): ClusterReader {
  const trouble = (): ReadTrouble | undefined => {
    if (!stop.aborted) return undefined;
    const message = whyAborted(stop);
    return { reason: message === 'timed out' ? 'timeout' : 'interrupted', message };
  };
  return {
    async *list(target, options) {
      return trouble() ?? (yield* reader.list(target, options));
    },
    async get(path, accept) {
      const stopped = trouble();
      return stopped ? { trouble: stopped } : reader.get(path, accept);
    },
    async log(source, options, open) {
      return trouble() ?? reader.log(source, options, open);
    },
  };
}
