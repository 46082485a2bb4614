import type { Identity } from '../../src/model/access.ts';
import type { PolicyRule, Subject } from '../../src/model/kinds.ts';
import type { Question } from '../../src/kubernetes/rbac.ts';
import { serviceAccountIdentity } from '../../src/kubernetes/rbac.ts';
import type { RawObject } from '../fixtures/crewai.ts';
import type { Random } from '../support/random.ts';

/** Roles, bindings and the people they are about, all named after the scenario so that scenarios do not meet. */
export interface Scenario {
  readonly tag: string;
  readonly namespaces: readonly string[];
  readonly objects: readonly RawObject[];
  readonly rules: readonly PolicyRule[];
}

const GROUPS = ['', '', '', 'apps', 'apps', 'batch', 'example.com', 'v1'];
const RESOURCES = [
  'pods',
  'pods',
  'secrets',
  'configmaps',
  'limitranges',
  'deployments',
  'jobs',
  'namespaces',
  'nodes',
  'widgets',
  'Pods',
];
const SUBRESOURCES = ['log', 'exec', 'scale', 'status', 'token'];
const VERBS = [
  'get',
  'get',
  'list',
  'watch',
  'create',
  'update',
  'patch',
  'delete',
  'deletecollection',
  'bind',
  'Get',
  'frobnicate',
];
const NAMES = ['x', 'y', 'x.y', 'X'];
const PATHS = [
  '/metrics',
  '/metrics/',
  '/metrics/x',
  '/debug',
  '/debug/',
  '/debug/pprof',
  '/api',
  '/apis',
  '/logs',
  '/healthz',
  '/',
  '/version',
];
const PATH_RULES = ['/metrics', '/debug/*', '/api*', '/logs/', '/metrics/*', '*', '/oracle/*'];
const PATH_VERBS = ['get', 'post', 'GET', 'put', 'head', '*'];

const RBAC_GROUP = 'rbac.authorization.k8s.io';
const RBAC = `${RBAC_GROUP}/v1`;

function ruleResource(random: Random): string {
  if (random.chance(0.06)) return '*';
  if (random.chance(0.08)) return random.pick(['*/*', 'pods/*', '*/log', '*/scale', '*/status', '/log', 'pods/']);
  const resource = random.pick(RESOURCES);
  return random.chance(0.3) ? `${resource}/${random.pick(SUBRESOURCES)}` : resource;
}

function resourceRule(random: Random, namespaces: readonly string[]): PolicyRule {
  const resources = Array.from({ length: 1 + random.below(3) }, () => ruleResource(random));
  const names = [...NAMES, random.pick(namespaces), ''];
  return {
    verbs: random.chance(0.1) ? ['*'] : random.some(VERBS, 4),
    apiGroups: random.chance(0.08) ? ['*'] : random.some(GROUPS, 2),
    resources,
    ...(random.chance(0.3) ? { resourceNames: random.some(names, 2) } : {}),
  };
}

function pathRule(random: Random): PolicyRule {
  return { verbs: random.some(PATH_VERBS, 3), nonResourceURLs: random.some(PATH_RULES, 2) };
}

const users = (tag: string): string[] => ['alice', 'bob', 'Alice', 'carol'].map((name) => `${tag}:${name}`);
const teams = (tag: string): string[] => ['dev', 'ops', 'Dev'].map((name) => `${tag}:${name}`);
const ACCOUNTS = ['default', 'runner', 'crewai-sa'];

