import type { ResourceQuestion } from '../kubernetes/rbac-question.ts';
import { authorize } from './access.ts';
import { json, plain, type Answer } from './answer.ts';
import type { Backend, Call, Request } from './call.ts';
import { discover } from './discovery.ts';
import { remove } from './delete.ts';
import { ANONYMOUS, authenticate, impersonate } from './identity.ts';
import { page } from './list.ts';
import { podLog } from './logs.ts';
import { patch } from './patch.ts';
import { formOf, writeList, writeOne } from './represent.ts';
import type { ResourceType } from './resource-types.ts';
import { REVIEW_GROUPS, review } from './reviews.ts';
import { scale } from './scale.ts';
import { methodNotAllowed, notFound, notImplemented, PathNotFound } from './status.ts';
import { targetOf } from './target.ts';
import { create, replace } from './write.ts';

/**
 * Answers one request in the order of the API server: authenticate, impersonate, authorize, and only then look whether
 * what is asked for exists.
 *
 * @throws StatusError, PathNotFound
 */
export function handle(request: Request, backend: Backend): Answer {
  const { options, access, store } = backend;
  const { question, version } = targetOf(request.method, request.url);
  const caller = authenticate(request.headers, options.tokens ?? {}, options.anonymous ?? ANONYMOUS);
  request.identified(caller.user);
  const identity = impersonate(caller, request.headers, question, access);
  request.identified(identity.user);
  authorize(access, identity, question);
  if ('path' in question) return answerPath(request, question.path, backend);
  const type = store.catalogue.find(question.group, version, question.resource);
  if (!type || misplaced(type, question)) throw new PathNotFound();
  if (type.alias) throw notImplemented(`${type.resource} in ${type.apiVersion}`);
  return answerObjects({ request, query: request.url.searchParams, question, type, identity, backend });
}

/** Cluster-scoped types have no place below a namespace, which itself is where its own name is. */
function misplaced(type: ResourceType, { namespace, name }: ResourceQuestion): boolean {
  return Boolean(namespace) && !type.namespaced && !(type.resource === 'namespaces' && name === namespace);
}

const HEALTH = ['/healthz', '/livez', '/readyz'];

function answerPath(request: Request, path: string, { store, options, address }: Backend): Answer {
  if (request.method !== 'GET' && request.method !== 'HEAD') throw methodNotAllowed(NOT_ALLOWED);
  if (path === '/version' || path === '/version/') return json(200, versionInfo(options.version ?? 'v1.36.2'));
  if (HEALTH.includes(path)) return plain(200, 'ok');
  const { body, contentType } = discover(path, request.headers.accept ?? '', address, store.catalogue);
  return json(200, body, contentType);
}

const NOT_ALLOWED = 'the server does not allow this method on the requested resource';

function versionInfo(gitVersion: string): object {
  const [major = '', minor = ''] = gitVersion.replace(/^v/, '').split('.');
  return {
    major,
    minor,
    gitVersion,
    gitCommit: '',
    gitTreeState: '',
    buildDate: '1970-01-01T00:00:00Z',
    goVersion: '',
    compiler: '',
    platform: '',
  };
}

function answerObjects(call: Call): Answer {
  const { question, type, backend } = call;
  const { verb } = question;
  if (REVIEW_GROUPS.includes(type.group) && verb === 'create') return review(call);
  if (WRITES.includes(verb)) {
    if (!backend.options.writable) throw methodNotAllowed('this API server is read-only');
    if (type.custom && verb !== 'delete' && verb !== 'patch') throw notImplemented('writing custom resources');
  }
  if (question.subresource) return subresource(call);
  const handler = HANDLERS[verb];
  if (!handler) throw notImplemented(verb);
  if (!type.verbs.includes(verb)) throw methodNotAllowed(NOT_ALLOWED);
  return handler(call);
}

const WRITES = ['create', 'update', 'patch', 'delete', 'deletecollection'];

const HANDLERS: Readonly<Record<string, (call: Call) => Answer>> = {
  list,
  get,
  create,
  update: replace,
  patch,
  delete: remove,
  watch: () => {
    throw methodNotAllowed('watch is not supported by the in-process API server of kubectl-crewiso');
  },
};

function list({ request, query, question, type, backend }: Call): Answer {
  const { store, compacted } = backend;
  const form = formOf(request.headers.accept ?? '', type);
  const found = page(store, type, question.namespace ?? '', query, compacted);
  return { code: 200, contentType: 'application/json', body: writeList(type, found, form, query, store.now()) };
}

function get({ request, query, question, type, backend: { store } }: Call): Answer {
  const { name = '', namespace } = question;
  const entry = store.entry(type, namespace, name);
  if (!entry) throw notFound(type, name);
  const form = formOf(request.headers.accept ?? '', type);
  return { code: 200, contentType: 'application/json', body: writeOne(type, entry, form, query, store.now()) };
}

function subresource(call: Call): Answer {
  const { question, type } = call;
  const name = `${question.resource}/${question.subresource ?? ''}`;
  if (!type.subresources.some((sub) => sub.name === question.subresource)) throw new PathNotFound();
  if (question.subresource === 'scale') return scale(call);
  if (name === 'pods/log' && question.verb === 'get') return podLog(call);
  throw notImplemented(name);
}
