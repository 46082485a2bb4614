import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import nock from 'nock';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { ClusterAccess } from '../../src/cluster/cluster-access.ts';
import {
  createTransport,
  type RequestSpec,
  type Transport,
  type TransportOptions,
} from '../../src/cluster/transport.ts';
import { accessTo, status } from './loopback-server.ts';

const SERVER = 'https://api.example.test:6443';
const CANARY = 'canary-token-0123456789';
const PODS: RequestSpec = { purpose: 'list', path: '/api/v1/pods' };
const token = (value = CANARY): Partial<ClusterAccess> => ({ credentials: { type: 'token', token: () => value } });

let open: Transport[] = [];
function transport(more: Partial<ClusterAccess> = {}, options: Partial<TransportOptions> = {}): Transport {
  const made = createTransport(accessTo(SERVER, { tls: { insecure: false }, ...more }), {
    version: '1.2.3',
    ...options,
  });
  open.push(made);
  return made;
}

beforeAll(() => {
  nock.disableNetConnect();
});
afterEach(() => {
  for (const each of open) each.close();
  open = [];
  nock.cleanAll();
});
afterAll(() => {
  nock.enableNetConnect();
  nock.restore();
});

describe('a request', () => {
  test('carries user agent, credential and impersonation, and wants gzip', async () => {
    const scope = nock(SERVER, {
      reqheaders: {
        'user-agent': 'kubectl-crewiso/1.2.3',
        authorization: `Bearer ${CANARY}`,
        accept: 'application/json',
        'accept-encoding': 'gzip',
        'impersonate-user': 'jane',
        'impersonate-uid': '7',
        'impersonate-group': (value) => value.includes('a'),
        'impersonate-extra-example.com%2fscope': 'x',
      },
    })
      .get('/api/v1/pods')
      .query({ limit: '500', labelSelector: 'a=b' })
      .reply(200, { futureField: 1 });
    const impersonation = { user: 'jane', uid: '7', groups: ['a', 'b'], extra: { 'example.com/scope': ['x'] } };
    const reply = await transport({ ...token(), impersonation }).send({
      ...PODS,
      query: { limit: '500', labelSelector: 'a=b' },
    });
    expect(reply).toMatchObject({ ok: true, body: { futureField: 1 } });
    expect(scope.isDone()).toBe(true);
  });

  test('reads gzip', async () => {
    nock(SERVER).get('/api/v1/pods').reply(200, gzipSync('{"items":[]}'), { 'content-encoding': 'gzip' });
    expect(await transport().send(PODS)).toEqual({ ok: true, body: { items: [] }, bytes: 12 });
  });

  test('collects warnings once', async () => {
    const warning = '299 - "v1 Foo is \\"old\\"", 299 - "other"';
    nock(SERVER).get('/api/v1/pods').twice().reply(200, {}, { warning });
    const sender = transport();
    await sender.send(PODS);
    await sender.send(PODS);
    expect(sender.warnings()).toEqual(['other', 'v1 Foo is "old"']);
  });

  test('a recorded refusal comes back as the server said it', async () => {
    const file = '/api/v1/pods';
    const message = 'pods is forbidden: User "x" cannot list resource "pods" in API group "" at the cluster scope';
    nock(SERVER)
      .get(file)
      .reply(403, status(403, 'Forbidden', message));
    const sender = transport();
    expect(await sender.send(PODS)).toEqual({
      ok: false,
      problem: { kind: 'status', status: 403, reason: 'Forbidden', message },
    });
    expect(sender.counts()).toMatchObject({ total: 1, list: 1, refused: 1 });
  });

  test.each([
    [404, '404 page not found\n', 'text/plain', '404 page not found'],
    [400, '<html>long</html>', 'text/html', 'HTTP 400'],
    [500, '', 'text/plain', 'HTTP 500'],
  ])('%i with %j', async (code, body, type, message) => {
    nock(SERVER).get('/api/v1/pods').reply(code, body, { 'content-type': type });
    expect(await transport().send(PODS)).toMatchObject({ ok: false, problem: { status: code, message } });
  });

  test('a redirect is not followed', async () => {
    nock(SERVER).get('/api/v1/pods').reply(302, '', { location: 'https://login.example.test/?secret=canary' });
    const reply = await transport(token()).send(PODS);
    expect(reply).toMatchObject({
      problem: { status: 302, message: 'redirects to https://login.example.test, which is not followed' },
    });
  });

  test.each([
    ['<html>', 'text/html', /HTML/],
    ['{"items": [', 'application/json', /no JSON/],
    ['[1]', 'application/json', /no JSON object/],
  ])('200 with %j is malformed', async (body, type, message) => {
    nock(SERVER).get('/api/v1/pods').reply(200, body, { 'content-type': type });
    expect(await transport().send(PODS)).toMatchObject({
      problem: { kind: 'malformed', message: expect.stringMatching(message) as string },
    });
  });
});

