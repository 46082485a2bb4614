import fc from 'fast-check';
import { expect, it } from 'vitest';
import { deniedRules } from '../../src/kubernetes/denied-rules.ts';
import { createAuthorizer, questionOfRule } from '../../src/kubernetes/rbac.ts';
import type { AccessRule, Identity } from '../../src/model/access.ts';
import type { Binding, PolicyRule } from '../../src/model/kinds.ts';

const NAMESPACES = ['a', 'b', 'c'];
const MASTERS: Identity = { user: 'root', groups: ['system:masters'] };

const asked = fc.record({
  verb: fc.constantFrom('get', 'list'),
  group: fc.constantFrom('', 'apps'),
  resource: fc.constantFrom('pods', 'pods/log', 'secrets'),
});
const ruleOf = ({ verb, group, resource }: AccessRule): PolicyRule => ({
  verbs: [verb],
  apiGroups: [group],
  resources: [resource],
});
const bound = fc.record({
  name: fc.constantFrom('x', 'y', 'z'),
  namespace: fc.option(fc.constantFrom(...NAMESPACES), { nil: undefined }),
  role: fc.constantFrom('one', 'two', 'none'),
  user: fc.constantFrom('anna', 'bert'),
});

it('is what the authorizer says of each rule in each namespace', () => {
  const roles = fc.record({ one: fc.array(asked, { maxLength: 3 }), two: fc.array(asked, { maxLength: 3 }) });
  fc.assert(
    fc.property(roles, fc.array(bound, { maxLength: 6 }), fc.array(asked), (rules, bindings, wanted) => {
      const all = bindings.map(({ name, namespace, role, user }): Binding => ({
        metadata: { name, ...(namespace === undefined ? {} : { namespace }) },
        roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: role },
        subjects: [{ kind: 'User', name: user }],
      }));
      const authorizer = createAuthorizer({
        roles: [],
        clusterRoles: Object.entries(rules).map(([name, held]) => ({ metadata: { name }, rules: held.map(ruleOf) })),
        roleBindings: all.filter(({ metadata }) => metadata.namespace !== undefined),
        clusterRoleBindings: all.filter(({ metadata }) => metadata.namespace === undefined),
      });
      for (const identity of [{ user: 'anna', groups: [] }, MASTERS]) {
        const denied = deniedRules(authorizer, identity, wanted);
        for (const namespace of [...NAMESPACES, undefined]) {
          const at = namespace === undefined ? {} : { namespace };
          expect(denied(namespace)).toEqual(
            wanted.filter((rule) => !authorizer.allows(identity, questionOfRule({ ...rule, ...at }))),
          );
        }
      }
    }),
    { numRuns: 300 },
  );
});
