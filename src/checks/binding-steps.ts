import type { BoundRole } from '../kubernetes/rbac.ts';
import { shellQuote } from '../model/text.ts';

/** More subjects than this are not taken out one by one in a command. */
const MAX_REMOVED = 20;

/** `rolebindings.rbac…` or `clusterrolebindings.rbac…`, by the kind of a binding. */
export const bindingResource = (kind: BoundRole['kind']) =>
  kind === 'RoleBinding' ? 'rolebindings.rbac.authorization.k8s.io' : 'clusterrolebindings.rbac.authorization.k8s.io';

/** Takes subjects away: with their binding, unless others are bound by it too. */
export function removalSteps({ kind, binding }: BoundRole, indexes: readonly number[]): readonly string[] {
  const { namespace, name } = binding.metadata;
  const kubectl = `kubectl${namespace === undefined ? '' : ` -n ${shellQuote(namespace)}`}`;
  const target = `${kind.toLowerCase()} ${shellQuote(name)}`;
  const subjects = binding.subjects ?? [];
  if (subjects.length <= indexes.length) return [`${kubectl} delete ${target}`];
  if (indexes.length > MAX_REMOVED) {
    return [
      `# take these ${String(indexes.length)} subjects out of it, and leave the others:`,
      `${kubectl} edit ${target}`,
    ];
  }
  // Each test holds before anything is removed; removing from the end leaves the other indexes as they are.
  const tests = indexes.map((index) => ({
    op: 'test',
    path: `/subjects/${String(index)}/name`,
    value: subjects[index]?.name,
  }));
  const removals = [...indexes]
    .sort((a, b) => b - a)
    .map((index) => ({ op: 'remove', path: `/subjects/${String(index)}` }));
  return [`${kubectl} patch ${target} --type=json -p ${shellQuote(JSON.stringify([...tests, ...removals]))}`];
}

/** `clusterrole=edit`: the role of a binding, as `kubectl create rolebinding --` takes it. */
export function roleFlag({ binding, kind }: BoundRole): string {
  const flag = kind === 'ClusterRoleBinding' || binding.roleRef.kind === 'ClusterRole' ? 'clusterrole' : 'role';
  return `${flag}=${shellQuote(binding.roleRef.name)}`;
}
