import { afterEach, describe, expect, test } from 'vitest';
import { readSnapshot, type ReadOptions } from '../../src/cluster/snapshot-reader.ts';
import { createTransport, type TransportOptions } from '../../src/cluster/transport.ts';
import { gunzip } from '../../src/kubernetes/gunzip.ts';
import type { ReadPlan, ReadScope } from '../../src/model/reading.ts';
import type { Snapshot } from '../../src/model/snapshot.ts';
import type { Resource } from '../../src/model/resource.ts';
import { object, startApi, type FakeApi } from './fake-api.ts';
import { accessTo, sendJson, status } from './loopback-server.ts';

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

const tools = {
  fingerprint: (text: string) => `fp:${text.length}`,
  gunzip,
  parseYaml: JSON.parse as (text: string) => unknown,
};

interface Wanted extends Partial<ReadScope> {
  readonly first?: readonly Resource[];
  readonly second?: readonly Resource[];
  readonly reads?: readonly Resource[];
  readonly named?: readonly string[];
  readonly questions?: ReadPlan['questions'];
  readonly scope?: (seen: Snapshot) => readonly string[];
}

function planOf(wanted: Wanted): ReadPlan {
  return {
    first: wanted.first ?? ['namespaces'],
    second: () => wanted.second ?? [],
    reads: () => wanted.reads ?? [],
    namedNamespaces: wanted.named ?? [],
    scope: (seen) => ({
      platformNamespaces: wanted.scope?.(seen) ?? wanted.platformNamespaces ?? ['crewai'],
      namespaces: wanted.namespaces ?? ['crewai', 'crewai-org-1', 'crewai-org-2'],
      narrow: wanted.narrow ?? false,
      keeps: wanted.keeps ?? (() => true),
    }),
    questions: wanted.questions ?? (() => []),
  };
}

async function read(
  api: FakeApi,
  wanted: Wanted,
  more: Partial<ReadOptions> & { transport?: Partial<TransportOptions> } = {},
) {
  const server = await startApi(api);
  const { transport: transportOptions, ...options } = more;
  const transport = createTransport(accessTo(server.url), { version: 'test', ...transportOptions });
  cleanups.push(server.close, () => {
    transport.close();
  });
  const reading = await readSnapshot(transport, planOf(wanted), { now: 0, tools, ...options });
  const asked = server.asked.filter((line) => !/version|selfsubjectreviews/.test(line));
  return { ...reading, asked, counts: transport.counts() };
}

const namespaces = ['kube-system', 'crewai', 'crewai-org-1', 'crewai-org-2'].map((name) => ({
  metadata: { name, uid: `uid-${name}` },
}));
const pods = ['crewai', 'crewai-org-1', 'crewai-org-2', 'other'].map((namespace) => object('pod', namespace));
const lists = { '/api/v1/namespaces': namespaces, '/api/v1/pods': pods };

