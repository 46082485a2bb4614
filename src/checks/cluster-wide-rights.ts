import { questionOfRule } from '../kubernetes/rbac-question.ts';
import { ruleAllows } from '../kubernetes/rbac-rules.ts';
import type { PolicyRule } from '../model/kinds.ts';
import { nameOf } from './access.ts';
import { dangerousRights } from './dangerous-rights.ts';

/** Something that a role lets its holder do everywhere. */
export interface ClusterWideRight {
  /** `read Secrets` */
  readonly words: string;
  readonly severity: 'critical' | 'high' | 'info';
  readonly shown: string;
  /** It makes its holder whoever it likes: no platform needs that. */
  readonly unlimited: boolean;
}

const READING = new Set(['get', 'list', 'watch']);
const IMPERSONATED = ['users', 'groups', 'uids', 'userextras'];

/** What every client asks for before it does anything; Kubernetes itself gives it to everybody who is logged in. */
const DISCOVERY =
  /^(?:\/(?:api|apis|openapi|swagger[^/]*|version|healthz|livez|readyz|metrics)(?:\/.*)?\*?|\/\.well-known\/.*|\/openid\/v1\/jwks\/?)$/;
const ABOUT_ONESELF = new Set(['selfsubjectaccessreviews', 'selfsubjectrulesreviews', 'selfsubjectreviews']);
const QUESTIONS = new Set(['subjectaccessreviews', 'localsubjectaccessreviews', 'tokenreviews']);

/**
 * What rules grant that hold in the whole cluster, worst first; nothing for roles that only let clients find their way.
 * The rules alone count: `admin` is what it grants, under any name.
 */
export function clusterWideRights(rules: readonly PolicyRule[]): readonly ClusterWideRight[] {
  const all = rules.find(isEverything);
  if (all) return [{ words: 'do everything', severity: 'critical', shown: '* on every resource', unlimited: true }];
  // Whoever may start a pod, or act as any account, of the whole cluster is whoever runs the cluster before long.
  const dangerous = dangerousRights(rules).map(({ id, words, severity, shown, names }) => ({
    words: id === 'identity' ? words.replace('its accounts', 'any account') : words,
    severity: id === 'identity' && !names ? ('critical' as const) : severity,
    shown,
    unlimited: id === 'grant' && !names,
  }));
  const found = [...impersonation(rules), ...nodes(rules), ...dangerous, ...others(rules)];
  return (['critical', 'high', 'info'] as const).flatMap((level) => found.filter(({ severity }) => severity === level));
}

const has = (values: readonly string[] | null | undefined, value: string): boolean => values?.includes(value) === true;

function isEverything({ verbs, apiGroups, resources, resourceNames }: PolicyRule): boolean {
  return has(verbs, '*') && has(apiGroups, '*') && has(resources, '*') && (resourceNames ?? []).length === 0;
}

function impersonation(rules: readonly PolicyRule[]): readonly ClusterWideRight[] {
  const held = IMPERSONATED.filter((resource) =>
    ['', 'authentication.k8s.io'].some((group) =>
      rules.some((rule) => ruleAllows(rule, questionOfRule({ verb: 'impersonate', group, resource }))),
    ),
  );
  if (held.length === 0) return [];
  return [{ words: 'act as any user', severity: 'critical', shown: `impersonate ${held.join(', ')}`, unlimited: true }];
}

/** The kubelet's API runs commands in every container of the node, also for a mere `get` (RBAC good practices, nodes/proxy). */
function nodes(rules: readonly PolicyRule[]): readonly ClusterWideRight[] {
  const held = ['get', 'create'].filter((verb) =>
    rules.some((rule) => ruleAllows(rule, questionOfRule({ verb, group: '', resource: 'nodes/proxy' }))),
  );
  if (held.length === 0) return [];
  return [
    {
      words: 'run commands on every node',
      severity: 'critical',
      shown: `${held.join(', ')} nodes/proxy`,
      unlimited: false,
    },
  ];
}

/** All that is neither dangerous in itself nor mere discovery. */
function others(rules: readonly PolicyRule[]): readonly ClusterWideRight[] {
  const rest = rules.filter((rule) => !isDiscovery(rule));
  const reading = rest.filter(isReading);
  const writing = rest.filter((rule) => !isReading(rule));
  return [...summary('change', 'high', writing), ...summary('read', 'info', reading)];
}

function summary(verb: string, severity: 'high' | 'info', rules: readonly PolicyRule[]): readonly ClusterWideRight[] {
  const names = [...new Set(rules.flatMap(subjectsOf))];
  if (names.length === 0) return [];
  const some = `${names.slice(0, 3).join(', ')}${names.length > 3 ? ` and ${String(names.length - 3)} more` : ''}`;
  const [first] = rules;
  return [
    { words: `${verb} ${some}`, severity, shown: `${(first?.verbs ?? []).join(', ')} ${some}`, unlimited: false },
  ];
}

function subjectsOf({ apiGroups, resources, nonResourceURLs }: PolicyRule): readonly string[] {
  const [group = ''] = apiGroups ?? [];
  return [...(resources ?? []).map((resource) => nameOf({ group, resource })), ...(nonResourceURLs ?? [])];
}

/** Questions about rights and tokens change nothing, although they are created. */
function isReading({ verbs, resources, nonResourceURLs }: PolicyRule): boolean {
  if ((nonResourceURLs ?? []).length > 0) return true;
  return verbs.every((verb) => READING.has(verb)) || (resources ?? []).every((resource) => QUESTIONS.has(resource));
}

function isDiscovery({ verbs, apiGroups, resources, nonResourceURLs }: PolicyRule): boolean {
  const urls = nonResourceURLs ?? [];
  if (urls.length > 0)
    return verbs.every((verb) => verb === 'get' || verb === 'head') && urls.every((url) => DISCOVERY.test(url));
  const asked = resources ?? [];
  // PodSecurityPolicies are gone since 1.25: a right to use one is left over and means nothing.
  const useless =
    asked.every((resource) => resource === 'podsecuritypolicies') && verbs.every((verb) => verb === 'use');
  return (
    asked.length === 0 || useless || (asked.every((resource) => ABOUT_ONESELF.has(resource)) && !has(apiGroups, ''))
  );
}
