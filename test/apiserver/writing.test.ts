import { afterEach, describe, expect, it } from 'vitest';
import type { ApiServerOptions } from '../../src/apiserver/options.ts';
import { createApiServer, type ApiServer } from '../../src/apiserver/server.ts';
import type { KubeObject } from '../../src/model/object.ts';

const TOKENS = { admin: { user: 'admin', groups: ['system:masters'] }, ann: { user: 'ann', groups: ['devs'] } };
const RBAC = 'rbac.authorization.k8s.io/v1';
const servers: ApiServer[] = [];

afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()));
});

const object = (kind: string, name: string, more: object = {}, apiVersion = 'v1'): KubeObject => ({
  apiVersion,
  kind,
  metadata: { name, ...(kind === 'Namespace' ? {} : { namespace: 'a' }) },
  ...more,
});

async function serve(objects: readonly KubeObject[] = [], options: ApiServerOptions = {}): Promise<ApiServer> {
  const server = createApiServer({
    objects: [object('Namespace', 'a'), ...objects],
    tokens: TOKENS,
    writable: true,
    ...options,
  });
  servers.push(server);
  await server.listen();
  return server;
}

interface Asked {
  readonly body?: unknown;
  readonly type?: string;
  readonly token?: string;
  readonly headers?: Record<string, string>;
}

