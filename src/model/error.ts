/** Trouble that is the user's or the world's: one line that says what happened and why, and what to do next. */
export class CrewisoError extends Error {
  readonly exitCode: number;
  readonly code: string;
  readonly suggestions: readonly string[];

  constructor(
    message: string,
    options: { code: string; exitCode: number; suggestions?: readonly string[]; cause?: unknown },
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'CrewisoError';
    this.code = options.code;
    this.exitCode = options.exitCode;
    this.suggestions = options.suggestions ?? [];
  }
}

export const EXIT = {
  ok: 0,
  findings: 1,
  usage: 2,
  incomplete: 3,
  unreachable: 4,
  /** A fix failed, was stale, or did not help. */
  notFixed: 5,
  /** Refused before the first write. */
  refused: 6,
  bug: 70,
  interrupted: 130,
} as const;