describe('retries', () => {
  test('429 waits as told, and everybody waits', async () => {
    nock(SERVER).get('/api/v1/pods').reply(429, 'Too many requests, please try again later.', { 'retry-after': '1' });
    nock(SERVER).get('/api/v1/pods').reply(200, { items: [] });
    const sender = transport();
    const startedAt = performance.now();
    expect(await sender.send(PODS)).toMatchObject({ ok: true });
    expect(performance.now() - startedAt).toBeGreaterThanOrEqual(990);
    expect(sender.counts()).toMatchObject({ total: 2, list: 1, retried: 1, throttledMs: 1000 });
  });

  test.each<[string, number, string | object, Record<string, string>, number]>([
    ['a wait too long to sit out', 429, 'x', { 'retry-after': '3600' }, 1],
    [
      'a storage that never comes',
      429,
      status(429, 'TooManyRequests', 'storage is (re)initializing'),
      { 'retry-after': '0' },
      1,
    ],
    ['500', 500, status(500, 'InternalError', 'boom'), {}, 1],
    ['400', 400, status(400, 'BadRequest', 'no'), {}, 1],
    ['429 again and again', 429, 'x', { 'retry-after': '0' }, 11],
    ['500 with Retry-After', 500, 'x', { 'retry-after': '0' }, 11],
  ])('%s', async (_, code, body, headers, requests) => {
    nock(SERVER).get('/api/v1/pods').times(50).reply(code, body, headers);
    const sender = transport();
    expect(await sender.send(PODS)).toMatchObject({ ok: false, problem: { status: code } });
    expect(sender.counts().total).toBe(requests);
  });

  test('503 of a starting server passes', async () => {
    nock(SERVER).get('/api/v1/pods').reply(503, 'starting');
    nock(SERVER).get('/api/v1/pods').reply(200, {});
    expect(await transport().send(PODS)).toMatchObject({ ok: true });
  });

  test('a POST is not repeated after 503', async () => {
    nock(SERVER).post('/apis/x').times(2).reply(503, 'starting', { 'retry-after': '0' });
    const sender = transport();
    expect(await sender.send({ purpose: 'review', path: '/apis/x', body: {} })).toMatchObject({ ok: false });
    expect(sender.counts()).toMatchObject({ total: 1, review: 1 });
  });

  test('a reset connection is tried again, a refused one is not', async () => {
    const error = (code: string): Error => Object.assign(new Error(code), { code });
    nock(SERVER).get('/api/v1/pods').replyWithError(error('ECONNRESET'));
    nock(SERVER).get('/api/v1/pods').reply(200, {});
    const sender = transport();
    expect(await sender.send(PODS)).toMatchObject({ ok: true });
    nock(SERVER).get('/api/v1/pods').times(3).replyWithError(error('ECONNREFUSED'));
    expect(await sender.send(PODS)).toMatchObject({ problem: { kind: 'connection' } });
    expect(sender.counts().total).toBe(3);
  });

  test('an abort ends a wait at once', async () => {
    nock(SERVER).get('/api/v1/pods').reply(429, 'x', { 'retry-after': '20' });
    const startedAt = performance.now();
    const reply = await transport().send({ ...PODS, signal: AbortSignal.timeout(100) });
    expect(reply).toMatchObject({ problem: { kind: 'interrupted' } });
    expect(performance.now() - startedAt).toBeLessThan(5000);
  });
});

