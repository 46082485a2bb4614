import { expect, test, vi } from 'vitest';
import { Throttle } from '../../src/cluster/throttle.ts';

test('fewer requests are in flight after the server asked to wait, and by and by more again', async () => {
  const limit = { concurrency: 16 };
  let now = 5_000;
  vi.spyOn(performance, 'now').mockImplementation(() => now);
  const throttle = new Throttle(limit);
  const { signal } = new AbortController();
  // The wait itself is not of interest here.
  const told = (ms: number): Promise<void> =>
    throttle.pause({ ms, throttled: true }, AbortSignal.abort()).catch(() => undefined);

  await throttle.turn(signal);
  expect(limit.concurrency).toBe(16);
  await Promise.all([told(1_000), told(1_000), told(1_000)]);
  expect(limit.concurrency).toBe(8);
  now += 1_000;
  await told(1_000);
  expect(limit.concurrency).toBe(4);
  // A broken connection says nothing about how busy the server is.
  await throttle.pause({ ms: 0, throttled: false }, signal);
  expect(limit.concurrency).toBe(4);

  now += 10_999;
  await throttle.turn(signal);
  expect(limit.concurrency).toBe(4);
  now += 1;
  await throttle.turn(signal);
  expect(limit.concurrency).toBe(5);
  now += 25_000;
  await throttle.turn(signal);
  expect(limit.concurrency).toBe(7);
  now += 1_000_000;
  await throttle.turn(signal);
  expect(limit.concurrency).toBe(16);

  for (let times = 0; times < 9; times += 1) {
    await told(0);
    now += 1;
  }
  expect(limit.concurrency).toBe(1);
});
