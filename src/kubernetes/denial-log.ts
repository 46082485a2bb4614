import { denialKey } from './denial-key.ts';
import { DenialScanner, type LocatedDenial } from './denial-scanner.ts';
import type { Refused } from './forbidden-denial.ts';
import { readLine } from './log-line.ts';

/** One thing that was refused to somebody, as often as a text tells of it. */
export interface LoggedDenial {
  /** One of them: the first, but for quotas, whose numbers change, the last. */
  readonly denial: Refused;
  readonly count: number;
  /** Names of the objects that it was refused for, the first few. */
  readonly names: readonly string[];
  /** Whether there were more names than these. */
  readonly moreNames: boolean;
  /** RFC 3339, of the earliest and the latest line that says when. */
  readonly firstAt?: string;
  readonly lastAt?: string;
}

export interface DenialLog {
  /** Most frequent first, then in order of the text. */
  readonly denials: readonly LoggedDenial[];
  /** How many refusals there were in all. */
  readonly total: number;
  /** Those that are in none of `denials`, because too many different ones came before. */
  readonly left: number;
}

const MAX_DISTINCT = 1000;
const MAX_NAMES = 5;

type Entry = { -readonly [K in keyof LoggedDenial]: LoggedDenial[K] };

/** Collects the refusals in a text of any length, in memory that does not grow with it: equal ones are counted. */
export class DenialCollector {
  readonly #scanner: DenialScanner;
  readonly #entries = new Map<string, Entry>();
  readonly #limit: number;
  #total = 0;
  #left = 0;

  /** @param limit how many different ones are kept */
  constructor(limit = MAX_DISTINCT, scanner = new DenialScanner()) {
    this.#limit = limit;
    this.#scanner = scanner;
  }

  push(piece: string): void {
    for (const located of this.#scanner.push(piece)) this.#add(located);
  }

  end(): DenialLog {
    for (const located of this.#scanner.end()) this.#add(located);
    const denials = [...this.#entries.values()].sort((a, b) => b.count - a.count);
    return { denials, total: this.#total, left: this.#left };
  }

  #add({ denial, before, after }: LocatedDenial): void {
    const { at, count } = readLine(before, after);
    this.#total += count;
    const key = denialKey(denial);
    let entry = this.#entries.get(key);
    if (!entry) {
      if (this.#entries.size >= this.#limit) {
        this.#left += count;
        return;
      }
      entry = { denial: copyOf(denial), count: 0, names: [], moreNames: false };
      this.#entries.set(key, entry);
    }
    entry.count += count;
    if (at !== undefined) addTime(entry, at);
    addName(entry, nameOf(denial));
    if (tellsMore(denial, entry.denial)) entry.denial = copyOf(denial);
  }
}

/** What is cut out of a string keeps all of it in memory: a small denial would hold a large piece of the log. */
function copyOf<T>(value: T): T {
  return JSON.parse(JSON.stringify(value)) as T;
}

function nameOf(denial: Refused): string | undefined {
  return ('name' in denial ? denial.name : undefined) ?? denial.target?.name;
}

function addName(entry: Entry, name: string | undefined): void {
  if (name === undefined || entry.names.includes(name)) return;
  if (entry.names.length < MAX_NAMES) entry.names = [...entry.names, copyOf(name)];
  else entry.moreNames = true;
}

function addTime(entry: Entry, at: string): void {
  if (entry.firstAt === undefined || Date.parse(at) < Date.parse(entry.firstAt)) entry.firstAt = at;
  if (entry.lastAt === undefined || Date.parse(at) > Date.parse(entry.lastAt)) entry.lastAt = at;
}

/** The latest numbers of a quota, and roles that are missing although the first message did not say so. */
function tellsMore(denial: Refused, known: Refused): boolean {
  if (denial.class === 'quota') return true;
  return rolesMissing(denial) > rolesMissing(known);
}

function rolesMissing(denial: Refused): number {
  return 'danglingRoles' in denial ? denial.danglingRoles.length : 0;
}

/** The refusals in a text. */
export function denialsOf(text: string): DenialLog {
  const collector = new DenialCollector();
  collector.push(text);
  return collector.end();
}
