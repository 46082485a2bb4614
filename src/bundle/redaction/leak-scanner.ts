import { Decoding } from './decoded-runs.ts';
import { LONGEST } from './finder.ts';
import type { TextScanner } from './text-scanner.ts';

const WINDOW = 256 * 1024;
/** What stands before a place decides about it too: these bytes are looked at again, and belong to the window before. */
const BEFORE = 64;
const MOST = 100;

/** Where the leak is, and by which rule; never what. */
export interface Leak {
  readonly rule: string;
  readonly offset: number;
}

/** Looks through a finished archive, uncompressed, before anybody gets it. */
export interface LeakScanner {
  write(chunk: Uint8Array): void;
  /** Sorted by offset; at most 100. */
  end(): readonly Leak[];
}

/** Known values, and credentials whose own shape is certain: names are not, out of the places that gave them meaning. */
export class WindowedLeaks implements LeakScanner {
  private readonly scanner: TextScanner;
  private readonly found = new Map<number, string>();
  private pending: Buffer[] = [];
  private length = 0;
  private offset = 0;

  /** `scanner`: one that knows the certain rules only. */
  constructor(scanner: TextScanner) {
    this.scanner = scanner;
  }

  write(chunk: Uint8Array): void {
    this.pending.push(Buffer.from(chunk));
    this.length += chunk.length;
    while (this.length >= WINDOW + 2 * LONGEST) this.look(WINDOW);
  }

  end(): readonly Leak[] {
    if (this.length > 0) this.look(this.length);
    return [...this.found].map(([offset, rule]) => ({ rule, offset })).sort((a, b) => a.offset - b.offset);
  }

  /** Looks at all there is and drops the first bytes of it; the rest is looked at again with what follows. */
  private look(count: number): void {
    const bytes = Buffer.concat(this.pending, this.length);
    const spans = this.scanner.scan(bytes, bytes.length, bytes.toString('latin1'), new Decoding());
    for (const { rule, start } of spans) {
      const again = this.offset > 0 && start < BEFORE;
      if (!again && this.found.size < MOST) this.found.set(this.offset + start, rule);
    }
    const dropped = Math.max(0, count - BEFORE);
    this.pending = [bytes.subarray(dropped)];
    this.length -= dropped;
    this.offset += dropped;
  }
}
