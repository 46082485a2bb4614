import { describe, expect, it } from 'vitest';
import { questionOfWords, subjectOfWord } from '../../../src/commands/shared/access-words.ts';
import { EXIT, type CrewisoError } from '../../../src/model/error.ts';

const USAGE = 'kubectl crewiso access why crewai/crewai-sa create deployments.apps -n crewai-org-4';

const ask = (words: string, namespace?: string) => {
  const [verb, resource, name] = words.split(' ');
  return questionOfWords({ verb, resource, name, namespace }, USAGE);
};

describe('a question', () => {
  it.each<[string, string | undefined, object]>([
    ['get deploy', 'a', { verb: 'get', group: 'apps', resource: 'deployments', namespace: 'a' }],
    ['get Deployment', 'a', { group: 'apps', resource: 'deployments' }],
    ['get deployments.apps', 'a', { group: 'apps', resource: 'deployments' }],
    ['get deployments.v1.apps', 'a', { group: 'apps', resource: 'deployments' }],
    ['get deployments.extensions', 'a', { group: 'extensions', resource: 'deployments' }],
    ['get po/log web-1', 'a', { group: '', resource: 'pods', subresource: 'log', name: 'web-1' }],
    ['get pods.v1', 'a', { group: '', resource: 'pods' }],
    ['get events', 'a', { group: '', resource: 'events' }],
    ['get events.events.k8s.io', 'a', { group: 'events.k8s.io', resource: 'events' }],
    ['get cm', 'a', { group: '', resource: 'configmaps' }],
    ['get sa', 'a', { group: '', resource: 'serviceaccounts' }],
    ['create sa/token x', 'a', { resource: 'serviceaccounts', subresource: 'token', name: 'x' }],
    ['get widgets.example.com', 'a', { group: 'example.com', resource: 'widgets', namespace: 'a' }],
    [
      'get widgets.v1beta1.example.com/status',
      undefined,
      { group: 'example.com', resource: 'widgets', subresource: 'status' },
    ],
    ['* *', 'a', { verb: '*', group: '', resource: '*' }],
    ['frobnicate pods', 'a', { verb: 'frobnicate' }],
  ])('%s', (words, namespace, expected) => {
    expect(ask(words, namespace).question).toMatchObject(expected);
  });

  it.each<[string, string | undefined, object]>([
    ['get nodes', 'a', { verb: 'get', group: '', resource: 'nodes' }],
    ['get ns a', undefined, { verb: 'get', group: '', resource: 'namespaces', name: 'a', namespace: 'a' }],
    ['delete ns', 'a', { verb: 'delete', group: '', resource: 'namespaces', name: 'a', namespace: 'a' }],
    ['get ns a', 'b', { verb: 'get', group: '', resource: 'namespaces', name: 'a', namespace: 'a' }],
    [
      'patch ns/status a',
      undefined,
      { verb: 'patch', group: '', resource: 'namespaces', subresource: 'status', name: 'a', namespace: 'a' },
    ],
    ['list ns', 'a', { verb: 'list', group: '', resource: 'namespaces' }],
    ['list ns a', undefined, { verb: 'list', group: '', resource: 'namespaces', name: 'a' }],
    ['create ns a', undefined, { verb: 'create', group: '', resource: 'namespaces' }],
    ['create secrets r', 'a', { verb: 'create', group: '', resource: 'secrets', namespace: 'a' }],
    ['deletecollection secrets r', 'a', { verb: 'deletecollection', group: '', resource: 'secrets', namespace: 'a' }],
    ['GET /metrics', 'a', { verb: 'get', path: '/metrics' }],
  ])('%s with -n %s is asked as the request is', (words, namespace, expected) => {
    expect(ask(words, namespace).question).toEqual(expected);
  });
});

describe('wrong words are exit 2 and say what was meant', () => {
  const failing = (use: () => unknown): CrewisoError => {
    try {
      use();
    } catch (error) {
      return error as CrewisoError;
    }
    throw new Error('was accepted');
  };
  it.each<[string, RegExp, RegExp]>([
    ['get deploymnets', /no resource deploymnets/, /did you mean deployments or deployment\?/],
    ['get widgets', /no resource widgets/, /widgets\.example\.com/],
    ['get pods.core', /core API group has no name/, /write pods/],
    ['get pods/web-1', /no subresource web-1/, /pods web-1/],
    ['get secrets/x', /no subresource x/, /secrets has none/],
    ['pods get', /the verb comes first/, /access why/],
    ['craete pods', /craete is no verb/, /did you mean create\?/],
    ['Get pods', /Get is no verb/, /did you mean get\?/],
    ['list /metrics', /no verb for a URL/, /get, post/],
    ['get /metrics x', /has no NAME/, /access why/],
    ['get', /missing/, /access why/],
    ['get pods/', /no resource/, /^$/],
  ])('%s', (words, message, advice) => {
    const error = failing(() => ask(words, 'a'));
    expect(error.exitCode).toBe(EXIT.usage);
    expect(error.message).toMatch(message);
    expect(error.suggestions.join('\n')).toMatch(advice);
  });

  it.each<[string | undefined, RegExp, RegExp]>([
    [undefined, /SUBJECT, VERB and RESOURCE are missing/, /access why/],
    ['anna', /anna is no SUBJECT/, /User:anna/],
    ['crewai:crewai-sa', /no SUBJECT/, /crewai\/crewai-sa/],
    ['a/b/c', /no SUBJECT/, /User:/],
    ['create', /create is a verb/, /access why/],
  ])('subject %s', (word, message, advice) => {
    const error = failing(() => subjectOfWord(word, [], USAGE));
    expect([error.exitCode, error.message]).toEqual([EXIT.usage, expect.stringMatching(message)]);
    expect(error.suggestions.join('\n')).toMatch(advice);
  });
});

describe('a subject', () => {
  const account = {
    user: 'system:serviceaccount:a:x',
    groups: ['system:serviceaccounts', 'system:serviceaccounts:a', 'system:authenticated'],
  };
  it.each<[string, readonly string[], object]>([
    ['a/x', [], account],
    ['User:system:serviceaccount:a:x', [], account],
    ['system:serviceaccount:a:x', [], account],
    ['User:anna', ['oncall'], { user: 'anna', groups: ['oncall', 'system:authenticated'] }],
    ['user:system:anonymous', [], { user: 'system:anonymous', groups: ['system:unauthenticated'] }],
    ['Group:devs', [], { user: '', groups: ['devs', 'system:authenticated'] }],
    [
      'Group:system:serviceaccounts:a',
      [],
      { user: '', groups: ['system:serviceaccounts:a', 'system:serviceaccounts', 'system:authenticated'] },
    ],
    ['Group:system:unauthenticated', [], { user: '', groups: ['system:unauthenticated'] }],
  ])('%s', (word, groups, identity) => {
    expect(subjectOfWord(word, groups, USAGE).identity).toEqual(identity);
  });
});
