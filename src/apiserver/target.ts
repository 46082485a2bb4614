import type { Question } from '../kubernetes/rbac-question.ts';
import { questionOfRequest } from '../kubernetes/request-question.ts';
import { badRequest } from './status.ts';

/** What a request is about: what the authorizer is asked, and the version, which is nothing to the authorizer. */
export interface Target {
  readonly question: Question;
  readonly version: string;
}

/** @throws StatusError 400 for a path that is not percent-encoded */
export function targetOf(method: string, url: URL): Target {
  try {
    decodeURIComponent(url.pathname);
  } catch {
    throw badRequest(`invalid URL escape in ${JSON.stringify(url.pathname)}`);
  }
  const question = questionOfRequest(method, `${url.pathname}${url.search}`);
  const parts = url.pathname.split('/').filter(Boolean);
  return { question, version: parts[parts[0] === 'api' ? 1 : 2] ?? '' };
}
