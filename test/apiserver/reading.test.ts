import { once } from 'node:events';
import { connect } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import type { ApiServerOptions } from '../../src/apiserver/options.ts';
import { humanDuration } from '../../src/apiserver/table.ts';
import { createApiServer, type ApiServer } from '../../src/apiserver/server.ts';
import type { KubeObject } from '../../src/model/object.ts';

const ADMIN = { user: 'admin', groups: ['system:masters'] };
const headers = { authorization: 'Bearer admin' };
const servers: ApiServer[] = [];

async function serve(objects: readonly KubeObject[], options: ApiServerOptions = {}): Promise<ApiServer> {
  const server = createApiServer({ objects, tokens: { admin: ADMIN }, ...options });
  servers.push(server);
  await server.listen();
  return server;
}

interface Listed {
  metadata: { continue?: string; remainingItemCount?: number; resourceVersion: string };
  items: KubeObject[];
}

const fetchJson = async (url: string, more: Record<string, string> = {}): Promise<Listed & Record<string, unknown>> =>
  (await (await fetch(url, { headers: { ...headers, ...more } })).json()) as Listed & Record<string, unknown>;

afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()));
});

const pod = (namespace: string, name: string, more: object = {}): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { namespace, name, labels: { app: name } },
  ...more,
});
const secret = (name: string, type: string, data: Record<string, string>): KubeObject =>
  ({ apiVersion: 'v1', kind: 'Secret', metadata: { namespace: 'a', name }, type, stringData: data }) as KubeObject;

