import { afterEach, describe, expect, it } from 'vitest';
import { LogRefusals } from '../../src/cluster/refusals-in-log.ts';
import { readRefusals } from '../../src/cluster/log-refusals.ts';
import { createTransport, type Transport } from '../../src/cluster/transport.ts';
import { parseDenials } from '../../src/kubernetes/forbidden.ts';
import type { LogSource } from '../../src/model/reading.ts';
import { startApi, type FakeApi, type RunningApi } from './fake-api.ts';
import { accessTo, sendJson, status } from './loopback-server.ts';

const USER = 'system:serviceaccount:crewai:crewai-sa';
const DENIED = `deployments.apps is forbidden: User "${USER}" cannot create resource "deployments" in API group "apps" in the namespace "crewai-org-2"`;

function refusalsIn(
  text: string,
  size = 7,
): readonly { message: string; count: number; firstAt?: string; lastAt?: string }[] {
  const log = new LogRefusals();
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; at += size) log.push(bytes.subarray(at, at + size));
  return log.end();
}

describe('refusals in a log', () => {
  it('are found across pieces of any size, counted, with their times', () => {
    const line = (minute: number, text: string): string => `2026-11-20T09:${String(minute)}:00.5Z ${text}\n`;
    const log = line(10, 'ünrelated') + line(11, `E1120 ${DENIED}`) + line(12, 'more') + line(13, `W1120 ${DENIED}`);
    for (const size of [1, 7, 4096])
      expect(refusalsIn(log, size)).toEqual([
        { message: DENIED, count: 2, firstAt: '2026-11-20T09:11:00.5Z', lastAt: '2026-11-20T09:13:00.5Z' },
      ]);
  });

  it('need no timestamps and no end of line', () => {
    expect(refusalsIn(DENIED)).toEqual([{ message: DENIED, count: 1 }]);
  });

  it('may go on for several lines', () => {
    const text = `roles.rbac.authorization.k8s.io "r" is forbidden: user "${USER}" (groups=["system:serviceaccounts"]) is attempting to grant RBAC permissions not currently held:
{APIGroups:[""], Resources:["secrets"], Verbs:["get"]}
{APIGroups:["apps"], Resources:["deployments"], Verbs:["create"]}
`;
    const [found] = refusalsIn(text);
    expect(found?.count).toBe(1);
    const [denial] = parseDenials(found?.message ?? '');
    expect(denial?.class === 'escalation' && denial.missing).toHaveLength(2);
  });

  it('are not what merely looks like one', () => {
    expect(
      refusalsIn(
        '403 Forbidden\nUnauthorized\nCompleted 401 Unauthorized in 5ms\nUnauthorized access to the bar\nFailed to pull image "x": denied\n',
      ),
    ).toEqual([]);
  });

  it.each([
    ['an API server', DENIED],
    ['a quota', 'pods "p" is forbidden: exceeded quota: q, requested: secrets=1, used: secrets=3, limited: secrets=3'],
    ['a user of telling names', DENIED.replace('crewai:crewai-sa', 'token-service:secret-reader')],
  ])('keep the words of %s', (_name, text) => {
    expect(refusalsIn(`${text}\n`).map(({ message }) => message)).toEqual([text]);
  });

  it.each([
    ['admission webhook "v.example.com" denied the request: bad image, DB_PASSWORD=canary', 'webhook'],
    ['admission webhook "v.example.com" denied the request: tell canary nobody', 'webhook'],
    [
      "pods \"p\" is forbidden: ValidatingAdmissionPolicy 'p' with binding 'b' denied request: canary",
      'admission-policy',
    ],
    ['failed calling webhook "v.example.com": Post "https://user:canary@v:443/": refused', 'webhook-down'],
    ['pods "p" is forbidden: no thanks {"token":"canary"}', 'admission-other'],
    [
      `pods "p" is forbidden: violates PodSecurity "baseline:latest": privileged (container "c") password: canary`,
      'pod-security',
    ],
    ['pods "p" is forbidden: maximum cpu usage per Container is 1, but limit is 2 api_key=canary', 'limit-range'],
    [
      `pods "p" is forbidden: cannot set blockOwnerDeletion if an ownerReference refers to a resource you can't set finalizers on: token=canary`,
      'owner-reference',
    ],
    [
      `pods "p" is forbidden: User "${USER}" cannot get resource "pods" in API group "" in the namespace "a": authorization: Bearer canary`,
      'rbac',
    ],
  ])('leave what a program may have added in the log: %s', (text, kind) => {
    const found = refusalsIn(`${text}\n`);
    expect(JSON.stringify(found)).not.toContain('canary');
    expect(found.map(({ message }) => parseDenials(message)[0]?.class)).toEqual([kind]);
  });

  it("are also what the API server's clients make of a 401", () => {
    const body = `b'{"kind":"Status","apiVersion":"v1","status":"Failure","message":"Unauthorized","reason":"Unauthorized","code":401}'`;
    expect(refusalsIn(`fatal: ${body}\n`)).toEqual([{ message: 'Unauthorized', count: 1 }]);
    expect(parseDenials('Unauthorized').map((denial) => denial.class)).toEqual(['unauthenticated']);
  });

  it('are kept up to a number', () => {
    const log = new LogRefusals();
    for (let n = 0; n < 600; n += 1) log.push(Buffer.from(`${DENIED.replace('org-2', `org-${String(n)}`)}\n`));
    expect(log.end()).toHaveLength(500);
    expect(log.overflown).toBe(true);
  });

  it('take time in proportion to the log', () => {
    const log = new LogRefusals();
    const line = Buffer.from('x'.repeat(1 << 20));
    for (let n = 0; n < 64; n += 1) log.push(line);
    expect(log.end()).toEqual([]);
  });
});

