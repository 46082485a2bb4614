import { encodeHeader, encodeLink, END_OF_ARCHIVE, padding } from './tar-header.ts';
import { gzipMember, sealOf, startDigest, type Digest } from './gzip-member.ts';
import type { Redacted } from './redaction/redacted.ts';

/** Where an archive goes. */
export interface Output {
  /** Writes all of it, in order. Rejects where that is not possible. */
  write(bytes: Buffer): Promise<void>;
}

export interface Mark {
  readonly tar: Digest;
  readonly file: Digest;
  readonly position: number;
}

export interface Written {
  readonly size: number;
  readonly sha256: string;
}

/**
 * Writes a gzipped tar: one gzip member per file, so that whatever was written last can be cut away, and the same content
 * gives the same bytes. It takes nothing that the redactor did not make.
 */
export class ArchiveWriter {
  readonly #output: Output;
  readonly #top: string;
  readonly #time: number;
  #tar = startDigest();
  #file = startDigest();
  #position = 0;

  /**
   * @param top the folder that everything is in; empty for none
   * @param createdAt RFC 3339: the time of every file
   */
  constructor(output: Output, top: string, createdAt: string) {
    this.#output = output;
    this.#top = top;
    this.#time = Math.floor(Date.parse(createdAt) / 1000);
  }

  /**
   * Adds a file.
   * @param size of the content, which tar says before it
   * @throws Error where the content has another size: that is a bug, and the archive is of no use any more
   */
  async add(path: string, size: number, content: AsyncIterable<Redacted> | Iterable<Redacted>): Promise<Written> {
    const header = encodeHeader(this.#below(path), size, this.#time);
    const digest = startDigest();
    const tar = this.#tar;
    async function* pieces(): AsyncGenerator<Buffer> {
      tar.update(header);
      yield header;
      let seen = 0;
      for await (const piece of content) {
        const bytes = Buffer.from(piece.buffer, piece.byteOffset, piece.byteLength);
        seen += bytes.length;
        digest.update(bytes);
        tar.update(bytes);
        yield bytes;
      }
      if (seen !== size) throw new Error(`${path} has ${String(seen)} bytes instead of ${String(size)}`);
      const rest = padding(size);
      tar.update(rest);
      yield rest;
    }
    await this.#write(gzipMember(pieces(), header.length + size));
    return { size, sha256: digest.hex() };
  }

  /** Adds a symbolic link. */
  async addLink(path: string, target: string): Promise<void> {
    const header = encodeLink(this.#below(path), target, this.#time);
    this.#tar.update(header);
    await this.#write(gzipMember(only(header), header.length));
  }

  /** Takes over what is in the output already: its bytes as they are, or unpacked. */
  replay(bytes: Buffer, as: 'compressed' | 'tar'): void {
    if (as === 'tar') this.#tar.update(bytes);
    else {
      this.#file.update(bytes);
      this.#position += bytes.length;
    }
  }

  /** Where it is between two files. */
  mark(): Mark {
    return { tar: this.#tar.copy(), file: this.#file.copy(), position: this.#position };
  }

  /**
   * Goes back to where it was.
   * @returns how many bytes of the output count
   */
  reset({ tar, file, position }: Mark): number {
    this.#tar = tar.copy();
    this.#file = file.copy();
    this.#position = position;
    return position;
  }

  /** Of all uncompressed bytes so far. */
  digest(): string {
    return this.#tar.hex();
  }

  /**
   * Ends the archive.
   * @returns the digest of the uncompressed tar: the same wherever and with whatever Node it was written
   */
  async end(): Promise<string> {
    this.#tar.update(END_OF_ARCHIVE);
    await this.#write(gzipMember(only(END_OF_ARCHIVE), END_OF_ARCHIVE.length));
    await this.#output.write(sealOf(this.#file.hex()));
    return this.#tar.hex();
  }

  #below(path: string): string {
    return this.#top === '' ? path : `${this.#top}/${path}`;
  }

  async #write(member: AsyncIterable<Buffer>): Promise<void> {
    for await (const chunk of member) {
      await this.#output.write(chunk);
      this.#file.update(chunk);
      this.#position += chunk.length;
    }
  }
}

// eslint-disable-next-line @typescript-eslint/require-await -- the shape that a stream has
async function* only(bytes: Buffer): AsyncGenerator<Buffer> {
  yield bytes;
}
