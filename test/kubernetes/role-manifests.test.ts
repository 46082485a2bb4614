import { describe, expect, it } from 'vitest';
import { readingRights, rightsIn, type PlacedRight } from '../../src/kubernetes/placed-right.ts';
import { bindingManifest, roleManifest, rulesOf } from '../../src/kubernetes/role-manifests.ts';
import { RESOURCE_NAMES } from '../../src/model/resource.ts';
import { queriesOf } from '../../src/cluster/queries.ts';
import { SharedParts } from '../../src/cluster/shared-parts.ts';
import { TOOLS } from './secret-tools.ts';

const right = (verb: string, resource: string, group = '', name?: string): Omit<PlacedRight, 'where'> => ({
  verb,
  group,
  resource,
  ...(name === undefined ? {} : { name }),
});
const rule = (group: string, resources: string[], verbs: string[], names?: string[]): object => ({
  apiGroups: [group],
  resources,
  ...(names ? { resourceNames: names } : {}),
  verbs,
});

describe('rulesOf', () => {
  it.each<[string, readonly Omit<PlacedRight, 'where'>[], readonly object[]]>([
    ['nothing', [], []],
    [
      'one rule for each group and set of verbs, sorted, whatever the order',
      [
        right('list', 'pods'),
        right('get', 'secrets'),
        right('list', 'deployments', 'apps'),
        right('list', 'secrets'),
        right('list', 'events'),
      ],
      [
        rule('', ['events', 'pods'], ['list']),
        rule('', ['secrets'], ['get', 'list']),
        rule('apps', ['deployments'], ['list']),
      ],
    ],
    ['twice the same', [right('list', 'pods'), right('list', 'pods')], [rule('', ['pods'], ['list'])]],
    [
      'names apart: they would limit the other resources',
      [right('bind', 'clusterroles', 'g', 'edit'), right('list', 'clusterroles', 'g')],
      [rule('g', ['clusterroles'], ['list']), rule('g', ['clusterroles'], ['bind'], ['edit'])],
    ],
    [
      'a name that all objects cover',
      [right('get', 'secrets', '', 'x'), right('get', 'secrets')],
      [rule('', ['secrets'], ['get'])],
    ],
  ])('%s', (_, rights, rules) => {
    expect(rulesOf(rights)).toEqual(rules);
    expect(rulesOf(rights.toReversed())).toEqual(rules);
  });
});

describe('bindingManifest', () => {
  const role = roleManifest({ name: 'r', namespace: 'a', description: 'd', rights: [right('list', 'pods')] });
  const names = [
    { kind: 'User', name: 'bo' },
    { kind: 'Group', name: 'bo' },
    { kind: 'Group', name: 'team/oncall' },
    { kind: 'Group', name: 'team_oncall' },
    { kind: 'User', name: '100%' },
    { kind: 'ServiceAccount', namespace: 'a', name: 'b' },
    { kind: 'ServiceAccount', namespace: 'b', name: 'b' },
  ].map((subject) => bindingManifest(role, subject).metadata.name);

  it('has a name for each subject that the API server takes', () => {
    expect(names).toEqual([
      'r:user:bo',
      'r:group:bo',
      'r:group:team_2Foncall',
      'r:group:team_oncall',
      'r:user:100_25',
      'r:serviceaccount:a:b',
      'r:serviceaccount:b:b',
    ]);
  });

  it('binds the role where it is', () => {
    const binding = bindingManifest(role, { kind: 'User', name: 'bo' });
    expect(binding).toMatchObject({
      kind: 'RoleBinding',
      metadata: { namespace: 'a' },
      roleRef: { kind: 'Role', name: 'r' },
    });
  });
});

describe('readingRights', () => {
  it.each(RESOURCE_NAMES)('%s: what the reader asks for, and nothing else', (resource) => {
    const asked = queriesOf(resource, TOOLS, new SharedParts()).map(({ name }) => `list ${name}`);
    const special: Partial<Record<typeof resource, string[]>> = {
      'access-reviews': ['create subjectaccessreviews.authorization.k8s.io'],
      refusals: ['get pods/log'],
    };
    const granted = readingRights([resource]).map(({ verb, group, resource: plural }) =>
      [verb, group === '' ? plural : `${plural}.${group}`].join(' '),
    );
    expect(new Set(granted)).toEqual(new Set(special[resource] ?? asked));
  });

  it.each([
    ['secrets', 'everywhere'],
    ['configmaps', 'platform'],
    ['support-bundle-specs', 'platform'],
    ['refusals', 'platform'],
    ['namespaces', 'cluster'],
  ] as const)('%s are read: %s', (resource, where) => {
    expect(new Set(readingRights([resource]).map((each) => each.where))).toEqual(new Set([where]));
  });
});

it('a place gets what is needed there', () => {
  const rights = (['cluster', 'everywhere', 'platform', 'tenants'] as const).map((where) => ({
    ...right('list', where),
    where,
  }));
  const at = (place: Parameters<typeof rightsIn>[0]): string[] => rightsIn(place, rights).map(({ where }) => where);
  expect(at('whole')).toEqual(['cluster', 'everywhere', 'platform', 'tenants']);
  expect(at('cluster')).toEqual(['cluster']);
  expect(at('platform')).toEqual(['everywhere', 'platform']);
  expect(at('tenants')).toEqual(['everywhere', 'tenants']);
});
