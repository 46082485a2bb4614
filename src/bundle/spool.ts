import { createCipheriv, randomBytes } from 'node:crypto';
import { mkdtemp, open, rm, type FileHandle } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { deflateRawSync, inflateRawSync } from 'node:zlib';
import { Keeper, Shelf } from './kept.ts';
import { join as joined, type Redacted } from './redaction/redacted.ts';

/** What is kept in memory of one list before it goes to a file. */
const IN_MEMORY = 512 * 1024;

const KEEPER = new Keeper((bytes) => deflateRawSync(bytes, { level: 1 }), inflateRawSync);

interface Range {
  readonly at: number;
  readonly length: number;
}

interface Part {
  readonly ranges: Range[];
  /** On the shelf. */
  pending: Range[];
  size: number;
  pieces: number;
}

/**
 * Keeps the redacted items of one list, by namespace, until their turn has come: tar says sizes first, and lists come in
 * as the server likes. Large ones wait compressed in a file that has no name, encrypted with a key that is only in memory:
 * where a run is killed nothing readable stays behind.
 */
export class Spool {
  readonly #parts = new Map<string, Part>();
  readonly #shelf = new Shelf();
  readonly #key = randomBytes(32);
  #file: FileHandle | undefined;
  #end = 0;

  async append(key: string, piece: Redacted): Promise<void> {
    let part = this.#parts.get(key);
    if (!part) {
      part = { ranges: [], pending: [], size: 0, pieces: 0 };
      this.#parts.set(key, part);
    }
    part.pending.push({ at: this.#shelf.put(piece), length: piece.length });
    part.size += piece.length;
    part.pieces += 1;
    if (this.#shelf.length > IN_MEMORY) await this.#flush();
  }

  size(key: string): number {
    return this.#parts.get(key)?.size ?? 0;
  }

  pieces(key: string): number {
    return this.#parts.get(key)?.pieces ?? 0;
  }

  /** Everything that was kept under a key, in order; cut where it pleases. */
  async *content(key: string): AsyncGenerator<Redacted> {
    const part = this.#parts.get(key);
    if (!part) return;
    for (const range of part.ranges) yield await this.#read(range);
    if (part.pending.length > 0) yield this.#onShelf(part);
  }

  /** Forgets all of it: the list begins anew. */
  clear(): void {
    this.#parts.clear();
    this.#shelf.clear();
  }

  async close(): Promise<void> {
    this.clear();
    await this.#file?.close();
    this.#file = undefined;
  }

  async #flush(): Promise<void> {
    this.#file ??= await openUnnamed();
    for (const part of this.#parts.values()) {
      if (part.pending.length === 0) continue;
      const bytes = this.#encrypt(KEEPER.pack(this.#onShelf(part)), this.#end);
      await this.#file.write(bytes, 0, bytes.length, this.#end);
      part.ranges.push({ at: this.#end, length: bytes.length });
      this.#end += bytes.length;
      part.pending = [];
    }
    this.#shelf.clear();
  }

  #onShelf({ pending }: Part): Redacted {
    return joined(pending.map(({ at, length }) => this.#shelf.piece(at, length)));
  }

  async #read({ at, length }: Range): Promise<Redacted> {
    const compressed = Buffer.alloc(length);
    await this.#file?.read(compressed, 0, length, at);
    return KEEPER.unpack(this.#encrypt(compressed, at));
  }

  /** Its own inverse; no two ranges begin at the same place, and so none share an initial block. */
  #encrypt(bytes: Buffer, at: number): Buffer {
    const initial = Buffer.alloc(16);
    initial.writeBigUInt64BE(BigInt(at));
    return createCipheriv('aes-256-ctr', this.#key, initial).update(bytes);
  }
}

/** A file in a folder of its own, both taken away at once where the system allows that of an open file. */
async function openUnnamed(): Promise<FileHandle> {
  const folder = await mkdtemp(join(tmpdir(), 'crewiso-'));
  const handle = await open(join(folder, 'spool'), 'wx+', 0o600);
  await rm(folder, { recursive: true, force: true }).catch(() => undefined);
  return handle;
}
