import type { ServerResponse } from 'node:http';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { all, readBundle } from '../../src/bundle/bundle-reader.ts';

import type { CollectScope } from '../../src/bundle/collect-scope.ts';
import { defaultContent } from '../../src/bundle/default-content.ts';
import { isGap, type Manifest, type ManifestItem, type Plan } from '../../src/bundle/format.ts';

import { object, startApi, type FakeApi, type RunningApi } from '../cluster/fake-api.ts';
import { collectInto, withTemporary, type Collecting } from '../support/bundles.ts';
import { intercept, LISTS, pod, SCOPE, SECRET_VALUE } from '../support/small-cluster.ts';

interface Read {
  readonly plan: Plan;
  readonly manifest: Manifest;
  readonly files: ReadonlyMap<string, string>;
  readonly byId: ReadonlyMap<string, ManifestItem>;
  readonly api: RunningApi;
}

async function collect(api: FakeApi = {}, collecting: Partial<Collecting> = {}): Promise<Read> {
  const server = await startApi({ lists: LISTS, ...api, intercept: intercept(api.intercept) });
  try {
    return await withTemporary(async (folder) => {
      const file = join(folder, 'b.tar.gz');
      await collectInto(file, server.url, { scope: SCOPE, ...collecting });
      const files = new Map<string, string>();
      const { plan, manifest } = await readBundle(file, async (entry) => {
        files.set(entry.path, (await all(entry)).toString());
      });
      const byId = new Map(manifest.items.map((item) => [item.id, item]));
      expect(manifest.items.map(({ id }) => id)).toEqual(plan.items.map(({ id }) => id));
      // What could not be learned cannot be looked for.
      if (manifest.redaction.knownValues === 'on')
        expect(gunzipSync(await readFile(file)).includes(SECRET_VALUE)).toBe(false);
      return { plan, manifest, files, byId, api: server };
    });
  } finally {
    await server.close();
  }
}

/** Notes in which order a run's requests were answered. */
function recording(orders: string[], run: number): NonNullable<FakeApi['intercept']> {
  return (_request, _response, url) => {
    orders[run] = `${orders[run] ?? ''} ${url.pathname}`;
    return false;
  };
}

const namesIn = (text: string | undefined): string[] =>
  (JSON.parse(text ?? '{"items":[]}') as { items: { metadata: { name: string } }[] }).items.map(
    (item) => item.metadata.name,
  );

const refuse = (response: ServerResponse, code: number, reason: string, message: string): true => {
  response.writeHead(code, { 'content-type': 'application/json' });
  response.end(JSON.stringify({ kind: 'Status', apiVersion: 'v1', status: 'Failure', reason, message, code }));
  return true;
};