describe('lists', () => {
  it('come in the byte order of etcd keys, without kind and apiVersion on the items', async () => {
    const server = await serve([pod('a', 'z'), pod('a-b', 'y'), pod('a', 'B')]);
    const list = await fetchJson(`${server.url}/api/v1/pods`);
    expect(list.items.map(({ metadata }) => `${metadata.namespace ?? ''}/${metadata.name}`)).toEqual([
      'a-b/y',
      'a/B',
      'a/z',
    ]);
    expect(list.items.every((item) => !('kind' in item) && !('apiVersion' in item))).toBe(true);
  });

  it('page through everything exactly once, in a namespace and over all', async () => {
    const pods = Array.from({ length: 25 }, (_, n) => pod(n % 2 ? 'a' : 'b', `p-${String(n)}`));
    const server = await serve(pods);
    for (const [path, total] of [
      ['/api/v1/pods', 25],
      ['/api/v1/namespaces/a/pods', 12],
    ] as const) {
      const names: string[] = [];
      for (let token = ''; ;) {
        const page = await fetchJson(`${server.url}${path}?limit=7&continue=${token}`);
        names.push(...page.items.map((item) => item.metadata.name));
        token = page.metadata.continue ?? '';
        expect(page.metadata.remainingItemCount ?? 0).toBe(total - names.length);
        if (!token) break;
      }
      expect(new Set(names).size).toBe(total);
      expect(names).toHaveLength(total);
    }
  });

  it('answer 410 to a token given out before compact(), and go on with the token of that answer', async () => {
    const server = await serve([pod('a', 'p1'), pod('a', 'p2'), pod('a', 'p3')]);
    const first = await fetchJson(`${server.url}/api/v1/pods?limit=1`);
    server.compact();
    const gone = await fetchJson(`${server.url}/api/v1/pods?limit=1&continue=${first.metadata.continue ?? ''}`);
    expect(gone).toMatchObject({ kind: 'Status', code: 410, reason: 'Expired' });
    const rest = await fetchJson(`${server.url}/api/v1/pods?continue=${gone.metadata.continue ?? ''}`);
    expect(rest.items.map((item) => item.metadata.name)).toEqual(['p2', 'p3']);
  });

  it('expire in the middle of a list when faults say so', async () => {
    let pages = 0;
    const server: ApiServer = await serve([pod('a', 'p1'), pod('a', 'p2')], {
      faults: () => {
        if (++pages === 2) server.compact();
        return undefined;
      },
    });
    const first = await fetchJson(`${server.url}/api/v1/pods?limit=1`);
    const second = await fetchJson(`${server.url}/api/v1/pods?limit=1&continue=${first.metadata.continue ?? ''}`);
    expect(second).toMatchObject({ code: 410 });
  });

  it('hold objects of other versions, and of no namespace, where they are looked for', async () => {
    const event = { regarding: { kind: 'Pod', name: 'p' }, note: 'said', reason: 'Failed' };
    const server = await serve([
      {
        apiVersion: 'events.k8s.io/v1',
        kind: 'Event',
        metadata: { namespace: 'a', name: 'e' },
        ...event,
      },
      { apiVersion: 'autoscaling/v1', kind: 'HorizontalPodAutoscaler', metadata: { namespace: 'a', name: 'h' } },
      { apiVersion: 'batch/v1beta1', kind: 'CronJob', metadata: { name: 'c' } },
      { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'n', namespace: 'stray' } },
    ]);
    const items = async (path: string): Promise<unknown> => (await fetchJson(`${server.url}${path}`)).items;
    expect(await items('/api/v1/events?fieldSelector=involvedObject.kind%3DPod')).toMatchObject([{ message: 'said' }]);
    expect(await items('/apis/autoscaling/v2/horizontalpodautoscalers')).toHaveLength(1);
    expect(await items('/apis/batch/v1/namespaces/default/cronjobs')).toHaveLength(1);
    expect((await fetch(`${server.url}/api/v1/namespaces/n`, { headers })).status).toBe(200);
    server.store.discard({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'n' } });
    expect((await fetch(`${server.url}/api/v1/namespaces/n`, { headers })).status).toBe(404);
  });

  it.each([
    ['app=p1', ['p1']],
    ['app==p1', ['p1']],
    ['app!=p1', ['n', 'p2']],
    ['app', ['p1', 'p2']],
    ['!app', ['n']],
    ['app in (p1, p2),app notin (p2)', ['p1']],
    ['n>4', ['n']],
    ['n>5', []],
    ['app=', []],
  ])('select by label %s', async (selector, names) => {
    const unlabelled: KubeObject = {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { namespace: 'a', name: 'n', labels: { n: '5' } },
    };
    const server = await serve([pod('a', 'p1'), pod('a', 'p2'), unlabelled]);
    const list = await fetchJson(`${server.url}/api/v1/pods?labelSelector=${encodeURIComponent(selector)}`);
    expect(list.items.map((item) => item.metadata.name)).toEqual(names);
  });

  it.each([
    ['pods', 'spec.nodeName=n1', ['p1']],
    ['pods', 'spec.nodeName!=n1,metadata.namespace=a', ['p2']],
    ['pods', 'metadata.name=p2', ['p2']],
    ['secrets', 'type=kubernetes.io/dockerconfigjson', ['pull']],
  ])('select %s by field %s', async (resource, selector, names) => {
    const server = await serve([
      pod('a', 'p1', { spec: { nodeName: 'n1' } }),
      pod('a', 'p2'),
      secret('pull', 'kubernetes.io/dockerconfigjson', { '.dockerconfigjson': '{}' }),
      secret('other', 'Opaque', { a: 'b' }),
    ]);
    const list = await fetchJson(`${server.url}/api/v1/${resource}?fieldSelector=${encodeURIComponent(selector)}`);
    expect(list.items.map((item) => item.metadata.name)).toEqual(names);
  });

  it('refuse fields that a type does not have, in the words of that type', async () => {
    const server = await serve([]);
    const message = async (resource: string, field = 'data'): Promise<unknown> =>
      (await fetchJson(`${server.url}/api/v1/${resource}?fieldSelector=${field}%3D1`)).message;
    expect(await message('configmaps')).toBe(
      '"data" is not a known field selector: only "metadata.name", "metadata.namespace"',
    );
    expect(await message('secrets')).toBe('field label not supported: data');
    expect(await message('pods', 'constructor')).toBe('field label not supported: constructor');
  });

  it('give Secrets as a Table without their data', async () => {
    const now = new Date('2026-11-20T10:00:00Z');
    const server = await serve([secret('s', 'Opaque', { a: 'hidden', b: 'c' })], { now: () => now });
    const table = await fetchJson(`${server.url}/api/v1/secrets`, {
      accept: 'application/json;as=Table;v=v1;g=meta.k8s.io,application/json',
    });
    const columns = table.columnDefinitions as { name: string }[];
    const rows = table.rows as { cells: unknown[]; object: KubeObject }[];
    expect(columns.map((column) => column.name)).toEqual(['Name', 'Type', 'Data', 'Age']);
    expect(rows.map((row) => row.cells)).toEqual([['s', 'Opaque', 2, '0s']]);
    expect(rows[0]?.object).toMatchObject({ kind: 'PartialObjectMetadata', metadata: { namespace: 'a', name: 's' } });
    expect(JSON.stringify(table)).not.toContain(Buffer.from('hidden').toString('base64'));
  });

  it('leave out groups that are not served: discovery, lists and nothing else', async () => {
    const server = await serve([], { notServed: ['autoscaling', 'apps'] });
    const status = async (path: string): Promise<number> => (await fetch(`${server.url}${path}`, { headers })).status;
    expect(await status('/apis/apps/v1')).toBe(404);
    expect(await status('/apis/apps/v1/deployments')).toBe(404);
    expect(await status('/apis/batch/v1/jobs')).toBe(200);
    const groups = (await fetchJson(`${server.url}/apis`)).groups as { name: string }[];
    expect(groups.map((group) => group.name)).not.toContain('apps');
  });

  it('are compressed for who accepts it, once they are large', async () => {
    const server = await serve([pod('a', 'p', { spec: { note: 'x'.repeat(200_000) } })]);
    const answer = await fetch(`${server.url}/api/v1/pods`, { headers: { ...headers, 'accept-encoding': 'gzip' } });
    expect(answer.headers.get('content-encoding')).toBe('gzip');
    expect(((await answer.json()) as Listed).items).toHaveLength(1);
    const plain = await fetch(`${server.url}/api/v1/pods`, { headers: { ...headers, 'accept-encoding': 'identity' } });
    expect(plain.headers.get('content-encoding')).toBeNull();
  });

  it('of 6,000 pods in 12 pages take well under a second', async () => {
    const pods = Array.from({ length: 6000 }, (_, n) =>
      pod(`org-${String(n % 1000)}`, `p-${String(n)}`, { spec: { containers: [{ name: 'c', image: 'i' }] } }),
    );
    const server = await serve(pods);
    const started = performance.now();
    let count = 0;
    for (let token = ''; ;) {
      const page = await fetchJson(`${server.url}/api/v1/pods?limit=500&continue=${token}`);
      count += page.items.length;
      token = page.metadata.continue ?? '';
      if (!token) break;
    }
    expect(count).toBe(6000);
    expect(performance.now() - started).toBeLessThan(3000);
  });
});