describe('401', () => {
  const unauthorized = status(401, 'Unauthorized', 'Unauthorized');

  test('a token file that was rotated is read again, and the request repeated once', async () => {
    const tokens = ['old-token', 'new-token'];
    let reads = 0;
    const read = (): string => tokens[Math.min(reads++, 1)]!;
    nock(SERVER)
      .get('/api/v1/pods')
      .matchHeader('authorization', 'Bearer old-token')
      .times(16)
      .reply(401, unauthorized);
    nock(SERVER).get('/api/v1/pods').matchHeader('authorization', 'Bearer new-token').times(16).reply(200, {});
    const sender = transport({ credentials: { type: 'token-file', path: '/t', read } });
    const replies = await Promise.all(Array.from({ length: 16 }, () => sender.send(PODS)));
    expect(replies.every((reply) => reply.ok)).toBe(true);
    expect(reads).toBe(2);
  });

  test('a static token is refused once: nothing more is sent', async () => {
    nock(SERVER).get('/api/v1/pods').times(5).reply(401, unauthorized);
    const sender = transport(token());
    const first = await sender.send(PODS);
    expect(first).toMatchObject({ problem: { status: 401, message: 'Unauthorized' } });
    expect(await sender.send(PODS)).toEqual(first);
    expect(sender.counts().total).toBe(1);
  });

  test('a renewed token that is refused too is not renewed again', async () => {
    let reads = 0;
    nock(SERVER).get('/api/v1/pods').times(5).reply(401, unauthorized);
    const sender = transport({ credentials: { type: 'token-file', path: '/t', read: () => `token-${reads++}` } });
    expect(await sender.send(PODS)).toMatchObject({ problem: { status: 401 } });
    await sender.send(PODS);
    expect([reads, sender.counts().total]).toEqual([2, 2]);
  });

  test('says when the token expired', async () => {
    const payload = Buffer.from(JSON.stringify({ exp: 1_600_000_000 })).toString('base64url');
    nock(SERVER).get('/api/v1/pods').reply(401, unauthorized);
    const sender = transport(token(`h.${payload}.s`));
    await sender.send(PODS);
    expect(sender.whyRefused()).toBe('the token expired at 2020-09-13T12:26:40.000Z');
  });
});

describe('-v', () => {
  test('8 shows headers and no credential, even where the server repeats it', async () => {
    const lines: string[] = [];
    nock(SERVER)
      .get('/api/v1/pods')
      .reply(401, status(401, 'Unauthorized', `token ${CANARY} is expired`), {
        'audit-id': 'a-1',
        'x-debug': `Bearer ${CANARY}`,
        'set-cookie': `session=${CANARY}`,
        warning: `299 - "token ${CANARY}"`,
      });
    const sender = transport(token(), { trace: (level, line) => lines.push(`${level} ${line}`) });
    const reply = await sender.send(PODS);
    const all = JSON.stringify([lines, reply, sender.warnings(), sender.counts()]);
    expect(all).not.toContain(CANARY);
    expect(lines).toContain('8 > authorization: <redacted>');
    expect(lines).toContain('8 < audit-id: a-1');
    expect(lines.filter((line) => line.startsWith('6 '))).toEqual([
      expect.stringMatching(/^6 GET \/api\/v1\/pods 401 \d+ ms$/),
    ]);
  });

  test('basic authentication hides password and header alike', async () => {
    const lines: string[] = [];
    const credentials = { type: 'basic' as const, username: 'u', password: () => CANARY };
    nock(SERVER)
      .get('/api/v1/pods')
      .reply(200, {}, { 'x-a': CANARY, 'x-b': Buffer.from(`u:${CANARY}`).toString('base64') });
    await transport({ credentials }, { trace: (_, line) => lines.push(line) }).send(PODS);
    expect(lines.join('\n')).toContain('x-a: <redacted>');
    expect(lines.join('\n')).not.toMatch(
      new RegExp(`${CANARY}|${Buffer.from(CANARY).toString('base64').slice(4, -4)}`),
    );
  });
});

test('the source asks for one file of client-node only, and the file exists', async () => {
  const sources = ['exec-plugin', 'credentials', 'transport'].map((name) =>
    readFileSync(new URL(`../../src/cluster/${name}.ts`, import.meta.url), 'utf8'),
  );
  const imports = sources.flatMap((text) =>
    [...text.matchAll(/@kubernetes\/client-node[^'"]*/g)].map(([name]) => name),
  );
  expect([...new Set(imports)]).toEqual(['@kubernetes/client-node/dist/exec_auth.js']);
  expect(await import('@kubernetes/client-node/dist/exec_auth.js')).toHaveProperty('ExecAuth');
});
