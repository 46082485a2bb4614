import { describe, expect, it } from 'vitest';
import { builtinClusterRoles } from '../../src/kubernetes/builtin-roles.ts';
import { formatRule, missingRules } from '../../src/kubernetes/rbac-rules.ts';
import type { PolicyRule } from '../../src/model/kinds.ts';

const rule = (verbs: string, resources: string, ...names: string[]): PolicyRule => ({
  verbs: verbs.split(' '),
  apiGroups: [''],
  resources: resources.split(' '),
  ...(names.length > 0 ? { resourceNames: names } : {}),
});
const builtin = (name: string): readonly PolicyRule[] =>
  builtinClusterRoles().find((role) => role.metadata.name === name)?.rules ?? [];

describe('missingRules', () => {
  // What a live 1.36 API server let somebody with the first rules grant.
  it.each<readonly [string, readonly PolicyRule[], readonly PolicyRule[], string[]]>([
    ['a role without rules', [], [], []],
    [
      'several owned rules add up',
      ['get', 'list', 'watch'].map((verb) => rule(verb, 'pods')),
      [rule('get list watch', 'pods')],
      [],
    ],
    [
      'pods/* covers no subresource',
      [rule('*', 'pods/*')],
      [rule('get', 'pods/log')],
      ['{APIGroups:[""], Resources:["pods/log"], Verbs:["get"]}'],
    ],
    ['*/log covers the subresource', [rule('get', '*/log')], [rule('get', 'pods/log')], []],
    [
      '*/log covers no other',
      [rule('get', '*/log')],
      [rule('get', 'pods/exec')],
      ['{APIGroups:[""], Resources:["pods/exec"], Verbs:["get"]}'],
    ],
    [
      'a name does not cover all',
      [rule('get', 'secrets', 'a1')],
      [rule('get', 'secrets')],
      ['{APIGroups:[""], Resources:["secrets"], Verbs:["get"]}'],
    ],
    ['a name covers itself', [rule('get', 'secrets', 'a1')], [rule('get', 'secrets', 'a1')], []],
    [
      'only the missing name is listed',
      [rule('get', 'secrets', 'a1')],
      [rule('get', 'secrets', 'a1', 'b')],
      ['{APIGroups:[""], Resources:["secrets"], ResourceNames:["b"], Verbs:["get"]}'],
    ],
    ['all names cover one', [rule('get', 'secrets')], [rule('get', 'secrets', 'x')], []],
    [
      'verbs of one resource come together, in the order asked',
      [rule('list', 'pods')],
      [rule('watch list', 'pods'), rule('get', 'pods services')],
      [
        '{APIGroups:[""], Resources:["pods"], Verbs:["watch" "get"]}',
        '{APIGroups:[""], Resources:["services"], Verbs:["get"]}',
      ],
    ],
    [
      'URLs by prefix',
      [{ verbs: ['get'], nonResourceURLs: ['/debug/*'] }],
      [{ verbs: ['get', 'post'], nonResourceURLs: ['/debug/pprof', '/metrics'] }],
      [
        '{NonResourceURLs:["/debug/pprof"], Verbs:["post"]}',
        '{NonResourceURLs:["/metrics"], Verbs:["get"]}',
        '{NonResourceURLs:["/metrics"], Verbs:["post"]}',
      ],
    ],
    [
      'a resource rule covers no URL',
      [rule('*', '*')],
      [{ verbs: ['get'], nonResourceURLs: ['/x'] }],
      ['{NonResourceURLs:["/x"], Verbs:["get"]}'],
    ],
  ])('%s', (_title, owned, wanted, missing) => {
    expect(missingRules(owned, wanted).map(formatRule)).toEqual(missing);
  });

  it.each([
    ['edit', 'edit', true],
    ['edit', 'view', true],
    ['edit', 'admin', false],
    ['admin', 'edit', true],
    ['admin', 'cluster-admin', false],
    ['cluster-admin', 'admin', true],
  ])('a holder of %s binds %s: %s', (held, wanted, passes) => {
    expect(missingRules(builtin(held), builtin(wanted)).length === 0).toBe(passes);
  });
});
