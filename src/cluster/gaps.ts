import type { AccessRule } from '../model/access.ts';
import type { Gap } from '../model/snapshot.ts';
import { isNotServed, type Problem } from './reply.ts';

/** What was asked for when a problem came up. */
export interface Asked {
  /** `deployments.apps`, as gaps name it. */
  readonly name: string;
  readonly grant: AccessRule;
  /** Why requests were aborted, if they were. */
  readonly aborted: string;
  /** Some of the list was read before. */
  readonly partial?: boolean;
}

/** A problem as the gap that it leaves: what could not be seen, why, and what would let us see it. */
export function gapOf(problem: Problem, asked: Asked): Gap {
  const { namespace } = asked.grant;
  const http = problem.status;
  const base = { resource: asked.name, ...(namespace !== undefined && { namespace }), ...(http && { http }) };
  if (asked.partial) return { ...base, reason: 'truncated', detail: detailOf(problem, asked) };
  if (http === 403) return { ...base, reason: 'forbidden', detail: problem.message, grant: asked.grant };
  // A group that is not served is served in no namespace.
  if (isNotServed(problem))
    return { resource: asked.name, http: 404, reason: 'not-served', detail: 'the server does not serve it' };
  return { ...base, reason: 'failed', detail: detailOf(problem, asked) };
}

function detailOf(problem: Problem, asked: Asked): string {
  if (problem.kind === 'interrupted') return asked.aborted;
  return problem.status === 401 ? `unauthorized: ${problem.message}` : problem.message;
}

/** `interrupted` or `timed out`, by what aborted the signal. */
export function whyAborted(signal: AbortSignal | undefined): string {
  const reason: unknown = signal?.reason;
  return reason instanceof Error && reason.name === 'TimeoutError' ? 'timed out' : 'interrupted';
}
