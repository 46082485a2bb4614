import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it, type ExpectStatic } from 'vitest';
import type { ApiServerOptions, Fault, FaultRequest } from '../../src/apiserver/options.ts';
import type { ApiServer } from '../../src/apiserver/server.ts';
import type { Manifest, ManifestItem } from '../../src/bundle/format.ts';
import { verifyBundle } from '../../src/bundle/verify.ts';
import { crewaiPlatform } from '../fixtures/crewai.ts';
import { crewiso, environment, EXECUTABLE, inShell, run, withFolder, withServer, type Ended } from './program.ts';

const POD = 'org-1-crew-1-sales-web-6d4cf56db6-x7k2p';
const LOG = `log:crewai-org-1/${POD}/main/current`;
const OBJECTS = crewaiPlatform({ nodeName: 'n' });
/** A log of each pod, from when its container started. */
const LOGS = Object.fromEntries(
  OBJECTS.filter(({ kind }) => kind === 'Pod').map(({ metadata: { namespace = '', name } }) => [
    `${namespace}/${name}/main`,
    `2026-01-05T10:00:01.5Z started\n2026-01-05T10:00:02.5Z ${'working '.repeat(100)}\n`,
  ]),
);

type Faults = NonNullable<ApiServerOptions['faults']>;

const status = (code: number, reason: string, message: string, more: Partial<Fault> = {}): Fault => ({
  status: code,
  body: { apiVersion: 'v1', kind: 'Status', metadata: {}, status: 'Failure', code, reason, message },
  ...more,
});
/** For requests below a path, with or without a query. */
const at =
  (path: RegExp, fault: Fault): Faults =>
  (request) =>
    path.test(request.path) ? fault : undefined;
/** For the first so many of them. */
const first = (times: number, faults: Faults): Faults => {
  let left = times;
  return (request) => {
    const fault = left > 0 ? faults(request) : undefined;
    if (fault) left -= 1;
    return fault;
  };
};

const LIST = /\/limitranges(?:\?|$)/;
const ITS_LOG = new RegExp(`${POD}/log`);
const page = (name: string, next?: string): Fault => ({
  status: 200,
  body: {
    apiVersion: 'v1',
    kind: 'LimitRangeList',
    metadata: { resourceVersion: '7', ...(next !== undefined && { continue: next }) },
    items: [{ metadata: { name, namespace: 'crewai-org-1' } }],
  },
});
/** A list of two pages whose token has expired by the second one. */
const expiring =
  (expired: Fault): Faults =>
  ({ path }) => {
    if (!LIST.test(path)) return undefined;
    if (path.includes('continue=old')) return expired;
    return path.includes('continue=new') ? page('b') : page('a', 'old');
  };

const IN_LIST = 'list:crewai-org-1/limitranges';

interface Case {
  readonly name: string;
  readonly faults: Faults;
  /** What is recorded, by the id of the item. */
  readonly items: Readonly<Record<string, Partial<ManifestItem>>>;
  readonly code?: number;
  readonly flags?: readonly string[];
  readonly ended?: Manifest['ended'];
  readonly options?: ApiServerOptions;
}

