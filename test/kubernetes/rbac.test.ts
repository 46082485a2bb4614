import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { builtinClusterRoleBindings, withBuiltinRoles } from '../../src/kubernetes/builtin-roles.ts';
import {
  accountOfUser,
  createAuthorizer,
  questionOfRule,
  serviceAccountIdentity,
  type Question,
  type RbacObjects,
} from '../../src/kubernetes/rbac.ts';
import { questionOfRequest } from '../../src/kubernetes/request-question.ts';
import type { Identity } from '../../src/model/access.ts';
import type { Binding, ClusterRole, PolicyRule, Role, Subject } from '../../src/model/kinds.ts';

const NONE: RbacObjects = { roles: [], roleBindings: [], clusterRoles: [], clusterRoleBindings: [] };
const ASKER: Identity = { user: 'asker', groups: ['devs', 'system:authenticated'] };
const ME: Subject = { kind: 'User', name: 'asker' };

const words = (text: string): string[] => text.split(' ').map((word) => (word === 'core' ? '' : word));
const rule = (verbs: string, groups: string, resources: string, names?: readonly string[]): PolicyRule => ({
  verbs: words(verbs),
  apiGroups: words(groups),
  resources: words(resources),
  ...(names ? { resourceNames: names } : {}),
});
const url = (verbs: string, urls: string): PolicyRule => ({ verbs: words(verbs), nonResourceURLs: words(urls) });
const clusterRole = (name: string, rules: readonly PolicyRule[]): ClusterRole => ({ metadata: { name }, rules });
const role = (namespace: string, name: string, rules: readonly PolicyRule[]): Role => ({
  metadata: { namespace, name },
  rules,
});
const binding = (
  name: string,
  namespace: string | undefined,
  ref: string,
  subjects: readonly Subject[] = [ME],
): Binding => {
  const [kind = '', target = ''] = ref.split(' ');
  return {
    metadata: namespace === undefined ? { name } : { name, namespace },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind, name: target },
    subjects,
  };
};

/** The rules, bound to the asker in namespace a. */
const inA = (...rules: PolicyRule[]): RbacObjects => ({
  ...NONE,
  clusterRoles: [clusterRole('r', rules)],
  roleBindings: [binding('b', 'a', 'ClusterRole r')],
});
/** The rules, bound to the asker everywhere. */
const everywhere = (...rules: PolicyRule[]): RbacObjects => ({
  ...NONE,
  clusterRoles: [clusterRole('r', rules)],
  clusterRoleBindings: [binding('b', undefined, 'ClusterRole r')],
});
/** A RoleBinding in namespace a for these subjects. */
const boundTo = (...subjects: Subject[]): RbacObjects => ({
  ...NONE,
  clusterRoles: [clusterRole('r', [rule('get', 'core', 'pods')])],
  roleBindings: [binding('b', 'a', 'ClusterRole r', subjects)],
});
const builtin = (name: string, subject: Subject = ME): RbacObjects => ({
  ...NONE,
  clusterRoles: withBuiltinRoles([]),
  clusterRoleBindings: builtinClusterRoleBindings(),
  roleBindings: [binding('b', 'a', `ClusterRole ${name}`, [subject])],
});

/** `get core/pods/log`, in namespace a unless said otherwise; `-` is the cluster scope. */
const ask = (text: string, more: { name?: string; in?: string } = {}): Question => {
  const [verb = '', target = ''] = text.split(' ');
  const [group = '', resource = '', ...sub] = target.split('/');
  const namespace = more.in ?? 'a';
  return {
    verb,
    group: group === 'core' ? '' : group,
    resource,
    ...(sub.length > 0 ? { subresource: sub.join('/') } : {}),
    ...(more.name === undefined ? {} : { name: more.name }),
    ...(namespace === '-' ? {} : { namespace }),
  };
};
const http = (method: string, path: string): Question => questionOfRequest(method, path);
const inNamespace = (path: string): string => `/api/v1/namespaces/a/${path}`;

type Vector = readonly [title: string, objects: RbacObjects, question: Question, allowed: boolean];
const ALLOWED = true;
const DENIED = false;

const pods = inA(rule('get', 'core', 'pods'));
const anyVerb = inA(rule('*', 'core', 'pods'));
const anyCore = inA(rule('get', 'core', '*'));
const podsStar = inA(rule('*', 'core', 'pods/*'));
const secretR = inA(rule('*', 'core', 'secrets', ['r']));
const unnamed = inA(rule('get list create', 'core', 'secrets', ['']));
const configX = inA(rule('create list watch deletecollection', 'core', 'configmaps', ['x']));
const listByName = everywhere(rule('list', 'core', 'namespaces configmaps', ['a', 'x']));
const nodes = inA(rule('get list', 'core', 'nodes namespaces'));
const urls = everywhere(url('get', '/metrics /debug/* /api* /logs/'));
const selector = (text: string): string => `?fieldSelector=${encodeURIComponent(text)}`;

