import { PathNotFound, StatusError } from './status.ts';

/** What goes back over the wire. */
export interface Answer {
  readonly code: number;
  readonly contentType: string;
  readonly body: string;
}

export const JSON_TYPE = 'application/json';

export function json(code: number, value: unknown, contentType = JSON_TYPE): Answer {
  return { code, contentType, body: `${JSON.stringify(value)}\n` };
}

export function plain(code: number, body: string): Answer {
  return { code, contentType: 'text/plain; charset=utf-8', body };
}

/** What a handler threw, as an answer; our own bugs become 500 with their message. */
export function failure(error: unknown): Answer {
  if (error instanceof StatusError) return json(error.code, error.status);
  if (error instanceof PathNotFound) return plain(404, '404 page not found\n');
  const message = `Internal error occurred: ${error instanceof Error ? error.message : String(error)}`;
  return json(500, new StatusError(500, 'InternalError', message).status);
}
