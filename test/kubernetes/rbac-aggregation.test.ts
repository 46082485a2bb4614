import { describe, expect, it } from 'vitest';
import { builtinClusterRoles, withBuiltinRoles } from '../../src/kubernetes/builtin-roles.ts';
import { aggregate } from '../../src/kubernetes/rbac-aggregation.ts';
import { createAuthorizer } from '../../src/kubernetes/rbac.ts';
import type { ClusterRole, LabelSelector, PolicyRule } from '../../src/model/kinds.ts';

const get = (resource: string): PolicyRule => ({ verbs: ['get'], apiGroups: [''], resources: [resource] });
const plain = (name: string, labels: Readonly<Record<string, string>>, ...resources: string[]): ClusterRole => ({
  metadata: { name, labels },
  rules: resources.map(get),
});
const aggregated = (
  name: string,
  selectors: readonly LabelSelector[],
  more: { labels?: Record<string, string>; rules?: PolicyRule[] } = {},
): ClusterRole => ({
  metadata: { name, ...(more.labels ? { labels: more.labels } : {}) },
  aggregationRule: { clusterRoleSelectors: selectors },
  rules: more.rules ?? null,
});
const to = (name: string): LabelSelector => ({ matchLabels: { to: name } });
const resources = (roles: readonly ClusterRole[], name: string): string[] =>
  (roles.find((role) => role.metadata.name === name)?.rules ?? []).flatMap((rule) => rule.resources ?? []);

describe('aggregate', () => {
  it('89 grants nothing before the rules are written', () => {
    const authorizer = createAuthorizer({
      roles: [],
      roleBindings: [],
      clusterRoles: [aggregated('r', [to('r')]), plain('part', { to: 'r' }, 'pods')],
      clusterRoleBindings: [
        {
          metadata: { name: 'b' },
          roleRef: { kind: 'ClusterRole', name: 'r' },
          subjects: [{ kind: 'User', name: 'u' }],
        },
      ],
    });
    const question = { verb: 'get', group: '', resource: 'pods' };
    expect(authorizer.decide({ user: 'u', groups: [] }, question).allowed).toBe(false);
  });

  it('90 reaches through aggregated roles, in any order', () => {
    const roles = [
      aggregated('l1', [to('l1')]),
      aggregated('l2', [to('l2')], { labels: { to: 'l1' } }),
      plain('l3', { to: 'l2' }, 'pods'),
    ];
    expect(resources(aggregate(roles), 'l1')).toEqual(['pods']);
    expect(resources(aggregate([...roles].reverse()), 'l1')).toEqual(['pods']);
  });

  it('91 loses rules of its own where the controller replaces them, and never counts itself', () => {
    const roles = [
      aggregated('self', [to('self')], { labels: { to: 'self' }, rules: [get('secrets')] }),
      plain('part', { to: 'self' }, 'pods'),
    ];
    expect(resources(aggregate(roles, 'replace'), 'self')).toEqual(['pods']);
    expect(resources(aggregate(roles), 'self')).toEqual(['secrets']);
  });

  it('keeps rules of its own where the controller finds nothing to replace them with, and hands them on', () => {
    const roles = [
      aggregated('l1', [to('l1')], { rules: [get('configmaps')] }),
      aggregated('l2', [to('l2')], { labels: { to: 'l1' }, rules: [get('secrets')] }),
    ];
    expect(resources(aggregate(roles, 'replace'), 'l2')).toEqual(['secrets']);
    expect(resources(aggregate(roles, 'replace'), 'l1')).toEqual(['secrets']);
  });

  it('92 widens edit and admin, not view', () => {
    const label = 'rbac.authorization.k8s.io/aggregate-to-edit';
    const roles = withBuiltinRoles([plain('widgets', { [label]: 'true' }, 'widgets')]);
    expect(['edit', 'admin', 'view'].map((name) => resources(roles, name).includes('widgets'))).toEqual([
      true,
      true,
      false,
    ]);
    expect(roles[0]?.metadata.name).toBe('widgets');
  });

  it('selects by expressions, any selector suffices, {} selects everything', () => {
    const parts = [
      plain('a', { tier: 'one' }, 'pods'),
      plain('b', { tier: 'two', x: '' }, 'nodes'),
      plain('c', {}, 'events'),
    ];
    const selected = (...selectors: LabelSelector[]): string[] =>
      resources(aggregate([aggregated('r', selectors), ...parts]), 'r');
    const where = (key: string, operator: string, ...values: string[]): LabelSelector => ({
      matchExpressions: [{ key, operator, values }],
    });
    expect(selected({})).toEqual(['pods', 'nodes', 'events']);
    expect(selected(where('tier', 'In', 'two', 'three'))).toEqual(['nodes']);
    expect(selected(where('tier', 'NotIn', 'two'))).toEqual(['pods', 'events']);
    expect(selected(where('x', 'Exists'))).toEqual(['nodes']);
    expect(selected(where('tier', 'DoesNotExist'))).toEqual(['events']);
    expect(selected(where('tier', 'Near', 'one'))).toEqual([]);
    expect(selected(where('x', 'Exists'), { matchLabels: { tier: 'one' } })).toEqual(['nodes', 'pods']);
    expect(selected()).toEqual([]);
  });

  it('keeps equal rules once, sorts by role name and ends where roles select each other', () => {
    const roles = [
      aggregated('x', [to('x')], { labels: { to: 'y' } }),
      aggregated('y', [to('y')], { labels: { to: 'x' } }),
      plain('b', { to: 'x' }, 'pods', 'nodes'),
      plain('a', { to: 'x' }, 'secrets', 'pods'),
      plain('c', { to: 'y' }, 'events'),
    ];
    const done = aggregate(roles);
    expect(resources(done, 'x')).toEqual(['secrets', 'pods', 'nodes', 'events']);
    expect([...resources(done, 'y')].sort()).toEqual(['events', 'nodes', 'pods', 'secrets']);
  });
});

describe('builtinClusterRoles', () => {
  const rules = (name: string): readonly PolicyRule[] =>
    builtinClusterRoles().find((role) => role.metadata.name === name)?.rules ?? [];

  it('has as many rules as Kubernetes 1.36 ships', () => {
    expect(['view', 'edit', 'admin', 'cluster-admin'].map((name) => rules(name).length)).toEqual([12, 27, 29, 2]);
  });

  it('keeps the order of the controller: own parts first, then what is selected', () => {
    expect(rules('edit')[0]?.resources).toContain('secrets');
    expect(rules('edit').slice(15)).toEqual(rules('view'));
    expect(rules('admin').slice(0, 27)).toEqual(rules('edit'));
  });

  it('leaves roles of a snapshot alone', () => {
    const own: ClusterRole = { metadata: { name: 'edit' }, rules: [get('pods')] };
    expect(withBuiltinRoles([own]).filter((role) => role.metadata.name === 'edit')).toEqual([own]);
  });
});
