import { stringAt, valueAt } from '../kubernetes/json-value.ts';
import type { AccessReview } from '../model/derived.ts';
import type { AccessQuestion } from '../model/reading.ts';
import type { Gap, Listing } from '../model/snapshot.ts';
import { cleanMessage } from '../model/text.ts';
import { gapOf, whyAborted } from './gaps.ts';
import type { Reply } from './reply.ts';
import type { Transport } from './transport.ts';

const MAX_QUESTIONS = 20;
const GROUP = 'authorization.k8s.io';
const API_VERSION = `${GROUP}/v1`;

/**
 * Puts at most 20 questions to the API server's own authorizer (SubjectAccessReview). The first one alone: if asking is
 * refused, the others are not asked.
 */
export async function askAccess(
  transport: Transport,
  questions: readonly AccessQuestion[],
  signal: AbortSignal | undefined,
): Promise<Listing<AccessReview>> {
  const [first, ...rest] = questions.slice(0, MAX_QUESTIONS);
  if (!first) return { items: [], gaps: [] };
  const answers = [await ask(transport, first, signal, 0)];
  if (!answers[0]?.gap)
    answers.push(...(await Promise.all(rest.map((question, at) => ask(transport, question, signal, at + 1)))));
  const gaps = answers.flatMap(({ gap }) => (gap ? [gap] : []));
  return { items: answers.flatMap(({ item }) => (item ? [item] : [])), gaps: gaps.slice(0, 1) };
}

async function ask(
  transport: Transport,
  asked: AccessQuestion,
  signal: AbortSignal | undefined,
  at: number,
): Promise<{ readonly item?: AccessReview; readonly gap?: Gap }> {
  const { user, groups } = asked.identity;
  const { question } = asked;
  const attributes = 'path' in question ? { nonResourceAttributes: question } : { resourceAttributes: question };
  const body = { apiVersion: API_VERSION, kind: 'SubjectAccessReview', spec: { user, groups, ...attributes } };
  const reply = await transport.send({
    purpose: 'review',
    path: `/apis/${API_VERSION}/subjectaccessreviews`,
    body,
    signal,
  });
  if (!reply.ok) {
    const name = `subjectaccessreviews.${GROUP}`;
    const grant = { verb: 'create', group: GROUP, resource: 'subjectaccessreviews' };
    return { gap: gapOf(reply.problem, { name, grant, aborted: whyAborted(signal) }) };
  }
  const reason = stringAt(reply.body, 'status', 'reason') ?? stringAt(reply.body, 'status', 'evaluationError');
  return {
    item: {
      apiVersion: API_VERSION,
      kind: 'SubjectAccessReview',
      metadata: { name: `question-${at + 1}` },
      user,
      question,
      answer: answerOf(reply),
      ...(reason && { reason: cleanMessage(reason) }),
    },
  };
}

/** A no that comes with an evaluation error is no answer: an authorizer could not be asked. */
function answerOf(reply: Reply & { ok: true }): AccessReview['answer'] {
  const allowed = valueAt(reply.body, 'status', 'allowed');
  if (allowed === true) return 'allowed';
  const failed = stringAt(reply.body, 'status', 'evaluationError');
  const denied = valueAt(reply.body, 'status', 'denied') === true;
  return denied || (allowed === false && !failed) ? 'denied' : 'unknown';
}
