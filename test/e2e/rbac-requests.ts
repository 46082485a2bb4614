import { questionOfRequest } from '../../src/kubernetes/request-question.ts';
import { accountOfUser, serviceAccountIdentity } from '../../src/kubernetes/rbac-question.ts';
import type { Identity, Question, ResourceQuestion } from '../../src/model/access.ts';
import type { Random } from '../support/random.ts';
import { generateQuestions, type Asked, type Scenario } from './rbac-scenario.ts';

/** A real request, made as somebody else; it changes nothing, whatever it is answered. */
export interface AskedRequest {
  /** As impersonated. */
  readonly identity: Identity;
  readonly method: string;
  readonly path: string;
  readonly body?: unknown;
  readonly contentType?: string;
  /** What the API server asks its authorizer, one after the other; all of it must be allowed. */
  readonly questions: readonly Question[];
}

const METHODS: Readonly<Record<string, string>> = {
  get: 'GET',
  list: 'GET',
  watch: 'GET',
  create: 'POST',
  update: 'PUT',
  patch: 'PATCH',
  delete: 'DELETE',
  deletecollection: 'DELETE',
};
const VERBS = Object.keys(METHODS);
const COLLECTION = new Set(['list', 'watch', 'create', 'deletecollection']);
/** POST to a subresource names its object. */
const CREATED = ['exec', 'attach', 'eviction', 'token', 'binding'];
/** Their answers take the server seconds. */
const SLOW = /^\/(?:metrics|debug\/pprof)\/?$/;

/** Requests that are aimed like the questions of the scenario. */
export function generateRequests(random: Random, scenario: Scenario, count: number): AskedRequest[] {
  return generateQuestions(random, scenario, count).map((asked) => requestOf(random, scenario, asked));
}

function requestOf(random: Random, scenario: Scenario, { identity, question }: Asked): AskedRequest {
  const as = impersonated(identity);
  if ('path' in question) {
    const path = SLOW.test(question.path) ? '/healthz' : question.path.replaceAll('*', 'x').replace(/^\/*/, '/');
    const method = random.chance(0.3) ? random.pick(['POST', 'PUT', 'HEAD', 'DELETE']) : 'GET';
    return { identity: as, method, path, questions: [questionOfRequest(method, path)] };
  }
  const made = random.chance(0.12) ? missingObject(random, scenario, question) : undefined;
  if (made) return { identity: as, ...made };
  const { method, path } = urlOf(random, question);
  // Options in a body would hide those in the query, dryRun first of all.
  const body = method === 'GET' || method === 'DELETE' ? {} : { body: {} };
  const contentType = method === 'PATCH' ? { contentType: 'application/merge-patch+json' } : {};
  return { identity: as, method, path, ...body, ...contentType, questions: [questionOfRequest(method, path)] };
}

/** Whom the API server takes an impersonated user for (k8s.io/apiserver/pkg/endpoints/filters/impersonation). */
function impersonated({ user, groups }: Identity): Identity {
  const account = accountOfUser(user);
  const given =
    account && groups.length === 0 ? serviceAccountIdentity(account.namespace, account.name).groups : groups;
  const added = user === 'system:anonymous' ? 'system:unauthenticated' : 'system:authenticated';
  return { user, groups: [...new Set([...given, added])] };
}

function urlOf(random: Random, question: ResourceQuestion): { method: string; path: string } {
  const verb = VERBS.includes(question.verb) ? question.verb : random.pick(VERBS);
  const [resource = '', inner] = question.resource.replaceAll('*', 'pods').split('/');
  const subresource = (question.subresource ?? inner ?? '').replaceAll('*', 'log');
  const { namespace = '' } = question;
  const named = !COLLECTION.has(verb) || (subresource !== '' && (verb !== 'create' || CREATED.includes(subresource)));
  const name = question.name ?? (named ? random.pick(['x', 'y']) : '');
  const segments = [
    ...rootOf(question.group.replaceAll('*', 'apps')),
    ...(namespace === '' || resource === 'nodes' || resource === 'namespaces' ? [] : ['namespaces', namespace]),
    resource === '' ? 'pods' : resource,
    ...(named ? [name === '' ? 'x' : name] : []),
    ...(named && subresource !== '' ? [subresource] : []),
  ];
  const query = queryOf(random, verb, named, name);
  return { method: METHODS[verb] ?? 'GET', path: `/${segments.map(encodeURIComponent).join('/')}${query}` };
}

const rootOf = (group: string): string[] => (group === '' ? ['api', 'v1'] : ['apis', group, 'v1']);

function queryOf(random: Random, verb: string, named: boolean, name: string): string {
  const parameters = new URLSearchParams();
  if (verb === 'watch') parameters.set('watch', random.pick(['1', 'true']));
  if (verb === 'watch') parameters.set('timeoutSeconds', '1');
  if (['create', 'update', 'patch', 'delete', 'deletecollection'].includes(verb)) parameters.set('dryRun', 'All');
  if (!named && verb !== 'create' && random.chance(0.7)) {
    const wanted = name === '' ? 'x' : name;
    const forms = [`metadata.name=${wanted}`, `metadata.name==${wanted}`, `metadata.name!=${wanted}`];
    const more = random.chance(0.2) ? ',metadata.namespace=nowhere' : '';
    parameters.set('fieldSelector', `${random.pick(forms)}${more}`);
  }
  const text = parameters.toString();
  return text === '' ? '' : `?${text}`;
}

/** Server-side apply or PUT of an object that does not exist: kinds that may be created like that need both rights. */
function missingObject(
  random: Random,
  scenario: Scenario,
  { namespace: wanted }: ResourceQuestion,
): Omit<AskedRequest, 'identity'> | undefined {
  const namespace = wanted !== undefined && scenario.namespaces.includes(wanted) ? wanted : undefined;
  if (namespace === undefined) return undefined;
  const name = random.pick(['x', 'y', 'x.y']);
  const kind = random.pick(['ConfigMap', 'Secret', 'LimitRange'] as const);
  const plural = `${kind.toLowerCase()}s`;
  const url = `/api/v1/namespaces/${namespace}/${plural}/${name}`;
  const body = { apiVersion: 'v1', kind, metadata: { name, namespace }, ...(kind === 'LimitRange' ? LIMITS : {}) };
  const creates: Question = { verb: 'create', group: '', resource: plural, namespace, name };
  if (random.chance(0.5)) {
    const path = `${url}?fieldManager=oracle&dryRun=All`;
    const asked = questionOfRequest('PATCH', path);
    return { method: 'PATCH', path, body, contentType: 'application/apply-patch+yaml', questions: [asked, creates] };
  }
  const path = `${url}?dryRun=All`;
  const asked = questionOfRequest('PUT', path);
  return { method: 'PUT', path, body, questions: kind === 'LimitRange' ? [asked, creates] : [asked] };
}

const LIMITS = { spec: { limits: [{ type: 'Pod', max: { cpu: '1' } }] } };
