declare const redacted: unique symbol;

/** Bytes that have gone through the redactor. Only this folder makes them, and only they may be written to an archive. */
export type Redacted = Buffer & { readonly [redacted]: true };

/** Brands bytes that the redactor has gone through; lint keeps it inside this folder (scripts/folder-rules.js). */
export function seal(bytes: Buffer): Redacted {
  return bytes as Redacted;
}

/** Text that stands in the source code, such as the frame of a listing, as a tagged template without substitutions. */
export function fixed(text: TemplateStringsArray): Redacted {
  if (text.length !== 1) throw new TypeError('fixed text takes no substitutions');
  return seal(Buffer.from(text[0] ?? '', 'utf8'));
}

/** What stands in a log for bytes that were left out, with a line break after it. */
export function omission(bytes: number): Redacted {
  return seal(Buffer.from(`[crewiso: ${bytes} bytes omitted]\n`, 'latin1'));
}

/** The same bytes as one buffer. */
export function join(parts: readonly Redacted[]): Redacted {
  return seal(Buffer.concat(parts));
}