describe('allowed to list everything', () => {
  test('one list per resource, wire JSON with kind and apiVersion, without managedFields', async () => {
    const pod = {
      metadata: { name: 'p', namespace: 'crewai', managedFields: [{}] },
      spec: { futureField: { from: 1 } },
    };
    const { snapshot, asked, identity, kubernetesVersion, interrupted } = await read(
      { lists: { ...lists, '/api/v1/pods': [pod] } },
      { reads: ['pods', 'namespaces'] },
    );
    expect(snapshot.list('pods')).toEqual([
      {
        apiVersion: 'v1',
        kind: 'Pod',
        metadata: { name: 'p', namespace: 'crewai' },
        spec: { futureField: { from: 1 } },
      },
    ]);
    expect(snapshot.completeness('pods')).toBe('complete');
    expect(asked).toEqual(['GET /api/v1/namespaces?limit=500', 'GET /api/v1/pods?limit=500']);
    expect(snapshot.origin).toMatchObject({ from: 'cluster', clusterUid: 'uid-kube-system', kubernetes: 'v1.36.0' });
    expect(identity).toEqual({ user: 'jane', groups: ['a', 'b'], impersonated: false });
    expect([kubernetesVersion, interrupted]).toEqual(['v1.36.0', false]);
  });

  test('requests do not grow with tenants, but with pages', async () => {
    const many = Array.from({ length: 1200 }, (_, at) => object(`p${at}`, `crewai-org-${at}`));
    const names = Array.from({ length: 400 }, (_, at) => `crewai-org-${at}`);
    const { snapshot, asked } = await read(
      { lists: { ...lists, '/api/v1/pods': many } },
      { reads: ['pods'], namespaces: names },
    );
    expect(snapshot.list('pods')).toHaveLength(1200);
    expect(asked.filter((line) => line.includes('/pods'))).toHaveLength(2);
    expect(asked).toHaveLength(3);
  });

  test('the scope is asked for again once the second step is read', async () => {
    const configMap = { metadata: { name: 'env', namespace: 'crewai' }, data: { K8S_NAMESPACE: 'crews' } };
    const scopes: string[][] = [];
    const { asked } = await read(
      {
        lists: {
          ...lists,
          '/api/v1/configmaps': [configMap],
        },
      },
      {
        second: ['configmaps'],
        reads: ['configmaps'],
        scope: (seen) => {
          const more = seen.list('configmaps').flatMap(({ data }) => data?.K8S_NAMESPACE ?? []);
          scopes.push(['crewai', ...more]);
          return ['crewai', ...more];
        },
      },
    );
    expect(scopes).toEqual([['crewai'], ['crewai', 'crews']]);
    expect(asked.filter((line) => line.includes('configmaps'))).toEqual([
      'GET /api/v1/namespaces/crewai/configmaps?limit=500',
      'GET /api/v1/namespaces/crews/configmaps?limit=500',
    ]);
  });

  test('what nobody judges is dropped, by the plan’s own rule', async () => {
    const keeps: ReadScope['keeps'] = (resource, { metadata }) => resource === 'pods' && metadata.namespace !== 'other';
    const { snapshot } = await read({ lists }, { reads: ['pods'], keeps });
    expect(snapshot.list('pods').map(({ metadata }) => metadata.namespace)).toEqual([
      'crewai',
      'crewai-org-1',
      'crewai-org-2',
    ]);
    expect(snapshot.completeness('pods', 'other')).toMatchObject({ reason: 'not-collected', namespace: 'other' });
    expect(snapshot.completeness('pods', 'empty')).toBe('complete');
    expect(snapshot.completeness('pods')).toBe('complete');
    expect(snapshot.list('namespaces')).toHaveLength(4);
  });

  test('platform resources are read in platform namespaces only, and known nowhere else', async () => {
    const api = { lists: { ...lists, '/api/v1/configmaps': [object('a', 'crewai'), object('b', 'crewai-org-1')] } };
    const { snapshot, asked } = await read(api, { reads: ['configmaps'] });
    expect(snapshot.list('configmaps').map(({ metadata }) => metadata.name)).toEqual(['a']);
    expect(snapshot.completeness('configmaps', 'crewai')).toBe('complete');
    expect(snapshot.completeness('configmaps', 'crewai-org-1')).toMatchObject({ reason: 'not-collected' });
    expect(asked).toContain('GET /api/v1/namespaces/crewai/configmaps?limit=500');
    expect(asked).not.toContain('GET /api/v1/configmaps?limit=500');
  });

  test('a narrow run lists per namespace from the start', async () => {
    const { snapshot, asked } = await read({ lists }, { reads: ['pods'], narrow: true, namespaces: ['crewai-org-1'] });
    expect(asked).toEqual(['GET /api/v1/namespaces?limit=500', 'GET /api/v1/namespaces/crewai-org-1/pods?limit=500']);
    expect(snapshot.completeness('pods', 'crewai-org-1')).toBe('complete');
    expect(snapshot.completeness('pods')).toMatchObject({ reason: 'not-collected' });
  });

  test('progress counts every resource', async () => {
    const seen: string[] = [];
    const lines: string[] = [];
    const trace = (level: number, line: string): unknown => level === 2 && lines.push(line);
    await read(
      { lists },
      { reads: ['pods'] },
      {
        onProgress: ({ resource, items, done, total }) => seen.push(`${resource} ${items} ${done}/${total}`),
        transport: { trace },
      },
    );
    expect(seen).toEqual(['namespaces 4 1/1', 'pods 4 2/2']);
    expect(lines).toEqual(['namespaces: 4 items, 0 gaps', 'pods: 4 items, 0 gaps']);
  });
});