describe('faults', () => {
  it('replace, delay, cut and hang answers, and the log has every request', async () => {
    const server = await serve([pod('a', 'p')], {
      faults: ({ path, count }) => {
        if (path.startsWith('/api/v1/secrets'))
          return { status: 429, headers: { 'retry-after': '1' }, body: 'later\n' };
        if (path.startsWith('/api/v1/events')) return { hang: true };
        return count === 0 ? { cutAfterBytes: 10 } : undefined;
      },
    });
    await expect(fetch(`${server.url}/api/v1/pods`, { headers }).then((answer) => answer.text())).rejects.toThrow();
    const busy = await fetch(`${server.url}/api/v1/secrets`, { headers: { ...headers, 'user-agent': 'probe/1' } });
    expect([busy.status, busy.headers.get('retry-after'), await busy.text()]).toEqual([429, '1', 'later\n']);
    await expect(fetch(`${server.url}/api/v1/events`, { headers, signal: AbortSignal.timeout(50) })).rejects.toThrow();
    expect((await fetch(`${server.url}/api/v1/pods`, { headers })).status).toBe(200);
    expect(server.requests.map(({ path, status, userName }) => [path, status, userName])).toEqual([
      ['/api/v1/pods', 200, 'admin'],
      ['/api/v1/secrets', 429, ''],
      ['/api/v1/events', 0, ''],
      ['/api/v1/pods', 200, 'admin'],
    ]);
    expect(server.requests[1]?.userAgent).toBe('probe/1');
  });
});

it('survives clients that go away while they send, and faults that throw', async () => {
  const server = await serve([pod('a', 'p')], {
    faults: ({ path }) => {
      if (path === '/version') throw new Error('broken fault');
      return undefined;
    },
  });
  const socket = connect(Number(new URL(server.url).port), '127.0.0.1');
  await once(socket, 'connect');
  socket.write('POST /api/v1/pods HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{');
  await expect.poll(() => server.requests.length).toBe(1);
  socket.destroy();
  const broken = await fetch(`${server.url}/version`, { headers });
  expect([broken.status, await broken.text()]).toEqual([500, expect.stringContaining('broken fault')]);
  expect((await fetch(`${server.url}/api/v1/pods`, { headers })).status).toBe(200);
});

it('refuses objects of kinds that nobody defines', () => {
  const stray: KubeObject = { apiVersion: 'x.io/v1', kind: 'Widget', metadata: { name: 'w' } };
  expect(() => createApiServer({ objects: [stray] })).toThrow('no type is known for apiVersion x.io/v1, kind Widget');
});

it.each([
  [-5, '<invalid>'],
  [0, '0s'],
  [119, '119s'],
  [125, '2m5s'],
  [600, '10m'],
  [3 * 3600, '3h'],
  [3 * 3600 + 60, '3h1m'],
  [49 * 3600, '2d1h'],
  [30 * 86400, '30d'],
  [800 * 86400, '2y70d'],
])('an age of %i seconds is %s', (seconds, words) => {
  expect(humanDuration(seconds)).toBe(words);
});
