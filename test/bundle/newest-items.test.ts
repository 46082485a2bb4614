import { expect, it } from 'vitest';
import { keptOf, NewestItems } from '../../src/bundle/newest-items.ts';
import { slice } from '../../src/bundle/kept.ts';
import { BETWEEN } from '../../src/bundle/redacting-sink.ts';
import { seal } from '../../src/bundle/redaction/redacted.ts';

const TEXTS = ['{"a":1}', '{"bb":22}', '{"c":", "}', '{"d":4}'];
const WHOLE = seal(Buffer.from(TEXTS.join(',\n')));

async function* cut(every: number): AsyncGenerator<ReturnType<typeof seal>> {
  for (let at = 0; at < WHOLE.length; at += every) yield await Promise.resolve(slice(WHOLE, at, at + every));
}

it.each([1, 2, 3, 7, 8, 1000])('leaves the oldest out of text that is cut every %i bytes', async (every) => {
  const newest = new NewestItems(2);
  for (const [index, text] of TEXTS.entries()) newest.add('x', [3, 1, 3, 2][index] ?? 0, text.length);
  const kept = newest.kept('x');
  if (!kept) throw new Error('all are kept');
  const parts: Buffer[] = [];
  for await (const part of keptOf(cut(every), kept, BETWEEN)) parts.push(part);
  expect(Buffer.concat(parts).toString()).toBe('{"a":1},\n{"c":", "}');
  expect(kept.size + BETWEEN.length).toBe(Buffer.concat(parts).length);
});

it('keeps all where there are no more than may be, and begins anew', () => {
  const newest = new NewestItems(1);
  newest.add('x', 1, 1);
  expect([newest.kept('x'), newest.kept('y'), newest.surplusOf('x')]).toEqual([undefined, undefined, undefined]);
  newest.add('x', 2, 1);
  expect(newest.surplusOf('x')).toBe(2);
  newest.clear();
  expect(newest.surplusOf('x')).toBeUndefined();
});
