import type { RequestListener } from 'node:http';
import { afterEach, describe, expect, test } from 'vitest';
import { readList } from '../../src/cluster/pages.ts';
import { createTransport } from '../../src/cluster/transport.ts';
import { accessTo, sendJson, startServer, status } from './loopback-server.ts';

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

type Step =
  | { readonly items: readonly string[]; readonly next?: string }
  | { readonly code: number; readonly body: object }
  | 'cut';

/** Answers the steps in order, and says with which tokens it was asked. */
async function read(steps: readonly Step[]) {
  const tokens: (string | null)[] = [];
  const limits: (string | null)[] = [];
  const listener: RequestListener = (request, response) => {
    const url = new URL(request.url ?? '', 'http://x');
    const step = steps[Math.min(tokens.length, steps.length - 1)]!;
    tokens.push(url.searchParams.get('continue'));
    limits.push(url.searchParams.get('limit'));
    if (step === 'cut') {
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': 1000 });
      response.write('{"items": [', () => response.destroy());
    } else if ('code' in step) sendJson(response, step.body, step.code);
    else sendJson(response, { items: step.items, metadata: { continue: step.next ?? '' } });
  };
  const server = await startServer(listener);
  const transport = createTransport(accessTo(server.url), { version: 'test' });
  cleanups.push(server.close, () => {
    transport.close();
  });
  const result = await readList(transport, { path: '/api/v1/pods' }, (body) => (body as { items: string[] }).items);
  return { result, tokens, limits };
}

const expired = (metadata: object = {}): Step => ({ code: 410, body: status(410, 'Expired', 'too old', metadata) });
const invalid: Step = { code: 400, body: status(400, 'BadRequest', 'invalid continue token: x') };

describe('a page', () => {
  test.each([
    ['is 500 objects, where none says how large they are', [], '500'],
    ['is 5000 small objects', Array.from({ length: 500 }, () => 'x'.repeat(100)), '5000'],
    ['is about 8 MiB of larger objects', Array.from({ length: 500 }, () => 'x'.repeat(8000)), '1048'],
    ['is 500 objects, however large they are', Array.from({ length: 500 }, () => 'x'.repeat(50_000)), '500'],
  ])('after the first %s', async (_, items, limit) => {
    const { limits } = await read([{ items, next: 'n1' }, { items: [] }]);
    expect(limits).toEqual(['500', limit]);
  });
});

describe('a list', () => {
  test('of several pages is read to its end', async () => {
    const { result, tokens } = await read([
      { items: ['a'], next: 'n1' },
      { items: ['b'], next: 'n2' },
      { items: ['c'] },
    ]);
    expect({ ...result, tokens }).toEqual({ items: ['a', 'b', 'c'], tokens: [null, 'n1', 'n2'] });
  });

  test('whose token expired goes on with the new one', async () => {
    const { result, tokens } = await read([
      { items: ['a'], next: 'n1' },
      expired({ continue: 'n2' }),
      { items: ['b'] },
    ]);
    expect({ ...result, tokens }).toEqual({ items: ['a', 'b'], tokens: [null, 'n1', 'n2'] });
  });

  test('the recorded 410 carries such a token', async () => {
    const recorded = {
      kind: 'Status',
      apiVersion: 'v1',
      metadata: { continue: 'eyJ2IjoibWV0YS5rOHMuaW8vdjEiLCJydiI6LTEsInN0YXJ0IjoicGFnZS0yXHUwMDAwIn0' },
      status: 'Failure',
      reason: 'Expired',
      code: 410,
    };
    const { tokens } = await read([{ items: ['a'], next: 'n1' }, { code: 410, body: recorded }, { items: ['b'] }]);
    expect(tokens[2]).toBe(recorded.metadata.continue);
  });

  test.each([
    ['expired without a new token', expired()],
    ['not known to the server', invalid],
  ])('whose token is %s begins anew, without keeping anything twice', async (_, step) => {
    const { result, tokens } = await read([
      { items: ['a'], next: 'n1' },
      step,
      { items: ['a'], next: 'n3' },
      { items: ['b'] },
    ]);
    expect({ ...result, tokens }).toEqual({ items: ['a', 'b'], tokens: [null, 'n1', null, 'n3'] });
  });

  test('that must begin anew twice is cut short, and keeps what it has', async () => {
    const { result, tokens } = await read([
      { items: ['a'], next: 'n1' },
      invalid,
      { items: ['a'], next: 'n3' },
      invalid,
    ]);
    expect(result).toMatchObject({ items: ['a'], problem: { status: 400 } });
    expect(tokens).toHaveLength(4);
  });

  test('whose tokens expire for ever ends', async () => {
    const { result, tokens } = await read([{ items: ['a'], next: 'n1' }, expired({ continue: 'again' })]);
    expect(result).toMatchObject({ items: ['a'], problem: { status: 410 } });
    expect(tokens.length).toBeLessThan(10);
  });

  test('that is cut in the middle keeps its first pages', async () => {
    const { result } = await read([{ items: ['a'], next: 'n1' }, 'cut']);
    expect(result).toMatchObject({ items: ['a'], problem: { kind: 'cut' } });
  });

  test('that repeats its token ends', async () => {
    const { result } = await read([{ items: ['a'], next: 'n1' }]);
    expect(result).toMatchObject({ items: ['a', 'a'], problem: { kind: 'malformed' } });
  });

  test('whose first page is refused has nothing', async () => {
    const { result } = await read([{ code: 403, body: status(403, 'Forbidden', 'no') }]);
    expect(result).toMatchObject({ items: [], problem: { status: 403 } });
  });
});