describe('refusals', () => {
  const wide = (path: string): boolean => path === '/api/v1/pods';

  test('a refused cluster-wide list falls back to the namespaces of the scope', async () => {
    const forbidden = (path: string): boolean => wide(path) || path === '/api/v1/namespaces/crewai-org-2/pods';
    const { snapshot, asked, counts } = await read({ lists, forbidden }, { reads: ['pods'] });
    expect(snapshot.list('pods')).toHaveLength(2);
    expect(snapshot.completeness('pods', 'crewai-org-1')).toBe('complete');
    expect(snapshot.gaps('pods', 'crewai-org-2')).toEqual([
      {
        resource: 'pods',
        namespace: 'crewai-org-2',
        reason: 'forbidden',
        http: 403,
        detail: '/api/v1/namespaces/crewai-org-2/pods is forbidden: User "jane" cannot list it',
        grant: { verb: 'list', group: '', resource: 'pods', namespace: 'crewai-org-2' },
      },
    ]);
    expect(snapshot.completeness('pods', 'other')).toMatchObject({
      reason: 'forbidden',
      grant: { verb: 'list', group: '', resource: 'pods' },
    });
    expect(asked.filter((line) => line.includes('pods'))).toHaveLength(4);
    expect(counts.refused).toBe(2);
  });

  test('a first listing is looked for in the named namespaces, then in those of the scope, none twice', async () => {
    const { snapshot, asked } = await read(
      { lists, forbidden: wide },
      { first: ['namespaces', 'pods'], reads: ['pods'], named: ['crewai'] },
    );
    expect(asked.filter((line) => line.includes('pods'))).toEqual([
      'GET /api/v1/pods?limit=500',
      'GET /api/v1/namespaces/crewai/pods?limit=500',
      'GET /api/v1/namespaces/crewai-org-1/pods?limit=500',
      'GET /api/v1/namespaces/crewai-org-2/pods?limit=500',
    ]);
    expect(snapshot.list('pods')).toHaveLength(3);
  });

  test('namespaces that may not be listed are asked for by name; a 404 is knowledge', async () => {
    const forbidden = (path: string): boolean =>
      path === '/api/v1/namespaces' || path === '/api/v1/namespaces/crewai-org-2';
    const { snapshot } = await read(
      { lists, forbidden },
      { named: ['crewai', 'gone'], namespaces: ['crewai', 'crewai-org-1', 'crewai-org-2'] },
    );
    expect(snapshot.list('namespaces').map(({ metadata }) => metadata.name)).toEqual(['crewai', 'crewai-org-1']);
    expect(snapshot.completeness('namespaces', 'gone')).toBe('complete');
    expect(snapshot.completeness('namespaces', 'crewai-org-2')).toMatchObject({
      reason: 'forbidden',
      grant: { verb: 'get', group: '', resource: 'namespaces', name: 'crewai-org-2' },
    });
    expect(snapshot.gaps('namespaces').at(-1)).toMatchObject({ grant: { verb: 'list', resource: 'namespaces' } });
    expect(snapshot.origin).toMatchObject({ clusterUid: 'uid-kube-system' });
  });

  test('403 everywhere is a report of gaps, not an error', async () => {
    const { snapshot } = await read(
      { lists, forbidden: () => true },
      { reads: ['pods', 'secrets', 'registry-secrets'] },
    );
    for (const resource of ['namespaces', 'pods', 'secrets', 'registry-secrets'] as const)
      expect(snapshot.completeness(resource)).toMatchObject({ reason: 'forbidden', http: 403 });
  });

  test('a group that is not served', async () => {
    const { snapshot, asked } = await read({ lists }, { reads: ['deployments.apps'] });
    expect(snapshot.gaps('deployments.apps')).toEqual([
      { resource: 'deployments.apps', http: 404, reason: 'not-served', detail: 'the server does not serve it' },
    ]);
    expect(asked).toContain('GET /apis/apps/v1/deployments?limit=500');
  });
});

