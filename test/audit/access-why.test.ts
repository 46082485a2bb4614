import { describe, expect, it } from 'vitest';
import { bound, granted, why, type AccessScenario } from '../support/access.ts';

const ME = '{kind: User, name: asker}';
const inA = (rules: string): AccessScenario => ({ with: granted('a', 'r', ME, rules) });
const everywhere = (rules: string): AccessScenario => ({ with: granted(undefined, 'r', ME, rules) });
const rule = (verbs: string, groups: string, resources: string, names?: string): string =>
  `{verbs: [${verbs}], apiGroups: [${groups}], resources: [${resources}]${names === undefined ? '' : `, resourceNames: [${names}]`}}`;
const CORE = '""';

/** The questions of the live vectors that somebody can type, with the numbers of the reference. */
const PODS = inA(rule('get', CORE, 'pods'));
const SECRET = inA(rule('"*"', CORE, 'secrets', 'r'));
const CONFIG = inA(rule('create, list, watch, deletecollection', CORE, 'configmaps', 'x'));
const NODES = inA(rule('get, list', CORE, 'nodes, namespaces'));
const URLS = everywhere('{verbs: [get], nonResourceURLs: [/metrics, "/debug/*", "/api*", /logs/]}');

describe('decisions are those of a live API server', () => {
  it.each<[string, AccessScenario, string, 'allowed' | 'denied']>([
    ['V1', PODS, 'User:asker get pods -n a', 'allowed'],
    ['V2', PODS, 'User:asker list pods -n a', 'denied'],
    ['V4', PODS, 'User:asker get pods/log -n a', 'denied'],
    ['V6', PODS, 'User:asker get pods -n b', 'denied'],
    ['V7', PODS, 'User:asker get pods', 'denied'],
    ['V9', PODS, 'User:asker * pods -n a', 'denied'],
    ['V10', PODS, 'User:asker get * -n a', 'denied'],
    ['V13', inA(rule('"*"', CORE, 'pods')), 'User:asker frobnicate pods -n a', 'allowed'],
    ['V15', inA(rule('"*"', CORE, 'pods')), 'User:asker create pods/exec -n a', 'denied'],
    ['V16', inA(rule('get', CORE, '"*"')), 'User:asker get pods/log -n a', 'allowed'],
    ['V20', inA(rule('"*"', CORE, '"pods/*"')), 'User:asker get pods/log -n a', 'denied'],
    ['V22', inA(rule('get', CORE, '"*/log"')), 'User:asker get pods/log -n a', 'allowed'],
    ['V24', inA(rule('update', '"*"', '"*/scale"')), 'User:asker update deploy/scale -n a', 'allowed'],
    ['V25', inA(rule('update', '"*"', '"*/scale"')), 'User:asker update widgets.x.io/scale -n a', 'allowed'],
    ['V29', inA(rule('get', 'apps', 'pods')), 'User:asker get pods -n a', 'denied'],
    ['V36', inA(rule('Get', CORE, 'pods')), 'User:asker get pods -n a', 'denied'],
    ['V37', inA(rule('delete', CORE, 'pods')), 'User:asker deletecollection pods -n a', 'denied'],
    ['V39', SECRET, 'User:asker get secret r -n a', 'allowed'],
    ['V40', SECRET, 'User:asker get secret other -n a', 'denied'],
    ['V41', SECRET, 'User:asker list secrets -n a', 'denied'],
    ['V42', SECRET, 'User:asker list secrets r -n a', 'allowed'],
    ['V43/44: the POST carries no name', SECRET, 'User:asker create secrets r -n a', 'denied'],
    ['V47', CONFIG, 'User:asker list cm x -n a', 'allowed'],
    ['V52: nor does DELETE of a collection', CONFIG, 'User:asker deletecollection cm x -n a', 'denied'],
    ['V54', inA(rule('create', CORE, 'pods/exec', 'p1')), 'User:asker create pods/exec p1 -n a', 'allowed'],
    ['V54', inA(rule('create', CORE, 'pods/exec', 'p1')), 'User:asker create pods/exec p2 -n a', 'denied'],
    ['V56/57: no false yes for a namespace', NODES, 'User:asker list nodes -n a', 'denied'],
    ['V58/59: no false no for a Namespace by name', NODES, 'User:asker get ns a', 'allowed'],
    ['V59', NODES, 'User:asker get ns -n a', 'allowed'],
    ['V60', NODES, 'User:asker get ns b', 'denied'],
    ['V61', NODES, 'User:asker list ns', 'denied'],
    ['V63', NODES, 'User:asker list ns a', 'denied'],
    ['V65', inA('{verbs: [get], nonResourceURLs: [/metrics]}'), 'User:asker get /metrics', 'denied'],
    ['V66', URLS, 'User:asker get /metrics', 'allowed'],
    ['V67', URLS, 'User:asker get /metrics/x', 'denied'],
    ['V70', URLS, 'User:asker GET /apis', 'allowed'],
    ['V71', URLS, 'User:asker post /metrics', 'denied'],
    [
      'V73',
      { with: granted('a', 'r', '{kind: User, name: "system:serviceaccount:b:x"}', rule('get', CORE, 'pods')) },
      'b/x get pods -n a',
      'allowed',
    ],
    [
      'V74',
      { with: granted('a', 'r', '{kind: User, name: "b:x"}', rule('get', CORE, 'pods')) },
      'b/x get pods -n a',
      'denied',
    ],
    [
      'V75',
      { with: granted('a', 'r', '{kind: Group, name: "system:serviceaccounts:b"}', rule('get', CORE, 'pods')) },
      'b/x get pods -n a',
      'allowed',
    ],
    [
      'V77',
      { with: granted('a', 'r', '{kind: Group, name: "system:serviceaccounts:b"}', rule('get', CORE, 'pods')) },
      'c/x get pods -n a',
      'denied',
    ],
    [
      'V78',
      { with: granted('a', 'r', '{kind: Group, name: "system:authenticated"}', rule('get', CORE, 'pods')) },
      'User:system:anonymous get pods -n a',
      'denied',
    ],
    [
      'V80',
      { with: granted('a', 'r', '{kind: User, name: Alice}', rule('get', CORE, 'pods')) },
      'User:alice get pods -n a',
      'denied',
    ],
    ['system:masters', {}, 'Group:system:masters delete nodes', 'allowed'],
  ])('%s', (_, scenario, words, answer) => {
    const { answer: found, rbac, code } = why(scenario, words);
    expect({ found, rbac, code }).toEqual({ found: answer, rbac: answer, code: answer === 'allowed' ? 0 : 1 });
  });
});

