import type { Exchange, ExchangeFailure } from './exchange.ts';

/** Waits longer than this are not sat out: the listing is then better reported as missing. */
const MAX_WAIT_MS = 30_000;
const MAX_TOLD = 10;
const MAX_GUESSED = 4;

export interface Wait {
  readonly ms: number;
  /** The server asked for it, of every request: 429 and Retry-After. */
  readonly throttled: boolean;
}

/**
 * How long to wait before asking again after an answer, or undefined when asking again would not help. As client-go
 * (rest/with_retry.go): 429, and 5xx that carry Retry-After, at most ten times; besides 502, 503 and 504 of a GET with
 * a growing pause. A storage that is being reinitialized says 429 for as long as its CRD is broken: not waited for.
 */
export function waitAfterAnswer(answer: Exchange, method: string, attempt: number, now: number): Wait | undefined {
  if (answer.status < 400) return undefined;
  const told = retryAfterMs(answer.headers['retry-after'], now);
  if (told !== undefined && told > MAX_WAIT_MS) return undefined;
  if (answer.status === 429) {
    if (attempt >= MAX_TOLD || answer.body.includes('storage is (re)initializing')) return undefined;
    return { ms: told ?? 1000, throttled: true };
  }
  return method === 'GET' && answer.status >= 500 ? waitAfterServerError(answer.status, told, attempt) : undefined;
}

function waitAfterServerError(status: number, told: number | undefined, attempt: number): Wait | undefined {
  if (told !== undefined) return attempt < MAX_TOLD ? { ms: told, throttled: true } : undefined;
  const passing = status === 502 || status === 503 || status === 504;
  return passing && attempt < MAX_GUESSED ? { ms: 500 * 2 ** attempt, throttled: false } : undefined;
}

const BROKEN = new Set(['ECONNRESET', 'EPIPE', 'ERR_STREAM_PREMATURE_CLOSE']);

/**
 * The same after a failed exchange. Only GETs are repeated, only when the connection broke: twice before an answer had
 * begun, once after. A refused connection, an unknown name or TLS trouble would be the same the next time.
 */
export function waitAfterFailure(failure: ExchangeFailure, method: string, attempt: number): Wait | undefined {
  const { cause, kind } = failure;
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
  if (method !== 'GET' || !BROKEN.has(code)) return undefined;
  if (kind === 'cut') return attempt < 1 ? { ms: 100, throttled: false } : undefined;
  if (kind !== 'connection' || attempt >= 2) return undefined;
  return { ms: failure.stale ? 0 : 100 * 2 ** attempt, throttled: false };
}

function retryAfterMs(header: string | undefined, now: number): number | undefined {
  if (header === undefined) return undefined;
  if (/^\d+$/.test(header)) return Number(header) * 1000;
  const date = Date.parse(header);
  return Number.isNaN(date) ? undefined : Math.max(0, date - now);
}