// Answers of a live 1.36 API server. Where a vector is about what a request carries, the request is asked.
const VECTORS: readonly Vector[] = [
  ['1 the verb that is granted', pods, ask('get core/pods'), ALLOWED],
  ['2 list is not get', pods, ask('list core/pods'), DENIED],
  ['3 watch is not get', pods, ask('watch core/pods'), DENIED],
  ['4 a subresource is not its resource', pods, ask('get core/pods/log'), DENIED],
  ['5 the version plays no part', pods, http('GET', '/api/v9/namespaces/a/pods/p'), ALLOWED],
  ['6 another namespace', pods, ask('get core/pods', { in: 'b' }), DENIED],
  ['7 no namespace', pods, ask('get core/pods', { in: '-' }), DENIED],
  ['8 a namespace that does not exist', pods, ask('get core/pods', { in: 'ghost' }), DENIED],
  ['9 verb * in a question is a literal', pods, ask('* core/pods'), DENIED],
  ['10 resource * in a question is a literal', pods, ask('get core/*'), DENIED],
  ['11 group * in a question is a literal', pods, ask('get */pods'), DENIED],
  ['12 verb * matches the literal', anyVerb, ask('* core/pods'), ALLOWED],
  ['13 verb * matches unknown verbs', anyVerb, ask('frobnicate core/pods'), ALLOWED],
  ['14 verb * matches deletecollection', anyVerb, http('DELETE', inNamespace('pods')), ALLOWED],
  ['15 verb * does not reach subresources', anyVerb, http('POST', inNamespace('pods/p/exec')), DENIED],
  ['16 resource * matches subresources', anyCore, ask('get core/pods/log'), ALLOWED],
  ['17 resource * matches the literal', anyCore, ask('get core/*'), ALLOWED],
  ['18 resource * stays in its group', anyCore, ask('get apps/deployments'), DENIED],
  ['19 pods/* is not pods', podsStar, ask('get core/pods'), DENIED],
  ['20 pods/* is not pods/log', podsStar, ask('get core/pods/log'), DENIED],
  ['21 pods/* is a subresource called *', podsStar, ask('get core/pods/*'), ALLOWED],
  ['22 */log matches pods/log', inA(rule('get', 'core', '*/log')), ask('get core/pods/log'), ALLOWED],
  ['23 */log does not match pods', inA(rule('get', 'core', '*/log')), ask('get core/pods'), DENIED],
  ['24 */scale, deployments', inA(rule('update', '*', '*/scale')), ask('update apps/deployments/scale'), ALLOWED],
  ['25 */scale, custom resources', inA(rule('update', '*', '*/scale')), ask('update x.io/widgets/scale'), ALLOWED],
  ['26 */* is not pods', inA(rule('get', 'core', '*/*')), ask('get core/pods'), DENIED],
  ['26 */* is not pods/log', inA(rule('get', 'core', '*/*')), ask('get core/pods/log'), DENIED],
  ['27 pods/log is not pods', inA(rule('get', 'core', 'pods/log')), ask('get core/pods'), DENIED],
  [
    '28 resource pods/log without subresource',
    inA(rule('get', 'core', 'pods/log')),
    { verb: 'get', group: '', resource: 'pods/log', namespace: 'a' },
    ALLOWED,
  ],
  ['29 core is not apps', inA(rule('get', 'apps', 'pods')), ask('get core/pods'), DENIED],
  [
    '30 core is not called core',
    inA({ ...rule('get', 'x', 'pods'), apiGroups: ['core'] }),
    ask('get core/pods'),
    DENIED,
  ],
  ['31 core is not called v1', inA(rule('get', 'v1', 'pods')), ask('get core/pods'), DENIED],
  ['32 group * is core too', inA(rule('get', '*', 'pods')), ask('get core/pods'), ALLOWED],
  [
    '33 two rules never combine, verb',
    inA(rule('get', 'core', 'pods'), rule('list', 'apps', 'deployments')),
    ask('list core/pods'),
    DENIED,
  ],
  [
    '34 two rules never combine, resource',
    inA(rule('get', 'core', 'pods'), rule('list', 'apps', 'deployments')),
    ask('get apps/deployments'),
    DENIED,
  ],
  ['35 lists multiply', inA(rule('get', 'core apps', 'pods deployments')), ask('get apps/pods'), ALLOWED],
  ['35 lists multiply', inA(rule('get', 'core apps', 'pods deployments')), ask('get core/deployments'), ALLOWED],
  ['36 verbs are case-sensitive', inA(rule('Get', 'core', 'pods')), ask('get core/pods'), DENIED],
  ['36 resources are case-sensitive', inA(rule('get', 'core', 'Pods')), ask('get core/pods'), DENIED],
  [
    '37 delete is not deletecollection',
    inA(rule('delete', 'core', 'pods')),
    http('DELETE', inNamespace('pods')),
    DENIED,
  ],
  // The server asks twice for an apply of something new; this is its second question.
  [
    '38 applying something new creates',
    inA(rule('patch', 'core', 'configmaps')),
    http('POST', inNamespace('configmaps')),
    DENIED,
  ],
  ['39 a named rule, its name', secretR, http('GET', inNamespace('secrets/r')), ALLOWED],
  ['40 a named rule, another name', secretR, http('GET', inNamespace('secrets/other')), DENIED],
  ['41 a named rule, no name', secretR, ask('get core/secrets'), DENIED],
  ['41 a named rule, the list', secretR, http('GET', inNamespace('secrets')), DENIED],
  [
    '42 a named rule, the list of one',
    secretR,
    http('GET', inNamespace(`secrets${selector('metadata.name=r')}`)),
    ALLOWED,
  ],
  ['43 a named rule, a create', secretR, http('POST', inNamespace('secrets')), DENIED],
  ['44 a named rule, a review of create with a name', secretR, ask('create core/secrets', { name: 'r' }), ALLOWED],
  ['45 the empty name, create', unnamed, http('POST', inNamespace('secrets')), ALLOWED],
  ['45 the empty name, list', unnamed, http('GET', inNamespace('secrets')), ALLOWED],
  ['46 the empty name, get x', unnamed, http('GET', inNamespace('secrets/x')), DENIED],
  ['47 list of one', configX, http('GET', inNamespace(`configmaps${selector('metadata.name=x')}`)), ALLOWED],
  ['48 watch of one', configX, http('GET', inNamespace(`configmaps${selector('metadata.name=x')}&watch=1`)), ALLOWED],
  [
    '49 list of one, more terms',
    configX,
    http('GET', inNamespace(`configmaps${selector('metadata.name==x,metadata.namespace=a')}`)),
    ALLOWED,
  ],
  ['50 all but one', configX, http('GET', inNamespace(`configmaps${selector('metadata.name!=x')}`)), DENIED],
  ['51 a label selector', configX, http('GET', inNamespace('configmaps?labelSelector=metadata.name%3Dx')), DENIED],
  [
    '52 deletecollection carries no name',
    configX,
    http('DELETE', inNamespace(`configmaps${selector('metadata.name=x')}`)),
    DENIED,
  ],
  ['53 list one Namespace', listByName, http('GET', `/api/v1/namespaces${selector('metadata.name=a')}`), ALLOWED],
  [
    '53 list ConfigMaps of a name',
    listByName,
    http('GET', `/api/v1/configmaps${selector('metadata.name=x')}`),
    ALLOWED,
  ],
  [
    '54 exec by name',
    inA(rule('create', 'core', 'pods/exec', ['p1'])),
    http('POST', inNamespace('pods/p1/exec')),
    ALLOWED,
  ],
  [
    '54 exec by name',
    inA(rule('create', 'core', 'pods/exec', ['p1'])),
    http('POST', inNamespace('pods/p2/exec')),
    DENIED,
  ],
  [
    '54 exec by name',
    inA(rule('create', 'core', 'pods/exec', ['p1'])),
    http('GET', inNamespace('pods/p1/exec')),
    DENIED,
  ],
  [
    '55 a token by name',
    inA(rule('create', 'core', 'serviceaccounts/token', ['s'])),
    http('POST', inNamespace('serviceaccounts/s/token')),
    ALLOWED,
  ],
  [
    '55 a token by name',
    inA(rule('create', 'core', 'serviceaccounts/token', ['s'])),
    http('POST', inNamespace('serviceaccounts/other/token')),
    DENIED,
  ],
  ['56 cluster-scoped kinds in a RoleBinding', nodes, http('GET', '/api/v1/nodes'), DENIED],
  ['57 a review with a namespace says yes', nodes, ask('list core/nodes'), ALLOWED],
  [
    '58 a review of a Namespace without namespace says no',
    nodes,
    ask('get core/namespaces', { name: 'a', in: '-' }),
    DENIED,
  ],
  ['59 the Namespace itself', nodes, http('GET', '/api/v1/namespaces/a'), ALLOWED],
  ['60 another Namespace', nodes, http('GET', '/api/v1/namespaces/b'), DENIED],
  ['61 all Namespaces', nodes, http('GET', '/api/v1/namespaces'), DENIED],
  ['62 the status of the Namespace', nodes, http('GET', '/api/v1/namespaces/a/status'), DENIED],
  ['63 a list of one Namespace', nodes, http('GET', `/api/v1/namespaces${selector('metadata.name=a')}`), DENIED],
  ['64 a type that is not served', pods, http('GET', '/apis/x.io/v1/namespaces/a/widgets'), DENIED],
  ['65 a URL through a RoleBinding', inA(url('get', '/metrics')), http('GET', '/metrics'), DENIED],
  ['66 a URL', urls, http('GET', '/metrics'), ALLOWED],
  ['67 below a URL', urls, http('GET', '/metrics/x'), DENIED],
  ['68 above a prefix', urls, http('GET', '/debug'), DENIED],
  ['69 a prefix', urls, http('GET', '/debug/'), ALLOWED],
  ['69 a prefix', urls, http('GET', '/debug/pprof'), ALLOWED],
  ['70 a prefix without slash', urls, http('GET', '/apis'), ALLOWED],
  ['70 the slash counts', urls, http('GET', '/logs'), DENIED],
  ['71 the method counts', urls, http('POST', '/metrics'), DENIED],
  ['83 a Role by namespace', sameRole(), ask('get core/secrets'), ALLOWED],
  ['83 a Role by namespace', sameRole(), ask('get core/configmaps'), DENIED],
  ['84 a Role by namespace', sameRole(), ask('get core/secrets', { in: 'b' }), DENIED],
  ['84 a Role by namespace', sameRole(), ask('get core/configmaps', { in: 'b' }), ALLOWED],
  ['93 edit gets its Namespace', builtin('edit'), http('GET', '/api/v1/namespaces/a'), ALLOWED],
  ['93 edit patches no Namespace', builtin('edit'), http('PATCH', '/api/v1/namespaces/a'), DENIED],
  ['93 edit deletes no Namespace', builtin('edit'), http('DELETE', '/api/v1/namespaces/a'), DENIED],
  ['94 edit sees no RoleBindings', builtin('edit'), ask('list rbac.authorization.k8s.io/rolebindings'), DENIED],
  ['95 edit creates no quota', builtin('edit'), ask('create core/resourcequotas'), DENIED],
  ['95 edit creates no limits', builtin('edit'), ask('create core/limitranges'), DENIED],
  ['95 edit lists quotas', builtin('edit'), ask('list core/resourcequotas'), ALLOWED],
  ['96 edit deletes NetworkPolicies', builtin('edit'), ask('delete networking.k8s.io/networkpolicies'), ALLOWED],
  ['97 edit makes tokens', builtin('edit'), http('POST', inNamespace('serviceaccounts/s/token')), ALLOWED],
  ['98 edit scales', builtin('edit'), ask('patch apps/deployments/scale'), ALLOWED],
  ['98 edit writes no status', builtin('edit'), ask('patch apps/deployments/status'), DENIED],
  ['99 edit evicts', builtin('edit'), http('POST', inNamespace('pods/p/eviction')), ALLOWED],
  ['99 edit adds no debug container', builtin('edit'), ask('patch core/pods/ephemeralcontainers'), DENIED],
  ['99 edit does not resize', builtin('edit'), ask('patch core/pods/resize'), DENIED],
  ['100 edit writes no Endpoints', builtin('edit'), ask('update core/endpoints'), DENIED],
  ['100 edit writes no EndpointSlices', builtin('edit'), ask('update discovery.k8s.io/endpointslices'), DENIED],
  ['101 edit knows no custom resources', builtin('edit'), ask('get x.io/widgets'), DENIED],
  ['102 edit is any account there', builtin('edit'), ask('impersonate core/serviceaccounts', { name: 's' }), ALLOWED],
  ['102 edit is no account elsewhere', builtin('edit'), ask('impersonate core/serviceaccounts', { in: 'c' }), DENIED],
  ['103 view sees no Secrets', builtin('view'), ask('get core/secrets'), DENIED],
  ['103 view sees no RoleBindings', builtin('view'), ask('list rbac.authorization.k8s.io/rolebindings'), DENIED],
  ['103 view does not exec', builtin('view'), http('POST', inNamespace('pods/p/exec')), DENIED],
  ['104 view reads logs', builtin('view'), http('GET', inNamespace('pods/p/log')), ALLOWED],
  ['104 view reads quotas', builtin('view'), ask('list core/resourcequotas'), ALLOWED],
  ['105 admin binds', builtin('admin'), ask('create rbac.authorization.k8s.io/rolebindings'), ALLOWED],
  ['105 admin creates no quota', builtin('admin'), ask('create core/resourcequotas'), DENIED],
  ['105 admin deletes no Namespace', builtin('admin'), http('DELETE', '/api/v1/namespaces/a'), DENIED],
  [
    '106 everybody reviews itself',
    builtin('view'),
    http('POST', '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews'),
    ALLOWED,
  ],
  ['106 everybody sees the version', builtin('view'), http('GET', '/version'), ALLOWED],
  ['106 everybody discovers', builtin('view'), http('GET', '/apis'), ALLOWED],
];
// Not here: 72 (a ClusterRoleBinding's account without namespace), 87 and 88 are about validation of objects, which
// is not authorization; that such a subject means nobody is held below. 89–92 are in rbac-aggregation.test.ts.

