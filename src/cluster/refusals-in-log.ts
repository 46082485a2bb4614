import { parseDenials, type Denial } from '../kubernetes/forbidden.ts';

/** A refusal and how often a log told of it. */
export interface LoggedRefusal {
  readonly message: string;
  readonly count: number;
  /** RFC 3339, from the timestamps that the kubelet puts before each line. */
  readonly firstAt?: string;
  readonly lastAt?: string;
}

/** Most lines cannot hold a refusal: only those with one of these words are parsed, with what follows them. */
const SUSPECT =
  /forbidden:|\bUser\s+\\*"|\bUser system:|admission webhook|failed calling|insufficient quota|\bUnauthorized\b|provide credentials/;
const STAMP = /^(\d{4}-\d\d-\d\dT[\d:.]+(?:Z|[+-]\d\d:\d\d)) /;

const MAX_LINE = 32 * 1024;
/** An escalation message lists one missing rule a line. */
const MAX_FOLLOWING = 60;
const MAX_DISTINCT = 500;

/**
 * Reduces a log to the refusals in it, as it arrives: at most one window of lines is in memory, and of the text nothing
 * is kept but the refusals' own words.
 */
export class LogRefusals {
  readonly #decoder = new TextDecoder();
  readonly #found = new Map<string, LoggedRefusal>();
  #rest = '';
  #window: string[] = [];
  #windowAt: string | undefined;
  #size = 0;
  /** More different refusals than are kept. */
  overflown = false;

  push(chunk: Uint8Array): void {
    const lines = (this.#rest + this.#decoder.decode(chunk, { stream: true })).split('\n');
    this.#rest = (lines.pop() ?? '').slice(0, MAX_LINE);
    for (const line of lines) this.#line(line.slice(0, MAX_LINE));
  }

  /** All refusals, sorted by their words; call it once, at the end. */
  end(): readonly LoggedRefusal[] {
    if (this.#rest !== '') this.#line(this.#rest);
    this.#close();
    return [...this.#found.values()].sort((a, b) => (a.message < b.message ? -1 : 1));
  }

  #line(line: string): void {
    const at = STAMP.exec(line)?.[1];
    const text = line.replace(STAMP, '');
    if (SUSPECT.test(text)) {
      this.#close();
      this.#window = [text];
      this.#windowAt = at;
      this.#size = text.length;
    } else if (this.#window.length > 0) {
      this.#size += text.length;
      if (this.#window.length > MAX_FOLLOWING || this.#size > MAX_LINE) this.#close();
      else this.#window.push(text);
    }
  }

  #close(): void {
    const text = this.#window.join('\n');
    this.#window = [];
    // The word alone is what many clients of many services print; pasted by a user it means the API server, here it may not.
    if (text === '' || text.trim() === 'Unauthorized') return;
    for (const denial of parseDenials(text)) {
      // What an image registry refuses, the kubelet tells; the platform's own builds are none of the API server's.
      if (denial.class !== 'not-a-denial' && denial.class !== 'registry')
        this.#add(withoutProse(denial), this.#windowAt);
    }
  }

  #add(message: string, at: string | undefined): void {
    const known = this.#found.get(message);
    if (!known && this.#found.size >= MAX_DISTINCT) {
      this.overflown = true;
      return;
    }
    const times = at === undefined ? {} : { firstAt: known?.firstAt ?? at, lastAt: at };
    this.#found.set(message, { ...known, ...times, message, count: (known?.count ?? 0) + 1 });
  }
}

const WITHHELD = '(the reason is in the log)';

type Found = Exclude<Denial, { class: 'not-a-denial' }>;

/**
 * The words of the API server's own grammar. What a webhook, a policy or an unknown plugin adds runs to the end of the
 * line, and behind it may stand whatever the program logs next, credentials included: that stays in the log.
 */
function withoutProse(denial: Found): string {
  const { message } = denial;
  const prose = 'reason' in denial ? denial.reason : 'otherAuthorizer' in denial ? denial.otherAuthorizer : undefined;
  if (prose === undefined || prose === '') return OPEN_ENDED.has(denial.class) ? masked(message) : message;
  const at = message.indexOf(prose.replaceAll(/\s+/g, ' ').slice(0, 40));
  // Owner references and authorizers are told from others by these very words.
  const needed = denial.class === 'owner-reference' || 'otherAuthorizer' in denial;
  return at > 0 && !needed ? `${message.slice(0, at)}${WITHHELD}` : masked(message);
}

/** Classes whose messages run to the end of the line. */
const OPEN_ENDED: ReadonlySet<Denial['class']> = new Set(['pod-security', 'limit-range']);

const CREDENTIAL =
  /\b((?:[\w-]*(?:password|passwd|secret|token|api[_-]?key|credential|authorization)[\w-]*)\\*["']?\s*[=:]\s*\\*["']?(?:Bearer\s+|Basic\s+)?)[^\s"'\\,;&)]+|\beyJ[\w-]{8,}\.[\w-]+\.?[\w-]*|\/\/[^\s/@:]+:[^\s/@]+@/gi;

/** What looks like a credential does not leave the log. The user's name, in front, is full of colons and is none. */
function masked(message: string): string {
  const from = /\bUser "[^"]*"/.exec(message);
  const start = from ? from.index + from[0].length : 0;
  const tail = message.slice(start).replaceAll(CREDENTIAL, (_whole, name?: string) => `${name ?? ''}(withheld)`);
  return message.slice(0, start) + tail;
}
