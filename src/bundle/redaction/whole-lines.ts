/** Longer than any file that is redacted as a whole; of other files no line leaves the redactor that is as long. */
const LONGEST = 64 * 1024 * 1024;

/** Bytes of a stream as text (latin1) of whole lines, however they arrive. */
export class LineBuffer {
  #parts: string[] = [];
  #length = 0;

  /** What is whole with this chunk. */
  write(chunk: Uint8Array): readonly string[] {
    const text = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength).toString('latin1');
    const cut = text.lastIndexOf('\n') + 1;
    const ready = cut === 0 ? [] : this.#take(text.slice(0, cut));
    this.#parts.push(text.slice(cut));
    this.#length += text.length - cut;
    return this.#length > LONGEST ? [...ready, ...this.end()] : ready;
  }

  end(): readonly string[] {
    return this.#take('');
  }

  #take(text: string): readonly string[] {
    const all = this.#parts.join('') + text;
    this.#parts = [];
    this.#length = 0;
    return all === '' ? [] : [all];
  }
}