describe('a bundle', () => {
  it('holds what is the platform’s, one list a file, and nothing of strangers but what concerns it', async () => {
    const { files, manifest, byId } = await collect();
    expect(manifest.state).toBe('complete');
    expect(namesIn(files.get('namespaces/crewai-org-7/pods.json'))).toEqual(['crashing', 'restarted', 'unscheduled']);
    expect(namesIn(files.get('elsewhere/serviceaccounts.json'))).toEqual(['builder']);
    expect(namesIn(files.get('elsewhere/pods.json'))).toEqual([]);
    expect(byId.get('list:*/pods')).toMatchObject({ status: 'empty', dropped: ['other'] });
    expect(namesIn(files.get('elsewhere/namespaces.json'))).toEqual(['kube-system', 'other']);
    const list = files.get('namespaces/crewai-org-4/pods.json') ?? '';
    expect(list.split('\n')[0]).toBe('{"apiVersion":"v1","kind":"PodList","metadata":{},"items":[');
    expect(list.endsWith('\n]}\n')).toBe(true);
    expect(JSON.parse(list)).toMatchObject({ items: [{ apiVersion: 'v1', kind: 'Pod' }] });
  });

  it('holds no value of a Secret or ConfigMap, and takes those of Secrets out of logs', async () => {
    const { files, manifest } = await collect();
    expect(files.get('namespaces/crewai-org-4/secrets.json')).toContain('"keys":["password"]');
    expect(files.get('namespaces/crewai/configmaps.json')).toContain('<redacted:configmap-value:');
    expect(files.get('namespaces/crewai/configmaps.json')).toContain('"K8S_NAMESPACE":"crewai"');
    expect(files.get('namespaces/crewai-org-4/logs/crew/web.log')).toMatch(
      /^2026-\S+ crew now <redacted:known-value:len=22:fp=[0-9a-f]{12}>\n$/,
    );
    expect(manifest.redaction.knownValues).toBe('on');
    expect(manifest.redaction.counts['known-value']).toBeGreaterThan(0);
  });

  it('holds the log of every container, unhealthy ones first, and the one before only after a restart', async () => {
    const { plan, byId, files } = await collect();
    expect(plan.items.filter(({ id }) => id.startsWith('log:')).map(({ id }) => id)).toEqual([
      'log:crewai-org-7/crashing/web/current',
      'log:crewai-org-7/restarted/web/current',
      'log:crewai-org-7/restarted/web/previous',
      'log:crewai/platform/web/current',
      'log:crewai-org-4/crew/web/current',
      'log:crewai-org-7/unscheduled/web/current',
    ]);
    expect(plan.items.find(({ id }) => id === 'log:crewai-org-7/crashing/web/current')?.alias).toBe('previous');
    expect(byId.get('log:crewai-org-7/unscheduled/web/current')?.status).toBe('notApplicable');
    expect(files.get('namespaces/crewai-org-7/logs/restarted/web.previous.log')).toContain('before');
  });

  it('asks a node for no more than two logs at a time', async () => {
    let [open, most] = [0, 0];
    const counting: FakeApi['intercept'] = (_request, response, url) => {
      if (!url.pathname.endsWith('/log')) return false;
      open += 1;
      most = Math.max(most, open);
      setTimeout(() => {
        open -= 1;
        response.end('2026-11-20T09:00:01.0Z here\n');
      }, 20);
      return true;
    };
    const crowd = Array.from({ length: 12 }, (_, index) => pod(`crowd-${String(index)}`, 'crewai-org-4'));
    const { byId } = await collect({ lists: { ...LISTS, '/api/v1/pods': crowd }, intercept: counting });
    expect(byId.get('log:crewai-org-4/crowd-11/web/current')?.status).toBe('ok');
    expect(most).toBe(2);
  });

  describe('where a node gives no sign of life', () => {
    const node = (name: string, ready: string): object =>
      object(name, undefined, { status: { conditions: [{ type: 'Ready', status: ready }] } });
    const on = (nodeName: string, name: string, status?: object): object => {
      const made = pod(name, 'crewai-org-4', status) as { spec: object };
      return { ...made, spec: { ...made.spec, nodeName } };
    };
    const unreachable = (asked: string[], dead: RegExp): NonNullable<FakeApi['intercept']> => {
      return (_request, response, url) => {
        if (!url.pathname.endsWith('/log')) return false;
        const name = url.pathname.split('/')[6] ?? '';
        asked.push(name);
        return dead.test(name) && refuse(response, 500, 'InternalError', 'dial tcp 10.0.0.9:10250: no route to host');
      };
    };
    const lists = {
      ...LISTS,
      '/api/v1/nodes': [node('dead', 'Unknown'), node('n', 'True'), node('unready', 'False')],
      '/api/v1/pods': [
        ...['a', 'b', 'c'].map((name) => on('dead', name)),
        on('dead', 'never', { state: { waiting: { reason: 'ContainerCreating' } } }),
        on('n', 'x'),
        on('unready', 'y'),
      ],
    };

    it('asks for logs of it last, one after the other, until one does not come', async () => {
      const asked: string[] = [];
      const { plan, byId, manifest } = await collect({ lists, intercept: unreachable(asked, /^[abc]$/) });
      const logs = plan.items.filter(({ id }) => id.startsWith('log:'));
      expect(logs.map(({ id, priority }) => `${id.split('/')[1] ?? ''} ${String(priority)}`)).toEqual([
        ...['x 2', 'y 2'],
        ...['a 3', 'b 3', 'c 3', 'never 3'],
      ]);
      expect([...new Set(asked)].sort()).toEqual(['a', 'x', 'y']);
      expect(byId.get('log:crewai-org-4/y/web/current')?.status).toBe('ok');
      expect(byId.get('log:crewai-org-4/a/web/current')).toMatchObject({ status: 'apiError', http: 500 });
      for (const name of ['b', 'c']) {
        const item = byId.get(`log:crewai-org-4/${name}/web/current`);
        expect(item).toMatchObject({ status: 'skipped', cause: 'apiError' });
        expect(item?.detail).toContain('node dead');
      }
      expect(byId.get('log:crewai-org-4/never/web/current')?.status).toBe('notApplicable');
      expect(manifest.state).toBe('partial');
    });

    it('asks for all of them while it answers', async () => {
      const asked: string[] = [];
      const { manifest } = await collect({ lists, intercept: unreachable(asked, /^$/) });
      expect(asked.sort()).toEqual(['a', 'b', 'c', 'x', 'y']);
      expect(manifest.state).toBe('complete');
    });

    it('does not look for it where nodes are left out', async () => {
      const orders: string[] = [];
      const { plan } = await collect(
        { lists, intercept: recording(orders, 0) },
        { scope: SCOPE, options: { exclude: new Set(['nodes']) } },
      );
      expect(plan.items.filter(({ priority }) => priority === 3)).toEqual([]);
      expect(orders[0]).toContain('/api/v1/pods');
      expect(orders[0]).not.toContain('/nodes');
    });
  });

  it('holds the newest 5,000 events of a namespace, and says that there were more', async () => {
    const at = (second: number): string => new Date(Date.UTC(2026, 10, 20) + second * 1000).toISOString();
    const count = 5003;
    // The API server lists them by name, not by time: the oldest come in the middle.
    const names = Array.from({ length: count }, (_, index) => `e${String(index).padStart(5, '0')}`);
    const events = names.map((name, index) => {
      const second = index === 2500 || index === 2501 ? 1 : index === 4000 ? 2 : 100 + (index % 7);
      return { ...object(name, 'crewai-org-4'), lastTimestamp: at(second) };
    });
    const { files, byId, manifest } = await collect({
      lists: { ...LISTS, '/api/v1/events': [...events, object('calm', 'crewai')] },
    });
    expect(byId.get('list:crewai-org-4/events')).toMatchObject({
      status: 'truncated',
      cause: 'items',
      objects: 5000,
      detail: 'the newest of 5003',
    });
    expect(byId.get('list:crewai/events')).toMatchObject({ status: 'ok', objects: 1 });
    expect(namesIn(files.get('namespaces/crewai-org-4/events.json'))).toEqual(
      names.filter((name) => !/^e0(?:2500|2501|4000)$/.test(name)),
    );
    expect(manifest.state).toBe('partial');
  });

  it('is asked for with one list a kind, however many organizations there are, and with a request for each log', async () => {
    const orgs = Array.from({ length: 60 }, (_, index) => ({
      name: `crewai-org-${String(index + 10)}`,
      org: String(index + 10),
    }));
    const small = await collect();
    const large = await collect({}, { scope: { ...SCOPE, namespaces: [...SCOPE.namespaces, ...orgs] } });
    expect(large.api.asked.length).toBe(small.api.asked.length);
    expect(large.plan.items.length).toBeGreaterThan(small.plan.items.length + 60 * 20);
    const logs = small.api.asked.filter((line) => line.includes('/log?'));
    expect(logs).toHaveLength(5);
    expect(
      logs.every(
        (line) => line.includes('tailLines=1000') && line.includes('timestamps=true') && !line.includes('limitBytes'),
      ),
    ).toBe(true);
    const methods = new Set(small.api.asked.map((line) => line.split(' ')[0]));
    expect([...methods]).toEqual(['GET']);
  });

  it('takes no right but those that `rbac --for bundle` gives', async () => {
    const { api } = await collect({ forbidden: (path) => path === '/api/v1/events' });
    const given = new Set(
      defaultContent(['crewai']).map(({ group, resource, verb }) => `${verb} ${group}/${resource}`),
    );
    const needed = api.asked.flatMap((line) => {
      const path = line.split(' ')[1]?.split('?')[0] ?? '';
      if (path.endsWith('/log')) return ['get /pods/log'];
      const [, group = '', resource] =
        /^\/(?:api|apis\/([^/]+))\/[^/]+(?:\/namespaces\/[^/]+)?\/([^/]+)$/.exec(path) ?? [];
      return resource === undefined ? [] : [`list ${group}/${resource}`];
    });
    expect(new Set(needed)).toEqual(given);
  });

  it.each<readonly [string, CollectScope, FakeApi]>([
    ['read as a whole', SCOPE, {}],
    ['read namespace by namespace', { ...SCOPE, narrow: true }, {}],
    ['whose events may only be read namespace by namespace', SCOPE, { forbidden: (path) => path === '/api/v1/events' }],
  ])(
    'has the same bytes for the same cluster %s, at any concurrency and in any order of answers',
    async (_name, scope, api) => {
      const key = Buffer.alloc(32, 7);
      const orders: string[] = [];
      const files = new Set<string>();
      for (const [seed, concurrency] of [1, 1, 2, 4, 4, 16, 16, 16].entries()) {
        let state = seed + 1;
        const delayMs = (): number => {
          state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
          return (state >>> 16) % 25;
        };
        const server = await startApi({ lists: LISTS, ...api, delayMs, intercept: intercept(recording(orders, seed)) });
        try {
          await withTemporary(async (folder) => {
            await collectInto(join(folder, 'b'), server.url, { scope, key, concurrency });
            files.add((await readFile(join(folder, 'b'))).toString('base64'));
          });
        } finally {
          await server.close();
        }
      }
      expect(files.size).toBe(1);
      expect(new Set(orders).size).toBeGreaterThan(2);
    },
    120_000,
  );

  it('reads no data of Secrets where that is not wanted', async () => {
    const { api, byId, manifest } = await collect({}, { options: { knownValues: 'none' } });
    const asked = api.asked.filter((line) => line.includes('/secrets'));
    expect(asked).toHaveLength(1);
    expect(asked[0]).toContain('includeObject=Metadata');
    expect(byId.get('list:crewai-org-4/registry-secrets')).toMatchObject({ status: 'skipped', cause: 'selection' });
    expect(manifest.redaction.knownValues).toBe('off');
  }, 20_000);
});

