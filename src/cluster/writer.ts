import { isRecord, stringAt, valueAt } from '../kubernetes/json-value.ts';
import { resourceOf } from '../kubernetes/resource-of.ts';
import { MANAGER, RUN_ANNOTATION, writeState, writtenRef } from '../kubernetes/write-state.ts';
import type { AccessRule } from '../model/access.ts';
import type { PolicyRule } from '../model/kinds.ts';
import type { KubeObject, ObjectRef } from '../model/object.ts';
import { RESOURCES } from '../model/resource.ts';
import type { ClusterWriter, Found, Write, Written } from '../model/writing.ts';
import { contentsOf } from './namespace-contents.ts';
import type { Problem, Reply } from './reply.ts';
import type { Transport } from './transport.ts';

const AUTHORIZATION = '/apis/authorization.k8s.io/v1';

/** Writes through a transport. What becomes of a request whose answer says too little is found out by reading. */
export function createWriter(transport: Transport, signal?: AbortSignal): ClusterWriter {
  return new TransportWriter(transport, signal);
}

class TransportWriter implements ClusterWriter {
  readonly #transport: Transport;
  readonly #signal: AbortSignal | undefined;
  #writes = 0;

  constructor(transport: Transport, signal: AbortSignal | undefined) {
    this.#transport = transport;
    this.#signal = signal;
  }

  async get(target: ObjectRef): Promise<Found> {
    const reply = await this.#transport.send({ purpose: 'get', path: pathOf(target) });
    if (reply.ok) return { state: 'found', object: reply.body as KubeObject };
    const { status, message } = reply.problem;
    if (status === 404) return { state: 'absent' };
    return { state: 'unknown', why: message, ...(status === undefined ? {} : { status }) };
  }

  async allows({ verb, group, resource, name, namespace }: AccessRule): Promise<'allowed' | 'denied' | 'unknown'> {
    const [plural, subresource] = resource.split('/');
    const resourceAttributes = { verb, group, resource: plural, subresource, name, namespace };
    const reply = await this.#review('SelfSubjectAccessReview', { resourceAttributes });
    if (!reply.ok) return 'unknown';
    if (valueAt(reply.body, 'status', 'allowed') === true) return 'allowed';
    return stringAt(reply.body, 'status', 'evaluationError') ? 'unknown' : 'denied';
  }

  async rulesIn(namespace: string): Promise<readonly PolicyRule[] | 'unknown'> {
    const reply = await this.#review('SelfSubjectRulesReview', { namespace });
    const rules = reply.ok ? valueAt(reply.body, 'status', 'resourceRules') : undefined;
    const whole = reply.ok && valueAt(reply.body, 'status', 'incomplete') !== true;
    return whole && Array.isArray(rules) ? rules.filter(isRule) : 'unknown';
  }

