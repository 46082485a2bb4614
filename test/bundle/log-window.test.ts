import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LogWindow } from '../../src/bundle/log-window.ts';
import { join, type Redacted } from '../../src/bundle/redaction/redacted.ts';

const bytes = (text: string): Redacted => Buffer.from(text) as Redacted;

function windowed(text: string, oldest: number, newest: number, cuts: readonly number[] = []): string {
  const window = new LogWindow(oldest, newest);
  const ends = [...new Set([...cuts.filter((cut) => cut < text.length), text.length])].sort((a, b) => a - b);
  ends.forEach((end, index) => {
    window.push(bytes(text.slice(ends[index - 1] ?? 0, end)));
  });
  const { pieces, size } = window.end();
  const kept = join(pieces);
  expect(kept.length).toBe(size);
  return kept.toString();
}

const lines = (from: number, to: number): string =>
  Array.from({ length: to - from }, (_, index) => `line ${String(from + index).padStart(4, '0')}\n`).join('');

describe('of a log are kept', () => {
  it('all of it where it fits', () => {
    expect(windowed(lines(0, 10), 50, 50)).toBe(lines(0, 10));
  });

  it('the oldest and the newest whole lines, and how much is left out between them', () => {
    const all = lines(0, 1000);
    const kept = windowed(all, 35, 45);
    expect(kept).toBe(`${lines(0, 3)}[crewiso: ${String(all.length - 70)} bytes omitted]\n${lines(996, 1000)}`);
  });

  it('nothing of a line that is longer than what is kept', () => {
    expect(windowed('x'.repeat(1000), 10, 10)).toBe('[crewiso: 1000 bytes omitted]\n');
  });

  it('the same wherever the log is cut into pieces, and never more than was planned', () => {
    fc.assert(
      fc.property(
        fc.array(fc.stringMatching(/^[a-z]{0,20}$/), { maxLength: 40 }),
        fc.nat(80),
        fc.nat(80),
        fc.array(fc.nat(500), { maxLength: 10 }),
        (texts, oldest, newest, cuts) => {
          const text = texts.map((line) => `${line}\n`).join('');
          const kept = windowed(text, oldest, newest, cuts);
          expect(kept).toBe(windowed(text, oldest, newest));
          const [, omitted] = /\[crewiso: (\d+) bytes omitted\]\n/.exec(kept) ?? [];
          const rest = kept.replace(/\[crewiso: \d+ bytes omitted\]\n/, '');
          expect(rest.length + Number(omitted ?? 0)).toBe(text.length);
          expect(rest.length).toBeLessThanOrEqual(oldest + newest);
        },
      ),
    );
  });
});