function sameRole(): RbacObjects {
  return {
    ...NONE,
    roles: [
      role('a', 'same', [rule('get', 'core', 'secrets')]),
      role('b', 'same', [rule('get', 'core', 'configmaps')]),
    ],
    roleBindings: [binding('b', 'a', 'Role same'), binding('b', 'b', 'Role same')],
  };
}

describe('decide', () => {
  it.each(VECTORS)('%s', (_title, objects, question, allowed) => {
    expect(createAuthorizer(objects).decide(ASKER, question).allowed).toBe(allowed);
    expect(createAuthorizer(objects).allows(ASKER, question)).toBe(allowed);
  });

  const account = (namespace: string, name: string): Identity => serviceAccountIdentity(namespace, name);
  const bare = (user: string): Identity => ({ user, groups: [] });
  const anonymous: Identity = { user: 'system:anonymous', groups: ['system:unauthenticated'] };
  it.each<readonly [string, Subject, Identity, boolean]>([
    [
      '72 an account without namespace is of the binding’s',
      { kind: 'ServiceAccount', name: 'n' },
      account('a', 'n'),
      true,
    ],
    ['72 an account without namespace is of no other', { kind: 'ServiceAccount', name: 'n' }, account('b', 'n'), false],
    ['73 a user that is an account', { kind: 'User', name: 'system:serviceaccount:b:x' }, account('b', 'x'), true],
    ['74 the typo of --user', { kind: 'User', name: 'b:x' }, account('b', 'x'), false],
    ['75 the group of a namespace', { kind: 'Group', name: 'system:serviceaccounts:b' }, account('b', 'x'), true],
    [
      '76 reviews add no groups',
      { kind: 'Group', name: 'system:serviceaccounts:b' },
      bare('system:serviceaccount:b:x'),
      false,
    ],
    [
      '77 the group of another namespace',
      { kind: 'Group', name: 'system:serviceaccounts:b' },
      account('c', 'x'),
      false,
    ],
    ['78 all accounts', { kind: 'Group', name: 'system:serviceaccounts' }, account('z', 'z'), true],
    ['78 every login', { kind: 'Group', name: 'system:authenticated' }, ASKER, true],
    ['78 anonymous is no login', { kind: 'Group', name: 'system:authenticated' }, anonymous, false],
    ['79 no wildcard users', { kind: 'User', name: '*' }, bare('zzz'), false],
    ['79 a user called *', { kind: 'User', name: '*' }, bare('*'), true],
    ['80 users are case-sensitive', { kind: 'User', name: 'Alice' }, bare('alice'), false],
    ['81 a group’s name as user', { kind: 'User', name: 'devs' }, { user: 'alice', groups: ['devs'] }, false],
    ['a user’s name as group', { kind: 'Group', name: 'alice' }, { user: 'alice', groups: ['devs'] }, false],
    ['the API group of a subject plays no part', { kind: 'Group', apiGroup: 'x', name: 'devs' }, ASKER, true],
    ['88 an unknown kind', { kind: 'Robot', name: 'asker' }, ASKER, false],
  ])('%s', (_title, subject, identity, allowed) => {
    expect(createAuthorizer(boundTo(subject)).decide(identity, ask('get core/pods')).allowed).toBe(allowed);
    expect(createAuthorizer(boundTo(subject)).allows(identity, ask('get core/pods'))).toBe(allowed);
  });

  it('knows nobody by a ClusterRoleBinding to an account without namespace', () => {
    const subjects = [{ kind: 'ServiceAccount', name: 'n' }];
    const objects = { ...everywhere(rule('get', 'core', 'pods')) };
    const authorizer = createAuthorizer({
      ...objects,
      clusterRoleBindings: [binding('b', undefined, 'ClusterRole r', subjects)],
    });
    expect(authorizer.decide(serviceAccountIdentity('a', 'n'), ask('get core/pods')).allowed).toBe(false);
  });

  it('82 allows nobody without subjects, and names the first that matches', () => {
    expect(createAuthorizer(boundTo()).decide(ASKER, ask('get core/pods')).allowed).toBe(false);
    const devs = { kind: 'Group', name: 'devs' };
    const decision = createAuthorizer(boundTo({ kind: 'User', name: 'other' }, devs, ME)).decide(
      ASKER,
      ask('get core/pods'),
    );
    expect(decision).toMatchObject({
      allowed: true,
      via: { kind: 'RoleBinding', subject: devs, rule: { verbs: ['get'] }, role: { metadata: { name: 'r' } } },
      reason: 'RBAC: allowed by RoleBinding "b/a" of ClusterRole "r" to Group "devs"',
    });
  });

  it('names the first subject that matches, whether user or group', () => {
    const devs = { kind: 'Group', name: 'devs' };
    for (const subjects of [
      [ME, devs],
      [devs, ME],
    ])
      expect(createAuthorizer(boundTo(...subjects)).decide(ASKER, ask('get core/pods'))).toMatchObject({
        via: { subject: subjects[0] },
      });
  });

  it('finds no Role by a ClusterRoleBinding, not even one that a file puts into its namespace', () => {
    const objects = { ...sameRole(), roleBindings: [], clusterRoleBindings: [binding('b', 'a', 'Role same')] };
    expect(createAuthorizer(objects).decide(ASKER, ask('get core/secrets')).allowed).toBe(false);
  });

  it('says whom it allows as access reviews do', () => {
    const subject = { kind: 'ServiceAccount', name: 'crewai-sa', namespace: 'crewai' };
    const objects = { ...NONE, clusterRoles: withBuiltinRoles([]) };
    const who = serviceAccountIdentity('crewai', 'crewai-sa');
    const question = ask('get core/secrets', { in: 'crewai-org-2' });
    const local = binding('crewai-sa-edit', 'crewai-org-2', 'ClusterRole edit', [subject]);
    expect(createAuthorizer({ ...objects, roleBindings: [local] }).decide(who, question).reason).toBe(
      'RBAC: allowed by RoleBinding "crewai-sa-edit/crewai-org-2" of ClusterRole "edit" to ServiceAccount "crewai-sa/crewai"',
    );
    const wide = binding('crewai-sa-edit', undefined, 'ClusterRole edit', [subject]);
    expect(createAuthorizer({ ...objects, clusterRoleBindings: [wide] }).decide(who, question).reason).toBe(
      'RBAC: allowed by ClusterRoleBinding "crewai-sa-edit" of ClusterRole "edit" to ServiceAccount "crewai-sa/crewai"',
    );
  });

  it('allows system:masters without RBAC and without a reason', () => {
    const masters = { user: 'root', groups: ['system:masters'] };
    expect(createAuthorizer(NONE).allows(masters, ask('delete core/nodes', { in: '-' }))).toBe(true);
    expect(createAuthorizer(NONE).decide(masters, ask('delete core/nodes', { in: '-' }))).toEqual({
      allowed: true,
      reason: '',
    });
  });

  it('85 does not look for a Role in other namespaces', () => {
    const objects = { ...sameRole(), roleBindings: [binding('b', 'c', 'Role same')] };
    const decision = createAuthorizer(objects).decide(ASKER, ask('get core/secrets', { in: 'c' }));
    expect(decision.reason).toBe('RBAC: role.rbac.authorization.k8s.io "same" not found');
  });

  it('86 names every role that is missing, ClusterRoleBindings first, unless something else allows', () => {
    const objects = {
      ...inA(rule('get', 'core', 'pods')),
      roleBindings: [
        binding('a-gone', 'a', 'Role gone'),
        binding('b', 'a', 'ClusterRole r'),
        binding('c-gone-again', 'a', 'Role gone'),
      ],
      clusterRoleBindings: [binding('z', undefined, 'ClusterRole ghost'), binding('y', undefined, 'Role r')],
    };
    const authorizer = createAuthorizer(objects);
    expect(authorizer.decide(ASKER, ask('get core/pods')).allowed).toBe(true);
    expect(authorizer.decide(ASKER, ask('list core/pods'))).toMatchObject({
      allowed: false,
      dangling: [
        { kind: 'Role', name: 'r', bindingKind: 'ClusterRoleBinding' },
        { kind: 'ClusterRole', name: 'ghost', binding: { metadata: { name: 'z' } } },
        { kind: 'Role', name: 'gone', bindingKind: 'RoleBinding', binding: { metadata: { name: 'a-gone' } } },
        { kind: 'Role', name: 'gone', binding: { metadata: { name: 'c-gone-again' } } },
      ],
      reason:
        'RBAC: [role.rbac.authorization.k8s.io "r" not found, clusterrole.rbac.authorization.k8s.io "ghost" not found, role.rbac.authorization.k8s.io "gone" not found]',
    });
    expect(authorizer.decide({ user: 'other', groups: [] }, ask('list core/pods')).reason).toBe('');
  });

  it('survives null lists, as manifests have them', () => {
    const authorizer = createAuthorizer({
      ...NONE,
      clusterRoles: [
        { metadata: { name: 'r' }, rules: null },
        { metadata: { name: 's' }, rules: [{ verbs: ['get'], apiGroups: null, resources: null, resourceNames: null }] },
      ],
      roleBindings: [
        { ...binding('b', 'a', 'ClusterRole r'), subjects: null },
        binding('c', 'a', 'ClusterRole r'),
        binding('d', 'a', 'ClusterRole s'),
      ],
    });
    expect(authorizer.decide(ASKER, ask('get core/pods'))).toEqual({ allowed: false, dangling: [], reason: '' });
  });
});