/** Anything that can stand in `subjects`, right and wrong; a ClusterRoleBinding must name the account's namespace. */
function subject(random: Random, tag: string, namespaces: readonly string[], inNamespace: boolean): Subject {
  const namespace = random.pick(namespaces);
  const account = random.pick(ACCOUNTS);
  const of = (kind: string, name: string): Subject => ({ kind, name, apiGroup: RBAC_GROUP });
  switch (random.below(10)) {
    case 0:
    case 1:
    case 2:
      return of('User', random.pick(users(tag)));
    case 3:
    case 4:
      return of('Group', random.pick(teams(tag)));
    case 5:
      return of('Group', `system:serviceaccounts:${namespace}`);
    case 6:
      // The slip of the pen that `kubectl create rolebinding --user` makes easy, and the spelling that does work.
      return of('User', `${random.chance(0.5) ? '' : 'system:serviceaccount:'}${namespace}:${account}`);
    case 7:
      return of(
        random.chance(0.5) ? 'User' : 'Group',
        random.pick(['*', `${tag}:*`, 'system:anonymous', 'system:authenticated-not']),
      );
    default:
      return inNamespace && random.chance(0.3)
        ? { kind: 'ServiceAccount', name: account }
        : { kind: 'ServiceAccount', name: account, namespace };
  }
}

function subjects(random: Random, tag: string, namespaces: readonly string[], inNamespace: boolean): Subject[] {
  const size = random.chance(0.05) ? 0 : 1 + random.below(3);
  return Array.from({ length: size }, () => subject(random, tag, namespaces, inNamespace));
}

function clusterRoles(random: Random, tag: string, namespaces: readonly string[]): RawObject[] {
  return Array.from({ length: 14 }, (_, index) => ({
    apiVersion: RBAC,
    kind: 'ClusterRole',
    metadata: {
      name: `${tag}-role-${index}`,
      labels: random.chance(0.6) ? { [`${tag}/to`]: `level-${random.below(4)}` } : {},
    },
    rules: [
      ...Array.from({ length: random.below(4) }, () => resourceRule(random, namespaces)),
      ...(random.chance(0.3) ? [pathRule(random)] : []),
    ],
  }));
}

/** Aggregated roles in a chain (a level gathers what is labelled for it, and is itself labelled for the next one). */
function aggregatedRoles(random: Random, tag: string, namespaces: readonly string[]): RawObject[] {
  const label = `${tag}/to`;
  return Array.from({ length: 4 }, (_, level) => ({
    apiVersion: RBAC,
    kind: 'ClusterRole',
    metadata: { name: `${tag}-level-${level}`, labels: level < 3 ? { [label]: `level-${level + 1}` } : {} },
    aggregationRule: {
      clusterRoleSelectors: [
        random.chance(0.5)
          ? { matchLabels: { [label]: `level-${level}` } }
          : { matchExpressions: [{ key: label, operator: 'In', values: [`level-${level}`, 'level-none'] }] },
        { matchExpressions: [{ key: `${tag}/nobody`, operator: 'Exists' }] },
      ],
    },
    // Its own rules are lost: the controller replaces them.
    rules: random.chance(0.5) ? [resourceRule(random, namespaces)] : [],
  }));
}

function clusterRoleName(random: Random, tag: string): string {
  if (random.chance(0.08)) return `${tag}-missing-${random.below(3)}`;
  if (random.chance(0.25)) return `${tag}-level-${random.below(4)}`;
  return random.chance(0.15) ? random.pick(['view', 'edit', 'admin']) : `${tag}-role-${random.below(14)}`;
}

function namespaceObjects(random: Random, tag: string, namespaces: readonly string[], namespace: string): RawObject[] {
  const roles = Array.from({ length: 5 }, (_, index) => ({
    apiVersion: RBAC,
    kind: 'Role',
    metadata: { name: `role-${index}`, namespace },
    rules: Array.from({ length: random.below(4) }, () => resourceRule(random, namespaces)),
  }));
  const bindings = Array.from({ length: 8 }, (_, index) => ({
    apiVersion: RBAC,
    kind: 'RoleBinding',
    metadata: { name: `binding-${index}`, namespace },
    roleRef: random.chance(0.5)
      ? { apiGroup: RBAC_GROUP, kind: 'Role', name: `role-${random.below(6)}` }
      : { apiGroup: RBAC_GROUP, kind: 'ClusterRole', name: clusterRoleName(random, tag) },
    subjects: subjects(random, tag, namespaces, true),
  }));
  return [...roles, ...bindings];
}

