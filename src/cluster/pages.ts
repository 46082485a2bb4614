import { valueAt } from '../kubernetes/json-value.ts';
import { continueOf, type Problem, type Reduce, type Reply } from './reply.ts';
import type { Transport } from './transport.ts';

export interface ListSpec {
  readonly path: string;
  /** labelSelector, fieldSelector, includeObject. */
  readonly params?: Readonly<Record<string, string>>;
  readonly accept?: string;
  /** What stands for each item, which it gets without managedFields. */
  readonly reduce?: Reduce | undefined;
  /** What a page may weigh, where all of its objects are in memory as they were sent. */
  readonly pageBytes?: number;
  readonly signal?: AbortSignal | undefined;
}

export interface Page {
  readonly body: unknown;
  /** The list began anew: what earlier pages held is superseded. */
  readonly restarted: boolean;
}

/** Objects on the first page, as kubectl asks; small ones then come more at a time, so that requests stay few. */
const FIRST_PAGE = 500;
const LARGEST_PAGE = 5000;
const SMALLEST_PAGE = 100;
/** What a page may weigh: parsing takes several times as much memory for a moment. */
const PAGE_BYTES = 8 * 1024 * 1024;

/** How many times in a row the server may expire a token without a page in between. */
const MAX_EXPIRED = 3;

/**
 * Pages of one list. A token that expired in the middle (410) comes with one to go on with, and the list goes on: what
 * existed throughout is not missed (Kubernetes API concepts, "Retrieving large results sets in chunks"). Without one,
 * and when the server does not know its own token (400), the list begins anew, once.
 *
 * @returns the problem that ended the list early, or undefined when it is complete.
 */
export async function* listPages(transport: Transport, spec: ListSpec): AsyncGenerator<Page, Problem | undefined> {
  const position = new Position();
  let asked = askFor(transport, spec, undefined, FIRST_PAGE);
  for (;;) {
    const reply = await asked.reply;
    let limit = asked.limit;
    if (reply.ok) {
      limit = nextLimit(countOf(reply.body), reply.bytes, spec);
      yield { body: reply.body, restarted: position.restarting };
      const end = position.advance(continueOf(reply.body));
      if (end) return end === 'complete' ? undefined : end;
    } else if (!position.recover(reply.problem)) return reply.problem;
    const { next } = asked;
    asked = next && next.token === position.token ? next : askFor(transport, spec, position.token, limit);
  }
}

/** A page that is on its way, and the one after it as soon as it is known where that begins. */
interface Asked {
  readonly token: string | undefined;
  readonly limit: number;
  readonly reply: Promise<Reply>;
  next?: Asked;
}

function askFor(transport: Transport, spec: ListSpec, token: string | undefined, limit: number): Asked {
  const reply = transport.send({
    purpose: 'list',
    path: spec.path,
    query: { ...spec.params, limit: String(limit), ...(token && { continue: token }) },
    ...(spec.accept && { accept: spec.accept }),
    reduce: spec.reduce,
    onMore: (more) => {
      // A page that is not the last one is full.
      if (more.token !== token) asked.next = askFor(transport, spec, more.token, nextLimit(limit, more.bytes, spec));
    },
    signal: spec.signal,
  });
  const asked: Asked = { token, limit, reply };
  return asked;
}

/** As many as weigh what a page may, going by the page before: how many objects it held, and its bytes. */
function nextLimit(count: number, bytes: number, { pageBytes }: ListSpec): number {
  const fitting = count > 0 ? Math.floor(((pageBytes ?? PAGE_BYTES) * count) / bytes) : FIRST_PAGE;
  return Math.min(LARGEST_PAGE, Math.max(pageBytes === undefined ? FIRST_PAGE : SMALLEST_PAGE, fitting));
}

function countOf(body: unknown): number {
  const items = valueAt(body, 'items') ?? valueAt(body, 'rows');
  return Array.isArray(items) ? items.length : 0;
}

/** Where in a list we are: the token of the next page, and how often it was lost. */
class Position {
  token: string | undefined;
  /** The next page is the first one again. */
  restarting = false;
  #restarted = false;
  #expired = 0;

  advance(next: string | undefined): 'complete' | Problem | undefined {
    if (next === undefined) return 'complete';
    if (next === this.token) return { kind: 'malformed', message: 'the server repeats its continue token' };
    this.token = next;
    this.restarting = false;
    this.#expired = 0;
    return undefined;
  }

  /** Whether the list can go on after a problem. */
  recover(problem: Problem): boolean {
    if (this.token === undefined) return false;
    if (problem.status === 410 && problem.continueToken !== undefined && this.#expired < MAX_EXPIRED) {
      this.token = problem.continueToken;
      this.#expired += 1;
      return true;
    }
    if (this.#restarted || !isStaleToken(problem)) return false;
    this.token = undefined;
    this.#restarted = true;
    this.restarting = true;
    return true;
  }
}

function isStaleToken({ status, message }: Problem): boolean {
  return status === 410 || (status === 400 && /continue/i.test(message));
}

/**
 * Reads a list to its end, keeping what `decode` makes of each page (throws on a page that is no list).
 *
 * @returns the items, with a problem when they may not be all.
 */
export async function readList<T>(
  transport: Transport,
  spec: ListSpec,
  decode: (body: unknown) => readonly T[],
): Promise<{ readonly items: readonly T[]; readonly problem?: Problem }> {
  let items: T[] = [];
  let before: T[] = [];
  const pages = listPages(transport, spec);
  for (;;) {
    const step = await pages.next();
    if (step.done) {
      const problem = step.value;
      // Cut short after a restart: whichever pass got further shows more.
      return problem ? { items: items.length >= before.length ? items : before, problem } : { items };
    }
    if (step.value.restarted) [before, items] = [items, []];
    try {
      for (const item of decode(step.value.body)) items.push(item);
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      return { items, problem: { kind: 'malformed', message } };
    }
  }
}