describe('what callers reason with', () => {
  const other = { kind: 'ServiceAccount', name: 'crewai-sa', namespace: 'wrong' };
  const objects: RbacObjects = {
    ...inA(rule('get', 'core', 'pods')),
    roleBindings: [
      binding('near-miss', 'a', 'ClusterRole r', [other]),
      binding('mine', 'a', 'ClusterRole r'),
      binding('gone', 'a', 'ClusterRole ghost'),
      binding('elsewhere', 'b', 'ClusterRole r'),
    ],
    clusterRoleBindings: [binding('wide', undefined, 'ClusterRole r', [{ kind: 'Group', name: 'devs' }])],
  };
  const authorizer = createAuthorizer(objects);
  const names = (items: readonly { readonly binding: Binding }[]): string[] =>
    items.map((item) => item.binding.metadata.name);

  it('lists what applies to somebody', () => {
    expect(names(authorizer.grantsFor(ASKER, 'a'))).toEqual(['wide', 'gone', 'mine']);
    expect(names(authorizer.grantsFor(ASKER))).toEqual(['wide']);
    expect(authorizer.grantsFor(ASKER, 'a').map((grant) => grant.role?.metadata.name)).toEqual(['r', undefined, 'r']);
  });

  it('lists bindings by place and by what they would grant', () => {
    expect(names(authorizer.bindingsIn('a'))).toEqual(['gone', 'mine', 'near-miss']);
    expect(names(authorizer.bindingsIn())).toEqual(['wide']);
    expect(names(authorizer.bindingsIn('nowhere'))).toEqual([]);
    expect(names(authorizer.bindingsGranting(ask('get core/pods')))).toEqual(['wide', 'mine', 'near-miss']);
    expect(names(authorizer.bindingsGranting(ask('list core/pods')))).toEqual([]);
  });

  it('knows accounts by their user names', () => {
    expect(serviceAccountIdentity('crewai', 'crewai-sa')).toEqual({
      user: 'system:serviceaccount:crewai:crewai-sa',
      groups: ['system:serviceaccounts', 'system:serviceaccounts:crewai', 'system:authenticated'],
    });
    expect(accountOfUser('system:serviceaccount:crewai:crewai-sa')).toEqual({ namespace: 'crewai', name: 'crewai-sa' });
    for (const user of [
      'crewai:crewai-sa',
      'system:serviceaccount:crewai',
      'system:serviceaccount::x',
      'system:serviceaccount:a:b:c',
    ])
      expect(accountOfUser(user)).toBeUndefined();
  });

  it('asks about permissions in plain words', () => {
    expect(questionOfRule({ verb: 'get', group: '', resource: 'pods/log', namespace: 'a' })).toEqual({
      verb: 'get',
      group: '',
      resource: 'pods',
      subresource: 'log',
      namespace: 'a',
    });
    expect(questionOfRule({ verb: 'get', group: 'apps', resource: 'deployments', name: 'd' })).toEqual({
      verb: 'get',
      group: 'apps',
      resource: 'deployments',
      name: 'd',
    });
  });
});

