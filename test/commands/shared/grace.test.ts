import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { afterGrace, GRACE_MS, untilStopped } from '../../../src/commands/shared/grace.ts';
import type { ClusterReader, ListPage, ReadTrouble } from '../../../src/model/cluster-reader.ts';

const TARGET = { apiVersion: 'v1', kind: 'Pod', plural: 'pods' };
const LOG = { namespace: 'a', pod: 'b', container: 'c', previous: false };
const PAGE: ListPage = { items: [], restarted: false };
const open = (): (() => boolean) => () => true;

describe('a signal after a while', () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it('lets what is under way end for a moment, and says so once', () => {
    const user = new AbortController();
    const onStop = vi.fn();
    const late = afterGrace(user.signal, onStop);
    expect(onStop).not.toHaveBeenCalled();
    user.abort(new Error('interrupted'));
    expect(onStop).toHaveBeenCalledOnce();
    vi.advanceTimersByTime(GRACE_MS - 1);
    expect(late.aborted).toBe(false);
    vi.advanceTimersByTime(1);
    expect(late.reason).toMatchObject({ message: 'interrupted' });
  });

  it('comes at once where time has run out, or the user was faster', () => {
    const time = new AbortController();
    const onStop = vi.fn();
    const late = afterGrace(time.signal, onStop);
    time.abort(new DOMException('late', 'TimeoutError'));
    expect(late.reason).toMatchObject({ name: 'TimeoutError' });
    expect(afterGrace(AbortSignal.abort(new Error('interrupted')), onStop).aborted).toBe(true);
    expect(onStop).not.toHaveBeenCalled();
  });
});

describe('a reader of a run that is stopped', () => {
  const calls: string[] = [];
  const reader: ClusterReader = {
    // eslint-disable-next-line @typescript-eslint/require-await -- as a reader is
    async *list() {
      calls.push('list');
      yield PAGE;
      calls.push('second page');
      yield PAGE;
      return undefined;
    },
    get: () => Promise.resolve({ value: calls.push('get') }),
    log: () => Promise.resolve(void calls.push('log')),
  };

  it.each([
    [new Error('interrupted'), { reason: 'interrupted', message: 'interrupted' }],
    [new DOMException('late', 'TimeoutError'), { reason: 'timeout', message: 'timed out' }],
  ] satisfies [Error, ReadTrouble][])('begins nothing, and ends what has begun (%s)', async (reason, trouble) => {
    calls.length = 0;
    const stop = new AbortController();
    const stopping = untilStopped(reader, stop.signal);
    const begun = stopping.list(TARGET, {});
    expect(await begun.next()).toEqual({ done: false, value: PAGE });
    stop.abort(reason);
    expect(await begun.next()).toEqual({ done: false, value: PAGE });
    expect(await begun.next()).toEqual({ done: true, value: undefined });
    expect(calls).toEqual(['list', 'second page']);
    expect(await stopping.list(TARGET, {}).next()).toEqual({ done: true, value: trouble });
    expect(await stopping.get('/version')).toEqual({ trouble });
    expect(await stopping.log(LOG, { tailLines: 1 }, open)).toEqual(trouble);
    expect(calls).toEqual(['list', 'second page']);
  });

  it('is the reader itself until then', async () => {
    calls.length = 0;
    const going = untilStopped(reader, new AbortController().signal);
    await going.list(TARGET, {}).next();
    await going.get('/version');
    await going.log(LOG, { tailLines: 1 }, open);
    expect(calls).toEqual(['list', 'get', 'log']);
  });
});
