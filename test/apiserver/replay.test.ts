import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createApiServer, type ApiServer } from '../../src/apiserver/server.ts';
import { BEFORE, firstState, NOT_REPLAYED, RECORDINGS, type Recording } from './recorded-cluster.ts';

/** The callers of the recordings. */
const TOKENS = {
  admin: { user: 'admin', groups: ['system:masters'] },
  account: {
    user: 'system:serviceaccount:crewai:crewai-sa',
    groups: [],
    uid: '5f6bf575-9564-4590-8beb-2e5302fea352',
    extra: { 'authentication.kubernetes.io/credential-id': ['JTI=bb26fb1c-592f-4757-861b-857d81c4db5c'] },
  },
  reader: { user: 'support-reader', groups: ['support'] },
};
const TOKEN_OF: Readonly<Record<string, string>> = {
  'cluster admin': 'admin',
  'service account': 'account',
  'user support-reader, group support': 'reader',
};

let clock = '2026-11-20T09:43:01Z';
let server: ApiServer;
/** Recorded continue token → the one that this server gave in its place. */
const tokens = new Map<string, string>();

beforeAll(async () => {
  server = createApiServer({ objects: firstState(), writable: true, tokens: TOKENS, now: () => new Date(clock) });
  await server.listen();
});
afterAll(() => server.close());

/** What no two servers have in common. */
const UNSTABLE = ['uid', 'resourceVersion', 'managedFields', 'storageVersionHash', 'serverAddress', 'continue'];
const TIMES = ['creationTimestamp', 'deletionTimestamp'];
const UID = /[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g;

function stable(value: unknown): unknown {
  if (typeof value === 'string') return value.replace(UID, 'UID');
  if (Array.isArray(value)) return value.map(stable);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key]) => !UNSTABLE.includes(key))
      .map(([key, inner]) => [key, TIMES.includes(key) ? typeof inner : stable(inner)]),
  );
}

/** Where an answer is compared only in part, or in another order, and why. */
const ADJUST: Readonly<Record<string, (body: never) => unknown>> = {
  // The recorded server was built without version stamps.
  '001': ({ major, minor }: { major: string; minor: string }) => ({ major, minor }),
  // The real server walks bindings in no particular order.
  '049': sortedRules,
  '050': sortedRules,
};

function sortedRules({ status, ...rest }: { status: { nonResourceRules: unknown[] } }): unknown {
  const nonResourceRules = status.nonResourceRules.map((rule) => JSON.stringify(rule)).sort();
  return { ...rest, status: { ...status, nonResourceRules } };
}

async function ask({ request, name }: Recording): Promise<{ answer: Response; body: unknown }> {
  const path = request.path.replace(/(?<=continue=)[^&]+/, (token) => tokens.get(token) ?? token);
  const known = name === '038-unauthorized' ? 'nobody' : TOKEN_OF[request.user];
  const answer = await fetch(`${server.url}${path}`, {
    method: request.method,
    headers: {
      accept: request.accept,
      authorization: `Bearer ${known ?? ''}`,
      ...(request.contentType ? { 'content-type': request.contentType } : {}),
      ...request.headers,
    },
    ...(request.body === undefined ? {} : { body: JSON.stringify(request.body) }),
  });
  const text = await answer.text();
  const isJson = answer.headers.get('content-type')?.startsWith('application/json');
  return { answer, body: isJson ? (JSON.parse(text) as unknown) : text };
}

const tokenIn = (body: unknown): string | undefined =>
  (body as { metadata?: { continue?: string } }).metadata?.continue;

describe('answers as kube-apiserver 1.36 did', () => {
  it.each(RECORDINGS.map((recording) => [recording.name, recording.note, recording] as const))(
    '%s: %s',
    async (name, _note, recording) => {
      const number = name.slice(0, 3);
      if (number === '045') clock = '2026-11-20T09:43:02Z';
      if (number === '078') clock = '2026-11-20T09:43:17Z';
      for (const object of BEFORE[number]?.() ?? []) server.store.put(object);
      const { answer, body } = await ask(recording);
      const expected = recording.response;
      const adjust = (ADJUST[number] ?? ((same: unknown) => same)) as (body: unknown) => unknown;
      expect({ status: answer.status, body: adjust(stable(body)) }).toEqual({
        status: expected.status,
        body: adjust(stable(expected.body)),
      });
      expect(answer.headers.get('content-type')).toBe(expected.headers['content-type'] ?? null);
      const [recorded, ours] = [tokenIn(expected.body), tokenIn(body)];
      expect(typeof ours).toBe(typeof recorded);
      if (recorded && ours) tokens.set(recorded, ours);
    },
  );

  it('expired and fresh continue tokens have the layout of the real ones', () => {
    const decode = (token: string): Record<string, unknown> =>
      JSON.parse(Buffer.from(token, 'base64url').toString()) as Record<string, unknown>;
    expect(tokens.size).toBeGreaterThanOrEqual(3);
    for (const [recorded, ours] of tokens) {
      const { rv, ...place } = decode(ours);
      expect(place).toEqual({ v: 'meta.k8s.io/v1', start: decode(recorded).start });
      expect(typeof rv).toBe('number');
    }
  });

  it('every recording is replayed or has a reason', () => {
    const numbers = [...RECORDINGS.map(({ name }) => name), ...Object.keys(NOT_REPLAYED)].map((name) =>
      Number(name.slice(0, 3)),
    );
    expect(numbers.sort((a, b) => a - b)).toEqual(Array.from({ length: 100 }, (_, n) => n + 1));
    expect(RECORDINGS.length).toBeGreaterThanOrEqual(75);
  });
});
