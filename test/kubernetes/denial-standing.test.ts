import { describe, expect, it } from 'vitest';
import { denialsOf } from '../../src/kubernetes/denial-log.ts';
import { questionsAbout, standingOf, type Standing } from '../../src/kubernetes/denial-standing.ts';
import { authorizerOf } from '../../src/kubernetes/rbac-snapshot.ts';
import { serviceAccountIdentity } from '../../src/kubernetes/rbac-question.ts';
import type { Identity, Question } from '../../src/model/access.ts';
import type { AccessReview } from '../../src/model/derived.ts';
import type { KubeObject } from '../../src/model/object.ts';
import { createSnapshot, type Gap, type Listings } from '../../src/model/snapshot.ts';

const GROUP = 'rbac.authorization.k8s.io';
const SA = 'system:serviceaccount:crewai:crewai-sa';
const message = (user: string, more = ''): string =>
  `secrets "s" is forbidden: User "${user}" cannot get resource "secrets" in API group "" in the namespace "a"${more}`;
const QUESTION: Question = { verb: 'get', group: '', resource: 'secrets', name: 's', namespace: 'a' };

const role = {
  metadata: { name: 'reader', namespace: 'a' },
  rules: [{ verbs: ['get'], apiGroups: [''], resources: ['secrets'] }],
};
const binding = (subject: object, name = 'reader', metadata = 'b'): KubeObject =>
  ({
    metadata: { name: metadata, namespace: 'a' },
    roleRef: { apiGroup: GROUP, kind: 'Role', name },
    subjects: [subject],
  }) as KubeObject;
const account = (name: string, namespace = 'crewai'): object => ({ kind: 'ServiceAccount', name, namespace });
const review = (answer: AccessReview['answer'], user = SA, question = QUESTION): AccessReview => ({
  metadata: { name: 'question-1' },
  user,
  question,
  answer,
});
const gap: Gap = { resource: `rolebindings.${GROUP}`, namespace: 'a', reason: 'forbidden', detail: 'refused' };

interface Given {
  readonly bindings?: readonly KubeObject[];
  readonly reviews?: readonly AccessReview[];
  readonly gaps?: readonly Gap[];
  readonly caller?: Identity;
  readonly more?: Partial<Record<string, readonly unknown[]>>;
  readonly namespace?: string;
}

function standing(
  text: string,
  { bindings = [], reviews = [], gaps = [], caller, more = {}, namespace }: Given = {},
): Standing {
  const listings = {
    [`roles.${GROUP}`]: { items: [role], gaps: [] },
    [`rolebindings.${GROUP}`]: { items: bindings, gaps },
    [`clusterroles.${GROUP}`]: { items: [], gaps: [] },
    [`clusterrolebindings.${GROUP}`]: { items: [], gaps: [] },
    'access-reviews': { items: reviews, gaps: [] },
    ...Object.fromEntries(Object.entries(more).map(([key, items]) => [key, { items, gaps: [] }])),
  } as unknown as Listings;
  const snapshot = createSnapshot({ origin: { from: 'cluster' }, now: 0, listings });
  const [logged] = denialsOf(text).denials;
  return standingOf(
    logged!,
    { snapshot, authorizer: authorizerOf(snapshot), ...(caller ? { caller } : {}) },
    namespace,
  );
}

describe('an account that was denied a right', () => {
  it.each<[string, Given, Partial<Standing>, string]>([
    ['still has none', {}, { state: 'denied', model: 'denied' }, 'no binding in a'],
    [
      'has it by now',
      { bindings: [binding(account('crewai-sa'))] },
      { state: 'allowed', model: 'allowed' },
      'RoleBinding "b/a"',
    ],
    [
      'of somebody with its name',
      { bindings: [binding(account('crewai-sa', 'other'))] },
      { state: 'denied' },
      'gives it, but is for ServiceAccount other/crewai-sa',
    ],
    [
      'has a binding to no role',
      { bindings: [binding(account('crewai-sa'), 'ghost')] },
      { state: 'denied' },
      'to Role ghost, which does not exist',
    ],
    [
      'may have one that was not seen',
      { gaps: [gap] },
      { state: 'unknown', gaps: [gap] },
      'not every role and binding',
    ],
    [
      'has one, whatever else was not seen',
      { gaps: [gap], bindings: [binding(account('crewai-sa'))] },
      { state: 'allowed', gaps: [] },
      '',
    ],
    [
      'has a binding to a role that was not seen',
      { gaps: [gap], bindings: [binding(account('crewai-sa'), 'ghost')] },
      { state: 'unknown' },
      'which was not seen',
    ],
    [
      'and the API server agrees',
      { reviews: [review('denied')] },
      { state: 'denied', model: 'denied', server: 'denied' },
      'the API server answers: denied',
    ],
    [
      'and the API server differs',
      { reviews: [review('allowed')] },
      { state: 'allowed', model: 'denied', server: 'allowed' },
      'were read say: denied',
    ],
    [
      'and the API server differs the other way',
      { bindings: [binding(account('crewai-sa'))], reviews: [review('denied')] },
      { state: 'denied', model: 'allowed', server: 'denied' },
      'were read say: allowed',
    ],
    [
      'and the API server knows what was not seen',
      { gaps: [gap], reviews: [review('denied')] },
      { state: 'denied', model: 'unknown', server: 'denied' },
      '',
    ],
    [
      'and the API server does not know',
      { reviews: [review('unknown')] },
      { state: 'denied', model: 'denied', server: 'unknown' },
      '',
    ],
    [
      'and the API server was asked something else',
      { reviews: [review('allowed', 'anna')] },
      { state: 'denied', model: 'denied' },
      '',
    ],
  ])('%s', (_title, given, expected, why) => {
    const found = standing(message(SA), given);
    expect(found).toMatchObject(expected);
    expect(found.why.join('\n')).toContain(why);
  });
});

