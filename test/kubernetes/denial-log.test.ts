import { describe, expect, it } from 'vitest';
import { DenialCollector, denialsOf } from '../../src/kubernetes/denial-log.ts';
import { readLine } from '../../src/kubernetes/log-line.ts';
import { CORPUS } from './denial-corpus.ts';

const get = (name: string, namespace = 'a', user = 'u'): string =>
  `secrets "${name}" is forbidden: User "${user}" cannot get resource "secrets" in API group "" in the namespace "${namespace}"`;
const quota = (used: number): string =>
  `pods "p-${String(used)}" is forbidden: exceeded quota: q, requested: pods=1, used: pods=${String(used)}, limited: pods=3`;

describe('equal refusals', () => {
  it('are one, whatever the objects are called, with the number and the first names', () => {
    const { denials, total, left } = denialsOf(['1', '2', '3', '1', '4', '5', '6'].map((name) => get(name)).join('\n'));
    expect(denials).toMatchObject([{ count: 7, names: ['1', '2', '3', '4', '5'], moreNames: true }]);
    expect({ total, left }).toEqual({ total: 7, left: 0 });
  });

  it.each([
    ['user', get('s', 'a', 'v')],
    ['namespace', get('s', 'b')],
    ['verb', get('s').replace('cannot get', 'cannot list')],
    ['resource', get('s').replaceAll('secrets', 'configmaps')],
    ['subresource', get('s').replace('resource "secrets"', 'resource "secrets/x"')],
    ['group', get('s').replace('group ""', 'group "x"')],
    ['scope', get('s').replace('in the namespace "a"', 'at the cluster scope')],
  ])('differ by %s', (_title, other) => {
    expect(denialsOf(`${get('s')}\n${other}`).denials.map(({ count }) => count)).toEqual([1, 1]);
  });

  it('no two of the corpus are one by mistake', () => {
    // Refused to the same by the same: what differs is only said about it.
    const same = new Set(['without API group', 'a dangling role', 'a pull secret that the account does not list']);
    const rows = CORPUS.filter(({ title }) => !same.has(title));
    expect(denialsOf(rows.map(({ text }) => text).join('\n--\n')).denials).toHaveLength(rows.length);
  });

  it('keep the latest numbers of a quota', () => {
    const { denials } = denialsOf([1, 2, 3].map(quota).join('\n'));
    expect(denials).toMatchObject([{ count: 3, denial: { used: { pods: '3' } } }]);
  });

  it('keep what is said about missing roles', () => {
    const dangling = `${get('s')}: RBAC: role.rbac.authorization.k8s.io "r" not found`;
    const { denials } = denialsOf(`${get('s')}\n${dangling}\n${get('s')}`);
    expect(denials).toMatchObject([{ count: 3, denial: { danglingRoles: [{ kind: 'Role', name: 'r' }] } }]);
  });

  it('come with the most frequent first, else in order', () => {
    const text = [get('s', 'x'), get('s', 'b'), get('s', 'c'), get('s', 'c')].join('\n');
    expect(denialsOf(text).denials.map(({ denial }) => 'namespace' in denial && denial.namespace)).toEqual([
      'c',
      'x',
      'b',
    ]);
  });

  it('are counted when there are too many different ones', () => {
    const collector = new DenialCollector(2);
    collector.push(['a', 'b', 'c', 'c', 'a', 'd'].map((namespace) => get('s', namespace)).join('\n'));
    expect(collector.end()).toMatchObject({ total: 6, left: 3, denials: [{ count: 2 }, { count: 1 }] });
  });

  it('pulls differ by repository, not by tag', () => {
    const pull = (image: string): string => `Failed to pull image "${image}": unexpected status: 403 Forbidden`;
    const images = ['r.io/a:1', 'r.io/a:2', 'r.io:5000/a@sha256:0', 'r.io:5000/a'];
    expect(denialsOf(images.map(pull).join('\n')).denials.map(({ count }) => count)).toEqual([2, 2]);
  });
});

describe('times', () => {
  it('are the earliest and the latest that lines say, in any order', () => {
    const text = [
      `2026-11-20T09:42:00Z ${get('s')}`,
      get('s'),
      `2026-11-20T10:41:00.5+01:00 ${get('s')}`,
      JSON.stringify({ level: 'error', msg: get('s'), ts: '2026-11-20T09:59:59Z' }),
    ].join('\n');
    expect(denialsOf(text).denials).toMatchObject([
      { count: 4, firstAt: '2026-11-20T09:41:00.500Z', lastAt: '2026-11-20T09:59:59Z' },
    ]);
  });

  it.each([
    ['RFC 3339', '2026-11-20T09:41:00Z ', '', '2026-11-20T09:41:00Z'],
    [
      'kubectl logs --prefix --timestamps',
      '[pod/p/c] 2026-11-20T09:41:00.123456789Z E1 ',
      '',
      '2026-11-20T09:41:00.123Z',
    ],
    ['an offset without colon', 'time=2026-11-20T09:41:00+0000 msg="', '"', '2026-11-20T09:41:00Z'],
    ['logfmt', 'time="2026-11-20T09:41:00Z" level=error msg="', '"', '2026-11-20T09:41:00Z'],
    ['JSON after the message', '{"msg":"', '","time":"2026-11-20T09:41:00Z"}', '2026-11-20T09:41:00Z'],
    ['JSON in JSON', '{"log":"{\\"ts\\":\\"2026-11-20T09:41:00Z\\",\\"msg\\":\\"', '', '2026-11-20T09:41:00Z'],
    ['zap, seconds', '{"level":"error","ts":1795167660.25,"msg":"', '"}', '2026-11-20T09:41:00.250Z'],
    ['milliseconds', '{"ts":1795167660250,"msg":"', '"}', '2026-11-20T09:41:00.250Z'],
    ['klog, which has no year', 'I1120 09:41:00.123456       1 x.go:1] ', '', undefined],
    ['no zone', '2026-11-20 09:41:00,123 ERROR ', '', undefined],
    ['a time in the message that is not its own', '', ' certificate expired 2026-11-20T09:41:00Z', undefined],
    ['a field that only ends like one', '{"runtime":1795167660,"msg":"', '"}', undefined],
    ['no time', '{"ts":99999999999999999999,"msg":"', '"}', undefined],
    ['no day', '2026-99-99T09:41:00Z ', '', undefined],
  ])('%s', (_title, before, after, at) => {
    expect(readLine(before, after).at).toBe(at);
  });
});

it.each([
  ['3s (x31 over 5m)   Warning   FailedCreate   replicaset/x   Error creating: ', 31],
  ['  Warning  FailedCreate  5m (x7 over 2d3h)  replicaset-controller  ', 7],
  ['a (x0 over 3s) ', 1],
  ['(x over 3s) ', 1],
  ['', 1],
])('counts what kubectl counts: %s', (before, count) => {
  expect(readLine(before, '').count).toBe(count);
  expect(denialsOf(`${before}${get('s')}`).total).toBe(count);
});