describe('secrets', () => {
  const secret = (name: string, type: string, more: object = {}): object => ({
    metadata: { name, namespace: 'crewai', ...more },
    type,
    data: { value: Buffer.from('canary').toString('base64') },
  });
  const table = {
    kind: 'Table',
    metadata: {},
    columnDefinitions: [{ name: 'Name' }, { name: 'Type' }, { name: 'Data' }],
    rows: [
      {
        cells: ['a', 'Opaque', 2],
        object: {
          metadata: {
            name: 'a',
            namespace: 'crewai',
            labels: { l: '1' },
            annotations: { 'kubectl.kubernetes.io/last-applied-configuration': '{"data":{"x":"canary"}}' },
          },
        },
      },
    ],
  };

  test('the inventory is a Table: no data on the wire, none in the snapshot', async () => {
    let accept: string | undefined;
    const { snapshot, asked } = await read(
      {
        lists,
        intercept: (request, response, url) => {
          if (url.pathname !== '/api/v1/secrets') return false;
          accept = request.headers.accept;
          sendJson(response, table);
          return true;
        },
      },
      { reads: ['secrets'] },
    );
    expect(accept).toBe('application/json;as=Table;v=v1;g=meta.k8s.io,application/json');
    expect(asked).toContain('GET /api/v1/secrets?includeObject=Metadata&limit=500');
    expect(snapshot.list('secrets')).toMatchObject([
      { kind: 'Secret', type: 'Opaque', metadata: { name: 'a', labels: { l: '1' } } },
    ]);
    expect(JSON.stringify(snapshot.list('secrets'))).not.toContain('canary');
  });

  test('a server that ignores the wish for a Table leaks nothing either', async () => {
    const api = { lists: { ...lists, '/api/v1/secrets': [secret('a', 'Opaque')] } };
    const { snapshot } = await read(api, { reads: ['secrets'] });
    expect(snapshot.list('secrets')).toMatchObject([{ type: 'Opaque', metadata: { name: 'a' } }]);
    expect(JSON.stringify(snapshot.list('secrets'))).not.toContain(Buffer.from('canary').toString('base64'));
  });

  test('a Table without types is no inventory', async () => {
    const { snapshot } = await read(
      {
        lists,
        intercept: (_, response, url) => {
          if (url.pathname !== '/api/v1/secrets') return false;
          sendJson(response, { ...table, columnDefinitions: [{ name: 'Name' }] });
          return true;
        },
      },
      { reads: ['secrets'] },
    );
    expect(snapshot.completeness('secrets')).toMatchObject({ reason: 'failed' });
  });

  test('pull secrets of both types are reduced in memory', async () => {
    const auths = JSON.stringify({ auths: { 'r.example.com': { username: 'bob', password: 'canary-password' } } });
    const pull = {
      ...secret('pull', 'kubernetes.io/dockerconfigjson'),
      data: { '.dockerconfigjson': Buffer.from(auths).toString('base64') },
    };
    const old = {
      ...secret('old', 'kubernetes.io/dockercfg'),
      data: { '.dockercfg': Buffer.from('{').toString('base64') },
    };
    const api = { lists: { ...lists, '/api/v1/secrets': [pull, old, secret('x', 'Opaque')] } };
    const { snapshot } = await read(api, { reads: ['registry-secrets'] });
    expect(snapshot.list('registry-secrets')).toMatchObject([
      { metadata: { name: 'old' }, parse: 'not-json' },
      { metadata: { name: 'pull' }, parse: 'ok', entries: [{ host: 'r.example.com', credentials: 'usable' }] },
    ]);
    expect(JSON.stringify(snapshot.list('registry-secrets'))).not.toMatch(/canary|bob/);
  });

  test('what is refused for secrets is not asked again for what is derived from them', async () => {
    const forbidden = (path: string): boolean => path.endsWith('/secrets') && !path.includes('/crewai/');
    const { snapshot, asked } = await read(
      { lists: { ...lists, '/api/v1/secrets': [], '/api/v1/configmaps': [] }, forbidden },
      { reads: ['registry-secrets', 'helm-releases', 'support-bundle-specs', 'secrets'] },
    );
    const refusedPaths = asked.filter((line) => line.includes('/secrets') && !line.includes('/crewai/'));
    expect(refusedPaths).toEqual([
      'GET /api/v1/secrets?includeObject=Metadata&limit=500',
      'GET /api/v1/namespaces/crewai-org-1/secrets?includeObject=Metadata&limit=500',
      'GET /api/v1/namespaces/crewai-org-2/secrets?includeObject=Metadata&limit=500',
    ]);
    expect(snapshot.completeness('registry-secrets', 'crewai')).toBe('complete');
    expect(snapshot.completeness('registry-secrets', 'crewai-org-1')).toMatchObject({ reason: 'forbidden' });
    expect(snapshot.completeness('support-bundle-specs', 'crewai')).toBe('complete');
    expect(snapshot.completeness('support-bundle-specs')).toMatchObject({ reason: 'forbidden', resource: 'secrets' });
  });

  test('support bundle specs come from secrets and configmaps with either label', async () => {
    const spec = Buffer.from('{"spec":{"collectors":[{"logs":{"namespace":"a"}}]}}');
    const labels = { 'troubleshoot.sh/kind': 'support-bundle' };
    const inSecret = {
      metadata: { name: 's', namespace: 'crewai', labels },
      data: { 'support-bundle-spec': spec.toString('base64') },
    };
    const inMap = {
      metadata: { name: 'm', namespace: 'crewai', labels: { 'troubleshoot.io/kind': 'support-bundle' } },
      data: { 'support-bundle-spec': spec.toString() },
    };
    const api = {
      lists: { ...lists, '/api/v1/secrets': [inSecret, secret('x', 'Opaque')], '/api/v1/configmaps': [inMap] },
    };
    const { snapshot } = await read(api, { reads: ['support-bundle-specs'] });
    expect(snapshot.list('support-bundle-specs')).toMatchObject([
      { kind: 'ConfigMap', metadata: { name: 'm' }, parse: 'ok', namespaces: ['a'] },
      { kind: 'Secret', metadata: { name: 's' }, parse: 'ok', namespaces: ['a'] },
    ]);
  });
});

