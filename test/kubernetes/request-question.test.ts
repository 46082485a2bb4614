import { describe, expect, it } from 'vitest';
import type { Question } from '../../src/kubernetes/rbac-question.ts';
import { questionOfRequest } from '../../src/kubernetes/request-question.ts';

describe('questionOfRequest', () => {
  const pods = { group: '', resource: 'pods', namespace: 'a' };
  const spaces = { group: '', resource: 'namespaces' };
  it.each<readonly [string, string, Question]>([
    ['GET', '/api/v1/namespaces/a/pods/p', { verb: 'get', ...pods, name: 'p' }],
    ['HEAD', '/api/v1/namespaces/a/pods/p', { verb: 'get', ...pods, name: 'p' }],
    ['GET', '/api/v1/namespaces/a/pods/p?watch=1', { verb: 'get', ...pods, name: 'p' }],
    ['GET', '/api/v1/namespaces/a/pods', { verb: 'list', ...pods }],
    ['GET', '/api/v1/namespaces/a/pods/', { verb: 'list', ...pods }],
    ['GET', '/api/v1/namespaces/a/pods?watch=1', { verb: 'watch', ...pods }],
    ['GET', '/api/v1/namespaces/a/pods?watch', { verb: 'watch', ...pods }],
    ['GET', '/api/v1/namespaces/a/pods?watch=false', { verb: 'list', ...pods }],
    ['GET', '/api/v1/namespaces/a/pods?watch=0', { verb: 'list', ...pods }],
    ['DELETE', '/api/v1/namespaces/a/pods', { verb: 'deletecollection', ...pods }],
    ['DELETE', '/api/v1/namespaces/a/pods/p', { verb: 'delete', ...pods, name: 'p' }],
    ['POST', '/api/v1/namespaces/a/pods', { verb: 'create', ...pods }],
    ['PUT', '/api/v1/namespaces/a/pods/p', { verb: 'update', ...pods, name: 'p' }],
    ['PATCH', '/api/v1/namespaces/a/pods/p?fieldManager=x', { verb: 'patch', ...pods, name: 'p' }],
    [
      'POST',
      '/api/v1/namespaces/a/pods/p/exec?command=ls',
      { verb: 'create', ...pods, subresource: 'exec', name: 'p' },
    ],
    ['GET', '/api/v1/namespaces/a/pods/p/exec', { verb: 'get', ...pods, subresource: 'exec', name: 'p' }],
    [
      'GET',
      '/api/v1/namespaces/a/services/s/proxy/x/y',
      { verb: 'get', group: '', resource: 'services', subresource: 'proxy', namespace: 'a', name: 's' },
    ],
    ['GET', '/api/v1/namespaces', { verb: 'list', ...spaces }],
    ['POST', '/api/v1/namespaces', { verb: 'create', ...spaces }],
    ['GET', '/api/v1/namespaces/a', { verb: 'get', ...spaces, namespace: 'a', name: 'a' }],
    ['DELETE', '/api/v1/namespaces/a', { verb: 'delete', ...spaces, namespace: 'a', name: 'a' }],
    [
      'PATCH',
      '/api/v1/namespaces/a/status',
      { verb: 'patch', ...spaces, subresource: 'status', namespace: 'a', name: 'a' },
    ],
    [
      'PUT',
      '/api/v1/namespaces/a/finalize',
      { verb: 'update', ...spaces, subresource: 'finalize', namespace: 'a', name: 'a' },
    ],
    ['GET', '/api/v1/nodes/n', { verb: 'get', group: '', resource: 'nodes', name: 'n' }],
    [
      'GET',
      '/apis/apps/v1/namespaces/a/deployments',
      { verb: 'list', group: 'apps', resource: 'deployments', namespace: 'a' },
    ],
    ['GET', '/apis/apps/v1/deployments', { verb: 'list', group: 'apps', resource: 'deployments' }],
    ['GET', '/api/v1/watch/namespaces/a/pods', { verb: 'watch', ...pods }],
    ['OPTIONS', '/api/v1/namespaces/a/pods', { verb: '', ...pods }],
    ['GET', '/api/v1/pods?fieldSelector=metadata.name%3Dx', { verb: 'list', group: '', resource: 'pods', name: 'x' }],
    [
      'GET',
      '/api/v1/pods?fieldSelector=spec.nodeName%3Dn,metadata.name%3D%3Dx&watch=1',
      { verb: 'watch', group: '', resource: 'pods', name: 'x' },
    ],
    ['GET', '/api/v1/pods?fieldSelector=metadata.name!%3Dx', { verb: 'list', group: '', resource: 'pods' }],
    ['GET', '/api/v1/pods?fieldSelector=metadata.name%3Dx,broken', { verb: 'list', group: '', resource: 'pods' }],
    ['GET', '/api/v1/pods?fieldSelector=metadata.name%3Da%2Fb', { verb: 'list', group: '', resource: 'pods' }],
    ['GET', '/api/v1/pods?fieldSelector=metadata.name%3D..', { verb: 'list', group: '', resource: 'pods' }],
    [
      'GET',
      '/api/v1/pods?fieldSelector=metadata.name%3Da%5C,b',
      { verb: 'list', group: '', resource: 'pods', name: 'a,b' },
    ],
    ['DELETE', '/api/v1/namespaces/a/pods?fieldSelector=metadata.name%3Dx', { verb: 'deletecollection', ...pods }],
    ['GET', '/', { verb: 'get', path: '/' }],
    ['GET', '/api', { verb: 'get', path: '/api' }],
    ['GET', '/api/v1', { verb: 'get', path: '/api/v1' }],
    ['GET', '/apis/apps/v1', { verb: 'get', path: '/apis/apps/v1' }],
    ['GET', '/version?timeout=32s', { verb: 'get', path: '/version' }],
    ['POST', '/metrics', { verb: 'post', path: '/metrics' }],
    ['GET', '/healthz/%70ing', { verb: 'get', path: '/healthz/ping' }],
    ['GET', '/odd%', { verb: 'get', path: '/odd%' }],
  ])('%s %s', (method, url, question) => {
    expect(questionOfRequest(method, url)).toEqual(question);
  });
});
