import type { KubeObject } from '../../model/object.ts';
import { Decoding } from './decoded-runs.ts';
import { KnownValues } from './known-values.ts';
import { knownInJson } from './known-pass.ts';
import { type LeakScanner, WindowedLeaks } from './leak-scanner.ts';
import { type LogRedactor, WindowedLog } from './log-redactor.ts';
import { Marker } from './marker.ts';
import { Names } from './names.ts';
import { ObjectRedactor } from './object-redactor.ts';
import { Workspace } from './pending-bytes.ts';
import { type Redacted, seal } from './redacted.ts';
import { CERTAIN_RULES, RULES } from './rules.ts';
import { type RedactionCount, Tally } from './tally.ts';
import { TextRedactor } from './text-redactor.ts';
import { TextScanner } from './text-scanner.ts';

export type { LeakScanner } from './leak-scanner.ts';
export type { LogRedactor } from './log-redactor.ts';
export type { RedactionCount } from './tally.ts';

export interface RedactorOptions {
  /** Key of the fingerprints (HMAC-SHA-256, 12 hex digits): random per bundle and thrown away; given in tests. */
  readonly key: Uint8Array;
  /** Rules whose matches stay (`bundle redact --reveal-rule`); default none. */
  readonly reveal?: ReadonlySet<string>;
  /** Looks for all that this one has learned, and both for what either learns from now on. */
  readonly like?: Redactor;
}

export interface RedactedFile {
  readonly bytes: Redacted;
  /** Sorted by rule. */
  readonly counts: readonly RedactionCount[];
}

/** `bytes`: the value as JSON on one line, without a line break after it. */
export interface RedactedObject extends RedactedFile {
  readonly value: unknown;
}

/** Nothing of it may be written; `why` never quotes content. */
export interface Withheld {
  readonly withheld: { readonly rule: string; readonly why: string };
}

export interface KnownCounts {
  /** Values looked for. */
  readonly values: number;
  /** Values not looked for, because they are short, common words or names of objects. */
  readonly exempt: number;
  /** True when there were more values than memory allows. */
  readonly capped: boolean;
}

/** Redacts objects, files and logs of one bundle, all with the same fingerprints and known values. */
export class Redactor {
  private readonly names: Names;
  private readonly values: KnownValues;
  private readonly scanner: TextScanner;
  private readonly text: TextRedactor;
  private readonly workspace = new Workspace();
  private certain: TextScanner | undefined;

  constructor({ key, reveal = new Set(), like }: RedactorOptions) {
    this.names = like?.names ?? new Names();
    this.values = like?.values ?? new KnownValues(this.names);
    this.scanner = new TextScanner({ names: this.names, known: this.values, without: reveal });
    this.text = new TextRedactor(this.scanner, new Marker(key), reveal);
  }

  /** Takes in the values of a Secret (wire JSON), before anything is redacted. Its name stays readable. */
  learnSecret(secret: KubeObject): void {
    this.values.learnSecret(secret);
  }

  /** Takes in the inline environment values under names of secrets; names of objects, images and hosts stay readable. */
  learnObject(object: KubeObject): void {
    this.values.learnObject(object);
  }

  known(): KnownCounts {
    return this.values.counts();
  }

  /** Redacts the wire JSON of one object or List; the types of fields stay, so that typed clients can read it. */
  object(object: unknown): RedactedObject | Withheld {
    return closed(() => {
      const tally = new Tally();
      const value = this.objects(tally).redact(object);
      const text = JSON.stringify(value) as string | undefined;
      if (text === undefined) return withheld('unreadable', 'it is no JSON value');
      const passed = this.lastPass(text, tally);
      if ('withheld' in passed) return passed;
      const { bytes, counts, changed } = passed;
      return { bytes, counts, value: changed ? (JSON.parse(bytes.toString('utf8')) as unknown) : value };
    });
  }

  /** Redacts a whole small file: a document of ours, or of a foreign bundle. JSON keeps its order, blanks and numbers. */
  file(content: Buffer, format: 'json' | 'yaml' | 'text'): RedactedFile | Withheld {
    return closed(() => {
      const tally = new Tally();
      if (format === 'json') return this.lastPass(this.objects(tally).json(content.toString('utf8')), tally);
      const latin1 = content.toString('latin1');
      const spans = this.scanner.scan(content, content.length, latin1, new Decoding());
      const bytes = seal(Buffer.from(this.text.replace(latin1, spans, tally), 'latin1'));
      return { bytes, counts: tally.list() };
    });
  }

  /** Redacts a log as it streams, in bounded memory; where its chunks are cut never matters. */
  log(): LogRedactor {
    return new WindowedLog({ scanner: this.scanner, text: this.text, workspace: this.workspace });
  }

  /** Looks through bytes about to be published for known values and certain shapes of credentials. */
  leaks(): LeakScanner {
    // An archive has many thousands of files: the index of keywords is made once for all of them.
    this.certain ??= new TextScanner({
      names: this.names,
      known: this.values,
      without: new Set(RULES.filter((rule) => !CERTAIN_RULES.has(rule))),
    });
    return new WindowedLeaks(this.certain, this.workspace);
  }

  private objects(tally: Tally): ObjectRedactor {
    const isObjectName = (text: string): boolean => this.values.isObjectName(text);
    return new ObjectRedactor({ text: this.text, names: this.names, isObjectName }, tally);
  }

  /** Known values once more, on the bytes that leave; `changed` where the rules for strings had let one pass. */
  private lastPass(json: string, tally: Tally): (RedactedFile & { readonly changed: boolean }) | Withheld {
    const latin1 = Buffer.from(json, 'utf8').toString('latin1');
    const spans = knownInJson(latin1, this.scanner);
    if (spans === undefined) return withheld('known-value', 'a known value spans fields of it');
    const bytes = seal(Buffer.from(this.text.replace(latin1, spans, tally), 'latin1'));
    return { bytes, counts: tally.list(), changed: spans.length > 0 };
  }
}

function withheld(rule: string, why: string): Withheld {
  return { withheld: { rule, why } };
}

/** Whatever goes wrong, nothing comes out; what was thrown could quote content. */
function closed<T>(redact: () => T | Withheld): T | Withheld {
  try {
    return redact();
  } catch (error) {
    const kind = error instanceof Error ? error.name : 'error';
    return withheld('unreadable', `it could not be read (${kind})`);
  }
}
