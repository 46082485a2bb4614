import { describe, expect, it } from 'vitest';
import { accessMatrix, matrixQuestions } from '../../src/audit/access-matrix.ts';
import { ruleAllows } from '../../src/kubernetes/rbac-rules.ts';
import { createRuleMatcher } from '../../src/kubernetes/rule-matcher.ts';
import type { MatrixRow } from '../../src/model/access-document.ts';
import { withListing } from '../../src/model/snapshot.ts';
import { bound, granted, matrix } from '../support/access.ts';
import { platformOf, snapshotOf, type Scenario } from '../support/scenario.ts';

const ACCOUNT = '{kind: ServiceAccount, name: crewai-sa, namespace: crewai}';
const rbac = (resource: string) => `${resource}.rbac.authorization.k8s.io` as 'roles.rbac.authorization.k8s.io';

const rowsOf = (rows: readonly MatrixRow[]): readonly (readonly [string, string])[] =>
  rows.map((row) => [row.namespaces.join(' '), row.cells.map(({ state }) => state.charAt(0)).join('')]);

describe('rows', () => {
  it.each<[string, Scenario, readonly (readonly [string, string])[], number]>([
    [
      'all is well',
      { base: { orgs: [1, 2] } },
      [
        ['crewai-org-1 crewai-org-2', 'aaaaaaa'],
        ['crewai', 'aaaaaaa'],
      ],
      0,
    ],
    [
      'no binding',
      { base: { orgs: [1, 2, 3] }, without: ['RoleBinding/crewai-org-2/crewai-sa-edit'] },
      [
        ['crewai-org-1 crewai-org-3', 'aaaaaaa'],
        ['crewai-org-2', 'nnnnnnn'],
        ['crewai', 'aaaaaaa'],
      ],
      1,
    ],
    [
      'a role that forgets Deployments',
      {
        base: { orgs: [1] },
        with: granted(
          'crewai-org-1',
          'crewai-sa-edit',
          ACCOUNT,
          '{verbs: ["*"], apiGroups: ["", batch], resources: ["*"]}',
        ),
      },
      [
        ['crewai-org-1', 'naapaaa'],
        ['crewai', 'aaaaaaa'],
      ],
      1,
    ],
    [
      'automatic mode',
      { base: { orgs: [1, 2], mode: 'auto' } },
      [
        ['crewai-org-1 crewai-org-2', 'aaaaaaa'],
        ['crewai', 'aaaaaaa'],
      ],
      0,
    ],
    [
      'bindings that cannot be seen in one namespace',
      { base: { orgs: [1, 2] }, faults: [{ resource: rbac('rolebindings'), namespace: 'crewai-org-2' }] },
      [
        ['crewai-org-1', 'aaaaaaa'],
        ['crewai-org-2', 'uuuuuuu'],
        ['crewai', 'aaaaaaa'],
      ],
      3,
    ],
    [
      'files that may leave things out prove what is there',
      { base: { orgs: [1] }, completeness: 'none' },
      [
        ['crewai-org-1', 'aaaaaaa'],
        ['crewai', 'aaaaaaa'],
      ],
      3,
    ],
    [
      'missing and unseen: missing decides',
      {
        base: { orgs: [1, 2] },
        without: ['RoleBinding/crewai-org-1/crewai-sa-edit'],
        faults: [{ resource: rbac('rolebindings'), namespace: 'crewai-org-2' }],
      },
      [
        ['crewai-org-1', 'nnnnnnn'],
        ['crewai-org-2', 'uuuuuuu'],
        ['crewai', 'aaaaaaa'],
      ],
      1,
    ],
    ['one organization', { base: { orgs: [1, 2] }, settings: { orgs: ['2'] } }, [['crewai-org-2', 'aaaaaaa']], 0],
  ])('%s', (_, scenario, rows, code) => {
    const found = matrix(scenario);
    expect([rowsOf(found.rows), found.code]).toEqual([rows, code]);
  });

  it('say through which binding, and its name only where all agree', () => {
    const renamed = bound('crewai-org-2', 'other-name', ACCOUNT, '{kind: ClusterRole, name: edit}');
    const scenario: Scenario = {
      base: { orgs: [1, 2] },
      without: ['RoleBinding/crewai-org-2/crewai-sa-edit'],
      with: renamed,
    };
    const [row] = matrix(scenario).rows;
    expect(row?.namespaces).toHaveLength(2);
    expect(row?.via).toEqual([{ kind: 'RoleBinding', role: 'ClusterRole/edit' }]);
    const [same] = matrix({ base: { orgs: [1, 2] } }).rows;
    expect(same?.via).toEqual([{ kind: 'RoleBinding', name: 'crewai-sa-edit', role: 'ClusterRole/edit' }]);
  });

  it('of the shared namespace count only where crews run in it', () => {
    const without = ['RoleBinding/crewai/crewai-rolebinding'];
    expect(matrix({ without, settings: { isolation: 'on' } }).code).toBe(0);
    expect(matrix({ without, base: { isolation: 'off' } }).code).toBe(1);
  });

  it('leave out organizations without a namespace, and say so', () => {
    const found = matrix({ base: { orgs: [1, 2] }, without: ['Namespace/crewai-org-2'] });
    expect(found.left).toEqual([{ namespace: 'crewai-org-2', why: 'does not exist' }]);
    expect(rowsOf(found.rows).map(([names]) => names)).toEqual(['crewai-org-1', 'crewai']);
  });
});

