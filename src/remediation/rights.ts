import { missingRules } from '../kubernetes/rbac-rules.ts';
import type { AccessRule } from '../model/access.ts';
import type { PolicyRule } from '../model/kinds.ts';
import type { Change } from '../model/fix.ts';
import type { ClusterWriter } from '../model/writing.ts';

/** Questions of one run; what is not asked is shown by the rehearsal. */
const MAX_QUESTIONS = 50;
/** From this many namespaces on it is asked for all of them at once first. */
const MANY = 3;

export interface Rights {
  readonly asked: number;
  readonly denied: readonly AccessRule[];
}

/**
 * Whether we may make these changes: a review for each distinct right, cluster-wide first where many namespaces need the
 * same. Who may not `bind` a role may still grant what he holds himself.
 */
export async function checkRights(changes: readonly Change[], writer: ClusterWriter): Promise<Rights> {
  const denied: AccessRule[] = [];
  let asked = 0;
  const ask = async (rule: AccessRule): Promise<'allowed' | 'denied' | 'unknown'> => {
    if (asked >= MAX_QUESTIONS) return 'unknown';
    asked += 1;
    return writer.allows(rule);
  };
  for (const rules of byRight(changes.flatMap(({ needs }) => needs)).values()) {
    const [first] = rules;
    if (rules.length >= MANY && first && (await ask(withoutNamespace(first))) === 'allowed') continue;
    for (const rule of rules) {
      if ((await ask(rule)) !== 'denied') continue;
      if (rule.verb !== 'bind' || (await lacksRules(rule, changes, writer))) denied.push(rule);
    }
  }
  return { asked, denied };
}

function byRight(rules: readonly AccessRule[]): ReadonlyMap<string, readonly AccessRule[]> {
  const groups = new Map<string, Map<string, AccessRule>>();
  for (const rule of rules) {
    const key = JSON.stringify(withoutNamespace(rule));
    const group = groups.get(key) ?? new Map<string, AccessRule>();
    groups.set(key, group.set(rule.namespace ?? '', rule));
  }
  return new Map([...groups].map(([key, group]) => [key, [...group.values()]]));
}

function withoutNamespace({ verb, group, resource, name }: AccessRule): AccessRule {
  return { verb, group, resource, ...(name === undefined ? {} : { name }) };
}

/** Whether the role grants something that we do not hold: the API server then refuses the binding (045). */
async function lacksRules(
  { resource, name = '', namespace = '' }: AccessRule,
  changes: readonly Change[],
  writer: ClusterWriter,
): Promise<boolean> {
  const made = changes
    .flatMap((change) => (change.op === 'create' && change.object.kind === 'Role' ? [change.object] : []))
    .find(({ metadata }) => resource === 'roles' && metadata.name === name && metadata.namespace === namespace);
  const apiVersion = 'rbac.authorization.k8s.io/v1';
  const held = await writer.rulesIn(namespace);
  const role = made
    ? { state: 'found' as const, object: made }
    : await writer.get(
        resource === 'roles'
          ? { apiVersion, kind: 'Role', namespace, name }
          : { apiVersion, kind: 'ClusterRole', name },
      );
  // Where this cannot be known, the rehearsal will tell.
  if (held === 'unknown' || role.state !== 'found') return false;
  const { rules } = role.object as { readonly rules?: readonly PolicyRule[] | null };
  return missingRules(held, rules ?? []).length > 0;
}