const CASES: readonly Case[] = [
  {
    name: '403 on a list',
    faults: at(LIST, status(403, 'Forbidden', 'limitranges is forbidden: no')),
    items: { [IN_LIST]: { status: 'forbidden', http: 403, detail: 'limitranges is forbidden: no' } },
  },
  {
    name: '403 in one namespace',
    faults: ({ path }) =>
      LIST.test(path) && !path.includes('/crewai-org-2/') ? status(403, 'Forbidden', 'no') : undefined,
    items: { [IN_LIST]: { status: 'forbidden' }, 'list:crewai-org-2/limitranges': { status: 'empty' } },
  },
  {
    name: '403 on a log',
    faults: at(ITS_LOG, status(403, 'Forbidden', 'pods is forbidden')),
    items: { [LOG]: { status: 'forbidden', http: 403 } },
  },
  {
    name: 'a token that expires in mid-run',
    faults: at(LIST, status(401, 'Unauthorized', 'Unauthorized')),
    items: {
      [IN_LIST]: { status: 'apiError', http: 401 },
      'list:crewai-org-1/pods': { status: 'ok' },
      [LOG]: { status: 'apiError', http: 401 },
    },
  },
  {
    name: 'a group that is not served',
    faults: () => undefined,
    options: { notServed: ['autoscaling'] },
    items: { 'list:crewai-org-1/horizontalpodautoscalers.autoscaling': { status: 'notFound' } },
  },
  {
    name: 'a pod that is gone',
    faults: at(ITS_LOG, status(404, 'NotFound', `pods "${POD}" not found`)),
    items: { [LOG]: { status: 'notFound', http: 404 } },
  },
  {
    name: 'a namespace that vanishes',
    faults: at(/\/namespaces\/crewai-org-1\/.*\/log/, status(404, 'NotFound', 'namespaces "crewai-org-1" not found')),
    items: { [LOG]: { status: 'notFound', detail: 'namespaces "crewai-org-1" not found' } },
  },
  {
    name: '400',
    faults: at(LIST, status(400, 'BadRequest', 'no such thing')),
    items: { [IN_LIST]: { status: 'apiError', http: 400 } },
  },
  {
    name: '409',
    faults: at(LIST, status(409, 'Conflict', 'again')),
    items: { [IN_LIST]: { status: 'apiError', http: 409 } },
  },
  {
    name: '410 with a token to go on with',
    faults: expiring({
      ...status(410, 'Expired', 'too old'),
      body: { kind: 'Status', metadata: { continue: 'new' }, reason: 'Expired', message: 'too old', code: 410 },
    }),
    items: { [IN_LIST]: { status: 'ok', objects: 2 } },
    code: 0,
  },
  {
    name: '410 without one, again and again',
    faults: expiring(status(410, 'Expired', 'too old')),
    items: { [IN_LIST]: { status: 'truncated', cause: 'apiError', http: 410 } },
  },
  {
    name: '429 that passes',
    faults: first(2, at(LIST, status(429, 'TooManyRequests', 'slow down', { headers: { 'retry-after': '0' } }))),
    items: { [IN_LIST]: { status: 'empty' } },
    code: 0,
  },
  {
    name: '429 for ever',
    faults: at(LIST, status(429, 'TooManyRequests', 'slow down', { headers: { 'retry-after': '0' } })),
    items: { [IN_LIST]: { status: 'apiError', http: 429 } },
  },
  {
    name: '500',
    faults: at(LIST, status(500, 'InternalError', 'etcdserver: no leader')),
    items: { [IN_LIST]: { status: 'apiError', http: 500, detail: 'etcdserver: no leader' } },
  },
  {
    name: '500 on a log',
    faults: at(ITS_LOG, status(500, 'InternalError', 'dial tcp 10.0.0.1:10250: i/o timeout')),
    items: { [LOG]: { status: 'apiError', http: 500 } },
  },
  {
    name: '503 that passes',
    faults: first(1, at(LIST, status(503, 'ServiceUnavailable', 'later'))),
    items: { [IN_LIST]: { status: 'empty' } },
    code: 0,
  },
  {
    name: '504 for ever',
    faults: at(LIST, status(504, 'Timeout', 'late', { headers: { 'retry-after': '0' } })),
    items: { [IN_LIST]: { status: 'apiError', http: 504 } },
  },
  {
    name: 'no answer to a list',
    faults: at(LIST, { hang: true }),
    flags: ['--stall', '1s'],
    items: { [IN_LIST]: { status: 'timeout' } },
  },
  {
    name: 'a list that stands still',
    faults: at(LIST, { stallAfterBytes: 20 }),
    flags: ['--stall', '1s'],
    items: { [IN_LIST]: { status: 'timeout' } },
  },
  {
    name: 'a log that stands still',
    faults: at(ITS_LOG, { stallAfterBytes: 60 }),
    flags: ['--stall', '1s'],
    items: { [LOG]: { status: 'truncated', cause: 'timeout' } },
  },
  {
    name: 'a list whose JSON is cut',
    faults: at(LIST, { cutAfterBytes: 20 }),
    items: { [IN_LIST]: { status: 'apiError' } },
  },
  {
    name: 'a log that is cut',
    faults: at(ITS_LOG, { cutAfterBytes: 60 }),
    items: { [LOG]: { status: 'truncated', cause: 'apiError' } },
  },
  {
    name: 'garbage',
    faults: at(LIST, { status: 200, body: '\u0000\u0001 no JSON' }),
    items: { [IN_LIST]: { status: 'apiError' } },
  },
  {
    name: 'the page of a login',
    faults: at(LIST, { status: 200, body: '<html>', headers: { 'content-type': 'text/html' } }),
    items: { [IN_LIST]: { status: 'apiError', detail: 'answered with HTML (a login page or a proxy?)' } },
  },
  {
    name: 'a redirect',
    faults: at(LIST, { status: 302, headers: { location: 'https://login.example/x?token=1' } }),
    items: { [IN_LIST]: { status: 'apiError', http: 302 } },
  },
  {
    name: 'something else than a list',
    faults: at(LIST, { status: 200, body: { kind: 'Status', status: 'Success' } }),
    items: { [IN_LIST]: { status: 'apiError' } },
  },
  {
    name: 'a later page that is broken',
    faults: expiring({ status: 200, body: 'no JSON' }),
    items: { [IN_LIST]: { status: 'truncated', cause: 'apiError' } },
  },
  {
    name: 'discovery that is broken',
    faults: at(/^\/apis(?:\?|$)/, status(500, 'InternalError', 'aggregator')),
    items: { 'get:discovery': { status: 'apiError', http: 500 } },
  },
  {
    name: 'a log that was rotated',
    faults: () => undefined,
    options: { logs: { ...LOGS, [`crewai-org-1/${POD}/main`]: '2026-01-07T00:00:00Z later\n' } },
    items: { [LOG]: { status: 'ok', startsMidFile: true } },
    code: 0,
  },
  {
    name: 'a line of a log that does not end',
    faults: () => undefined,
    options: { logs: { ...LOGS, [`crewai-org-1/${POD}/main`]: `2026-01-05T10:00:01Z ${'x'.repeat(3_000_000)}\n` } },
    items: { [LOG]: { status: 'ok' } },
    code: 0,
  },
  {
    name: 'the end of --timeout',
    faults: at(LIST, { hang: true }),
    flags: ['--timeout', '8s'],
    items: { [IN_LIST]: { status: 'timeout' }, [LOG]: { status: 'timeout' } },
    ended: 'timeout',
  },
];

