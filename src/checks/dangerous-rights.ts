import { questionOfRule } from '../kubernetes/rbac-question.ts';
import { ruleAllows } from '../kubernetes/rbac-rules.ts';
import type { AccessRule } from '../model/access.ts';
import type { PolicyRule } from '../model/kinds.ts';
import { describeRules } from './access.ts';

/** Something that a role lets its holder do, told apart by what it leads to. */
export interface Right {
  readonly id: 'secrets' | 'pods' | 'exec' | 'grant' | 'identity' | 'workloads';
  /** `read Secrets` */
  readonly words: string;
  readonly severity: 'critical' | 'high';
  /** `get, list secrets`, with the names where the role is limited to some. */
  readonly shown: string;
  /** Only objects of these names. */
  readonly names?: readonly string[];
}

interface Danger extends Pick<Right, 'id' | 'words' | 'severity'> {
  readonly rules: readonly AccessRule[];
}

const on = (group: string, resources: string, verbs: string): readonly AccessRule[] =>
  resources
    .split(' ')
    .flatMap((resource) => verbs.split(' ').map((verb) => ({ verb, group, resource }) satisfies AccessRule));

const RBAC_GROUP = 'rbac.authorization.k8s.io';
const CHANGE = 'create update patch';

/**
 * What in a stranger's hands gives a namespace away, worst first. Whoever may start a pod there reads every Secret and
 * is every account of the namespace (Kubernetes documentation, RBAC good practices, workload creation); a container
 * that is added to a pod, or attached to, is as good as exec, and `get` alone opened exec by websocket before 1.35.
 */
const DANGERS: readonly Danger[] = [
  { id: 'secrets', words: 'read Secrets', severity: 'critical', rules: on('', 'secrets', 'get list watch') },
  { id: 'pods', words: 'start pods', severity: 'critical', rules: on('', 'pods', 'create') },
  {
    id: 'exec',
    words: 'run commands in pods',
    severity: 'critical',
    rules: [...on('', 'pods/exec pods/attach', 'create get'), ...on('', 'pods/ephemeralcontainers', 'update patch')],
  },
  {
    id: 'grant',
    words: 'grant roles',
    severity: 'critical',
    rules: [...on(RBAC_GROUP, 'rolebindings', CHANGE), ...on(RBAC_GROUP, 'roles clusterroles', 'bind escalate')],
  },
  {
    id: 'identity',
    words: 'act as its accounts',
    severity: 'high',
    rules: [...on('', 'serviceaccounts', 'impersonate'), ...on('', 'serviceaccounts/token', 'create')],
  },
  {
    id: 'workloads',
    words: 'change workloads',
    severity: 'high',
    rules: [
      ...on('apps', 'deployments statefulsets daemonsets replicasets', CHANGE),
      ...on('batch', 'jobs cronjobs', CHANGE),
      ...on('', 'replicationcontrollers', CHANGE),
    ],
  },
];

/** The dangerous rights among these rules, worst first. Rules that hold for some names only are worth less than critical. */
export function dangerousRights(rules: readonly PolicyRule[]): readonly Right[] {
  const found = DANGERS.flatMap(({ id, words, severity, rules: wanted }): Right[] => {
    const held = wanted.filter((right) => rules.some((rule) => ruleAllows(rule, questionOfRule(right))));
    if (held.length > 0) return [{ id, words, severity, shown: describeRules(held) }];
    const named = wanted.filter((right) => rules.some((rule) => namesOf(rule, right).length > 0));
    if (named.length === 0) return [];
    const names = [...new Set(named.flatMap((right) => rules.flatMap((rule) => namesOf(rule, right))))].sort();
    const shown = `${describeRules(named)} (only ${names.slice(0, 3).join(', ')}${names.length > 3 ? ', …' : ''})`;
    return [{ id, words: `${words} by name`, severity: 'high', shown, names }];
  });
  return [
    ...found.filter(({ severity }) => severity === 'critical'),
    ...found.filter(({ severity }) => severity === 'high'),
  ];
}

/** The names for which a rule grants the right. A POST carries no name, so that creation by name is void (but of subresources). */
function namesOf(rule: PolicyRule, right: AccessRule): readonly string[] {
  const names = (rule.resourceNames ?? []).filter((name) => name !== '');
  const [name] = names;
  const isVoid = right.verb === 'create' && !right.resource.includes('/');
  return name !== undefined && !isVoid && ruleAllows(rule, questionOfRule({ ...right, name })) ? names : [];
}
