import type { IncomingMessage, ServerResponse } from 'node:http';
import { bodyOf, sendJson, startServer, status, type LoopbackServer } from './loopback-server.ts';

/** An API server by table, over plain http: what is in it, who may read it, and what goes wrong. */
export interface FakeApi {
  /** Path of a cluster-wide list → its items, e.g. `/api/v1/pods`. Per-namespace lists follow from it. */
  readonly lists?: Readonly<Record<string, readonly object[]>>;
  /** Answers instead of the tables; returns true when it did. */
  readonly intercept?: (request: IncomingMessage, response: ServerResponse, url: URL) => boolean;
  /** Refuses `list` at a path: `/api/v1/pods` at the cluster scope, `/api/v1/namespaces/x/pods` in a namespace. */
  readonly forbidden?: (path: string) => boolean;
  /** How long each answer takes. */
  readonly delayMs?: () => number;
  readonly review?: (spec: Record<string, unknown>) => object | undefined;
}

export interface RunningApi extends LoopbackServer {
  /** `GET /api/v1/pods?…`, decoded, in order. */
  readonly asked: readonly string[];
}

interface Item {
  readonly metadata: { readonly name: string; readonly namespace?: string; readonly labels?: Record<string, string> };
  readonly type?: string;
}

export async function startApi(api: FakeApi): Promise<RunningApi> {
  const asked: string[] = [];
  const server = await startServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://x');
    asked.push(`${request.method ?? ''} ${decodeURIComponent(url.pathname + url.search)}`);
    const answerNow = (): void => {
      if (api.intercept?.(request, response, url)) return;
      void answer(api, request, response, url);
    };
    if (api.delayMs) setTimeout(answerNow, api.delayMs());
    else answerNow();
  });
  return { ...server, asked };
}

async function answer(api: FakeApi, request: IncomingMessage, response: ServerResponse, url: URL): Promise<void> {
  const path = url.pathname;
  if (path === '/version') {
    sendJson(response, { gitVersion: 'v1.36.0' });
  } else if (path.endsWith('/selfsubjectreviews')) {
    const userInfo = { username: 'jane', groups: ['b', 'a'], extra: { credential: ['canary-jti'] } };
    sendJson(response, { kind: 'SelfSubjectReview', status: { userInfo } }, 201);
  } else if (path.endsWith('/subjectaccessreviews')) {
    const { spec } = JSON.parse(await bodyOf(request)) as { spec: Record<string, unknown> };
    const review = api.review?.(spec);
    if (review) sendJson(response, { kind: 'SubjectAccessReview', status: review }, 201);
    else refuse(response, 'subjectaccessreviews.authorization.k8s.io is forbidden');
  } else answerRead(api, response, url);
}

const refuse = (response: ServerResponse, message: string): void => {
  sendJson(response, status(403, 'Forbidden', message), 403);
};

function answerRead(api: FakeApi, response: ServerResponse, url: URL): void {
  const path = url.pathname;
  const named = /^\/api\/v1\/namespaces\/([^/]+)$/.exec(path);
  if (api.forbidden?.(path)) {
    refuse(response, `${path} is forbidden: User "jane" cannot list it`);
    return;
  }
  if (named) {
    const found = items(api, '/api/v1/namespaces').find(({ metadata }) => metadata.name === named[1]);
    if (found) sendJson(response, found);
    else sendJson(response, status(404, 'NotFound', `namespaces "${named[1] ?? ''}" not found`), 404);
    return;
  }
  const namespace = /\/namespaces\/([^/]+)\//.exec(path)?.[1];
  const wide = namespace === undefined ? path : path.replace(`/namespaces/${namespace}`, '');
  if (!api.lists || !(wide in api.lists)) {
    response.writeHead(404, { 'content-type': 'text/plain' });
    response.end('404 page not found\n');
    return;
  }
  const limit = Number(url.searchParams.get('limit'));
  const start = Number(url.searchParams.get('continue') ?? 0);
  const all = items(api, wide).filter((item) => matches(item, namespace, url.searchParams));
  const page = all.slice(start, start + limit);
  const metadata = start + limit < all.length ? { continue: String(start + limit) } : {};
  sendJson(response, { kind: 'List', apiVersion: 'v1', metadata, items: page });
}

const items = (api: FakeApi, path: string): readonly Item[] => (api.lists?.[path] ?? []) as readonly Item[];

function matches(item: Item, namespace: string | undefined, query: URLSearchParams): boolean {
  if (namespace !== undefined && item.metadata.namespace !== namespace) return false;
  const [, type] = /^type=(.+)$/.exec(query.get('fieldSelector') ?? '') ?? [];
  if (type !== undefined && item.type !== type) return false;
  const [, label, value] = /^(.+)=(.+)$/.exec(query.get('labelSelector') ?? '') ?? [];
  return label === undefined || item.metadata.labels?.[label] === value;
}

export const object = (name: string, namespace?: string, more: object = {}): object => ({
  metadata: { name, ...(namespace && { namespace }) },
  ...more,
});