const anyRule = fc.record({
  verbs: fc.subarray(['*', 'get', 'list'], { minLength: 1 }),
  apiGroups: fc.subarray(['*', '', 'apps'], { minLength: 1 }),
  resources: fc.subarray(['*', 'pods', 'pods/log', '*/log', 'pods/*'], { minLength: 1 }),
  resourceNames: fc.subarray(['', 'p'], { maxLength: 2 }),
});
const anySubject: fc.Arbitrary<Subject> = fc.oneof(
  fc.record({ kind: fc.constant('User'), name: fc.constantFrom('u', 'system:serviceaccount:a:s') }),
  fc.record({ kind: fc.constant('Group'), name: fc.constantFrom('g', 'system:serviceaccounts:a') }),
  fc.record({
    kind: fc.constant('ServiceAccount'),
    name: fc.constantFrom('s', 't'),
    namespace: fc.constantFrom('', 'a', 'b'),
  }),
);
const anyRef = fc.constantFrom('Role x', 'ClusterRole x', 'ClusterRole y', 'ClusterRole ghost');
const anySubjects = fc.array(anySubject, { maxLength: 3 });
const anyRules = fc.array(anyRule, { maxLength: 3 });
const anyObjects: fc.Arbitrary<RbacObjects> = fc.record({
  roles: fc.tuple(anyRules).map(([rules]) => [role('a', 'x', rules)]),
  clusterRoles: fc.tuple(anyRules, anyRules).map(([x, y]) => [clusterRole('x', x), clusterRole('y', y)]),
  roleBindings: fc.array(
    fc
      .tuple(fc.constantFrom('a', 'b'), anyRef, anySubjects, fc.string())
      .map(([namespace, ref, subjects, name]) => binding(name, namespace, ref, subjects)),
    { maxLength: 4 },
  ),
  clusterRoleBindings: fc.array(
    fc.tuple(anyRef, anySubjects, fc.string()).map(([ref, subjects, name]) => binding(name, undefined, ref, subjects)),
    { maxLength: 3 },
  ),
});
const anyIdentity = fc.constantFrom<Identity>(
  { user: 'u', groups: ['g'] },
  { user: 'v', groups: [] },
  serviceAccountIdentity('a', 's'),
  serviceAccountIdentity('b', 't'),
);
const anyQuestion = fc
  .tuple(
    fc.constantFrom('get', 'list', '*'),
    fc.constantFrom('core', 'apps', 'batch'),
    fc.constantFrom('pods', 'pods/log', 'pods/*', 'jobs'),
    fc.constantFrom('a', 'b', '-'),
    fc.constantFrom('', 'p', 'q'),
  )
  .map(([verb, group, resource, namespace, name]) => ask(`${verb} ${group}/${resource}`, { in: namespace, name }));