export function generateScenario(random: Random, tag: string): Scenario {
  const namespaces = ['a', 'b', 'c', 'd', 'e', 'f'].map((letter) => `${tag}-${letter}`);
  const objects: RawObject[] = [
    ...namespaces.map((name) => ({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } })),
    ...clusterRoles(random, tag, namespaces),
    ...aggregatedRoles(random, tag, namespaces),
    ...Array.from({ length: 10 }, (_, index) => ({
      apiVersion: RBAC,
      kind: 'ClusterRoleBinding',
      metadata: { name: `${tag}-binding-${index}` },
      roleRef: { apiGroup: RBAC_GROUP, kind: 'ClusterRole', name: clusterRoleName(random, tag) },
      subjects: subjects(random, tag, namespaces, false),
    })),
    ...namespaces.flatMap((namespace) => namespaceObjects(random, tag, namespaces, namespace)),
  ];
  const rules = objects.flatMap((object) => (object.rules ?? []) as readonly PolicyRule[]);
  return { tag, namespaces, objects, rules };
}

/** Somebody of the scenario: a service account with all, some or none of its groups, or a person. */
function anybody(random: Random, { tag, namespaces }: Scenario): Identity {
  if (random.chance(0.5)) {
    const identity = serviceAccountIdentity(random.pick(namespaces), random.pick(ACCOUNTS));
    return random.chance(0.8) ? identity : { user: identity.user, groups: [] };
  }
  if (random.chance(0.03)) return { user: `${tag}:root`, groups: ['system:masters'] };
  const user = random.pick([...users(tag), '*', `${random.pick(namespaces)}:crewai-sa`, 'system:anonymous']);
  return { user, groups: random.chance(0.6) ? random.some([...teams(tag), 'system:authenticated'], 3) : [] };
}

/** Somebody whom a subject means, read generously: what it does not mean after all is for the API server to say. */
function meant(
  random: Random,
  scenario: Scenario,
  { kind, name, namespace }: Subject,
  of: string | undefined,
): Identity {
  const accountNamespace = namespace ?? of;
  if (kind === 'ServiceAccount' && accountNamespace !== undefined)
    return serviceAccountIdentity(accountNamespace, name);
  const [, account] = /^system:serviceaccounts:(.*)$/.exec(name) ?? [];
  if (account !== undefined) return serviceAccountIdentity(account, random.pick(ACCOUNTS));
  if (kind === 'Group')
    return {
      user: random.pick(users(scenario.tag)),
      groups: random.chance(0.5) ? [name] : [name, 'system:authenticated'],
    };
  return { user: name, groups: random.chance(0.5) ? [] : ['system:authenticated'] };
}

/** A URL that a rule covers, or that it just does not. */
function pathQuestion(random: Random, rule: PolicyRule | undefined): Question {
  const url = random.pick(rule?.nonResourceURLs ?? PATHS);
  const near = [
    url.replace('*', ''),
    url.replace('*', 'x'),
    url.replace(/.\*?$/, ''),
    `${url}x`,
    url.replace(/\/\*?$/, ''),
    random.pick(PATHS),
  ];
  return {
    path: random.pick(near) || '/',
    verb: random.chance(0.25) ? random.pick(PATH_VERBS) : random.pick(rule?.verbs ?? PATH_VERBS),
  };
}

/** Resource and subresource that a rule's entry is about; `*` mostly becomes something real. */
function aim(random: Random, entry: string): { resource: string; subresource: string } {
  const [resource = '', ...rest] = entry.split('/');
  const real = (text: string, candidates: readonly string[]): string =>
    text === '' || (text === '*' && random.chance(0.8)) ? random.pick(candidates) : text;
  if (rest.length === 0)
    return { resource: real(resource, RESOURCES), subresource: random.chance(0.1) ? random.pick(SUBRESOURCES) : '' };
  return { resource: real(resource, RESOURCES), subresource: real(rest.join('/'), SUBRESOURCES) };
}

