import { Decoding } from './decoded-runs.ts';
import { LONGEST } from './finder.ts';
import { PendingBytes, type Workspace } from './pending-bytes.ts';
import type { TextScanner } from './text-scanner.ts';

/** Twice what is longest is looked at with each window and again with the next: the wider it is, the less is seen twice. */
const WINDOW = 768 * 1024;
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
  private readonly pending: PendingBytes;
  private offset = 0;

  /** `scanner`: one that knows the certain rules only. */
  constructor(scanner: TextScanner, workspace: Workspace) {
    this.scanner = scanner;
    this.pending = new PendingBytes(workspace);
  }

  write(chunk: Uint8Array): void {
    this.pending.append(chunk);
    while (this.pending.length >= WINDOW + 2 * LONGEST) this.look(WINDOW);
  }

  end(): readonly Leak[] {
    if (this.pending.length > 0) this.look(this.pending.length);
    this.pending.close();
    return [...this.found].map(([offset, rule]) => ({ rule, offset })).sort((a, b) => a.offset - b.offset);
  }

  /** Looks at all there is and drops the first bytes of it; the rest is looked at again with what follows. */
  private look(count: number): void {
    const bytes = this.pending.all();
    const spans = this.scanner.scan(bytes, bytes.length, bytes.toString('latin1'), new Decoding());
    for (const { rule, start } of spans) {
      const again = this.offset > 0 && start < BEFORE;
      if (!again && this.found.size < MOST) this.found.set(this.offset + start, rule);
    }
    const dropped = Math.max(0, count - BEFORE);
    this.pending.drop(dropped);
    this.offset += dropped;
  }
}