describe('access reviews', () => {
  const question = (resource: string) => ({
    identity: { user: 'system:serviceaccount:a:b', groups: ['g'] },
    question: { verb: 'get', group: '', resource, namespace: 'n' },
  });

  test.each<[object, string]>([
    [{ allowed: true, reason: 'RBAC: allowed' }, 'allowed'],
    [{ allowed: false }, 'denied'],
    [{ allowed: false, denied: true, evaluationError: 'x' }, 'denied'],
    [{ allowed: false, evaluationError: 'webhook is down' }, 'unknown'],
    [{}, 'unknown'],
  ])('%o is %s', async (answer, expected) => {
    const { snapshot } = await read(
      { lists, review: () => answer },
      { reads: ['access-reviews'], questions: () => [question('pods')] },
    );
    expect(snapshot.list('access-reviews')).toMatchObject([
      { question: { resource: 'pods', namespace: 'n' }, answer: expected },
    ]);
    expect(snapshot.completeness('access-reviews')).toBe('complete');
  });

  test('at most 20 are asked', async () => {
    const questions = Array.from({ length: 30 }, (_, at) => question(`r${at}`));
    const { counts } = await read(
      { lists, review: () => ({ allowed: false }) },
      { reads: ['access-reviews'], questions: () => questions },
    );
    expect(counts.review).toBe(21);
  });

  test('a refusal ends the asking', async () => {
    const { snapshot, counts } = await read(
      { lists },
      { reads: ['access-reviews'], questions: () => [question('a'), question('b'), question('c')] },
    );
    expect(counts.review).toBe(2);
    expect(snapshot.completeness('access-reviews')).toMatchObject({
      reason: 'forbidden',
      grant: { verb: 'create', group: 'authorization.k8s.io', resource: 'subjectaccessreviews' },
    });
  });
});

