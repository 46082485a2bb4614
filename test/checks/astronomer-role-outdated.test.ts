import { expect, it } from 'vitest';
import check from '../../src/checks/astronomer-role-outdated.ts';
import { astronomerPlatform, houstonConfig, type AstronomerOptions } from '../fixtures/astronomer.ts';
import type { RawObject } from '../fixtures/crewai.ts';
import { describeCheck } from '../support/check-table.ts';
import { put, reportOf, type Scenario } from '../support/scenario.ts';

/** A platform that was updated, with the Roles of former times. */
const updated = (version: string, options: AstronomerOptions = {}): readonly RawObject[] => {
  const old = astronomerPlatform(options).filter(({ kind }) => kind === 'Role');
  return put(astronomerPlatform({ ...options, version }), ...old);
};
const ROLE = 'deployment-commander-role';
const both = ['one', 'two'].map((name) => ({ object: `Role/airflow-${name}/${ROLE}` }));
const base = astronomerPlatform();
const edge = updated('edge');
const extra = (kind: 'Role' | 'ClusterRole', rules: string): string => {
  const where = kind === 'Role' ? ', namespace: airflow-two' : '';
  return `
{apiVersion: rbac.authorization.k8s.io/v1, kind: ${kind}, metadata: {name: more${where}}, rules: [${rules}]}
---
{apiVersion: rbac.authorization.k8s.io/v1, kind: ${kind}Binding, metadata: {name: more${where}}, roleRef: {kind: ${kind}, name: more}, subjects: [{kind: ServiceAccount, name: astronomer-commander, namespace: astronomer}]}`;
};
const budgets = '{apiGroups: [policy], resources: [poddisruptionbudgets], verbs: [patch]}';
const withoutNamespaces = (objects: readonly RawObject[], more: object): readonly RawObject[] =>
  objects.map((object) =>
    object.kind === 'Role'
      ? {
          ...object,
          rules: (object.rules as { resources: string[] }[]).map((rule) =>
            rule.resources[0] === 'namespaces' ? { ...rule, ...more } : rule,
          ),
        }
      : object,
  );

describeCheck(check, {
  passes: {
    'the documented Role up to 0.34.1': { base },
    'the version before pools were made by the chart': { base: updated('0.28.4') },
    'the Roles of the chart': { base: astronomerPlatform({ version: '2.1.0', by: 'chart' }) },
    'what lacks is granted by another Role': {
      base: updated('0.34.2', { pool: ['airflow-two'] }),
      with: extra('Role', budgets),
    },
    'what lacks is granted everywhere': { base: updated('0.34.2'), with: extra('ClusterRole', budgets) },
    'the namespace is granted by its name': {
      base,
      change: (all) => withoutNamespaces(all, { resourceNames: ['airflow-one', 'airflow-two'] }),
    },
  },
  fails: {
    'the documented Role in 0.34.2': {
      base: updated('0.34.2'),
      findings: both.map((finding) => ({
        ...finding,
        severity: 'high' as const,
        confidence: 'likely' as const,
        path: 'rules',
      })),
    },
    'the documented Role in 0.35': { base: updated('0.35.0'), findings: both },
    'the documented Role in 0.36': { base: updated('0.36.0'), findings: both },
    'the documented Role in 0.37': { base: updated('0.37.2'), findings: both },
    'the documented Role in 1.1': { base: updated('1.1.0', { houston: false }), findings: both },
    'updated in one namespace only': {
      base: updated('0.37.0'),
      change: (all) =>
        put(
          all,
          ...astronomerPlatform({ version: '0.37.0' }).filter(
            ({ kind, metadata }) => kind === 'Role' && metadata.namespace === 'airflow-one',
          ),
        ),
      findings: [{ object: `Role/airflow-two/${ROLE}` }],
    },
    'no RoleBinding': {
      base,
      without: ['RoleBinding/airflow-two/deployment-commander-rolebinding'],
      findings: [{ object: 'RoleBinding/airflow-two/astronomer-commander', absent: true }],
    },
    'a RoleBinding without its Role': {
      base,
      without: [`Role/airflow-two/${ROLE}`],
      findings: [{ object: 'RoleBinding/airflow-two/astronomer-commander', absent: true }],
    },
    'a namespace that the Role does not name': {
      base,
      change: (all) => withoutNamespaces(all, { resourceNames: ['airflow-one'] }),
      findings: [{ object: `Role/airflow-two/${ROLE}` }],
    },
    'what every version needs, without a version': {
      base: edge,
      without: ['RoleBinding/airflow-two/deployment-commander-rolebinding'],
      findings: [{ object: 'RoleBinding/airflow-two/astronomer-commander' }],
    },
  },
  notEvaluated: {
    'the version is not known and the Role not enough for all': { base: edge },
    'Roles refused': { base: updated('0.36.0'), faults: [{ resource: 'roles.rbac.authorization.k8s.io' }] },
    'ClusterRoleBindings refused': {
      base: updated('0.36.0'),
      faults: [{ resource: 'clusterrolebindings.rbac.authorization.k8s.io' }],
    },
    'the pool is not known': { base, without: ['ConfigMap/astronomer/astronomer-houston-config'] },
    'a file with Roles and RoleBindings alone': {
      base: base.filter(({ kind }) => kind === 'Role' || kind === 'RoleBinding'),
      completeness: 'kinds-present',
    },
  },
  notApplicable: {
    'no pool': {
      base,
      change: (all) =>
        put(
          all,
          houstonConfig(
            { release: 'astronomer', namespace: 'astronomer', pool: [], by: 'people', version: '0.34.1' },
            { local: {} },
          ),
        ),
    },
  },
});

it('says up to which version a Role is enough where the version is not known', () => {
  const { coverage } = reportOf([check], { base: edge });
  expect(JSON.stringify(coverage)).toMatch(/before 0\.34\.2, which also needs patch poddisruptionbudgets\.policy/);
});

it.each([
  [{}, 2],
  [{ by: 'chart' }, undefined],
] as const)('makes a Role and a RoleBinding unless the chart does: %j', (options, changes) => {
  const { findings } = reportOf([check], {
    base: updated('0.37.0', { ...options, pool: ['airflow-two'] }),
  } satisfies Scenario);
  expect(findings.map(({ remediation }) => remediation.changes)).toEqual([changes]);
});
