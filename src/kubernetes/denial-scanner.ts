import type { Refused } from './forbidden-denial.ts';
import { denialAt } from './forbidden-sighting.ts';
import { anchorsFrom, MAX_AFTER, Preparation, sightingAt, type Anchor } from './forbidden-text.ts';

/** A denial and where in the text it is, counted without terminal colours and with HTML's quotes as one character. */
export interface LocatedDenial {
  readonly denial: Refused;
  readonly start: number;
  readonly end: number;
  /** What stands before and after it on its own line, as far as it is near. */
  readonly before: string;
  readonly after: string;
}

/** How far the rest of a line is looked at; more than any anchor looks back for. */
const CONTEXT = 1000;
/** Looking at less at a time would take apart and join the same text again and again. */
const PIECE = 65_536;

/**
 * Finds the denials of a text that comes in pieces, however it is cut into them, in memory that does not grow with it.
 * An anchor is judged once everything that a message may reach to has been seen, so that the result is that of the
 * whole text.
 */
export class DenialScanner {
  readonly #preparation = new Preparation();
  readonly #piece: number;
  #waiting: string[] = [];
  #waitingLength = 0;
  /** What is still looked at, and where in the whole it begins; all other offsets are in the whole. */
  #text = '';
  #base = 0;
  #scanned = 0;
  #anchors: Anchor[] = [];
  #floor = 0;
  #end = 0;

  /** @param piece how many characters to wait for before looking */
  constructor(piece = PIECE) {
    this.#piece = piece;
  }

  /** @returns the denials that are certain by now, in order */
  push(piece: string): LocatedDenial[] {
    this.#waiting.push(piece);
    this.#waitingLength += piece.length;
    return this.#waitingLength < this.#piece ? [] : this.#look(false);
  }

  /** @returns those that were not certain before the text ended */
  end(): LocatedDenial[] {
    return this.#look(true);
  }

  #look(ended: boolean): LocatedDenial[] {
    const piece = this.#preparation.push(this.#waiting.join(''));
    this.#text += ended ? piece + this.#preparation.end() : piece;
    this.#waiting = [];
    this.#waitingLength = 0;
    const { anchors, next } = anchorsFrom(this.#text, this.#scanned - this.#base, ended);
    for (const { kind, start } of anchors) this.#anchors.push({ kind, start: start + this.#base });
    this.#scanned = Math.max(this.#scanned, next + this.#base);
    const certain = ended ? Infinity : Math.min(this.#scanned, this.#base + this.#text.length - CONTEXT) - MAX_AFTER;
    const found = this.#judge(certain);
    this.#forget();
    return found;
  }

  /** Judges the anchors that stand before an offset. */
  #judge(certain: number): LocatedDenial[] {
    const found: LocatedDenial[] = [];
    let next = 0;
    let at = 0;
    for (; at < this.#anchors.length; at++) {
      const anchor = this.#anchors[at];
      if (!anchor || anchor.start >= certain) break;
      next = Math.max(next, at + 1);
      if (anchor.kind === 'forbidden') while (isOther(this.#anchors[next])) next++;
      const limit = this.#anchors[anchor.kind === 'forbidden' ? next : at + 1]?.start;
      if (anchor.start >= this.#end) found.push(...this.#denialAt(anchor, limit));
      if (anchor.kind === 'forbidden') this.#floor = anchor.start + 'forbidden:'.length;
    }
    this.#anchors = this.#anchors.slice(at);
    return found;
  }

  #denialAt({ kind, start }: Anchor, limit: number | undefined): LocatedDenial[] {
    const base = this.#base;
    const local = { kind, start: start - base };
    const floor = Math.max(0, this.#floor - base);
    const sighting = sightingAt(this.#text, local, floor, limit === undefined ? undefined : limit - base);
    const found = denialAt(sighting, this.#text);
    if (!found) return [];
    const end = Math.max(sighting.end, local.start + found.length);
    this.#end = end + base;
    return [{ denial: found.denial, start, end: this.#end, ...this.#line(local.start, end) }];
  }

  #line(start: number, end: number): { readonly before: string; readonly after: string } {
    const before = this.#text.slice(Math.max(0, start - CONTEXT), start);
    const [after = ''] = this.#text.slice(end, end + CONTEXT).split('\n', 1);
    return { before: before.slice(before.lastIndexOf('\n') + 1), after };
  }

  /** Lets go of what no anchor will look at any more. */
  #forget(): void {
    const needed = Math.min(this.#anchors[0]?.start ?? Infinity, this.#scanned) - CONTEXT;
    if (needed <= this.#base) return;
    this.#text = this.#text.slice(needed - this.#base);
    this.#base = needed;
  }
}

function isOther(anchor: Anchor | undefined): boolean {
  return anchor !== undefined && anchor.kind !== 'forbidden';
}