const SOURCE: LogSource = { namespace: 'crewai', pod: 'web-1', container: 'main', previous: false };
const sources = (count: number): readonly LogSource[] =>
  Array.from({ length: count }, (_, index) => ({ ...SOURCE, pod: `web-${String(index + 1)}` }));

let running: RunningApi | undefined;
let transport: Transport | undefined;
afterEach(async () => {
  transport?.close();
  await running?.close();
});

async function read(intercept: FakeApi['intercept'], wanted: readonly LogSource[] = [SOURCE], signal?: AbortSignal) {
  running = await startApi({ ...(intercept && { intercept }) });
  transport = createTransport(accessTo(running.url), { version: '0.0.0' });
  return readRefusals(transport, wanted, signal);
}

const saying =
  (text: string): FakeApi['intercept'] =>
  (_request, response) => {
    response.writeHead(200, { 'content-type': 'text/plain' });
    response.end(text);
    return true;
  };
const failing =
  (code: number, message: string, reason = 'X'): FakeApi['intercept'] =>
  (_request, response) => {
    sendJson(response, status(code, reason, message), code);
    return true;
  };

describe('reading logs', () => {
  it('asks for the newest lines of the last hour, uncompressed', async () => {
    let headers: Record<string, unknown> = {};
    const { items, gaps } = await read((request, response, url) => {
      headers = request.headers;
      return saying(`2026-11-20T09:00:00Z ${DENIED}\n`)?.(request, response, url) ?? false;
    });
    expect(running?.asked).toEqual([
      'GET /api/v1/namespaces/crewai/pods/web-1/log?sinceSeconds=3600&tailLines=20000&timestamps=true&container=main',
    ]);
    expect(headers['accept-encoding']).toBe('identity');
    expect(gaps).toEqual([]);
    expect(items).toMatchObject([
      {
        source: 'log',
        metadata: { namespace: 'crewai' },
        pod: 'web-1',
        container: 'main',
        message: DENIED,
        count: 1,
        firstAt: '2026-11-20T09:00:00Z',
      },
    ]);
    expect(JSON.stringify(items)).not.toContain('2026-11-20T09:00:00Z deployments');
  });

  it('asks for what ran before, too', async () => {
    await read(saying(''), [{ ...SOURCE, previous: true }]);
    expect(running?.asked[0]).toContain('previous=true');
  });

  it('stops at the first refusal and names the right that is missing', async () => {
    const { items, gaps } = await read(failing(403, 'pods "web-1" is forbidden', 'Forbidden'), sources(5));
    expect(running?.asked).toHaveLength(1);
    expect(items).toEqual([]);
    expect(gaps).toMatchObject([
      {
        resource: 'pods/log',
        namespace: 'crewai',
        reason: 'forbidden',
        http: 403,
        grant: { verb: 'get', group: '', resource: 'pods/log', namespace: 'crewai' },
      },
    ]);
  });

  it.each([
    [204, ''],
    [400, 'container "main" in pod "web-1" is waiting to start: ContainerCreating'],
    [400, 'previous terminated container "main" in pod "web-1" not found'],
    [404, 'pods "web-1" not found'],
  ])('takes %i %s for a log that is not there', async (code, message) => {
    const answer: FakeApi['intercept'] =
      code === 204
        ? (_request, response) => {
            response.writeHead(204);
            response.end();
            return true;
          }
        : failing(code, message);
    expect(await read(answer)).toEqual({ items: [], gaps: [] });
  });

  it('a node that does not answer is a gap, and the other logs are read', async () => {
    const { items, gaps } = await read(
      (request, response, url) =>
        (url.pathname.includes('/web-1/')
          ? failing(500, 'Get "https://10.0.0.1:10250": dial tcp: timeout')
          : saying(DENIED))?.(request, response, url) ?? false,
      sources(3),
    );
    expect(items).toHaveLength(2);
    expect(gaps).toMatchObject([
      { reason: 'failed', resource: 'pods/log', detail: expect.stringContaining('web-1/main') as unknown },
    ]);
  });

  it('a log that breaks off is asked for once more, and nothing counts twice', async () => {
    let attempts = 0;
    const { items } = await read((request, response, url) => {
      attempts += 1;
      if (attempts > 1) return saying(`${DENIED}\n`)?.(request, response, url) ?? false;
      response.writeHead(200, { 'content-type': 'text/plain', 'content-length': '100000' });
      response.write(`${DENIED}\n`, () => response.destroy());
      return true;
    });
    expect(attempts).toBe(2);
    expect(items.map(({ count }) => count)).toEqual([1]);
  });

  it('an endless log is left alone after a while, and that is a gap', async () => {
    const block = Buffer.alloc(1 << 20, 'y\n');
    const { items, gaps } = await read((_request, response) => {
      response.writeHead(200, { 'content-type': 'text/plain' });
      response.write(`${DENIED}\n`);
      const more = (): void => {
        if (!response.destroyed && response.write(block)) setImmediate(more);
      };
      response.on('drain', more);
      response.on('error', () => undefined);
      more();
      return true;
    });
    expect(items).toHaveLength(1);
    expect(gaps).toMatchObject([{ reason: 'truncated', resource: 'pods/log', namespace: 'crewai' }]);
  }, 20_000);

  it('reads forty logs, and says that there were more', async () => {
    const { gaps } = await read(saying(''), sources(50));
    expect(running?.asked).toHaveLength(40);
    expect(gaps).toMatchObject([{ reason: 'truncated', detail: '10 more logs were not read' }]);
  });

  it('stops when the run is stopped', async () => {
    const stop = new AbortController();
    const { gaps } = await read(
      (_request, response) => {
        response.writeHead(200, { 'content-type': 'text/plain' });
        response.write(`${DENIED}\n`);
        setTimeout(() => {
          stop.abort();
        }, 50);
        return true;
      },
      [SOURCE],
      stop.signal,
    );
    expect(gaps).toMatchObject([{ reason: 'failed', detail: 'interrupted' }]);
  });
});
