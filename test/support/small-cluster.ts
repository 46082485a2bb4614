import type { IncomingMessage, ServerResponse } from 'node:http';
import type { CollectScope } from '../../src/bundle/collect-scope.ts';
import { CONTENT } from '../../src/bundle/content.ts';
import { listPath } from '../../src/cluster/queries.ts';
import { object, type FakeApi } from '../cluster/fake-api.ts';

/** In a Secret, a ConfigMap and every log. */
export const SECRET_VALUE = 'tr0ub4dor-and-3-horses';

const running = { state: { running: { startedAt: '2026-11-20T09:00:00Z' } } };
export const pod = (name: string, namespace: string, status: object = running): object =>
  object(name, namespace, {
    spec: { nodeName: 'n', containers: [{ name: 'web' }] },
    status: { phase: 'Running', containerStatuses: [{ name: 'web', restartCount: 0, ...status }] },
  });

/** Two organizations, with a pod for each way in which a log comes to be. */
export const LISTS: Readonly<Record<string, readonly object[]>> = {
  ...Object.fromEntries(CONTENT.map((content) => [listPath(content), []])),
  '/api/v1/namespaces': ['crewai', 'crewai-org-4', 'crewai-org-7', 'kube-system', 'other'].map((name) => object(name)),
  '/api/v1/pods': [
    pod('platform', 'crewai'),
    pod('crew', 'crewai-org-4'),
    pod('crashing', 'crewai-org-7', {
      restartCount: 3,
      state: { waiting: { reason: 'CrashLoopBackOff' } },
      lastState: { terminated: { exitCode: 1 } },
    }),
    pod('restarted', 'crewai-org-7', { ...running, restartCount: 1, lastState: { terminated: { exitCode: 137 } } }),
    pod('unscheduled', 'crewai-org-7', {}),
    pod('foreign', 'other'),
  ],
  '/api/v1/secrets': [
    object('app', 'crewai-org-4', { type: 'Opaque', data: { password: Buffer.from(SECRET_VALUE).toString('base64') } }),
    object('foreign', 'other', { type: 'Opaque', data: { password: 'Zm9yZWlnbi1zZWNyZXQtdmFsdWU=' } }),
  ],
  '/api/v1/configmaps': [
    object('settings', 'crewai', { data: { 'app.yaml': `password: ${SECRET_VALUE}`, K8S_NAMESPACE: 'crewai' } }),
  ],
  '/api/v1/serviceaccounts': [object('default', 'crewai'), object('builder', 'other')],
};

export const SCOPE: CollectScope = {
  namespaces: [{ name: 'crewai' }, { name: 'crewai-org-4', org: '4' }, { name: 'crewai-org-7', org: '7' }],
  platforms: ['crewai'],
  platformNamespaces: ['crewai'],
  narrow: false,
  wide: ['namespaces', 'deployments.apps'],
  keeps: (resource) => resource === 'serviceaccounts',
};

function logLines(url: URL): string {
  const name = url.pathname.split('/')[6] ?? '';
  const previous = url.searchParams.get('previous') === 'true';
  return `2026-11-20T09:00:01.0Z ${name} ${previous ? 'before' : 'now'} ${SECRET_VALUE}\n`;
}

/** Answers logs, and what a test has instead. */
export function intercept(own: FakeApi['intercept']): NonNullable<FakeApi['intercept']> {
  return (request: IncomingMessage, response: ServerResponse, url: URL) => {
    if (own?.(request, response, url)) return true;
    if (url.pathname === '/api' || url.pathname === '/apis') {
      response.end('{"kind":"APIGroupDiscoveryList","items":[]}');
      return true;
    }
    if (!url.pathname.endsWith('/log')) return false;
    response.writeHead(200, { 'content-type': 'text/plain' });
    response.end(logLines(url));
    return true;
  };
}
