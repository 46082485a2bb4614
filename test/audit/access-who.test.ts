import { describe, expect, it } from 'vitest';
import { ruleAllows } from '../../src/kubernetes/rbac-rules.ts';
import { createRuleMatcher } from '../../src/kubernetes/rule-matcher.ts';
import { bound, granted, who } from '../support/access.ts';
import { documents } from '../support/events.ts';
import type { Scenario } from '../support/scenario.ts';

const SECRETS = '{verbs: [get], apiGroups: [""], resources: [secrets]}';
const T = 'crewai-org-1';
const USER = '{kind: User, name: anna}';

const listed = (scenario: Scenario, words: string): readonly string[] =>
  who(scenario, words).holders.map(
    ({ standing, subject, grants }) =>
      `${standing} ${subject}: ${grants.map(({ namespaces }) => namespaces?.join(' ') ?? 'everywhere').join('; ')}`,
  );

describe('who may get secrets', () => {
  it.each<[string, string, readonly string[]]>([
    [
      'an account of the namespace',
      granted(T, 'r', `{kind: ServiceAccount, name: x}`, SECRETS),
      [`tenant ServiceAccount ${T}/x: ${T}`],
    ],
    [
      'an account of another tenant',
      granted(T, 'r', '{kind: ServiceAccount, name: x, namespace: crewai-org-2}', SECRETS),
      [`outside ServiceAccount crewai-org-2/x: ${T}`],
    ],
    [
      'an account that is spelled as a user',
      granted(T, 'r', '{kind: User, name: "system:serviceaccount:crewai-org-2:x"}', SECRETS),
      [`outside ServiceAccount crewai-org-2/x: ${T}`],
    ],
    ['a user', granted(T, 'r', USER, SECRETS), [`outside User anna: ${T}`]],
    ['a user everywhere', granted(undefined, 'r', USER, SECRETS), ['outside User anna: everywhere']],
    [
      'all accounts of the namespace',
      granted(T, 'r', `{kind: Group, name: "system:serviceaccounts:${T}"}`, SECRETS),
      [`tenant Group system:serviceaccounts:${T}: ${T}`],
    ],
    [
      'all accounts',
      granted(T, 'r', '{kind: Group, name: "system:serviceaccounts"}', SECRETS),
      [`outside Group system:serviceaccounts: ${T}`],
    ],
    [
      'everybody',
      granted(T, 'r', '{kind: Group, name: "system:authenticated"}', SECRETS),
      [`outside Group system:authenticated: ${T}`],
    ],
    [
      'a controller',
      granted(undefined, 'r', '{kind: ServiceAccount, name: gc, namespace: kube-system}', SECRETS),
      ['system ServiceAccount kube-system/gc: everywhere'],
    ],
    [
      'the scheduler',
      granted(undefined, 'r', '{kind: User, name: "system:kube-scheduler"}', SECRETS),
      ['system User system:kube-scheduler: everywhere'],
    ],
    ['nobody, by a kind that is none', granted(T, 'r', '{kind: Robot, name: x}', SECRETS), []],
    ['nobody, without a namespace', granted(undefined, 'r', '{kind: ServiceAccount, name: x}', SECRETS), []],
    ['nobody, by a role that is gone', bound(T, 'r', USER, '{kind: Role, name: gone}'), []],
    ['nobody, by another verb', granted(T, 'r', USER, '{verbs: [list], apiGroups: [""], resources: [secrets]}'), []],
  ])('%s', (_, text, expected) => {
    const platform = `platform ServiceAccount crewai/crewai-sa: ${T} crewai-org-2`;
    const sorted = [
      ...expected.filter((line) => line.startsWith('outside')),
      platform,
      ...expected.filter((line) => !line.startsWith('outside')),
    ];
    expect(listed({ with: text }, 'get secrets')).toEqual(sorted);
  });

  it('one subject once, with all its bindings', () => {
    const text = documents(
      granted(T, 'r', USER, SECRETS),
      bound('crewai-org-2', 'r', USER, '{kind: ClusterRole, name: r}'),
      granted(undefined, 'wide', USER, SECRETS),
    );
    const [anna] = who({ with: text }, 'get secrets').holders;
    expect(anna?.grants).toEqual([
      expect.objectContaining({ kind: 'ClusterRoleBinding', name: 'wide' }),
      expect.objectContaining({ kind: 'RoleBinding', name: 'r', namespaces: [T, 'crewai-org-2'] }),
    ]);
  });

  it('an account is outside where it is not at home', () => {
    const x = '{kind: ServiceAccount, name: x, namespace: crewai-org-1}';
    const text = documents(granted(T, 'r', x, SECRETS), bound('crewai-org-2', 'r', x, '{kind: ClusterRole, name: r}'));
    expect(listed({ with: text }, 'get secrets')).toEqual([
      `outside ServiceAccount ${T}/x: crewai-org-2`,
      `platform ServiceAccount crewai/crewai-sa: ${T} crewai-org-2`,
      `tenant ServiceAccount ${T}/x: ${T}`,
    ]);
  });

  it('groups say who is in them', () => {
    const group = (name: string): string => granted(T, 'r', `{kind: Group, name: "${name}"}`, SECRETS);
    const members = (name: string): string | undefined =>
      who({ with: group(name) }, 'get secrets').holders.find(({ subject }) => subject === `Group ${name}`)?.members;
    expect(members(`system:serviceaccounts:${T}`)).toBe(`every ServiceAccount of ${T}, now 1 account`);
    expect(members('system:serviceaccounts')).toMatch(/^every ServiceAccount of every namespace, now \d+ accounts$/);
    expect(members('system:authenticated')).toContain('everybody');
    expect(members('devs')).toBeUndefined();
  });

  it('--outside-tenant leaves out who is at home', () => {
    const text = granted(T, 'r', `{kind: ServiceAccount, name: x}`, SECRETS);
    const { holders } = who({ with: text }, 'get secrets', { outsideOnly: true });
    expect(holders.map(({ standing }) => standing)).toEqual(['platform']);
  });

  it('what has no namespace is granted by ClusterRoleBindings alone', () => {
    const nodes = '{verbs: [get], apiGroups: [""], resources: [nodes]}, {verbs: [get], nonResourceURLs: [/metrics]}';
    const text = documents(
      granted(T, 'in', USER, nodes),
      granted(undefined, 'wide', '{kind: User, name: bert}', nodes),
    );
    expect(listed({ with: text }, 'get nodes')).toEqual(['outside User bert: everywhere']);
    expect(listed({ with: text }, 'get /metrics')).toEqual(['outside User bert: everywhere']);
  });
});

it('what could not be seen makes the answer incomplete', () => {
  const rolebindings = 'rolebindings.rbac.authorization.k8s.io';
  const { code, document } = who({ faults: [{ resource: rolebindings, namespace: T }] }, 'get secrets');
  expect([code, document.gaps]).toEqual([3, [expect.objectContaining({ resource: rolebindings, namespace: T })]]);
  expect(who({}, 'get secrets').code).toBe(0);
});

it('a thousand organizations take no more looks at rules than two', () => {
  const callsFor = (orgs: number): number => {
    let calls = 0;
    const matcher = createRuleMatcher((...given) => {
      calls += 1;
      return ruleAllows(...given);
    });
    const base = { orgs: Array.from({ length: orgs }, (_, index) => index + 1), crewsPerOrg: 0 };
    const { holders } = who({ base }, 'get secrets', { matcher });
    expect(holders.flatMap(({ grants }) => grants.flatMap(({ namespaces }) => namespaces ?? []))).toHaveLength(orgs);
    return calls;
  };
  const few = callsFor(2);
  expect(few).toBeGreaterThan(0);
  expect(callsFor(1000)).toBe(few);
});
