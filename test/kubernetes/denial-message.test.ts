import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { builtinClusterRoles } from '../../src/kubernetes/builtin-roles.ts';
import { denialMessage, escalationMessage } from '../../src/kubernetes/denial-message.ts';
import { goQuote, goUnquote } from '../../src/kubernetes/go-quote.ts';
import { missingRules } from '../../src/kubernetes/rbac-rules.ts';
import { serviceAccountIdentity } from '../../src/kubernetes/rbac.ts';
import { questionOfRequest } from '../../src/kubernetes/request-question.ts';
import { RECORDED_ESCALATION } from './recorded-escalation.ts';

const platform = serviceAccountIdentity('crewai', 'crewai-sa');
const WHO = 'User "system:serviceaccount:crewai:crewai-sa" cannot';

describe('denialMessage', () => {
  // Recorded from a Kubernetes 1.36 API server.
  it.each([
    [
      'GET',
      '/api/v1/namespaces/crewai-org-4/secrets/docker-registry',
      '',
      `secrets "docker-registry" is forbidden: ${WHO} get resource "secrets" in API group "" in the namespace "crewai-org-4"`,
    ],
    [
      'GET',
      '/api/v1/namespaces/crewai-org-4/pods',
      '',
      `pods is forbidden: ${WHO} list resource "pods" in API group "" in the namespace "crewai-org-4"`,
    ],
    ['GET', '/api/v1/pods', '', `pods is forbidden: ${WHO} list resource "pods" in API group "" at the cluster scope`],
    [
      'POST',
      '/apis/apps/v1/namespaces/crewai-org-4/deployments',
      '',
      `deployments.apps is forbidden: ${WHO} create resource "deployments" in API group "apps" in the namespace "crewai-org-4"`,
    ],
    [
      'GET',
      '/api/v1/namespaces/crewai-org-4/pods/p/log',
      '',
      `pods "p" is forbidden: ${WHO} get resource "pods/log" in API group "" in the namespace "crewai-org-4"`,
    ],
    [
      'POST',
      '/api/v1/namespaces',
      '',
      `namespaces is forbidden: ${WHO} create resource "namespaces" in API group "" at the cluster scope`,
    ],
    ['GET', '/metrics', '', `forbidden: ${WHO} get path "/metrics"`],
    [
      'GET',
      '/api/v1/namespaces/crewai-org-3/pods',
      'RBAC: clusterrole.rbac.authorization.k8s.io "no-such-role" not found',
      `pods is forbidden: ${WHO} list resource "pods" in API group "" in the namespace "crewai-org-3": RBAC: clusterrole.rbac.authorization.k8s.io "no-such-role" not found`,
    ],
  ])('%s %s', (method, url, reason, message) => {
    expect(denialMessage(platform, questionOfRequest(method, url), reason)).toBe(message);
  });

  it('says impersonation as the server does', () => {
    const question = { verb: 'impersonate-on:serviceaccount:list', group: '', resource: 'namespaces' };
    expect(denialMessage({ user: 'support-reader', groups: [] }, question)).toBe(
      'namespaces is forbidden: User "support-reader" cannot impersonate-on:serviceaccount:list resource "namespaces" in API group "" at the cluster scope',
    );
  });

  it('quotes as Go does and escapes what looks like HTML, but not the reason', () => {
    const question = { verb: 'get', group: '', resource: 'pods', name: 'a"b', namespace: '<a&b>' };
    expect(denialMessage({ user: 'o"neil\n', groups: [] }, question, '<why>')).toBe(
      String.raw`pods "a\"b" is forbidden: User "o\"neil\n" cannot get resource "pods" in API group "" in the namespace "&lt;a&amp;b&gt;": <why>`,
    );
  });
});

describe('escalationMessage', () => {
  it('lists what is missing of edit as recorded', () => {
    const edit = builtinClusterRoles().find((role) => role.metadata.name === 'edit');
    const reader = { user: 'support-reader', groups: ['support', 'system:authenticated'] };
    const missing = missingRules([], edit?.rules ?? []);
    expect(escalationMessage(reader, { resource: 'rolebindings', name: 'up' }, missing)).toBe(RECORDED_ESCALATION);
  });
});

describe('goQuote', () => {
  it.each([
    ['plain', '"plain"'],
    ['a"b\\c', String.raw`"a\"b\\c"`],
    ['\u0000\u0007\n\u001f\u007f', String.raw`"\x00\a\n\x1f\x7f"`],
    ['é\u00a0\u200b\u{e0001}', String.raw`"é\u00a0\u200b\U000e0001"`],
  ])('%j', (text, quoted) => {
    expect(goQuote(text)).toBe(quoted);
  });

  it('is undone by goUnquote', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(goUnquote(goQuote(text).slice(1, -1))).toBe(text);
      }),
    );
  });
});
