import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { startDeadline } from '../../../src/commands/shared/deadline.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const reasonOf = (signal: AbortSignal): unknown => signal.reason;

it('aborts with a TimeoutError after the time', () => {
  const { signal } = startDeadline(new AbortController().signal, 2000);
  vi.advanceTimersByTime(1999);
  expect(signal.aborted).toBe(false);
  vi.advanceTimersByTime(1);
  expect(reasonOf(signal)).toMatchObject({ name: 'TimeoutError' });
});

it('aborts with the user’s reason, before or after the start', () => {
  const user = new AbortController();
  const before = startDeadline(user.signal, 2000);
  user.abort(new Error('interrupted'));
  const after = startDeadline(user.signal, 2000);
  for (const { signal } of [before, after]) {
    vi.advanceTimersByTime(3000);
    expect(reasonOf(signal)).toMatchObject({ message: 'interrupted' });
  }
});

it.each([0, 2000])('leaves nothing behind that keeps the process alive (%d ms)', (milliseconds) => {
  const user = new AbortController();
  const { signal, end } = startDeadline(user.signal, milliseconds);
  expect(vi.getTimerCount()).toBe(milliseconds > 0 ? 1 : 0);
  end();
  expect(vi.getTimerCount()).toBe(0);
  user.abort();
  expect(signal.aborted).toBe(false);
});