describe("a person, whose groups the message doesn't tell", () => {
  const toGroup = binding({ kind: 'Group', apiGroup: GROUP, name: 'oncall' });
  it.each<[string, Given, Standing['state']]>([
    ['nobody has it, so no group has', {}, 'denied'],
    ['a group has it', { bindings: [toGroup] }, 'unknown'],
    [
      'every login has it',
      { bindings: [binding({ kind: 'Group', apiGroup: GROUP, name: 'system:authenticated' })] },
      'allowed',
    ],
    [
      'a group has it, and the server was asked without it',
      { bindings: [toGroup], reviews: [review('denied', 'anna')] },
      'unknown',
    ],
    ['the server allows it', { bindings: [toGroup], reviews: [review('allowed', 'anna')] }, 'allowed'],
    [
      'it is the caller, in the group',
      { bindings: [toGroup], caller: { user: 'anna', groups: ['oncall'] } },
      'allowed',
    ],
    ['it is the caller, in no group', { bindings: [toGroup], caller: { user: 'anna', groups: [] } }, 'denied'],
    ['it is not the caller', { bindings: [toGroup], caller: { user: 'bob', groups: ['oncall'] } }, 'unknown'],
  ])('%s', (_title, given, state) => {
    expect(standing(message('anna'), given).state).toBe(state);
  });
});

describe('what is not decided by RBAC alone', () => {
  const azure = message('anna', ': User does not have access to the resource in Azure.');
  it.each<[string, string, Given, Standing['state']]>([
    ['a cloud that was not asked', azure, {}, 'unknown'],
    ['a cloud that was asked', azure, { reviews: [review('allowed', 'anna')] }, 'allowed'],
    ['a cloud, where RBAC allows it', azure, { bindings: [binding({ kind: 'User', name: 'anna' })] }, 'allowed'],
    ['a cut message', message(SA).slice(0, -8), {}, 'unknown'],
    ['a 401', 'Unauthorized', {}, 'unknown'],
    ['a webhook', 'admission webhook "w" denied the request: no', {}, 'unknown'],
  ])('%s', (_title, text, given, state) => {
    expect(standing(text, given).state).toBe(state);
  });
});

describe('what an object decides', () => {
  const missing = 'pods "p" is forbidden: error looking up service account a/x: serviceaccount "x" not found';
  const terminating =
    'pods "p" is forbidden: unable to create new content in namespace a because it is being terminated';
  const quota = 'pods "p" is forbidden: exceeded quota: q, requested: pods=2, used: pods=3, limited: pods=4';
  const quotaNow = (used: number, hard: number): Given => ({
    namespace: 'a',
    more: {
      resourcequotas: [
        { metadata: { name: 'q', namespace: 'a' }, status: { hard: { pods: hard }, used: { pods: used } } },
      ],
    },
  });
  const named = (name: string, namespace?: string, more = {}): unknown => ({ metadata: { name, namespace, ...more } });
  it.each<[string, string, Given, Standing['state']]>([
    ['an account is there', missing, { more: { serviceaccounts: [named('x', 'a')] } }, 'allowed'],
    ['an account is not there', missing, { more: { serviceaccounts: [named('x', 'b')] } }, 'denied'],
    ['accounts were not read', missing, {}, 'unknown'],
    [
      'a namespace is still being deleted',
      terminating,
      { more: { namespaces: [named('a', undefined, { deletionTimestamp: '2026-11-20T09:41:00Z' })] } },
      'denied',
    ],
    ['a namespace was made anew', terminating, { more: { namespaces: [named('a')] } }, 'allowed'],
    ['a namespace is gone', terminating, { more: { namespaces: [] } }, 'denied'],
    ['namespaces were not read', terminating, {}, 'unknown'],
    ['a quota has no room', quota, quotaNow(3, 4), 'denied'],
    ['a quota has room for some', quota, quotaNow(2, 3), 'denied'],
    ['a quota has room', quota, quotaNow(2, 4), 'allowed'],
    ['a quota is gone', quota, { namespace: 'a', more: { resourcequotas: [] } }, 'allowed'],
    ['a quota was not read', quota, { namespace: 'a' }, 'unknown'],
    ['a quota somewhere', quota, { ...quotaNow(4, 4), namespace: undefined } as unknown as Given, 'unknown'],
  ])('%s', (_title, text, given, state) => {
    expect(standing(text, given).state).toBe(state);
  });
});

it('asks the API server what was denied, with every group of an account', () => {
  const { denials } = denialsOf(
    [message(SA), message('anna'), 'Unauthorized', message(SA).slice(0, -8)].join('\n--\n'),
  );
  expect(questionsAbout(denials)).toEqual([
    { identity: serviceAccountIdentity('crewai', 'crewai-sa'), question: QUESTION },
    { identity: { user: 'anna', groups: ['system:authenticated'] }, question: QUESTION },
  ]);
});
