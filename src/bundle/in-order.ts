export interface Ahead {
  /** Tasks that run, or whose results wait for their turn. */
  readonly tasks: number;
  /** What they may hold together; one runs in any case. */
  readonly bytes: number;
}

export interface Task<T> {
  /** Most bytes that its result may hold. */
  readonly bytes: number;
  run(): Promise<T>;
}

/**
 * Runs tasks side by side and hands their results on in order, so that what is written does not depend on what comes
 * first. A result counts as held until the next one is asked for.
 * @param sizeOf bytes that a result holds
 */
export async function* inOrder<T>(
  tasks: Iterable<Task<T>>,
  ahead: Ahead,
  sizeOf: (result: T) => number = () => 0,
): AsyncGenerator<T> {
  const started: Promise<T>[] = [];
  const open = tasks[Symbol.iterator]();
  let next = open.next();
  let held = 0;
  let left = false;
  const fill = (): void => {
    while (!left && !next.done && started.length < ahead.tasks) {
      const task = next.value;
      if (started.length > 0 && held + task.bytes > ahead.bytes) return;
      held += task.bytes;
      started.push(
        task.run().then((result) => {
          held += sizeOf(result) - task.bytes;
          fill();
          return result;
        }),
      );
      // Whoever awaits it hears of a failure; until then it must not count as unheard.
      started.at(-1)?.catch(() => undefined);
      next = open.next();
    }
  };
  try {
    for (;;) {
      fill();
      const first = started.shift();
      if (!first) return;
      const result = await first;
      fill();
      yield result;
      held -= sizeOf(result);
    }
  } finally {
    left = true;
  }
}
