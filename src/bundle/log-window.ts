import { slice } from './kept.ts';
import { omission, type Redacted } from './redaction/redacted.ts';

const LINE_END = 0x0a;

export interface Windowed {
  readonly pieces: readonly Redacted[];
  readonly size: number;
  /** Bytes left out between the oldest and the newest. */
  readonly omitted: number;
}

/** Keeps the beginning and the end of a log, whole lines of each, in memory that does not grow with it. */
export class LogWindow {
  readonly #oldest: number;
  readonly #newest: number;
  readonly #head: Redacted[] = [];
  #headBytes = 0;
  #tail: Redacted[] = [];
  #tailBytes = 0;
  #dropped = 0;

  /** @param oldest bytes of the beginning @param newest bytes of the end */
  constructor(oldest: number, newest: number) {
    this.#oldest = oldest;
    this.#newest = newest;
  }

  push(piece: Redacted): void {
    const room = this.#oldest - this.#headBytes;
    const ofHead = Math.min(Math.max(room, 0), piece.length);
    if (ofHead > 0) {
      this.#head.push(slice(piece, 0, ofHead));
      this.#headBytes += ofHead;
    }
    if (ofHead === piece.length) return;
    this.#tail.push(slice(piece, ofHead));
    this.#tailBytes += piece.length - ofHead;
    this.#trim();
  }

  end(): Windowed {
    const over = this.#tailBytes - this.#newest;
    if (this.#dropped === 0 && over <= 0) {
      const pieces = [...this.#head, ...this.#tail];
      return { pieces, size: sizeOf(pieces), omitted: 0 };
    }
    const head = throughLastLine(this.#head);
    const tail = fromFirstLine(this.#tail, Math.max(over, 0));
    const kept = sizeOf(head) + sizeOf(tail);
    const omitted = this.#headBytes + this.#tailBytes + this.#dropped - kept;
    const pieces = [...head, omission(omitted), ...tail];
    return { pieces, size: sizeOf(pieces), omitted };
  }

  /** Lets go of whole pieces; the last cut is made at the end. */
  #trim(): void {
    let first = this.#tail[0];
    while (first && this.#tailBytes - first.length >= this.#newest) {
      this.#tail.shift();
      this.#tailBytes -= first.length;
      this.#dropped += first.length;
      first = this.#tail[0];
    }
  }
}

const sizeOf = (pieces: readonly Redacted[]): number => pieces.reduce((sum, piece) => sum + piece.length, 0);

/** Without the line that was cut at the end. */
function throughLastLine(pieces: readonly Redacted[]): readonly Redacted[] {
  for (let index = pieces.length - 1; index >= 0; index -= 1) {
    const piece = pieces[index];
    const at = piece?.lastIndexOf(LINE_END) ?? -1;
    if (piece && at >= 0) return [...pieces.slice(0, index), slice(piece, 0, at + 1)];
  }
  return [];
}

/** Without so many bytes, and the rest of the line that this cuts. */
function fromFirstLine(pieces: readonly Redacted[], skip: number): readonly Redacted[] {
  let open = skip;
  for (const [index, piece] of pieces.entries()) {
    const from = Math.min(open, piece.length);
    open -= from;
    const at = open > 0 ? -1 : piece.indexOf(LINE_END, from);
    if (at >= 0) return [slice(piece, at + 1), ...pieces.slice(index + 1)];
  }
  return [];
}