describe('faults', () => {
  const unauthorized = status(401, 'Unauthorized', 'Unauthorized');

  test('401 from the start is an error that says what to do', async () => {
    const api: FakeApi = {
      intercept: (_, response) => {
        sendJson(response, unauthorized, 401);
        return true;
      },
    };
    await expect(read(api, {})).rejects.toMatchObject({
      exitCode: 4,
      message:
        'cluster "test-cluster" does not accept the credentials of user "oncall": Unauthorized (401); no credentials were sent',
    });
  });

  test('401 on every list is the same error', async () => {
    const api: FakeApi = {
      intercept: (_, response, url) => {
        if (!url.pathname.startsWith('/api/v1')) return false;
        sendJson(response, unauthorized, 401);
        return true;
      },
    };
    await expect(read(api, { reads: ['pods'] })).rejects.toMatchObject({ exitCode: 4 });
  });

  test('401 in mid-run leaves gaps, and no request more', async () => {
    const api: FakeApi = {
      lists,
      intercept: (_, response, url) => {
        if (url.pathname === '/api/v1/namespaces') return false;
        if (!url.pathname.startsWith('/api')) return false;
        if (url.pathname.startsWith('/apis/authentication')) return false;
        sendJson(response, unauthorized, 401);
        return true;
      },
    };
    const { snapshot, asked } = await read(
      api,
      { reads: ['pods', 'services', 'events'] },
      { transport: { concurrency: 1 } },
    );
    expect(snapshot.list('namespaces')).toHaveLength(4);
    for (const resource of ['pods', 'services', 'events'] as const)
      expect(snapshot.completeness(resource)).toMatchObject({
        reason: 'failed',
        http: 401,
        detail: 'unauthorized: Unauthorized',
      });
    expect(asked.length).toBeLessThanOrEqual(4);
  });

  test('a list cut in the middle keeps its first page and says so', async () => {
    const many = Array.from({ length: 600 }, (_, at) => object(`p${at}`, 'crewai'));
    const api: FakeApi = {
      lists: { ...lists, '/api/v1/pods': many },
      intercept: (_, response, url) => {
        if (!url.searchParams.has('continue')) return false;
        response.writeHead(200, { 'content-type': 'application/json', 'content-length': 9999 });
        response.write('{"items":[', () => response.destroy());
        return true;
      },
    };
    const { snapshot } = await read(api, { reads: ['pods'] });
    expect(snapshot.list('pods')).toHaveLength(500);
    expect(snapshot.completeness('pods')).toMatchObject({ resource: 'pods', reason: 'truncated' });
  });

  test.each([
    ['the deadline of the run', 'timed out', { interrupted: false, timedOut: true }],
    ['Ctrl-C', 'interrupted', { interrupted: true, timedOut: false }],
  ])('%s leaves what was read and names the rest', async (who, detail, flags) => {
    const controller = new AbortController();
    const api: FakeApi = {
      lists,
      intercept: (_, __, url) => {
        if (url.pathname !== '/api/v1/services') return false;
        const reason = who === 'Ctrl-C' ? new Error('interrupted') : new DOMException('late', 'TimeoutError');
        setTimeout(() => {
          controller.abort(reason);
        }, 100);
        return true;
      },
    };
    const result = await read(api, { reads: ['pods', 'services'] }, { signal: controller.signal });
    expect(result).toMatchObject(flags);
    expect(result.snapshot.list('pods')).toHaveLength(4);
    expect(result.snapshot.gaps('services')).toEqual([{ resource: 'services', reason: 'failed', detail }]);
  });

  test('a server that answers the version only, and then nothing, is exit 4', async () => {
    const api: FakeApi = {
      intercept: (_, response, url) => {
        if (url.pathname === '/version') return false;
        response.destroy();
        return true;
      },
    };
    await expect(read(api, { reads: ['pods'] })).rejects.toMatchObject({ exitCode: 4, code: 'cluster-unreachable' });
  });

  test('something that is no API server is exit 4', async () => {
    const api: FakeApi = {
      intercept: (_, response) => {
        response.writeHead(200, { 'content-type': 'text/html' });
        response.end('<html>');
        return true;
      },
    };
    await expect(read(api, {})).rejects.toMatchObject({
      exitCode: 4,
      message: expect.stringMatching(/^cannot reach cluster "test-cluster" at .*: answered with HTML/) as string,
    });
  });

  test('interrupted before anything is exit 130', async () => {
    const signal = AbortSignal.abort(new Error('interrupted'));
    await expect(read({ lists }, {}, { signal })).rejects.toMatchObject({ exitCode: 130 });
  });

  test('the identity’s extra, which names the token, goes nowhere', async () => {
    const result = await read({ lists }, { reads: ['pods'] });
    expect(JSON.stringify([result.identity, result.snapshot.origin])).not.toContain('canary');
  });
});
