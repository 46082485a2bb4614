import { describe, expect, it } from 'vitest';
import { inOrder, type Ahead, type Task } from '../../src/bundle/in-order.ts';

interface Run {
  readonly tasks: readonly Task<number>[];
  /** Numbers of the tasks that were begun. */
  readonly begun: number[];
  readonly finish: (task: number) => void;
  readonly fail: (task: number) => void;
}

/** Tasks that may hold 10 bytes each, and end when they are told to. */
function controlled(count: number): Run {
  const begun: number[] = [];
  const ends = new Map<
    number,
    { readonly resolve: (value: number) => void; readonly reject: (error: Error) => void }
  >();
  const tasks = Array.from({ length: count }, (_, number): Task<number> => ({
    bytes: 10,
    run: () =>
      new Promise((resolve, reject) => {
        begun.push(number);
        ends.set(number, { resolve, reject });
      }),
  }));
  return {
    tasks,
    begun,
    finish: (task) => ends.get(task)?.resolve(task),
    fail: (task) => ends.get(task)?.reject(new Error(`task ${String(task)}`)),
  };
}

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
const AHEAD: Ahead = { tasks: 4, bytes: 1000 };

describe('inOrder', () => {
  it('hands results on in order, whatever ends first', async () => {
    const { tasks, begun, finish } = controlled(6);
    const results = inOrder(tasks, AHEAD);
    const first = results.next();
    await settled();
    expect(begun).toEqual([0, 1, 2, 3]);
    for (const task of [3, 1, 2, 0]) finish(task);
    expect(await first).toEqual({ done: false, value: 0 });
    expect((await results.next()).value).toBe(1);
    expect(begun).toEqual([0, 1, 2, 3, 4, 5]);
    finish(5);
    finish(4);
    const rest: number[] = [];
    for await (const result of results) rest.push(result);
    expect(rest).toEqual([2, 3, 4, 5]);
  });

  it('begins no more than may be held, and more once results turn out small', async () => {
    const { tasks, begun, finish } = controlled(6);
    const results = inOrder(tasks, { tasks: 6, bytes: 25 }, () => 1);
    const first = results.next();
    await settled();
    expect(begun).toEqual([0, 1]);
    // It waits for its turn, and holds 1 byte instead of 10.
    finish(1);
    await settled();
    expect(begun).toEqual([0, 1, 2]);
    finish(0);
    await first;
    expect(begun).toEqual([0, 1, 2, 3]);
  });

  it('runs one that may hold more than all may', async () => {
    const { tasks, begun, finish } = controlled(2);
    const results = inOrder(tasks, { tasks: 6, bytes: 5 }, () => 1);
    const first = results.next();
    await settled();
    expect(begun).toEqual([0]);
    finish(0);
    expect((await first).value).toBe(0);
  });

  it('begins nothing more once nobody asks, and passes a failure on', async () => {
    const { tasks, begun, finish, fail } = controlled(9);
    const results = inOrder(tasks, AHEAD);
    const first = results.next();
    await settled();
    fail(0);
    await expect(first).rejects.toThrow('task 0');
    finish(1);
    await settled();
    expect(begun).toEqual([0, 1, 2, 3]);
  });
});
