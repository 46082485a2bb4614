/** What one stream holds most of the time; one that grew larger is not kept for the next. */
const USUAL = 1024 * 1024;

/** Memory that streams of one redactor work in, one after the other: new buffers would wait for a full collection. */
export class Workspace {
  readonly #free: Buffer[] = [];

  take(): Buffer {
    return this.#free.pop() ?? Buffer.allocUnsafeSlow(USUAL);
  }

  giveBack(memory: Buffer): void {
    if (memory.length === USUAL) this.#free.push(memory);
  }
}

/** Bytes of a stream that wait for being looked at: put in at the end, taken from the front. */
export class PendingBytes {
  length = 0;
  readonly #workspace: Workspace;
  #memory: Buffer | undefined;

  constructor(workspace: Workspace) {
    this.#workspace = workspace;
  }

  append(chunk: Uint8Array): void {
    const memory = this.#roomFor(this.length + chunk.length);
    memory.set(chunk, this.length);
    this.length += chunk.length;
  }

  /** All of them, until the next change. */
  all(): Buffer {
    return this.#memory?.subarray(0, this.length) ?? Buffer.alloc(0);
  }

  /** Without so many at the front. */
  drop(count: number): void {
    this.#memory?.copyWithin(0, count, this.length);
    this.length -= count;
  }

  /** Lets go of all, and of the memory. */
  close(): void {
    if (this.#memory) this.#workspace.giveBack(this.#memory);
    this.#memory = undefined;
    this.length = 0;
  }

  #roomFor(size: number): Buffer {
    const memory = this.#memory ?? this.#workspace.take();
    this.#memory = memory;
    if (size <= memory.length) return memory;
    const larger = Buffer.allocUnsafeSlow(Math.max(size, 2 * memory.length));
    memory.copy(larger, 0, 0, this.length);
    this.#workspace.giveBack(memory);
    this.#memory = larger;
    return larger;
  }
}
