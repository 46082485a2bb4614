import { stringAt, valueAt } from '../kubernetes/json-value.ts';
import type { Identity } from '../model/access.ts';
import { CrewisoError, EXIT } from '../model/error.ts';
import { clean } from '../model/text.ts';
import { noAccess } from './cluster-access.ts';
import { cannotReach, clusterInfo } from './connection-error.ts';
import { whyAborted } from './gaps.ts';
import { isNotServed, type Problem } from './reply.ts';
import type { Transport } from './transport.ts';

/**
 * The server's version, which also proves that it can be reached and lets us in. Undefined where only the version is
 * kept from us.
 *
 * @throws CrewisoError (4) when it cannot be reached or does not accept the credentials, (130) when interrupted.
 */
export async function readVersion(transport: Transport, signal: AbortSignal | undefined): Promise<string | undefined> {
  const reply = await transport.send({ purpose: 'get', path: '/version', signal });
  if (reply.ok) {
    const version = stringAt(reply.body, 'gitVersion');
    return version === undefined ? undefined : clean(version);
  }
  const { status } = reply.problem;
  if (status === 403 || status === 404) return undefined;
  throw lostError(reply.problem, transport, signal);
}

/** Why a cluster cannot be read at all, ready to be shown. */
export function lostError(problem: Problem, transport: Transport, signal: AbortSignal | undefined): CrewisoError {
  const { target } = transport;
  if (problem.kind === 'interrupted') {
    const timedOut = whyAborted(signal) === 'timed out';
    if (timedOut)
      return noAccess(
        `${cannotReach(target)}: it did not answer in time`,
        clusterInfo(target),
        'give a longer --timeout',
      );
    return new CrewisoError('interrupted', { code: 'interrupted', exitCode: EXIT.interrupted });
  }
  if (problem.status === 401) return unauthorized(problem, transport);
  if (isNotServed(problem))
    return noAccess(`${cannotReach(target)}: it does not serve the Kubernetes API (HTTP 404)`, clusterInfo(target));
  return problem.error ?? noAccess(`${cannotReach(target)}: ${problem.message}`, clusterInfo(target));
}

function unauthorized(problem: Problem, transport: Transport): CrewisoError {
  const { cluster, user, context } = transport.target;
  const who = user ? ` of user "${clean(user)}"` : '';
  const why = transport.whyRefused();
  return noAccess(
    `cluster "${clean(cluster)}" does not accept the credentials${who}: ${problem.message} (401)${why ? `; ${why}` : ''}`,
    'log in again or renew the credentials of this kubeconfig user',
    `kubectl auth whoami${context ? ` --context ${clean(context)}` : ''}`,
  );
}

/** Who we are to the API server (SelfSubjectReview). Its `extra` is left out: it names the token. */
export async function readIdentity(
  transport: Transport,
  signal: AbortSignal | undefined,
): Promise<(Identity & { readonly impersonated: boolean }) | undefined> {
  const body = { apiVersion: 'authentication.k8s.io/v1', kind: 'SelfSubjectReview' };
  const path = '/apis/authentication.k8s.io/v1/selfsubjectreviews';
  const reply = await transport.send({ purpose: 'review', path, body, signal });
  if (!reply.ok) return undefined;
  const user = stringAt(reply.body, 'status', 'userInfo', 'username');
  const groups = valueAt(reply.body, 'status', 'userInfo', 'groups');
  if (user === undefined) return undefined;
  return {
    user: clean(user),
    groups: (Array.isArray(groups) ? groups : [])
      .filter((group) => typeof group === 'string')
      .map(clean)
      .sort(),
    impersonated: transport.target.impersonation !== undefined,
  };
}
