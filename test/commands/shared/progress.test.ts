import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { showProgress } from '../../../src/commands/shared/progress.ts';

const ERASE = '\r\u001b[K';
const step = { resource: 'pods', items: 10, done: 3, total: 20 };

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['performance'] });
  vi.advanceTimersByTime(10_000);
});
afterEach(() => {
  vi.useRealTimers();
});

function watch(more: { isTTY?: boolean; quiet?: boolean; env?: NodeJS.ProcessEnv } = {}) {
  const written: string[] = [];
  const stream = { isTTY: more.isTTY ?? true, write: (text: string) => written.push(text) };
  return { written, progress: showProgress({ quiet: more.quiet ?? false, stream, env: more.env ?? {} }) };
}

describe('a watched terminal', () => {
  it('gets one line, redrawn at most four times a second, erased at the end', () => {
    const { written, progress } = watch();
    for (let n = 0; n < 10; n += 1) {
      progress.update(step);
      vi.advanceTimersByTime(100);
    }
    expect(written).toHaveLength(4);
    expect(written.every((text) => text === `${ERASE}reading pods (3 of 20)`)).toBe(true);
    progress.end();
    expect(written.at(-1)).toBe(ERASE);
  });

  it('is left alone when nothing was drawn, and erased once', () => {
    const { written, progress } = watch();
    progress.end();
    expect(written).toEqual([]);
    progress.update(step);
    progress.end();
    progress.end();
    expect(written).toHaveLength(2);
  });
});

it.each<[string, Parameters<typeof watch>[0]]>([
  ['no terminal', { isTTY: false }],
  ['--quiet', { quiet: true }],
  ['CI', { env: { CI: 'true' } }],
  ['TERM=dumb', { env: { TERM: 'dumb' } }],
])('shows nothing with %s', (_, options) => {
  const { written, progress } = watch(options);
  progress.update(step);
  progress.end();
  expect(written).toEqual([]);
});
