import { describe, expect, it } from 'vitest';
import { grantSteps, leastGrant } from '../../src/kubernetes/least-grant.ts';
import { createAuthorizer, serviceAccountIdentity, type Question } from '../../src/kubernetes/rbac.ts';

const ACCOUNT = 'system:serviceaccount:crewai:crewai-sa';

const questions: readonly Question[] = [
  { verb: 'get', group: '', resource: 'secrets', name: 'docker-registry', namespace: 'crewai-org-4' },
  { verb: 'list', group: '', resource: 'secrets', namespace: 'crewai-org-4' },
  { verb: 'get', group: '', resource: 'pods', subresource: 'log', name: 'p', namespace: 'crewai-org-4' },
  { verb: 'update', group: 'apps', resource: 'deployments', subresource: 'scale', namespace: 'crewai-org-4' },
  { verb: 'create', group: 'apps', resource: 'deployments', namespace: 'crewai-org-4' },
  { verb: 'get', group: '', resource: 'namespaces', name: 'crewai-org-4', namespace: 'crewai-org-4' },
  { verb: 'create', group: '', resource: 'namespaces' },
  { verb: 'get', path: '/metrics' },
];

describe.each(['alice', ACCOUNT])('the least grant for %s', (user) => {
  const account = /^system:serviceaccount:(.*):(.*)$/.exec(user);
  const identity = account ? serviceAccountIdentity(account[1]!, account[2]!) : { user, groups: [] };

  it.each(questions.map((question) => [question] as const))('allows %j and nothing else', (question) => {
    const { role, binding } = leastGrant(user, question);
    const namespaced = role.metadata.namespace !== undefined;
    const authorizer = createAuthorizer({
      roles: namespaced ? [role] : [],
      roleBindings: namespaced ? [binding] : [],
      clusterRoles: namespaced ? [] : [role],
      clusterRoleBindings: namespaced ? [] : [binding],
    });
    expect(authorizer.allows(identity, question)).toBe(true);
    expect(authorizer.allows({ user: 'mallory', groups: ['system:authenticated'] }, question)).toBe(false);
    const neighbours: Question[] = questions.filter((other) => other !== question);
    if (!('path' in question)) {
      neighbours.push({ ...question, verb: 'delete' }, { ...question, group: 'other' }, { ...question, resource: 'x' });
      if (question.namespace) neighbours.push({ ...question, namespace: 'crewai-org-5' });
      if (question.name) neighbours.push({ ...question, name: 'other' }, { ...question, name: '' });
      neighbours.push({ ...question, subresource: 'status' });
    }
    expect(neighbours.filter((other) => authorizer.allows(identity, other))).toEqual([]);
  });
});

describe('the commands', () => {
  it('name the same objects', () => {
    const [question] = questions;
    expect(grantSteps(ACCOUNT, question!)).toEqual([
      'kubectl -n crewai-org-4 create role crewai-crewai-sa-get-secrets-docker-registry --verb=get --resource=secrets --resource-name=docker-registry',
      'kubectl -n crewai-org-4 create rolebinding crewai-crewai-sa-get-secrets-docker-registry --role=crewai-crewai-sa-get-secrets-docker-registry --serviceaccount=crewai:crewai-sa',
    ]);
    expect(grantSteps('a b', { verb: 'get', path: '/x y' })).toEqual([
      "kubectl create clusterrole a-b-get-x-y --verb=get --non-resource-url='/x y'",
      "kubectl create clusterrolebinding a-b-get-x-y --clusterrole=a-b-get-x-y --user='a b'",
    ]);
  });
});
