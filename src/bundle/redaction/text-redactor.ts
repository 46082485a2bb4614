import type { Decoding } from './decoded-runs.ts';
import { isMarker, type Marker } from './marker.ts';
import type { Rule } from './rules.ts';
import type { Span } from './spans.ts';
import type { Tally } from './tally.ts';
import { baseRule, type TextScanner } from './text-scanner.ts';

/** No rule finds anything in fewer characters. */
const SHORTEST = 6;
/** Of a string: each finds what the one before uncovered. */
const MOST_PASSES = 5;

/** Puts markers in place of what a scanner finds. */
export class TextRedactor {
  private readonly scanner: TextScanner;
  private readonly marker: Marker;
  private readonly without: ReadonlySet<string>;

  constructor(scanner: TextScanner, marker: Marker, without: ReadonlySet<string>) {
    this.scanner = scanner;
    this.marker = marker;
    this.without = without;
  }

  /**
   * A string of an object with what is secret in it replaced; the same string where nothing is. What stood beside a secret
   * may read otherwise once that is gone (`-----END PRIVATE KEY-------token x`), so it is looked at until nothing is found.
   */
  string(text: string, tally: Tally, decoding: Decoding): string {
    if (text.length < SHORTEST) return text;
    let redacted = text;
    for (let pass = 0; pass < MOST_PASSES; pass++) {
      const before = redacted;
      redacted = this.replaced(before, tally, (bytes, latin1) =>
        this.scanner.scan(bytes, bytes.length, latin1, decoding),
      );
      if (redacted === before) break;
    }
    return redacted;
  }

  /** As `string`, for text about names and fields: only known values are replaced. */
  knownIn(text: string, tally: Tally): string {
    return this.replaced(text, tally, (bytes, latin1) => this.scanner.scanKnown(bytes, bytes.length, latin1));
  }

  private replaced(text: string, tally: Tally, scan: (bytes: Buffer, latin1: string) => readonly Span[]): string {
    const bytes = Buffer.from(text, 'utf8');
    const ascii = bytes.length === text.length;
    const latin1 = ascii ? text : bytes.toString('latin1');
    const spans = scan(bytes, latin1);
    if (spans.length === 0) return text;
    const redacted = this.replace(latin1, spans, tally);
    return ascii ? redacted : Buffer.from(redacted, 'latin1').toString('utf8');
  }

  /** The marker for a whole value; the value itself where it is empty, a marker already, or the rule is revealed. */
  whole(rule: Rule, value: string, tally: Tally, form?: 'base64'): string {
    if (value === '' || isMarker(value) || this.without.has(rule)) return value;
    tally.add(rule);
    // Fingerprints are those of the decoded value, so that the same secret is seen to be the same in either form.
    const bytes = form === 'base64' ? Buffer.from(value, 'base64') : Buffer.from(value, 'utf8');
    const marker = this.marker.of(rule, bytes.toString('latin1'));
    return form === 'base64' ? Buffer.from(marker, 'latin1').toString('base64') : marker;
  }

  /** A part of the text (latin1) with markers in place of the spans that begin in it; they are in order and apart. */
  replace(text: string, spans: readonly Span[], tally: Tally, from = 0, to = text.length): string {
    const parts: string[] = [];
    let at = from;
    for (const span of spans) {
      if (span.start >= to) break;
      tally.add(span.rule);
      parts.push(text.slice(at, span.start), this.markerFor(span, text.slice(span.start, span.end)));
      at = span.end;
    }
    parts.push(text.slice(at, Math.max(at, to)));
    return parts.join('');
  }

  private markerFor({ rule, value, form }: Span, text: string): string {
    if (form === 'base64') {
      const decoded = Buffer.from(text, 'base64').toString('latin1');
      return Buffer.from(this.marker.of(rule, decoded), 'latin1').toString('base64');
    }
    const around = form?.around ?? '';
    return `${around}${this.marker.of(rule, value ?? text)}${around}`;
  }

  /** Whether a rule is to be left out. */
  reveals(rule: Rule): boolean {
    return this.without.has(baseRule(rule));
  }
}