describe('a list that says where it goes on before it says its items, as API servers do', () => {
  const page = (items: readonly object[], next = '', more: object = {}): string =>
    JSON.stringify({ kind: 'PodList', metadata: { resourceVersion: '1', continue: next }, ...more, items });

  /** Reads what is sent for each token, and says how many requests were out when each item was parsed. */
  async function readAhead(pages: Readonly<Record<string, string>>) {
    const asked: string[] = [];
    const server = await startServer((request, response) => {
      const { searchParams } = new URL(request.url ?? '', 'http://x');
      const token = searchParams.get('continue') ?? '';
      asked.push(`${token} ${searchParams.get('limit') ?? ''}`);
      response.writeHead(200, { 'content-type': 'application/json' });
      response.end(pages[token]);
    });
    const transport = createTransport(accessTo(server.url), { version: 'test' });
    cleanups.push(server.close, () => {
      transport.close();
    });
    const out: number[] = [];
    const reduce = (item: unknown): unknown => {
      out.push(transport.counts().total);
      return item;
    };
    const result = await readList(transport, { path: '/api/v1/pods', reduce }, (body) => {
      const { items } = body as { items?: { name: string }[] };
      if (!items) throw new Error('no list');
      return items.map(({ name }) => name);
    });
    return { result, asked, out };
  }

  test('is asked for its next page before the items of this one are parsed, and for each once', async () => {
    const { result, asked, out } = await readAhead({
      '': page([{ name: 'a' }, { name: 'b' }], 'n1'),
      n1: page([{ name: 'c' }], 'n2'),
      n2: page([{ name: 'd' }]),
    });
    expect(result).toEqual({ items: ['a', 'b', 'c', 'd'] });
    expect(asked).toEqual([' 500', 'n1 5000', 'n2 5000']);
    expect(out).toEqual([2, 2, 3, 3]);
  });

  test('is asked for as much as weighs what a page may', async () => {
    const items = Array.from({ length: 500 }, () => ({ name: 'x'.repeat(8000) }));
    const { asked } = await readAhead({ '': page(items, 'n1'), n1: page([]) });
    expect(asked).toEqual([' 500', 'n1 1046']);
  });

  test('that repeats its token is not asked again', async () => {
    const { result, asked } = await readAhead({ '': page([{ name: 'a' }], 'n1'), n1: page([{ name: 'b' }], 'n1') });
    expect(result).toMatchObject({ items: ['a', 'b'], problem: { kind: 'malformed' } });
    expect(asked).toHaveLength(2);
  });

  test('goes on where the whole of it says so, should its beginning have misled', async () => {
    const { result } = await readAhead({
      '': `{"kind":"PodList","metadata":{"continue":"n0"},"items":[{"name":"a"}],"metadata":{"continue":"n1"}}`,
      n0: page([{ name: 'wrong' }]),
      n1: page([{ name: 'b' }]),
    });
    expect(result).toEqual({ items: ['a', 'b'] });
  });

  test.each([
    ['another list before its own', page([{ name: 'a' }], 'n1', { x: { y: 1, items: [{ name: 'no' }] } })],
    ['its items alone', JSON.stringify({ items: [{ name: 'a' }], metadata: { continue: 'n1' } })],
    ['spaces', JSON.stringify(JSON.parse(page([{ name: 'a' }], 'n1')), null, 1)],
  ])('is read as well where it has %s', async (_, first) => {
    const { result } = await readAhead({ '': first, n1: page([{ name: 'b' }]) });
    expect(result).toEqual({ items: ['a', 'b'] });
  });
});
