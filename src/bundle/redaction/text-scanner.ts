import { decodedSpans, type Decoding } from './decoded-runs.ts';
import { ARGUMENT_FINDERS } from './find-arguments.ts';
import { BASIC } from './header-values.ts';
import { type Finder, isWord, type Looked, matchAt, NOTHING, spanOf } from './finder.ts';
import { NamedFinder } from './find-named.ts';
import { PRIVATE_KEY } from './find-private-keys.ts';
import { LAST_APPLIED, SECRET_FIELDS, SecretManifestFinder } from './find-manifests.ts';
import { CONNECTION, JWT, URL_QUERY, URL_USERINFO } from './find-urls.ts';
import { KeywordIndex } from './keyword-index.ts';
import type { KnownValues } from './known-values.ts';
import { findMarkers } from './marker.ts';
import type { Names } from './names.ts';
import { runAround } from './base64-runs.ts';
import type { Rule } from './rules.ts';
import { type Shape, SHAPES } from './shapes.ts';
import { isInside, settle, type Span } from './spans.ts';

export interface ScannerOptions {
  readonly names: Names;
  readonly known: KnownValues;
  /** Rules that are not applied. */
  readonly without: ReadonlySet<string>;
}

/** Finds what must not stay in a text: detectors, known values, and both in what is encoded there. */
export class TextScanner {
  private readonly index: KeywordIndex<Finder>;
  private readonly known: KnownValues;
  private readonly without: ReadonlySet<string>;

  constructor({ names, known, without }: ScannerOptions) {
    const finders = [
      ...SHAPES.map(shapeFinder),
      ...ARGUMENT_FINDERS,
      ...[
        URL_USERINFO,
        URL_QUERY,
        CONNECTION,
        JWT,
        PRIVATE_KEY,
        BASIC,
        LAST_APPLIED,
        SECRET_FIELDS,
        new SecretManifestFinder(),
      ],
      new NamedFinder(names),
    ];
    this.index = new KeywordIndex(finders.flatMap((finder) => finder.keywords.map((word) => [word, finder] as const)));
    this.known = known;
    this.without = without;
  }

  /**
   * The spans of the first `length` bytes, in order and apart; `text`: the same bytes as latin1. `decoding` bounds what
   * is decoded within one item.
   */
  scan(bytes: Uint8Array, length: number, text: string, decoding: Decoding): readonly Span[] {
    const looked: Looked = { text, markers: findMarkers(text) };
    const spans: Span[] = [];
    const add = (span: Span): void => {
      if (span.end > span.start && !this.without.has(baseRule(span.rule))) spans.push(span);
    };
    // Within what a finder has found it looks for nothing more: else `key=key=key=…` is read to its end from each `key`.
    const reached = new Map<Finder, number>();
    const marked = looked.markers.length > 0;
    this.index.each(bytes, length, (finder, at) => {
      if (reached.size > 0 && at < (reached.get(finder) ?? 0)) return;
      if (marked && isInside(looked.markers, at)) return;
      for (const span of finder.find(looked, at)) {
        add(span);
        reached.set(finder, Math.max(reached.get(finder) ?? 0, span.end));
      }
    });
    this.eachKnown(bytes, length, text, add);
    decodedSpans(looked, bytes, length, decoding, (inner, deeper) =>
      this.scan(inner, inner.length, inner.toString('latin1'), deeper),
    ).forEach(add);
    return settle(spans, looked.markers);
  }

  /** As `scan`, and only known values. */
  scanKnown(bytes: Uint8Array, length: number, text: string): readonly Span[] {
    const spans: Span[] = [];
    if (!this.without.has('known-value')) this.eachKnown(bytes, length, text, (span) => spans.push(span));
    return spans.length === 0 ? spans : settle(spans, findMarkers(text));
  }

  private eachKnown(bytes: Uint8Array, length: number, text: string, add: (span: Span) => void): void {
    this.known.needles().each(bytes, length, (needle, at) => {
      const range = { start: at, end: at + needle.bytes.length };
      add({ ...(needle.run ? runAround(text, range) : range), rule: 'known-value', value: needle.value });
    });
  }
}

/** The rule without `decoded-`: who reveals one, reveals it in encodings too. */
export function baseRule(rule: Rule): string {
  return rule.startsWith('decoded-') ? rule.slice('decoded-'.length) : rule;
}

function shapeFinder({ rule, keywords, pattern, back = 0, word = false }: Shape): Finder {
  return {
    keywords,
    find({ text }, at) {
      const start = at - back;
      if (start < 0 || (word && start > 0 && isWord(text.charCodeAt(start - 1)) && !afterEscape(text, start)))
        return NOTHING;
      const match = matchAt(pattern, text, start);
      return match ? [spanOf(rule, match)] : NOTHING;
    },
  };
}

// The end of a colour in a terminal, too.
// eslint-disable-next-line no-control-regex -- ESC begins it
const ESCAPE = /(?:\\[nrt]|\\u[\da-f]{4}|%[\da-f]{2}|\x1b\[[\d;]{0,8}m)$/i;

/** The `n` of an escaped line break, or the end of `\u003d` or `%3D`, is no letter before a word. */
function afterEscape(text: string, start: number): boolean {
  return ESCAPE.test(text.slice(Math.max(0, start - 10), start));
}