/** A question that the rule allows, bent in one place or not at all; without a rule one at random. */
function resourceQuestion(
  random: Random,
  scenario: Scenario,
  rule: PolicyRule | undefined,
  namespace: string | undefined,
): Question {
  const { resource, subresource } = aim(random, random.pick(rule?.resources ?? [ruleResource(random)]));
  const bent = random.chance(0.4) ? random.below(6) : -1;
  const literal = (text: string, candidates: readonly string[]): string =>
    text === '*' && random.chance(0.8) ? random.pick(candidates) : text;
  const verb = bent === 0 ? random.pick([...VERBS, '*']) : literal(random.pick(rule?.verbs ?? VERBS), VERBS);
  const group = bent === 1 ? random.pick([...GROUPS, '*']) : literal(random.pick(rule?.apiGroups ?? GROUPS), GROUPS);
  const anyName = ['', ...NAMES, ...scenario.namespaces];
  const name = bent === 2 ? random.pick(anyName) : random.pick(rule?.resourceNames ?? anyName);
  const where = bent === 3 ? random.pick([undefined, 'nowhere', ...scenario.namespaces]) : namespace;
  return {
    verb,
    group,
    ...(bent === 4 && subresource !== ''
      ? { resource: `${resource}/${subresource}` }
      : {
          resource: bent === 5 ? random.pick([...RESOURCES, '*']) : resource,
          ...(bent === 4
            ? { subresource: random.pick([...SUBRESOURCES, '*']) }
            : subresource === ''
              ? {}
              : { subresource }),
        }),
    ...(name === '' ? {} : { name }),
    ...(where === undefined ? {} : { namespace: where }),
  };
}

export interface Asked {
  readonly identity: Identity;
  readonly question: Question;
}

/** The rules behind a binding; for roles that are aggregated or built in, the rules of all of the scenario. */
function rulesBehind(scenario: Scenario, binding: RawObject): readonly PolicyRule[] {
  const { kind, name } = binding.roleRef as { kind: string; name: string };
  const role = scenario.objects.find(
    (object) =>
      object.kind === kind &&
      object.metadata.name === name &&
      (kind === 'ClusterRole' || object.metadata.namespace === binding.metadata.namespace),
  );
  const rules = (role?.rules ?? []) as readonly PolicyRule[];
  return rules.length === 0 || role?.aggregationRule !== undefined ? scenario.rules : rules;
}

/** Most questions are aimed at a binding (one of its subjects asks for what its role allows), the others at nothing. */
function ask(random: Random, scenario: Scenario, bindings: readonly RawObject[]): Asked {
  const anywhere = random.pick(scenario.namespaces);
  if (random.chance(0.2)) {
    const question = random.chance(0.2)
      ? pathQuestion(random, undefined)
      : resourceQuestion(random, scenario, undefined, anywhere);
    return { identity: anybody(random, scenario), question };
  }
  const binding = random.pick(bindings);
  const { namespace } = binding.metadata;
  const rule = random.pick(rulesBehind(scenario, binding));
  const [who] = random.some(binding.subjects as readonly Subject[], 1);
  return {
    identity:
      who === undefined || random.chance(0.1) ? anybody(random, scenario) : meant(random, scenario, who, namespace),
    question: rule.nonResourceURLs
      ? pathQuestion(random, rule)
      : resourceQuestion(random, scenario, rule, namespace ?? anywhere),
  };
}

export function generateQuestions(random: Random, scenario: Scenario, count: number): Asked[] {
  const bindings = scenario.objects.filter(({ kind }) => kind?.endsWith('Binding'));
  return Array.from({ length: count }, () => ask(random, scenario, bindings));
}