describe('the way to a yes', () => {
  it('names subject, binding, role and rule', () => {
    const { grant } = why({}, 'crewai/crewai-sa create deploy -n crewai-org-1');
    expect(grant).toMatchObject({
      kind: 'RoleBinding',
      namespace: 'crewai-org-1',
      name: 'crewai-sa-edit',
      role: 'ClusterRole/edit',
      subject: 'ServiceAccount crewai/crewai-sa',
    });
    expect(grant?.rule).toContain('"deployments"');
  });

  it('names the roles that an aggregated one was made of', () => {
    const objects = `apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: part, labels: {aggregate-to-whole: "true"}}
rules: [${rule('get', CORE, 'pods')}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: whole}
aggregationRule: {clusterRoleSelectors: [{matchLabels: {aggregate-to-whole: "true"}}]}
rules: null
---
${bound('a', 'b', ME, '{kind: ClusterRole, name: whole}')}`;
    const { answer, grant } = why({ with: objects }, 'User:asker get po -n a');
    expect([answer, grant?.role, grant?.aggregatedFrom]).toEqual(['allowed', 'ClusterRole/whole', ['part']]);
  });
});

describe('what comes nearest to a no', () => {
  const account = 'crewai/crewai-sa';
  const EDIT = '{kind: ClusterRole, name: edit}';
  it.each<[string, AccessScenario, string, RegExp]>([
    [
      'the account of another namespace',
      {
        with: bound(
          'crewai-org-1',
          'crewai-sa-edit',
          '{kind: ServiceAccount, name: crewai-sa, namespace: crewai-org-1}',
          EDIT,
        ),
      },
      `${account} create deploy -n crewai-org-1`,
      /subject is ServiceAccount crewai-org-1\/crewai-sa \(expected namespace crewai\)/,
    ],
    [
      'a ServiceAccount spelled as a user',
      { with: bound('crewai-org-1', 'crewai-sa-edit', '{kind: User, name: "crewai:crewai-sa"}', EDIT) },
      `${account} create deploy -n crewai-org-1`,
      /User crewai:crewai-sa .*system:serviceaccount:crewai:crewai-sa/,
    ],
    [
      'another name',
      {
        with: bound('crewai-org-1', 'crewai-sa-edit', '{kind: ServiceAccount, name: crewai, namespace: crewai}', EDIT),
      },
      `${account} create deploy -n crewai-org-1`,
      /expected name crewai-sa/,
    ],
    [
      'letters of a user',
      { with: granted('a', 'r', '{kind: User, name: Asker}', rule('get', CORE, 'pods')) },
      'User:asker get po -n a',
      /case-sensitive/,
    ],
    [
      'a group as a user',
      { with: granted('a', 'r', '{kind: User, name: devs}', rule('get', CORE, 'pods')) },
      'Group:devs get po -n a',
      /expected kind Group/,
    ],
    [
      'a role that does not exist',
      { with: bound('a', 'b', ME, '{kind: Role, name: gone}') },
      'User:asker get po -n a',
      /Role gone does not exist/,
    ],
    ['a verb', PODS, 'User:asker list po -n a', /lacks the verb list \(it has get\)/],
    [
      'an API group',
      inA(rule('get', 'extensions', 'deployments')),
      'User:asker get deploy -n a',
      /for API group extensions, not apps/,
    ],
    ['a name', SECRET, 'User:asker get secrets other -n a', /only to "r"/],
    ['a subresource', PODS, 'User:asker get pods/log -n a', /for pods, not pods\/log/],
    ['pods/*', inA(rule('get', CORE, '"pods/*"')), 'User:asker get pods/log -n a', /matches nothing/],
    ['a RoleBinding for nodes', NODES, 'User:asker list nodes', /grants nothing cluster-scoped/],
    [
      'a RoleBinding for a URL',
      inA('{verbs: [get], nonResourceURLs: [/metrics]}'),
      'User:asker get /metrics',
      /only ClusterRoleBindings grant URLs/,
    ],
    ['a longer URL', URLS, 'User:asker get /metrics/x', /for \/metrics/],
  ])('%s', (_, scenario, words, text) => {
    const { near } = why(scenario, words);
    expect(near.map((miss) => miss.text).join('\n')).toMatch(text);
  });

  it('the same in other namespaces', () => {
    const { elsewhere } = why({ without: ['RoleBinding/crewai-org-1/*'] }, `${account} create deploy -n crewai-org-1`);
    expect(elsewhere).toEqual(['crewai', 'crewai-org-2']);
  });

  it('a binding for somebody who is nobody alike is only counted', () => {
    const scenario = { with: granted('a', 'r', '{kind: User, name: boss}', rule('get', CORE, 'pods')) };
    const { near, notes } = why(scenario, 'User:asker get po -n a');
    expect(near).toEqual([]);
    expect(notes.join()).toContain('1 binding allows it to others');
  });
});