const collect = (flags: readonly string[], file: string, more: readonly string[] = []): readonly string[] => [
  ...['bundle', 'collect', ...flags, '-O', file, '-q'],
  ...more,
];

describe.concurrent('a bundle is valid and says what is missing after', { timeout: 120_000 }, () => {
  it.for(CASES)('$name', async ({ faults, items, code = 3, flags: more = [], ended: how, options }, { expect }) => {
    await withServer({ objects: OBJECTS, logs: LOGS, faults, ...options }, (_server, flags) =>
      withFolder(async (folder) => {
        const file = join(folder, 'b.tar.gz');
        const ended = await crewiso(collect(flags, file, more));
        expect(ended.stderr).not.toContain('    at ');
        expect(ended).toMatchObject({ code, stdout: `${file}\n` });
        const { outcome, problems, manifest } = await verifyBundle(file);
        expect({ outcome, problems }).toEqual({ outcome: 'intact', problems: [] });
        expect(manifest).toMatchObject({ state: code === 0 ? 'complete' : 'partial', ended: how ?? 'finished' });
        const recorded = Object.fromEntries((manifest?.items ?? []).map((item) => [item.id, item]));
        expect(recorded).toMatchObject(items);
      }),
    );
  });

  /** Collects while `interfere` may do something once the list is asked for. */
  async function interrupted(
    interfere: (server: ApiServer, kill: (signal: NodeJS.Signals) => void) => void,
    use: (ended: Ended, file: string) => Promise<void>,
    fault: Fault = { hang: true },
  ): Promise<void> {
    let asked = (): void => undefined;
    const faults = ({ path }: FaultRequest): Fault | undefined => {
      if (!LIST.test(path)) return undefined;
      asked();
      return fault;
    };
    await withServer({ objects: OBJECTS, logs: LOGS, faults }, (server, flags) =>
      withFolder(async (folder) => {
        const file = join(folder, 'b.tar.gz');
        const ended = await crewiso(collect(flags, file), {
          started: (child) => {
            asked = () => {
              interfere(server, (signal) => child.kill(signal));
            };
          },
        });
        await use(ended, file);
      }),
    );
  }

  /** What became of each item of the bundle that an interrupted run leaves: it is whole, and says so. */
  async function sealed(ended: Ended, file: string, expect: ExpectStatic): Promise<ReadonlyMap<string, ManifestItem>> {
    expect(ended.code).toBe(130);
    const { outcome, manifest } = await verifyBundle(file);
    expect({ outcome, ended: manifest?.ended }).toEqual({ outcome: 'intact', ended: 'interrupted' });
    return new Map((manifest?.items ?? []).map((item) => [item.id, item]));
  }

  it('SIGTERM', async ({ expect }) => {
    await interrupted(
      (_server, kill) => {
        kill('SIGTERM');
      },
      async (ended, file) => {
        const items = await sealed(ended, file, expect);
        expect(items.get(LOG)).toMatchObject({ status: 'skipped', cause: 'interrupt' });
      },
    );
  });

  it('SIGINT, with what was under way and came to its end', async ({ expect }) => {
    await interrupted(
      (_server, kill) => {
        kill('SIGINT');
      },
      async (ended, file) => {
        const items = await sealed(ended, file, expect);
        expect(items.get('list:crewai/limitranges')?.status).toBe('empty');
        expect(items.get(LOG)).toMatchObject({ status: 'skipped', cause: 'interrupt' });
      },
      { delayMs: 1500 },
    );
  });

  it('a second signal, which waits for nothing', async ({ expect }) => {
    let asked = (): void => undefined;
    const faults = ({ path }: FaultRequest): Fault | undefined => {
      if (!LIST.test(path)) return undefined;
      asked();
      return { hang: true };
    };
    await withServer({ objects: OBJECTS, logs: LOGS, faults }, (_server, flags) =>
      withFolder(async (folder) => {
        const file = join(folder, 'b.tar.gz');
        const ended = await crewiso(['bundle', 'collect', ...flags, '-O', file], {
          started: (child) => {
            asked = () => child.kill('SIGINT');
            child.stderr.on('data', (text: Buffer) => {
              if (text.includes('once again ends at once')) child.kill('SIGINT');
            });
          },
        });
        expect(ended).toMatchObject({ signal: 'SIGINT', stdout: '' });
        expect([existsSync(file), existsSync(`${file}.partial`)]).toEqual([false, true]);
        asked = () => undefined;
      }),
    );
  });

  it('an API server that goes away', async ({ expect }) => {
    await interrupted(
      (server) => void server.close(),
      async (ended, file) => {
        expect(ended).toMatchObject({ code: 3 });
        const { outcome, manifest } = await verifyBundle(file);
        expect({ outcome, ended: manifest?.ended }).toEqual({ outcome: 'intact', ended: 'finished' });
        expect(manifest?.items.find(({ id }) => id === LOG)?.status).toBe('apiError');
      },
    );
  });

  it('a reader that has gone before its path is printed', async ({ expect }) => {
    await withServer({ objects: OBJECTS, logs: LOGS }, (_server, flags) =>
      withFolder(async (folder) => {
        const file = join(folder, 'b.tar.gz');
        const { stderr } = await inShell('"$@" | true; echo "code ${PIPESTATUS[0]}" >&2', collect(flags, file));
        expect(stderr).toBe('code 0\n');
        expect((await verifyBundle(file)).outcome).toBe('intact');
      }),
    );
  });
});

