/**
 * Runs tasks side by side and hands their results on in order, so that what is written does not depend on what comes
 * first. At most so many run, or wait for their turn.
 */
export async function* inOrder<T>(tasks: Iterable<() => Promise<T>>, ahead: number): AsyncGenerator<T> {
  const running: Promise<T>[] = [];
  const open = tasks[Symbol.iterator]();
  const start = (): void => {
    const next = open.next();
    if (next.done) return;
    const task = next.value();
    // Whoever awaits it hears of a failure; until then it must not count as unheard.
    task.catch(() => undefined);
    running.push(task);
  };
  for (let index = 0; index < ahead; index += 1) start();
  for (let task = running.shift(); task; task = running.shift()) {
    const result = await task;
    start();
    yield result;
  }
}
