import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DenialCollector, denialsOf } from '../../src/kubernetes/denial-log.ts';
import { DenialScanner, type LocatedDenial } from '../../src/kubernetes/denial-scanner.ts';
import { parseDenials } from '../../src/kubernetes/forbidden.ts';
import { CORPUS } from './denial-corpus.ts';

const whole = (text: string): LocatedDenial[] => {
  const scanner = new DenialScanner();
  return [...scanner.push(text), ...scanner.end()];
};

/** The same text in pieces, looked at as often as can be. */
function inPieces(text: string, cuts: readonly number[], piece: number): LocatedDenial[] {
  const scanner = new DenialScanner(piece);
  const found: LocatedDenial[] = [];
  let from = 0;
  for (const cut of [...new Set(cuts)].sort((a, b) => a - b)) {
    found.push(...scanner.push(text.slice(from, cut)));
    from = Math.max(from, cut);
  }
  return [...found, ...scanner.push(text.slice(from)), ...scanner.end()];
}

const NOISE = [
  'all is well',
  'GET /forbidden 403 Forbidden',
  '\u001b[31mred\u001b[0m',
  '&quot;quoted&quot; &amp; so',
  'User "bob" cannot log in',
  'Unauthorized',
  'a\u{1F600}ä',
  '"',
  '\\',
  'is forbidden: ',
  'x'.repeat(3000),
];
const line = fc.oneof(
  fc.constantFrom(...NOISE),
  fc.constantFrom(...CORPUS.map(({ text }) => text)),
  fc.constantFrom(...CORPUS.map(({ text }) => JSON.stringify({ ts: '2026-11-20T09:41:00Z', msg: text }))),
  fc.constantFrom(...CORPUS.map(({ text }) => text.replaceAll('"', '&quot;'))),
  fc.constantFrom(...CORPUS.map(({ text }) => text.replaceAll(' ', ' \u001b[1m'))),
);
/** Longer than what is looked at at a time, so that what was seen must be let go of. */
const log = fc
  .tuple(
    fc.array(line, { minLength: 1, maxLength: 25 }),
    fc.constantFrom('\n', ' ', '\r\n', ''),
    fc.nat({ max: 40_000 }),
  )
  .map(([lines, separator, gap]) => lines.join(separator + '.'.repeat(Math.floor(gap / lines.length))));

describe('the scanner', () => {
  it('finds the same however the text is cut into pieces', () => {
    fc.assert(
      fc.property(
        log,
        fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 60 }),
        fc.integer({ min: 1, max: 5000 }),
        (text, parts, piece) => {
          const cuts = parts.map((part) => Math.floor(part * text.length));
          expect(inPieces(text, cuts, piece)).toEqual(whole(text));
        },
      ),
      { numRuns: 60 },
    );
  });

  it('finds the same when it gets one character after the other', () => {
    for (const { text } of CORPUS) {
      const log = `${'y'.repeat(40_000)} ${text}\n${'z'.repeat(40_000)} ${text.replaceAll('"', '&quot;')}\n`;
      const scanner = new DenialScanner(997);
      const found = Array.from(log, (character) => scanner.push(character)).flat();
      expect([...found, ...scanner.end()]).toEqual(whole(log));
    }
  });

  it('finds every message where it is', () => {
    const text = `${CORPUS.map((row) => row.text).join('\n--\n')}\n`.repeat(4);
    const found = whole(text);
    expect(found.map(({ denial }) => denial)).toEqual(parseDenials(text));
    expect(found).toHaveLength(CORPUS.length * 4);
    for (const { denial, start, end } of found) {
      expect(start).toBeLessThan(end);
      const inside = parseDenials(text.slice(Math.max(0, start - 700), end));
      expect(inside.at(-1)?.class).toBe(denial.class);
    }
    const starts = found.map(({ start }) => start);
    expect(starts).toEqual([...starts].sort((a, b) => a - b));
  });

  it('shows the line around it', () => {
    const [found] = whole(
      'before\n10:00 <Unauthorized> nothing\nE1120 reflector: failed to list *v1.Pod: Unauthorized tail\nafter',
    );
    expect(found).toMatchObject({ before: 'E1120 reflector: failed to list *v1.Pod: ', after: ' tail' });
  });

  it.each([
    ['without line breaks', 'x'],
    ['of anchors', 'is forbidden: '],
    ['of open quotes', 'User "'],
    ['of beginnings of colours', '\u001b['],
    ['of beginnings of quotes', '&quo'],
    ['of refusals', `${CORPUS[0]!.text} `],
  ])('holds on to little of a long text %s', (_title, piece) => {
    const text = piece.repeat(Math.ceil(300_000 / piece.length));
    const scanner = new DenialScanner();
    for (let megabytes = 0; megabytes < 6; megabytes++) scanner.push(text);
    // Private fields cannot be looked at: what is held shows in what is left to be judged at the end.
    const started = performance.now();
    scanner.end();
    expect(performance.now() - started).toBeLessThan(5000);
  });
});

describe('the collector', () => {
  it('tells the same however the text is cut into pieces', () => {
    fc.assert(
      fc.property(log, fc.integer({ min: 1, max: 9000 }), fc.integer({ min: 1, max: 3000 }), (text, size, piece) => {
        const collector = new DenialCollector(1000, new DenialScanner(piece));
        for (let at = 0; at < text.length; at += size) collector.push(text.slice(at, at + size));
        expect(collector.end()).toEqual(denialsOf(text));
      }),
      { numRuns: 40 },
    );
  });
});
