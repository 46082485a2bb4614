import { Decoding } from './decoded-runs.ts';
import { LONGEST } from './finder.ts';
import { inlineTimestampSpans } from './inline-timestamps.ts';
import { PendingBytes, type Workspace } from './pending-bytes.ts';
import { omission, type Redacted, seal } from './redacted.ts';
import { settle, type Span } from './spans.ts';
import { type RedactionCount, Tally } from './tally.ts';
import type { TextRedactor } from './text-redactor.ts';
import type { TextScanner } from './text-scanner.ts';

/** Bytes redacted at once, and those before and after them that are looked at too: what decides may stand beside. */
const WINDOW = 256 * 1024;
const BEFORE = 16 * 1024;
const AFTER = LONGEST;
/** A longer line is no text: the rest of it is left out. */
const LONGEST_LINE = 1024 * 1024;

/** Redacts a log as it streams. */
export interface LogRedactor {
  /** What can leave after this chunk. */
  write(chunk: Uint8Array): readonly Redacted[];
  /** The rest, and how often each rule left a marker; `failed` where some of it could not be redacted and was left out. */
  end(): RedactedEnd;
}

export interface RedactedEnd {
  readonly chunks: readonly Redacted[];
  readonly counts: readonly RedactionCount[];
  readonly failed: boolean;
}

export interface LogTools {
  readonly scanner: TextScanner;
  readonly text: TextRedactor;
  readonly workspace: Workspace;
}

/**
 * Windows of a stream begin at fixed places of its content, never where its chunks happened to be cut, and end at a line
 * break outside of everything found. So memory is bounded, and the same log gives the same bytes.
 */
export class WindowedLog implements LogRedactor {
  private readonly tools: LogTools;
  private readonly tally = new Tally();
  private readonly decoding = new Decoding();
  private readonly pending: PendingBytes;
  /** Of the pending bytes, how many have left already and are only looked at. */
  private done = 0;
  /** Bytes of an endless line that were left out so far; undefined outside of one. */
  private skipped: number | undefined;
  private failed = false;

  constructor(tools: LogTools) {
    this.tools = tools;
    this.pending = new PendingBytes(tools.workspace);
  }

  write(chunk: Uint8Array): readonly Redacted[] {
    this.pending.append(chunk);
    const ready: Redacted[] = [];
    while (this.pending.length - this.done >= WINDOW + AFTER) {
      const part = this.attempt(false);
      if (part === 'more') break;
      if (part) ready.push(part);
    }
    return ready;
  }

  end(): RedactedEnd {
    const chunks: Redacted[] = [];
    while (this.pending.length > this.done) {
      const part = this.attempt(true);
      if (part && part !== 'more') chunks.push(part);
    }
    this.pending.close();
    if (this.skipped !== undefined) chunks.push(omission(this.skipped));
    return { chunks, counts: this.tally.list(), failed: this.failed };
  }

  /** Whatever goes wrong with a window, none of it comes out, nor of what follows it. */
  private attempt(last: boolean): Redacted | 'more' | undefined {
    try {
      if (!this.failed) return this.step(last);
    } catch {
      // What was thrown could quote content; that it failed is all there is to say.
      this.failed = true;
    }
    this.skipped = (this.skipped ?? 0) + this.pending.length - this.done;
    this.pending.drop(this.pending.length);
    this.done = 0;
    return undefined;
  }

  /** Redacts what stands at the front; `more` where more must come first. */
  private step(last: boolean): Redacted | 'more' | undefined {
    const all = this.pending.all();
    if (this.skipped !== undefined) return this.skipLine(all);
    const window = this.window(all, last);
    if (window === undefined) return 'more';
    const text = window.toString('latin1');
    const spans = behind(this.spans(window, text), this.done);
    const whole = last && window.length === all.length;
    const cut = whole ? window.length : cutOf(text, spans, this.done);
    const redacted = this.tools.text.replace(text, spans, this.tally, this.done, cut);
    const reached = endOf(spans, cut);
    // What is cut within a line has lost what stands before it: the rest of the line is not looked at, and goes.
    const broken = !whole && text.charCodeAt(reached - 1) !== 10;
    if (broken) this.skipped = 0;
    const kept = broken || whole ? 0 : reached - Math.max(0, text.indexOf('\n', reached - BEFORE - 1) + 1);
    this.done = kept;
    this.pending.drop(reached - kept);
    return seal(Buffer.from(redacted, 'latin1'));
  }

  private spans(window: Buffer, text: string): readonly Span[] {
    const { scanner } = this.tools;
    const spans = scanner.scan(window, window.length, text, this.decoding);
    const hidden = inlineTimestampSpans(text, (bytes, plain) =>
      scanner.scan(bytes, bytes.length, plain, this.decoding),
    );
    return hidden.length === 0 ? spans : settle([...spans, ...hidden], []);
  }

  /** The bytes to look at: a window with what is around it, or as much more as its first line takes. */
  private window(all: Buffer, last: boolean): Buffer | undefined {
    const size = this.done + WINDOW + AFTER;
    if (all.length <= size) return last || all.length === size ? all : undefined;
    const lineEnd = all.indexOf(10, this.done);
    if (lineEnd >= 0 && lineEnd < this.done + WINDOW) return all.subarray(0, size);
    const line = lineEnd < 0 ? Infinity : lineEnd + 1 - this.done;
    const long = this.done + Math.min(line, LONGEST_LINE) + AFTER;
    if (all.length >= long) return all.subarray(0, long);
    return last ? all : undefined;
  }

  private skipLine(all: Buffer): Redacted | undefined {
    const lineEnd = all.indexOf(10);
    const count = lineEnd < 0 ? all.length : lineEnd + 1;
    this.skipped = (this.skipped ?? 0) + count;
    this.pending.drop(count);
    if (lineEnd < 0) return undefined;
    const line = omission(this.skipped);
    this.skipped = undefined;
    return line;
  }
}

/** The spans of what has not left yet. */
function behind(spans: readonly Span[], done: number): readonly Span[] {
  if (done === 0) return spans;
  return spans.flatMap((span) => {
    if (span.end <= done) return [];
    return span.start < done ? [{ start: done, end: span.end, rule: span.rule }] : [span];
  });
}

/** The end of the last span that begins before a place, or the place. */
function endOf(spans: readonly Span[], cut: number): number {
  const last = spans.findLast(({ start }) => start < cut);
  return Math.max(cut, last?.end ?? 0);
}

/** Where to end: behind the last line break outside of spans that leaves enough after it. */
function cutOf(text: string, spans: readonly Span[], done: number): number {
  const latest = text.length - AFTER;
  for (let at = text.lastIndexOf('\n', latest - 1); at >= done; at = text.lastIndexOf('\n', at - 1)) {
    const span = spans.findLast(({ start }) => start <= at);
    if (!span || span.end <= at + 1) return at + 1;
    at = span.start;
    if (at === 0) break;
  }
  return latest;
}