describe('where something cannot be read, a bundle says so:', () => {
  it('a list that is refused everywhere is asked for in each namespace', async () => {
    const { byId, manifest, api } = await collect({ forbidden: (path) => path === '/api/v1/events' });
    expect(byId.get('list:*/events')).toMatchObject({ status: 'forbidden', http: 403 });
    expect(byId.get('list:crewai-org-4/events')?.status).toBe('empty');
    expect(api.asked.filter((line) => line.includes('/events'))).toHaveLength(4);
    expect(manifest.state).toBe('partial');
  });

  it('one that is refused in one namespace is missing there alone', async () => {
    const { byId, manifest } = await collect({
      forbidden: (path) => path === '/api/v1/secrets' || path === '/api/v1/namespaces/crewai-org-4/secrets',
    });
    expect(byId.get('list:crewai-org-4/secrets')).toMatchObject({
      status: 'forbidden',
      detail: expect.stringContaining('forbidden') as string,
    });
    expect(byId.get('list:crewai-org-4/registry-secrets')?.status).toBe('forbidden');
    expect(byId.get('list:crewai-org-7/secrets')?.status).toBe('empty');
    expect(manifest.redaction.knownValues).toBe('partial');
    expect(manifest.orgs['4']?.usable).toBe((manifest.orgs['4']?.planned ?? 0) - 3);
  });

  it('namespaces that may not be listed are asked for by name', async () => {
    const { byId, files } = await collect({ forbidden: (path) => path === '/api/v1/namespaces' });
    expect(byId.get('list:*/namespaces')?.status).toBe('forbidden');
    expect(namesIn(files.get('namespaces/crewai-org-7/namespaces.json'))).toEqual(['crewai-org-7']);
  });

  it.each<readonly [string, (response: ServerResponse) => true, object]>([
    [
      'a kind that is not served',
      (response) => refuse(response, 404, 'NotFound', 'the server could not find the requested resource'),
      { status: 'notFound' },
    ],
    [
      'a server error',
      (response) => refuse(response, 500, 'InternalError', 'boom'),
      { status: 'apiError', http: 500, detail: 'boom' },
    ],
    [
      'an expired credential',
      (response) => refuse(response, 401, 'Unauthorized', 'Unauthorized'),
      { status: 'apiError', http: 401 },
    ],
    ['broken JSON', (response) => (response.end('{"kind":"PodList","items":['), true), { status: 'apiError' }],
    ['something else than a list', (response) => (response.end('{"kind":"Status"}'), true), { status: 'apiError' }],
    ['a reset connection', (response) => (response.destroy(), true), { status: 'apiError' }],
  ])('%s', async (_name, answer, expected) => {
    const { byId, manifest } = await collect({
      intercept: (_request, response, url) => url.pathname === '/apis/apps/v1/statefulsets' && answer(response),
    });
    expect(byId.get('list:crewai/statefulsets.apps')).toMatchObject(expected);
    expect(byId.get('list:*/statefulsets.apps')).toMatchObject(expected);
    expect(manifest.state).toBe('partial');
  });

  it('a list that breaks off after some pages keeps them', async () => {
    const { byId, files } = await collect({
      intercept: (_request, response, url) => {
        if (url.pathname !== '/api/v1/services') return false;
        if (url.searchParams.has('continue')) return refuse(response, 500, 'InternalError', 'boom');
        response.end(
          JSON.stringify({ kind: 'ServiceList', metadata: { continue: 'x' }, items: [object('first', 'crewai')] }),
        );
        return true;
      },
    });
    expect(byId.get('list:crewai/services')).toMatchObject({ status: 'truncated', cause: 'apiError', detail: 'boom' });
    expect(namesIn(files.get('namespaces/crewai/services.json'))).toEqual(['first']);
  });

  it.each<readonly [string, (response: ServerResponse) => true, object]>([
    [
      'a log that is refused',
      (response) => refuse(response, 403, 'Forbidden', 'pods "crew" is forbidden'),
      { status: 'forbidden', http: 403 },
    ],
    [
      'a pod that is gone',
      (response) => refuse(response, 404, 'NotFound', 'pods "crew" not found'),
      { status: 'notFound' },
    ],
    [
      'a container that waits',
      (response) =>
        refuse(response, 400, 'BadRequest', 'container "web" in pod "crew" is waiting to start: ContainerCreating'),
      { status: 'notApplicable' },
    ],
    [
      'a node that cannot be reached',
      (response) => refuse(response, 500, 'InternalError', 'dial tcp: i/o timeout'),
      { status: 'apiError' },
    ],
    ['a pod that was never scheduled', (response) => (response.writeHead(204).end(), true), { status: 'empty' }],
  ])('%s', async (_name, answer, expected) => {
    const { byId } = await collect({
      intercept: (_request, response, url) => url.pathname.endsWith('/pods/crew/log') && answer(response),
    });
    expect(byId.get('log:crewai-org-4/crew/web/current')).toMatchObject(expected);
  });

  it('a log that breaks off keeps what came', async () => {
    const { byId, files } = await collect({
      intercept: (_request, response, url) => {
        if (!url.pathname.endsWith('/pods/crew/log')) return false;
        response.writeHead(200, { 'content-length': '1000' });
        response.write('first line\nsecond');
        setTimeout(() => response.destroy(), 50);
        return true;
      },
    });
    expect(byId.get('log:crewai-org-4/crew/web/current')).toMatchObject({ status: 'truncated', cause: 'apiError' });
    expect(files.get('namespaces/crewai-org-4/logs/crew/web.log')).toContain('first line');
  });

  it('a flood of one container takes nothing from the others', async () => {
    const line = `${'x'.repeat(99)}\n`;
    const { byId, files, manifest } = await collect({
      intercept: (_request, response, url) => {
        if (!url.pathname.endsWith('/pods/crew/log')) return false;
        response.end(line.repeat(20_000));
        return true;
      },
    });
    const log = byId.get('log:crewai-org-4/crew/web/current');
    expect(log?.size).toBeLessThan(2048 + 512 + 64);
    expect(log?.omitted).toBeGreaterThan(1_900_000);
    expect(files.get('namespaces/crewai-org-4/logs/crew/web.log')).toContain('bytes omitted]');
    expect(files.get('namespaces/crewai/logs/platform/web.log')).toContain('platform now');
    expect(manifest.state).toBe('complete');
  });

  it('a run that is stopped: the rest is skipped, and the archive is whole', async () => {
    const controller = new AbortController();
    const { byId, manifest } = await collect(
      {
        intercept: (_request, _response, url) => {
          if (url.pathname === '/apis/apps/v1/statefulsets') controller.abort(new Error('interrupted'));
          return false;
        },
      },
      { signal: controller.signal },
    );
    expect(manifest.ended).toBe('interrupted');
    expect(byId.get('list:crewai/pods')?.status).toBe('ok');
    expect(byId.get('list:storageclasses.storage.k8s.io')).toMatchObject({ status: 'skipped', cause: 'interrupt' });
    expect(manifest.items.filter(isGap).length).toBeGreaterThan(10);
  });

  it('a run that takes too long', async () => {
    const controller = new AbortController();
    const { byId, manifest } = await collect(
      {
        intercept: (_request, _response, url) => {
          if (url.pathname === '/api/v1/nodes') controller.abort(new DOMException('late', 'TimeoutError'));
          return false;
        },
      },
      { signal: controller.signal },
    );
    expect(manifest.ended).toBe('timeout');
    expect(byId.get('list:nodes')?.status).toBe('timeout');
  });
});