it('what the API server allows is not missing', () => {
  const own = snapshotOf({ base: { orgs: [1] }, without: ['RoleBinding/crewai-org-1/crewai-sa-edit'] });
  const platform = platformOf(own);
  const input = {
    snapshot: own,
    platform,
    account: { namespace: 'crewai', name: 'crewai-sa' },
    profile: 'core' as const,
  };
  const [asked] = matrixQuestions(input);
  expect(asked?.question).toMatchObject({ namespace: 'crewai-org-1' });
  const review = { metadata: { name: 'q' }, user: asked!.identity.user, question: asked!.question };
  const answered = (answer: 'allowed' | 'denied') =>
    accessMatrix({
      ...input,
      snapshot: withListing(own, 'access-reviews', { items: [{ ...review, answer }], gaps: [] }),
    }).matrix;
  const { core } = platform.needs;
  expect(answered('allowed')).toMatchObject({ confidence: 'likely' });
  expect(answered('allowed').rows[0]?.byServer).toHaveLength(1);
  expect(answered('allowed').rows[0]?.missing).toHaveLength(core.length - 1);
  expect(answered('denied')).toMatchObject({ confidence: 'certain' });
  expect(answered('denied').rows[0]?.missing).toHaveLength(core.length);
});

describe('too much', () => {
  it.each<[string, Scenario, readonly unknown[]]>([
    ['nothing', {}, []],
    [
      'dangerous everywhere',
      { with: granted(undefined, 'wide', ACCOUNT, '{verbs: [get, delete], apiGroups: [""], resources: [secrets]}') },
      [{ scope: 'cluster', namespaces: [], dangerous: ['get secrets'] }],
    ],
    [
      'harmless everywhere',
      { with: granted(undefined, 'wide', ACCOUNT, '{verbs: [get], apiGroups: [""], resources: [nodes]}') },
      [],
    ],
    [
      'anything in a foreign namespace',
      { with: granted('kube-system', 'peep', ACCOUNT, '{verbs: [get], apiGroups: [""], resources: [configmaps]}') },
      [{ scope: 'namespace', namespaces: ['kube-system'], dangerous: [] }],
    ],
    [
      'by a group of all accounts',
      {
        with: granted(
          'other',
          'peep',
          '{kind: Group, name: "system:serviceaccounts"}',
          '{verbs: ["*"], apiGroups: [""], resources: [pods/exec]}',
        ),
      },
      [{ scope: 'namespace', namespaces: ['other'], dangerous: ['create pods/exec'] }],
    ],
    [
      'what everybody has is not the account’s',
      {
        with: granted(
          'other',
          'peep',
          '{kind: Group, name: "system:authenticated"}',
          '{verbs: [get], apiGroups: [""], resources: [configmaps]}',
        ),
      },
      [],
    ],
  ])('%s', (_, scenario, expected) => {
    const { excess, excessComplete } = matrix(scenario);
    expect(
      excess.map(({ scope, namespaces, dangerous }) => ({
        scope,
        namespaces,
        dangerous: dangerous.map(({ verb, resource }) => `${verb} ${resource}`),
      })),
    ).toEqual(expected);
    expect(excessComplete).toBe(true);
  });
});

describe('a thousand organizations', () => {
  const numbers = Array.from({ length: 1000 }, (_, index) => index + 1);
  const callsFor = (scenario: Scenario): { calls: number; rows: number } => {
    const snapshot = snapshotOf(scenario);
    const platform = platformOf(snapshot);
    let calls = 0;
    const matcher = createRuleMatcher((...given) => {
      calls += 1;
      return ruleAllows(...given);
    });
    const account = { namespace: 'crewai', name: 'crewai-sa' };
    const { matrix: found } = accessMatrix({ snapshot, platform, account, profile: 'full', matcher });
    expect(found.rows.flatMap(({ namespaces }) => namespaces)).toHaveLength(1001);
    return { calls, rows: found.rows.length };
  };

  it('take no more looks at rules than two do', () => {
    expect(callsFor({ base: { orgs: numbers, crewsPerOrg: 0 } })).toEqual({
      ...callsForTwo(),
      rows: 2,
    });
  });

  it('also with a Role of their own each', () => {
    const roles: Scenario = {
      base: { orgs: numbers, crewsPerOrg: 0 },
      change: (objects) =>
        objects.flatMap((object) => {
          if (object.kind !== 'RoleBinding' || object.metadata.name !== 'crewai-sa-edit') return [object];
          const { namespace } = object.metadata;
          const metadata = { name: 'crews', namespace: namespace! };
          const rules = [{ verbs: ['*'], apiGroups: ['', 'apps'], resources: ['*'] }];
          const kind = { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'Role' };
          return [
            { ...object, roleRef: { kind: 'Role', name: 'crews' } },
            { ...kind, metadata, rules },
          ];
        }),
    };
    const { calls, rows } = callsFor(roles);
    expect(rows).toBe(2);
    expect(calls).toBeLessThan(400);
  });

  function callsForTwo(): { calls: number } {
    const snapshot = snapshotOf({ base: { orgs: [1, 2], crewsPerOrg: 0 } });
    let calls = 0;
    const matcher = createRuleMatcher((...given) => {
      calls += 1;
      return ruleAllows(...given);
    });
    const account = { namespace: 'crewai', name: 'crewai-sa' };
    accessMatrix({ snapshot, platform: platformOf(snapshot), account, profile: 'full', matcher });
    expect(calls).toBeGreaterThan(0);
    return { calls };
  }
});