describe('properties', () => {
  it('agrees with a reading of every binding, rule and subject in turn', () => {
    fc.assert(
      fc.property(anyObjects, anyIdentity, anyQuestion, (objects, identity, question) => {
        expect(createAuthorizer(objects).decide(identity, question).allowed).toBe(naive(objects, identity, question));
      }),
      { numRuns: 1000 },
    );
  });

  it('never loses a permission by one more binding', () => {
    fc.assert(
      fc.property(anyObjects, anyObjects, anyIdentity, anyQuestion, (objects, more, identity, question) => {
        const wider = {
          ...objects,
          roleBindings: [...objects.roleBindings, ...more.roleBindings],
          clusterRoleBindings: [...more.clusterRoleBindings, ...objects.clusterRoleBindings],
        };
        const before = createAuthorizer(objects).decide(identity, question).allowed;
        expect(!before || createAuthorizer(wider).decide(identity, question).allowed).toBe(true);
      }),
    );
  });

  it('asks about 1,000 namespaces quickly', () => {
    const subjects = Array.from({ length: 40 }, (_, index) => ({ kind: 'User', name: `user-${String(index)}` }));
    const roleBindings = Array.from({ length: 1000 }, (_, index) =>
      binding('b', `ns-${String(index)}`, 'ClusterRole edit', [...subjects, ME]),
    );
    const authorizer = createAuthorizer({ ...builtin('edit'), roleBindings });
    const started = performance.now();
    let allowed = 0;
    for (let namespace = 0; namespace < 1000; namespace++)
      for (let question = 0; question < 40; question++)
        if (
          authorizer.decide(ASKER, ask('get networking.k8s.io/networkpolicies', { in: `ns-${String(namespace)}` }))
            .allowed
        )
          allowed++;
    expect(allowed).toBe(40_000);
    // Well under a second on one idle core; a scan of all bindings takes a minute.
    expect(performance.now() - started).toBeLessThan(3_000);
  });
});

