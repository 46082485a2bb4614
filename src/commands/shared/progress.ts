interface Stream {
  readonly isTTY?: boolean;
  write(text: string): unknown;
}

export interface Progress {
  readonly update: (step: {
    readonly resource: string;
    readonly items: number;
    readonly done: number;
    readonly total: number;
  }) => void;
  /** Erases the line, before the result is written. */
  end(): void;
}

const INTERVAL = 250;
const ERASE = '\r\u001b[K';

/** One line on stderr, redrawn at most four times a second, and only where somebody watches. */
export function showProgress(options: { quiet: boolean; stream: Stream; env: NodeJS.ProcessEnv }): Progress {
  const { stream, env } = options;
  const watched = stream.isTTY === true && !options.quiet && !env.CI && env.TERM !== 'dumb';
  let last = 0;
  let shown = false;
  return {
    update({ resource, done, total }) {
      const now = performance.now();
      if (!watched || now - last < INTERVAL) return;
      last = now;
      shown = true;
      stream.write(`${ERASE}reading ${resource} (${String(done)} of ${String(total)})`);
    },
    end() {
      if (shown) stream.write(ERASE);
      shown = false;
    },
  };
}