  contents(namespace: string): Promise<readonly ObjectRef[] | { readonly why: string }> {
    return contentsOf(this.#transport, namespace, this.#signal);
  }

  writes(): number {
    return this.#writes;
  }

  async write(write: Write, { dryRun }: { readonly dryRun: boolean }): Promise<Written> {
    const reply = await this.#send(write, dryRun);
    if (reply.ok) {
      if (!dryRun) this.#writes += 1;
      return applied(reply);
    }
    const { problem } = reply;
    if (problem.status === undefined || SILENT.has(problem.status))
      return dryRun ? refused(problem) : this.#afterSilence(write, problem);
    if (OPEN.has(problem.status)) return this.#afterRefusal(write, problem);
    if (problem.status === 404) return gone(write, problem);
    return refused(problem);
  }

  #send(write: Write, dryRun: boolean): Promise<Reply> {
    const rehearsal = dryRun ? { dryRun: 'All' } : {};
    const query = { fieldManager: MANAGER, fieldValidation: 'Strict', ...rehearsal };
    const purpose = 'write';
    switch (write.op) {
      case 'create':
        return this.#transport.send({ purpose, path: collectionOf(write.object), query, body: write.object });
      case 'patch':
        return this.#transport.send({
          purpose,
          path: pathOf(write.target),
          query,
          body: write.patch,
          method: 'PATCH',
          contentType: 'application/json-patch+json',
        });
      case 'delete': {
        const { uid, resourceVersion, propagation } = write;
        const preconditions = { uid, ...(resourceVersion === undefined ? {} : { resourceVersion }) };
        const options = propagation === undefined ? {} : { propagationPolicy: propagation };
        // With a body the API server does not look at the query (apiserver/pkg/endpoints/handlers/delete.go): a rehearsal
        // that is asked for there alone deletes.
        const rehearsed = dryRun ? { dryRun: ['All'] } : {};
        const body = { apiVersion: 'v1', kind: 'DeleteOptions', preconditions, ...options, ...rehearsed };
        return this.#transport.send({ purpose, path: pathOf(write.target), query: rehearsal, body, method: 'DELETE' });
      }
    }
  }

  #review(kind: string, spec: unknown): Promise<Reply> {
    return this.#transport.send({
      purpose: 'review',
      path: `${AUTHORIZATION}/${kind.toLowerCase()}s`,
      body: { apiVersion: 'authorization.k8s.io/v1', kind, spec },
      signal: this.#signal,
    });
  }

  /** 409, 422 and 500 do not say whether the object is another one or what is asked for cannot be. */
  async #afterRefusal(write: Write, problem: Problem): Promise<Written> {
    const found = await this.get(writtenRef(write));
    if (found.state === 'unknown') return refused(problem);
    const present = found.state === 'found' ? found.object : undefined;
    switch (writeState(write, present)) {
      case 'in place':
        return { result: 'unchanged', ...identityOf(present) };
      case 'as expected':
        return refused(problem);
      case 'different':
        return stale(problem);
    }
  }

  /** No answer: only the object tells whether the write arrived, and where it does not, nobody knows. */
  async #afterSilence(write: Write, problem: Problem): Promise<Written> {
    const found = await this.get(writtenRef(write));
    const unknown = { result: 'unknown' as const, why: problem.message };
    if (found.state === 'unknown') return unknown;
    const done = found.state === 'absent' ? write.op === 'delete' : isOurs(write, found.object);
    if (!done) return unknown;
    this.#writes += 1;
    return { result: 'applied', ...(found.state === 'found' ? identityOf(found.object) : {}) };
  }
}

/** Answers of a proxy: the write may have arrived, or may yet. */
const SILENT: ReadonlySet<number> = new Set([502, 503, 504]);

/** Answers after which the object must be looked at. */
const OPEN: ReadonlySet<number> = new Set([409, 422, 500]);

function applied({ body }: Reply & { ok: true }): Written {
  return { result: 'applied', ...identityOf(body) };
}

function identityOf(object: unknown): { readonly uid?: string; readonly resourceVersion?: string } {
  const uid = stringAt(object, 'metadata', 'uid');
  const resourceVersion = stringAt(object, 'metadata', 'resourceVersion');
  return { ...(uid === undefined ? {} : { uid }), ...(resourceVersion === undefined ? {} : { resourceVersion }) };
}

function refused({ message, status }: Problem): Written {
  return { result: 'refused', why: message, ...(status === undefined ? {} : { status }) };
}

function stale({ message, status }: Problem): Written {
  return { result: 'stale', why: message, ...(status === undefined ? {} : { status }) };
}

const gone = (write: Write, problem: Problem): Written =>
  write.op === 'delete' ? { result: 'unchanged' } : stale(problem);

/** Whether this very run has made it, where that can be told. */
function isOurs(write: Write, object: KubeObject): boolean {
  if (write.op !== 'create') return writeState(write, object) === 'in place';
  return object.metadata.annotations?.[RUN_ANNOTATION] === write.object.metadata.annotations?.[RUN_ANNOTATION];
}

function collectionOf({ apiVersion = '', kind = '', metadata }: KubeObject): string {
  const resource = resourceOf(apiVersion, kind);
  if (!resource) throw new Error(`cannot write objects of kind ${kind} in ${apiVersion}`);
  const { plural, namespaced } = RESOURCES[resource];
  const scope = namespaced ? `/namespaces/${encodeURIComponent(metadata.namespace ?? '')}` : '';
  return `${apiVersion.includes('/') ? '/apis' : '/api'}/${apiVersion}${scope}/${plural}`;
}

function pathOf({ apiVersion, kind, namespace, name }: ObjectRef): string {
  const metadata = { name, ...(namespace === undefined ? {} : { namespace }) };
  return `${collectionOf({ apiVersion, kind, metadata })}/${encodeURIComponent(name)}`;
}

function isRule(value: unknown): value is PolicyRule {
  return isRecord(value) && Array.isArray(value.verbs);
}