async function ask(server: ApiServer, method: string, path: string, asked: Asked = {}): Promise<Answered> {
  const { body, type = 'application/json', token = 'admin', headers = {} } = asked;
  const answer = await fetch(`${server.url}${path}`, {
    method,
    headers: { ...(token ? { authorization: `Bearer ${token}` } : {}), 'content-type': type, ...headers },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await answer.text();
  return { code: answer.status, body: (text.startsWith('{') ? JSON.parse(text) : text) as never };
}

interface Answered {
  code: number;
  body: KubeObject & Record<string, unknown> & { message: string; reason: string; details: unknown; status: never };
}

const MAPS = '/api/v1/namespaces/a/configmaps';
const JSON_PATCH = 'application/json-patch+json';
const MERGE = 'application/merge-patch+json';
const STRATEGIC = 'application/strategic-merge-patch+json';
const APPLY = 'application/apply-patch+yaml';
const map = (data: Record<string, string>, more: object = {}): KubeObject =>
  object('ConfigMap', 'm', { data, ...more });

describe('writes', () => {
  it('are refused by a read-only server, reviews are not', async () => {
    const server = await serve([], { writable: false });
    const body = map({});
    expect(await ask(server, 'POST', MAPS, { body })).toMatchObject({
      code: 405,
      body: { reason: 'MethodNotAllowed' },
    });
    const review = { spec: { resourceAttributes: { verb: 'get', resource: 'pods', namespace: 'a' } } };
    const path = '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews';
    expect(await ask(server, 'POST', path, { body: review })).toMatchObject({
      code: 201,
      body: { status: { allowed: true } },
    });
  });

  it('that only rehearse leave no trace', async () => {
    const server = await serve([map({ k: 'v' })]);
    const before = await ask(server, 'GET', `${MAPS}/m`);
    const dry = '?dryRun=All';
    expect((await ask(server, 'POST', MAPS + dry, { body: object('ConfigMap', 'n') })).code).toBe(201);
    const patched = await ask(server, 'PATCH', `${MAPS}/m${dry}`, { type: MERGE, body: { data: { k: 'w' } } });
    expect(patched).toMatchObject({ code: 200, body: { data: { k: 'w' } } });
    expect((await ask(server, 'DELETE', `${MAPS}/m${dry}`)).code).toBe(200);
    expect(await ask(server, 'GET', `${MAPS}/m`)).toEqual(before);
    expect((await ask(server, 'GET', `${MAPS}/n`)).code).toBe(404);
  });

  it('that change nothing spend no version', async () => {
    const server = await serve([map({ k: 'v' })]);
    const before = await ask(server, 'GET', `${MAPS}/m`);
    await ask(server, 'PATCH', `${MAPS}/m`, { type: MERGE, body: { data: { k: 'v' } } });
    expect((await ask(server, 'GET', `${MAPS}/m`)).body.metadata.resourceVersion).toBe(
      before.body.metadata.resourceVersion,
    );
  });

  it.each([
    [
      'replaces',
      [
        { op: 'test', path: '/data/k', value: 'v' },
        { op: 'replace', path: '/data/k', value: 'w' },
      ],
      { k: 'w', 'a/b': 'c' },
    ],
    [
      'adds and removes',
      [
        { op: 'add', path: '/data/n', value: 'x' },
        { op: 'remove', path: '/data/a~1b' },
      ],
      { k: 'v', n: 'x' },
    ],
    [
      'copies and moves',
      [
        { op: 'copy', from: '/data/k', path: '/data/c' },
        { op: 'move', from: '/data/k', path: '/data/m' },
      ],
      { c: 'v', m: 'v', 'a/b': 'c' },
    ],
    [
      'refuses a failed test',
      [
        { op: 'test', path: '/data/k', value: 'x' },
        { op: 'remove', path: '/data/k' },
      ],
      undefined,
    ],
    ['refuses a missing path', [{ op: 'replace', path: '/data/none', value: 'x' }], undefined],
  ])('by JSON patch: %s', async (_what, body, data) => {
    const server = await serve([map({ k: 'v', 'a/b': 'c' })]);
    const { code } = await ask(server, 'PATCH', `${MAPS}/m`, { type: JSON_PATCH, body });
    expect(code).toBe(data ? 200 : 422);
    expect((await ask(server, 'GET', `${MAPS}/m`)).body.data).toEqual(data ?? { k: 'v', 'a/b': 'c' });
  });

  it('by merge patch replace lists, by strategic merge patch merge those with a key', async () => {
    const account = object('ServiceAccount', 's', { imagePullSecrets: [{ name: 'one' }] });
    const path = '/api/v1/namespaces/a/serviceaccounts/s';
    const server = await serve([account]);
    const body = { imagePullSecrets: [{ name: 'two' }] };
    const both = await ask(server, 'PATCH', path, { type: STRATEGIC, body });
    expect(both.body.imagePullSecrets).toEqual([{ name: 'one' }, { name: 'two' }]);
    const one = await ask(server, 'PATCH', path, { type: MERGE, body });
    expect(one.body.imagePullSecrets).toEqual([{ name: 'two' }]);
    const nested = { imagePullSecrets: [{ name: 'two', $patch: 'delete' }] };
    expect((await ask(server, 'PATCH', path, { type: STRATEGIC, body: nested })).code).toBe(501);
  });

  it('by PUT need the object, its name and a version that is not stale', async () => {
    const server = await serve([map({ k: 'v' })]);
    const put = async (name: string, body: unknown): Promise<number> =>
      (await ask(server, 'PUT', `${MAPS}/${name}`, { body })).code;
    const stale = { ...map({ k: 'x' }), metadata: { name: 'm', resourceVersion: '1' } };
    expect(await put('none', object('ConfigMap', 'none'))).toBe(404);
    expect(await put('m', object('ConfigMap', 'other'))).toBe(400);
    expect(await put('m', stale)).toBe(409);
    expect(await put('m', { ...stale, metadata: { name: 'm', uid: 'other' } })).toBe(409);
    expect(await put('m', map({ k: 'w' }))).toBe(200);
    const { body } = await ask(server, 'GET', `${MAPS}/m`);
    expect(body).toMatchObject({
      data: { k: 'w' },
      metadata: { uid: expect.stringMatching(/^[0-9a-f-]{36}$/) as string },
    });
  });

  it('tell when and by whom a field was last written', async () => {
    let now = '2026-11-20T10:00:00Z';
    const server = await serve([], { now: () => new Date(now) });
    await ask(server, 'POST', MAPS, { body: map({ a: '1', b: '1' }), headers: { 'user-agent': 'kubectl/1.36' } });
    now = '2026-11-20T11:00:00Z';
    const path = `${MAPS}/m?fieldManager=fixer`;
    const { body } = await ask(server, 'PATCH', path, { type: MERGE, body: { data: { a: '2' } } });
    expect((body.metadata as unknown as { managedFields: unknown }).managedFields).toEqual([
      expect.objectContaining({
        manager: 'kubectl',
        time: '2026-11-20T10:00:00Z',
        fieldsV1: { 'f:data': { 'f:b': {} } },
      }),
      expect.objectContaining({
        manager: 'fixer',
        time: '2026-11-20T11:00:00Z',
        fieldsV1: { 'f:data': { 'f:a': {} } },
      }),
    ]);
  });

  it('by apply meet the fields of others, and take their own back', async () => {
    const server = await serve([]);
    await ask(server, 'POST', `${MAPS}?fieldManager=other`, { body: map({ a: '1', b: '1' }) });
    const path = `${MAPS}/m?fieldManager=me`;
    const apply = (data: Record<string, string>, query = ''): Promise<Answered> =>
      ask(server, 'PATCH', path + query, { type: APPLY, body: map(data) });
    expect((await apply({ a: '2', b: '2' })).body.message).toBe(
      'Apply failed with 2 conflicts: conflicts with "other" using v1:\n- .data.a\n- .data.b',
    );
    expect((await apply({ c: '3', a: '1' })).body.data).toEqual({ a: '1', b: '1', c: '3' });
    expect((await apply({ a: '1' })).body.data).toEqual({ a: '1', b: '1' });
    expect((await apply({ b: '9' }, '&force=true')).body.data).toEqual({ a: '1', b: '9' });
    const pod = { ...object('Pod', 'p'), spec: {} };
    const other = await ask(server, 'PATCH', '/api/v1/namespaces/a/pods/p?fieldManager=me', { type: APPLY, body: pod });
    expect(other.code).toBe(501);
  });

  it('delete only what the preconditions mean', async () => {
    const server = await serve([map({})]);
    const { uid, resourceVersion } = (await ask(server, 'GET', `${MAPS}/m`)).body.metadata;
    const remove = async (preconditions: object): Promise<number> =>
      (await ask(server, 'DELETE', `${MAPS}/m`, { body: { preconditions } })).code;
    expect(await remove({ uid: 'x' })).toBe(409);
    expect(await remove({ uid, resourceVersion: '1' })).toBe(409);
    expect(await remove({ uid, resourceVersion })).toBe(200);
    expect(await remove({})).toBe(404);
  });

  it('delete for real where only the query says dry run and there is a body', async () => {
    const server = await serve([map({})]);
    const remove = async (query: string, body?: object): Promise<number> => {
      await ask(server, 'DELETE', `${MAPS}/m${query}`, body ? { body } : {});
      return (await ask(server, 'GET', `${MAPS}/m`)).code;
    };
    expect(await remove('?dryRun=All')).toBe(200);
    expect(await remove('', { dryRun: ['All'] })).toBe(200);
    expect(await remove('?dryRun=All', { kind: 'DeleteOptions', apiVersion: 'v1' })).toBe(404);
  });

  it('leave out maps that became empty', async () => {
    const server = await serve([{ ...map({}), metadata: { ...map({}).metadata, labels: { a: '1' } } }]);
    const patch = (body: object): Promise<Answered> =>
      ask(server, 'PATCH', `${MAPS}/m`, { type: 'application/json-patch+json', body });
    expect((await patch([{ op: 'remove', path: '/metadata/labels/a' }])).body.metadata).not.toHaveProperty('labels');
    expect((await patch([{ op: 'add', path: '/metadata/labels/a', value: '1' }])).code).toBe(422);
  });

  it('delete a namespace with what is in it, unless a finalizer holds something', async () => {
    const held = object('ConfigMap', 'held');
    const server = await serve([map({}), { ...held, metadata: { ...held.metadata, finalizers: ['x.io/hold'] } }]);
    const first = await ask(server, 'DELETE', '/api/v1/namespaces/a');
    expect(first).toMatchObject({ code: 200, body: { status: { phase: 'Terminating' } } });
    expect((await ask(server, 'GET', `${MAPS}/m`)).code).toBe(404);
    expect((await ask(server, 'GET', '/api/v1/namespaces/a')).code).toBe(200);
    server.store.put(object('ConfigMap', 'held'));
    await ask(server, 'DELETE', '/api/v1/namespaces/a');
    expect((await ask(server, 'GET', '/api/v1/namespaces/a')).code).toBe(404);
  });

  it('give Secrets their stringData as data, and generated names', async () => {
    const server = await serve([]);
    const body = { ...object('Secret', ''), metadata: { generateName: 's-' }, stringData: { k: 'v' } };
    const { body: made } = await ask(server, 'POST', '/api/v1/namespaces/a/secrets', { body });
    expect(made).toMatchObject({ type: 'Opaque', data: { k: 'dg==' } });
    expect(made.metadata.name).toMatch(/^s-[a-z0-9]{5}$/);
    expect(made).not.toHaveProperty('stringData');
  });

  it.each([
    ['GET', '/api/v1/pods?watch=1', 405],
    ['DELETE', MAPS, 501],
    ['POST', '/api/v1/namespaces/a/pods/p/exec', 501],
    ['GET', '/apis/events.k8s.io/v1/events', 501],
    ['GET', '/api/v1/namespaces/a/namespaces', 404],
    ['GET', '/api/v1/namespaces/a/nodes', 404],
    ['POST', '/api', 405],
    ['GET', '/api/v1/%zz', 400],
    ['GET', '/healthz', 200],
  ])('%s %s answers %i, not something made up', async (method, path, code) => {
    const server = await serve([object('Pod', 'p')]);
    expect((await ask(server, method, path)).code).toBe(code);
  });
});

const role = (name: string, rules: readonly object[]): KubeObject => object('Role', name, { rules }, RBAC);
const binding = (roleName: string, user: string, kind = 'Role'): KubeObject => {
  const subjects = [{ kind: 'User', name: user }];
  return object('RoleBinding', `${roleName}-${user}`, { roleRef: { kind, name: roleName }, subjects }, RBAC);
};
const rule = (verbs: string, group: string, resources: string, names?: string[]): object => ({
  verbs: verbs.split(','),
  apiGroups: [group],
  resources: resources.split(','),
  ...(names ? { resourceNames: names } : {}),
});

const GRANT = rule('create', 'rbac.authorization.k8s.io', 'roles,rolebindings');

describe('escalation', () => {
  it.each([
    ['rules not held', [], [rule('get', '', 'secrets')], 403],
    [
      'rules held, in three rules',
      ['get', 'list', 'watch'].map((verb) => rule(verb, '', 'pods')),
      [rule('get,list,watch', '', 'pods')],
      201,
    ],
    ['a wider name', [rule('get', '', 'secrets', ['x'])], [rule('get', '', 'secrets')], 403],
    ['escalate', [rule('escalate', 'rbac.authorization.k8s.io', 'roles')], [rule('*', '*', '*')], 201],
  ])('of a Role with %s', async (_what, held, wanted, code) => {
    const server = await serve([role('mine', [GRANT, ...held]), binding('mine', 'ann')]);
    const path = '/apis/rbac.authorization.k8s.io/v1/namespaces/a/roles?dryRun=All';
    expect((await ask(server, 'POST', path, { body: role('new', wanted), token: 'ann' })).code).toBe(code);
  });

  it.each([
    ['not held', [], 'big', 403],
    ['missing', [], 'ghost', 404],
    ['that may be bound', [rule('bind', 'rbac.authorization.k8s.io', 'roles', ['big'])], 'big', 201],
  ])('of a RoleBinding to a role %s', async (_what, held, name, code) => {
    const big = role('big', [rule('*', '', 'secrets')]);
    const server = await serve([role('mine', [GRANT, ...held]), binding('mine', 'ann'), big]);
    const path = '/apis/rbac.authorization.k8s.io/v1/namespaces/a/rolebindings';
    expect((await ask(server, 'POST', path, { body: binding(name, 'bob'), token: 'ann' })).code).toBe(code);
  });
});

describe('identities', () => {
  it('nobody in particular is system:anonymous, and RBAC follows every write', async () => {
    const server = await serve([role('mine', [rule('list', '', 'pods')])]);
    const list = (token: string): Promise<Answered> => ask(server, 'GET', '/api/v1/namespaces/a/pods', { token });
    expect((await list('')).body.message).toContain('User "system:anonymous" cannot list resource "pods"');
    expect((await list('ann')).code).toBe(403);
    const path = '/apis/rbac.authorization.k8s.io/v1/namespaces/a/rolebindings';
    expect((await ask(server, 'POST', path, { body: binding('mine', 'ann') })).code).toBe(201);
    expect((await list('ann')).code).toBe(200);
    expect((await ask(server, 'DELETE', `${path}/mine-ann`)).code).toBe(200);
    expect((await list('ann')).code).toBe(403);
  });

  it('impersonation needs permission, brings the groups of its user and shows in the log', async () => {
    const server = await serve([]);
    const review = '/apis/authentication.k8s.io/v1/selfsubjectreviews';
    const as = { 'impersonate-user': 'bob', 'impersonate-group': 'devs' };
    const { body } = await ask(server, 'POST', review, { body: {}, headers: as });
    expect(body.code).toBe(403);
    const account = { 'impersonate-user': 'system:serviceaccount:a:s' };
    const cluster = { verbs: ['create'], apiGroups: ['authentication.k8s.io'], resources: ['selfsubjectreviews'] };
    server.store.put({
      apiVersion: RBAC,
      kind: 'ClusterRole',
      metadata: { name: 'self' },
      rules: [cluster],
    } as KubeObject);
    server.store.put({
      apiVersion: RBAC,
      kind: 'ClusterRoleBinding',
      metadata: { name: 'self' },
      roleRef: { kind: 'ClusterRole', name: 'self' },
      subjects: [{ kind: 'Group', name: 'system:authenticated' }],
    } as KubeObject);
    const allowed = await ask(server, 'POST', review, { body: {}, headers: account });
    expect(allowed.body.status).toEqual({
      userInfo: {
        username: 'system:serviceaccount:a:s',
        groups: ['system:serviceaccounts', 'system:serviceaccounts:a', 'system:authenticated'],
      },
    });
    expect(server.requests.at(-1)?.userName).toBe('system:serviceaccount:a:s');
    expect((await ask(server, 'POST', review, { body: {}, headers: account, token: 'ann' })).code).toBe(403);
    expect((await ask(server, 'POST', review, { body: {}, headers: { 'impersonate-group': 'g' } })).code).toBe(400);
  });

  it.each([
    ['selfsubjectrulesreviews', { spec: {} }, 400],
    ['selfsubjectaccessreviews', { spec: {} }, 422],
    ['subjectaccessreviews', { spec: { resourceAttributes: { verb: 'get', resource: 'pods' } } }, 422],
    [
      'namespaces/a/localsubjectaccessreviews',
      { spec: { user: 'u', resourceAttributes: { namespace: 'b', verb: 'get' } } },
      422,
    ],
    [
      'namespaces/a/localsubjectaccessreviews',
      { spec: { user: 'u', resourceAttributes: { namespace: 'a', verb: 'get' } } },
      201,
    ],
    ['selfsubjectaccessreviews', { spec: { nonResourceAttributes: { verb: 'get', path: '/metrics' } } }, 201],
  ])('%s of %j answers %i', async (resource, body, code) => {
    const server = await serve([]);
    expect((await ask(server, 'POST', `/apis/authorization.k8s.io/v1/${resource}`, { body })).code).toBe(code);
  });
});

describe('logs', () => {
  const spec = { nodeName: 'n', containers: [{ name: 'web' }] };
  const pod = (name: string, more: object): KubeObject => object('Pod', name, { spec, ...more });
  const pods = [
    pod('p', {}),
    pod('timed', {}),
    pod('two', { spec: { nodeName: 'n', containers: [{ name: 'x' }, { name: 'y' }] } }),
    pod('waits', {
      status: { containerStatuses: [{ name: 'web', state: { waiting: { reason: 'ImagePullBackOff' } } }] },
    }),
  ];
  it.each([
    ['p/log', 200, 'one\ntwo\nthree\n'],
    ['p/log?tailLines=2', 200, 'two\nthree\n'],
    ['p/log?tailLines=2&limitBytes=3', 200, 'two'],
    ['p/log?previous=true', 200, 'before\n'],
    ['timed/log', 200, 'old\nnew\n'],
    ['timed/log?timestamps=true', 200, '2026-11-20T08:00:00Z old\n2026-11-20T09:30:00.5Z new\n'],
    ['timed/log?sinceSeconds=3600', 200, 'new\n'],
    ['timed/log?sinceTime=2026-11-20T09:00:00Z&timestamps=true', 200, '2026-11-20T09:30:00.5Z new\n'],
    ['two/log', 400, 'a container name must be specified for pod two, choose one of: [x y]'],
    ['p/log?container=x', 400, 'container x is not valid for pod p'],
    ['waits/log', 400, 'container "web" in pod "waits" is waiting to start: trying and failing to pull image'],
    ['waits/log?previous=true', 400, 'previous terminated container "web" in pod "waits" not found'],
    [
      'p/log?follow=true',
      501,
      'the log option follow is not supported by the in-process API server of kubectl-crewiso',
    ],
  ])('%s', async (path, code, text) => {
    const timed = '2026-11-20T08:00:00Z old\n2026-11-20T09:30:00.5Z new\n';
    const logs = { 'a/p/web': 'one\ntwo\nthree\n', 'a/p/web/previous': 'before\n', 'a/timed/web': timed };
    const server = await serve(pods, { logs, now: () => new Date('2026-11-20T10:00:00Z') });
    const answer = await ask(server, 'GET', `/api/v1/namespaces/a/pods/${path}`);
    expect([answer.code, code === 200 ? answer.body : answer.body.message]).toEqual([code, text]);
  });
});