describe('what surprises people', () => {
  it.each<[string, AccessScenario, string, RegExp]>([
    ['create by name', SECRET, 'User:asker create secrets r -n a', /carries no name/],
    ['create with resourceNames', SECRET, 'User:asker create secrets -n a', /never allows a create/],
    ['deletecollection', CONFIG, 'User:asker deletecollection cm -n a', /not even with a field selector/],
    ['list without the name', CONFIG, 'User:asker list cm -n a', /field-selector metadata.name=NAME/],
    ['list with the name', CONFIG, 'User:asker list cm x -n a', /a plain list is denied/],
    ['edit and RoleBindings', {}, 'crewai/crewai-sa list rolebindings -n crewai-org-1', /edit and view hold no rights/],
    ['cluster-scoped', NODES, 'User:asker list nodes -n a', /-n a plays no part/],
    [
      'through the group of all accounts',
      { with: granted('a', 'r', '{kind: Group, name: "system:serviceaccounts:b"}', rule('get', CORE, 'pods')) },
      'b/x get pods -n a',
      /--as-group=system:serviceaccounts:b/,
    ],
    [
      'a built-in role that is not in the files',
      { without: ['ClusterRole/edit', 'ClusterRole/view'] },
      'crewai/crewai-sa get pods -n crewai-org-1',
      /ClusterRole edit is not in the files/,
    ],
    ['an account that does not exist', {}, 'crewai/nobody get pods -n crewai-org-1', /does not exist/],
  ])('%s', (_, scenario, words, text) => {
    expect(why(scenario, words).notes.join('\n')).toMatch(text);
  });
});

