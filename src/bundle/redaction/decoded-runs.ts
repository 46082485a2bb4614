import { gunzipSync, constants } from 'node:zlib';
import { base64Runs, readableOffset } from './base64-runs.ts';
import type { Looked } from './finder.ts';
import { isMarker, type Range } from './marker.ts';
import type { Rule } from './rules.ts';
import { isInside, type Span } from './spans.ts';

const MOST_INFLATED = 1024 * 1024;
const UNSEEN_LENGTH = 256;

/** How deep we are in encodings, and what may still be decoded within one item. */
export class Decoding {
  readonly depth: number;
  private readonly budget: { left: number };

  constructor(depth = 3, budget: { left: number } = { left: 64 * 1024 * 1024 }) {
    this.depth = depth;
    this.budget = budget;
  }

  deeper(): Decoding {
    return new Decoding(this.depth - 1, this.budget);
  }

  /** False where the budget is spent. */
  take(bytes: number): boolean {
    this.budget.left -= bytes;
    return this.budget.left >= 0;
  }
}

type ScanInside = (bytes: Buffer, decoding: Decoding) => readonly Span[];

/**
 * Spans of a text in which something encoded holds what must not stay: base64, percent escapes, and gzip in base64, up
 * to three deep. The whole run goes. What cannot be looked into, or no more, goes unseen.
 */
export function decodedSpans(
  looked: Looked,
  bytes: Uint8Array,
  length: number,
  decoding: Decoding,
  scan: ScanInside,
): readonly Span[] {
  if (decoding.depth === 0) return [];
  const spans: Span[] = [];
  const look = (range: Range, percent: boolean): void => {
    if (isInside(looked.markers, range.start)) return;
    const decoded = percent
      ? percentDecoded(looked.text, range, decoding)
      : base64Decoded(bytes, looked.text, range, decoding);
    if (decoded === undefined) return;
    const rule = decoded === 'unreadable' ? decoded : innerRule(decoded, decoding, scan);
    if (rule) spans.push({ ...range, rule });
  };
  for (const range of base64Runs(bytes, length)) look(range, false);
  for (const range of percentRuns(looked.text)) look(range, true);
  return spans;
}

function innerRule(decoded: Buffer, decoding: Decoding, scan: ScanInside): Rule | undefined {
  if (isMarker(decoded.toString('latin1').trim())) return undefined;
  const [first] = scan(decoded, decoding.deeper());
  return first && decodedRule(first.rule);
}

function decodedRule(rule: Rule): Rule {
  return rule.startsWith('decoded-') ? rule : (`decoded-${rule}` as Rule);
}

export type Decoded = Buffer | 'unreadable' | undefined;

/** What a run of base64 decodes to, inflated where it is gzip; undefined where it is no text. */
export function base64Decoded(bytes: Uint8Array, text: string, range: Range, decoding: Decoding): Decoded {
  const offset = readableOffset(bytes, range);
  if (offset === undefined) return undefined;
  if (!decoding.take(range.end - range.start)) return unseen(range);
  const decoded = Buffer.from(text.slice(range.start + offset, range.end), 'base64');
  return decoded[0] === 0x1f && decoded[1] === 0x8b ? inflated(decoded, decoding) : decoded;
}

/** Once the budget is spent, what is long goes unseen. */
function unseen({ start, end }: Range): Decoded {
  return end - start > UNSEEN_LENGTH ? 'unreadable' : undefined;
}

function inflated(bytes: Buffer, decoding: Decoding): Buffer | 'unreadable' {
  try {
    // A cut stream is read as far as it goes.
    const plain = gunzipSync(bytes, { maxOutputLength: MOST_INFLATED, finishFlush: constants.Z_SYNC_FLUSH });
    return decoding.take(plain.length) ? plain : 'unreadable';
  } catch {
    // The error could quote content; that it cannot be looked into is all there is to say.
    return 'unreadable';
  }
}

const PERCENT_RUN = /[\w.~!*'()+:@/?=,;&-]{0,4096}(?:%[\da-f]{2}[\w.~!*'()+:@/?=,;&-]{0,4096}){1,2048}/iy;
const isUrl = /[\w.~!*'()+:@/?=,;&%-]/;

/** Runs with `%xx` in them. */
function percentRuns(text: string): readonly Range[] {
  const runs: Range[] = [];
  for (let at = text.indexOf('%'); at >= 0; at = text.indexOf('%', at + 1)) {
    if (!/^%[\da-f]{2}/i.test(text.slice(at, at + 3))) continue;
    let start = at;
    while (start > 0 && at - start < 4096 && isUrl.test(text[start - 1] ?? '')) start--;
    PERCENT_RUN.lastIndex = start;
    if (!PERCENT_RUN.test(text)) continue;
    runs.push({ start, end: PERCENT_RUN.lastIndex });
    at = PERCENT_RUN.lastIndex;
  }
  return runs;
}

function percentDecoded(text: string, range: Range, decoding: Decoding): Decoded {
  if (!decoding.take(range.end - range.start)) return unseen(range);
  const run = text.slice(range.start, range.end);
  const plain = run.replace(/%([\da-f]{2})/gi, (_, hex: string) => String.fromCharCode(parseInt(hex, 16)));
  return Buffer.from(plain, 'latin1');
}
