import { setImmediate as nextTurn } from 'node:timers/promises';
import { isRecord, stringAt, valueAt } from '../kubernetes/json-value.ts';
import type { CrewisoError } from '../model/error.ts';
import { cleanMessage } from '../model/text.ts';
import type { Exchange, FailureKind } from './exchange.ts';
import { envelopeBefore, parseList } from './list-json.ts';

/** What became of a request. Trouble is a value: the reader turns it into gaps. */
export type Reply =
  | {
      readonly ok: true;
      readonly body: unknown;
      /** Of the answer, after decompression. */
      readonly bytes: number;
    }
  | { readonly ok: false; readonly problem: Problem };

export interface Problem {
  /** `status`: the server answered with an error. `malformed`: not with JSON. `credentials`: none could be obtained. */
  readonly kind: 'status' | 'malformed' | 'credentials' | FailureKind;
  /** One clean line: the server's own words where it had any. */
  readonly message: string;
  /** HTTP status. */
  readonly status?: number;
  /** metav1.Status: machine-readable reason, and the token to go on with after 410. */
  readonly reason?: string;
  readonly continueToken?: string;
  /** Where nobody could be asked: ready to be thrown. */
  readonly error?: CrewisoError;
}

export type Reduce = (item: unknown) => unknown;

const MAX_ERROR_TEXT = 64 * 1024;

/**
 * An answer as JSON, or as the problem that it states: metav1.Status, or plain text (an unserved path, a proxy).
 * @param reduce of a list: what stands for each of its items, which it gets without managedFields
 */
export function replyOf({ status, headers, body }: Exchange, scrub: (text: string) => string, reduce?: Reduce): Reply {
  if (status >= 200 && status < 300) return parsed(body, headers['content-type'], reduce);
  if (status >= 300 && status < 400) {
    const message = `redirects to ${originOf(headers.location)}, which is not followed`;
    return { ok: false, problem: { kind: 'status', status, message } };
  }
  const text = body.subarray(0, MAX_ERROR_TEXT).toString('utf8');
  const document = attempt(() => JSON.parse(text));
  const message = stringAt(document, 'message') ?? (isHtml(headers['content-type']) ? '' : text);
  const reason = stringAt(document, 'reason');
  const continueToken = stringAt(document, 'metadata', 'continue');
  return {
    ok: false,
    problem: {
      kind: 'status',
      status,
      message: cleanMessage(scrub(message)) || `HTTP ${status}`,
      ...(reason && { reason }),
      ...(continueToken && { continueToken }),
    },
  };
}

function parsed(body: Buffer, contentType: string | undefined, reduce: Reduce | undefined): Reply {
  const bytes = body.length;
  const value = attempt(() => (reduce ? parseList(body, reduce) : JSON.parse(body.toString('utf8'))));
  release(body);
  if (isRecord(value)) return { ok: true, body: value, bytes };
  const what = isHtml(contentType) ? 'HTML (a login page or a proxy?)' : 'something that is no JSON object';
  return { ok: false, problem: { kind: 'malformed', message: `answered with ${what}` } };
}

/** That a list goes on after this answer. */
export interface More {
  readonly token: string;
  /** Of the answer, after decompression. */
  readonly bytes: number;
}

/**
 * Says that a list goes on before its items are parsed, and lets what is then asked for go out: the server works on the
 * next page while this one is parsed. Only where the token stands before the items, as API servers send it.
 */
export async function announceRest({ status, body }: Exchange, onMore?: (more: More) => void): Promise<void> {
  if (!onMore || status < 200 || status >= 300) return;
  const token = continueOf(envelopeBefore(body));
  if (token === undefined) return;
  onMore({ token, bytes: body.length });
  await nextTurn();
}

/** Below, buffers may share memory with others (Buffer.poolSize). */
const OWN_MEMORY = 64 * 1024;

/**
 * Gives back the memory of a large buffer that nobody looks at any more. It has outlived the collections of young
 * objects by now, and a full collection, which would find it, may be far away; moved to a new object it is young again.
 */
function release({ buffer, byteLength }: Buffer): void {
  if (byteLength >= OWN_MEMORY && buffer instanceof ArrayBuffer) structuredClone(buffer, { transfer: [buffer] });
}

function attempt(parse: () => unknown): unknown {
  try {
    return parse();
  } catch (error) {
    // A SyntaxError would quote the text.
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

const isHtml = (contentType: string | undefined): boolean => contentType?.startsWith('text/html') === true;

function originOf(location: string | undefined): string {
  return location && URL.canParse(location) ? new URL(location).origin : 'another path';
}

/** True for a 404 that says that the path is not served, rather than that an object does not exist. */
export function isNotServed({ status, reason, message }: Problem): boolean {
  return status === 404 && (reason === undefined || message === 'the server could not find the requested resource');
}

/** The `continue` token of a list, or undefined on its last page. */
export function continueOf(body: unknown): string | undefined {
  const token = valueAt(body, 'metadata', 'continue');
  return typeof token === 'string' && token !== '' ? token : undefined;
}