describe('what the API server says', () => {
  const DENIED = 'crewai/crewai-sa create nodes';
  const ALLOWED = 'crewai/crewai-sa create deploy -n crewai-org-1';
  it.each([
    [DENIED, 'denied', 'denied', 'certain', /agrees/],
    [ALLOWED, 'allowed', 'allowed', 'certain', /agrees/],
    [DENIED, 'allowed', 'allowed', 'certain', /another authorizer allows it/],
    [ALLOWED, 'denied', 'denied', 'certain', /another authorizer denies it/],
    [DENIED, 'unknown', 'denied', 'likely', /could not be asked|no other authorizer/],
    [DENIED, undefined, 'denied', 'likely', /no other authorizer/],
  ] as const)('%s, server: %s', (words, server, answer, confidence, because) => {
    const found = why(server === undefined ? {} : { server }, words);
    expect([found.answer, found.confidence]).toEqual([answer, confidence]);
    expect(found.because).toMatch(because);
  });
});

describe('what cannot be seen is neither allowed nor denied', () => {
  const words = 'crewai/crewai-sa get nodes';
  const inTenant = 'crewai/crewai-sa list rolebindings -n crewai-org-1';
  const rbac = (resource: string) => `${resource}.rbac.authorization.k8s.io` as 'roles.rbac.authorization.k8s.io';
  it.each<[string, AccessScenario, string]>([
    ['ClusterRoleBindings', { faults: [{ resource: rbac('clusterrolebindings') }] }, words],
    ['ClusterRoles', { faults: [{ resource: rbac('clusterroles') }] }, words],
    [
      'RoleBindings of the namespace',
      { faults: [{ resource: rbac('rolebindings'), namespace: 'crewai-org-1' }] },
      inTenant,
    ],
    ['Roles of the namespace', { faults: [{ resource: rbac('roles'), namespace: 'crewai-org-1' }] }, inTenant],
    ['files that may leave things out', { completeness: 'none' }, words],
  ])('%s', (_, scenario, asked) => {
    const { answer, rbac: model, code, fix } = why(scenario, asked);
    expect({ answer, model, code, fix }).toEqual({ answer: 'unknown', model: 'unknown', code: 3, fix: [] });
    expect(why({ ...scenario, server: 'allowed' }, asked)).toMatchObject({
      answer: 'allowed',
      confidence: 'certain',
      code: 0,
    });
    expect(why({ ...scenario, server: 'denied' }, asked)).toMatchObject({
      answer: 'denied',
      confidence: 'certain',
      code: 1,
    });
  });

  it('but what is seen to be allowed is', () => {
    expect(why({ completeness: 'none' }, 'crewai/crewai-sa create deploy -n crewai-org-1')).toMatchObject({
      answer: 'allowed',
      code: 0,
    });
  });

  it('a role out of sight is not called missing', () => {
    const custom = bound('a', 'b', ME, '{kind: ClusterRole, name: custom}');
    const { near } = why({ with: custom, faults: [{ resource: rbac('clusterroles') }] }, 'User:asker get po -n a');
    expect(near.map(({ text }) => text)).toEqual(['applies, but ClusterRole custom could not be seen']);
  });
});

describe('the repair', () => {
  it.each([
    ['crewai/crewai-sa list rolebindings -n crewai-org-1', 'kubectl crewiso doctor --area rbac --org 1'],
    ['crewai/crewai-sa get nodes', '--serviceaccount=crewai:crewai-sa'],
    ['User:anna get po -n a', '--user=anna'],
    ['Group:devs get po -n a', '--group=devs'],
  ])('%s: %s', (words, command) => {
    expect(why({}, words).fix.join('\n')).toContain(command);
  });
});