/** A file system of its own in memory, which no rights are needed for where user namespaces are allowed. */
const IN_NAMESPACE = ['--user', '--map-root-user', '--mount'];
const canMount =
  spawnSync('unshare', [...IN_NAMESPACE, 'mount', '-t', 'tmpfs', 'tmpfs', '/tmp'], { env: environment() }).status === 0;

describe('a disk that is full', { timeout: 120_000 }, () => {
  // collect-file.test.ts injects the same where no file system can be mounted.
  const where = canMount ? '' : ' (skipped: no file system can be mounted here)';
  it.runIf(canMount)(`leaves what came before, and a manifest${where}`, async ({ expect }) => {
    let seed = 1;
    const digit = (): string => {
      seed = (Math.imul(seed, 1_103_515_245) + 12_345) >>> 0;
      return (seed >>> 28).toString(16);
    };
    const noise = (): string => `2026-01-05T10:00:01Z ${Array.from({ length: 100 }, digit).join('.')}\n`;
    const logs = Object.fromEntries(
      Object.keys(LOGS).map((key) => [key, Array.from({ length: 3000 }, noise).join('')]),
    );
    await withServer({ objects: OBJECTS, logs }, (_server, flags) =>
      withFolder(async (folder) => {
        const small = join(folder, 'small');
        mkdirSync(small);
        const kept = join(folder, 'kept.tar.gz');
        const file = join(small, 'b.tar.gz');
        const script = [
          `mount -t tmpfs -o size=1536k tmpfs ${small} || exit 99`,
          `"$@"; code=$?`,
          `cp ${file} ${kept}; ls ${small} >&2; exit $code`,
        ].join('\n');
        const argv = ['-c', script, 'bash', process.execPath, EXECUTABLE, ...collect(flags, file)];
        const ended = await run('unshare', [...IN_NAMESPACE, 'bash', ...argv]);
        expect(ended).toMatchObject({ code: 3, stderr: 'b.tar.gz\n' });
        expect(existsSync(kept)).toBe(true);
        const { outcome, manifest } = await verifyBundle(kept);
        expect(outcome).toBe('intact');
        expect(manifest).toMatchObject({ ended: 'disk-full', state: 'partial' });
        const causes = new Set(
          manifest?.items.filter(({ status: said }) => said === 'skipped').map(({ cause }) => cause),
        );
        expect([...causes]).toEqual(['disk-full']);
        expect(manifest?.items.some(({ id, status: said }) => id.startsWith('log:') && said === 'ok')).toBe(true);
      }),
    );
  });
});
