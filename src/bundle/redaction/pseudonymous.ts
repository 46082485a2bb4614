import type { KubeObject } from '../../model/object.ts';
import type { LeakScanner } from './leak-scanner.ts';
import type { LogRedactor, RedactedEnd } from './log-redactor.ts';
import type { Pseudonyms } from './pseudonyms.ts';
import { type Redacted, seal } from './redacted.ts';
import type { RedactedFile, RedactedObject, Redactor, Withheld } from './redactor.ts';
import { LineBuffer } from './whole-lines.ts';

const LEFT = 'pseudonym';

/** A redactor that puts pseudonyms in the place of names, in what it has redacted. */
export class PseudonymousRedactor implements Pick<
  Redactor,
  'learnSecret' | 'learnObject' | 'known' | 'object' | 'file' | 'log' | 'leaks'
> {
  readonly #redactor: Redactor;
  readonly #pseudonyms: Pseudonyms;

  constructor(redactor: Redactor, pseudonyms: Pseudonyms) {
    this.#redactor = redactor;
    this.#pseudonyms = pseudonyms;
  }

  learnSecret(secret: KubeObject): void {
    this.#redactor.learnSecret(secret);
  }

  learnObject(object: KubeObject): void {
    this.#redactor.learnObject(object);
    this.#pseudonyms.learnObject(object);
  }

  known(): ReturnType<Redactor['known']> {
    return this.#redactor.known();
  }

  object(object: unknown): RedactedObject | Withheld {
    const redacted = this.#redactor.object(object);
    if ('withheld' in redacted) return redacted;
    return parsed(this.#renamed(redacted.bytes), redacted);
  }

  file(content: Buffer, format: 'json' | 'yaml' | 'text'): RedactedFile | Withheld {
    const redacted = this.#redactor.file(content, format);
    if ('withheld' in redacted) return redacted;
    const bytes = this.#renamed(redacted.bytes);
    return format === 'json' ? parsed(bytes, redacted) : { ...redacted, bytes };
  }

  log(): LogRedactor {
    return new PseudonymousLog(this.#redactor.log(), this.#pseudonyms);
  }

  /** Finds names that were left, and no secrets. */
  leaks(): LeakScanner {
    return new LeftNames(this.#pseudonyms);
  }

  #renamed(bytes: Redacted): Redacted {
    return seal(Buffer.from(this.#pseudonyms.replace(bytes.toString('latin1'), true), 'latin1'));
  }
}

/** Nothing leaves that a pseudonym would have broken. */
function parsed(bytes: Redacted, { counts }: RedactedFile): RedactedObject | Withheld {
  try {
    return { bytes, counts, value: JSON.parse(bytes.toString('utf8')) as unknown };
  } catch {
    return { withheld: { rule: LEFT, why: 'with a pseudonym in it it would be no JSON' } };
  }
}

/** Line by line: what a log is cut into never matters. */
class PseudonymousLog implements LogRedactor {
  readonly #log: LogRedactor;
  readonly #pseudonyms: Pseudonyms;
  readonly #lines = new LineBuffer();

  constructor(log: LogRedactor, pseudonyms: Pseudonyms) {
    this.#log = log;
    this.#pseudonyms = pseudonyms;
  }

  write(chunk: Uint8Array): readonly Redacted[] {
    return this.#log.write(chunk).flatMap((piece) => this.#lines.write(piece).map((text) => this.#renamed(text)));
  }

  end(): RedactedEnd {
    const { chunks, ...rest } = this.#log.end();
    const texts = [...chunks.flatMap((piece) => this.#lines.write(piece)), ...this.#lines.end()];
    return { ...rest, chunks: texts.map((text) => this.#renamed(text)) };
  }

  #renamed(text: string): Redacted {
    return seal(Buffer.from(this.#pseudonyms.replace(text, false), 'latin1'));
  }
}

/** Whether any name is left in what was written. */
class LeftNames implements LeakScanner {
  readonly #pseudonyms: Pseudonyms;
  readonly #lines = new LineBuffer();
  #offset = 0;
  #found: number | undefined;

  constructor(pseudonyms: Pseudonyms) {
    this.#pseudonyms = pseudonyms;
  }

  write(chunk: Uint8Array): void {
    for (const text of this.#lines.write(chunk)) this.#look(text);
  }

  end(): ReturnType<LeakScanner['end']> {
    for (const text of this.#lines.end()) this.#look(text);
    return this.#found === undefined ? [] : [{ rule: LEFT, offset: this.#found }];
  }

  #look(text: string): void {
    if (this.#found === undefined && this.#pseudonyms.replace(text, false) !== text) this.#found = this.#offset;
    this.#offset += text.length;
  }
}
