/** Letters and digits, and bytes of characters beyond ASCII: what a name goes on with. */
export const WORD = String.raw`[A-Za-z0-9\x80-\xff]`;
const RUN = new RegExp(`${WORD}+`, 'g');
const RUN_AT = new RegExp(`${WORD}+`, 'y');
/** What encodings put directly before a name: the letter of `\n`, `\u0022`, `%2F`, and the end of a colour (`ESC[32m`). */
const ESCAPED: Readonly<Record<string, RegExp>> = {
  '\\': /^(?:u[\da-f]{4}|x[\da-f]{2}|[nrtbfv])/i,
  '%': /^[\da-f]{2}/i,
  '[': /^\d{1,3}m/,
  ';': /^\d{1,3}m/,
};

/** Whether a name may begin at a place: nothing before it belongs to it. */
export function mayStart(text: string, at: number): boolean {
  const start = runStartOf(text, at);
  return start === at || escapeLength(text, start) === at - start;
}

/** Whether a name may end at a place. */
export function mayEnd(text: string, at: number): boolean {
  RUN_AT.lastIndex = at;
  return !RUN_AT.test(text);
}

/** Calls back for each run of letters and digits, and again for what of it stands behind an escape. */
export function eachStart(text: string, found: (start: number, end: number) => number | undefined): void {
  RUN.lastIndex = 0;
  for (let run = RUN.exec(text); run; run = RUN.exec(text)) {
    const start = run.index;
    const end = start + run[0].length;
    const escape = escapeLength(text, start);
    const reached = found(start, end) ?? (escape > 0 && start + escape < end ? found(start + escape, end) : undefined);
    // The search may have been used for something else in between.
    RUN.lastIndex = reached ?? end;
  }
}

/** The end of the run of letters and digits at a place; the place itself where there is none. */
export function runEndOf(text: string, at: number): number {
  RUN_AT.lastIndex = at;
  return RUN_AT.test(text) ? RUN_AT.lastIndex : at;
}

/** The longest escape is `u0022`: what is further away than that begins a word of its own, or none. */
function runStartOf(text: string, at: number): number {
  let start = at;
  while (start > 0 && at - start < 6 && isWordCode(text.charCodeAt(start - 1))) start--;
  return start;
}

/** How long the escape is that the run of letters and digits at a place begins with. */
export function escapeLength(text: string, start: number): number {
  const shape = ESCAPED[text[start - 1] ?? ''];
  return shape?.exec(text.slice(start, start + 5))?.[0].length ?? 0;
}

const isWordCode = (code: number): boolean =>
  (code >= 48 && code <= 57) || (code >= 65 && code <= 90) || (code >= 97 && code <= 122) || code >= 128;