/** RBAC read off its documentation, without indexes. */
function naive(objects: RbacObjects, { user, groups }: Identity, question: Question): boolean {
  if ('path' in question) return false;
  const { namespace = '' } = question;
  const means = (subject: Subject, local: string): boolean => {
    if (subject.kind === 'User') return subject.name === user;
    if (subject.kind === 'Group') return groups.includes(subject.name);
    const home = [subject.namespace, local].find(Boolean) ?? '';
    return home !== '' && user === `system:serviceaccount:${home}:${subject.name}`;
  };
  const rulesOf = ({ roleRef }: Binding, local: string): readonly PolicyRule[] => {
    const found =
      roleRef.kind === 'Role'
        ? objects.roles.find(
            (item) => item.metadata.name === roleRef.name && item.metadata.namespace === local && local,
          )
        : objects.clusterRoles.find((item) => item.metadata.name === roleRef.name);
    return (found ? found.rules : []) ?? [];
  };
  const resource = question.subresource ? `${question.resource}/${question.subresource}` : question.resource;
  const grants = (candidate: PolicyRule): boolean =>
    ['*', question.verb].some((verb) => candidate.verbs.includes(verb)) &&
    ['*', question.group].some((group) => candidate.apiGroups?.includes(group)) &&
    ['*', resource, ...(question.subresource ? [`*/${question.subresource}`] : [])].some((text) =>
      candidate.resources?.includes(text),
    ) &&
    (candidate.resourceNames?.length === 0 || candidate.resourceNames?.includes(question.name ?? '') === true);
  const applies = (item: Binding, local: string): boolean =>
    (item.subjects ?? []).some((subject) => means(subject, local)) && rulesOf(item, local).some(grants);
  return (
    objects.clusterRoleBindings.some((item) => applies(item, '')) ||
    objects.roleBindings.some(
      (item) => namespace !== '' && item.metadata.namespace === namespace && applies(item, namespace),
    )
  );
}
