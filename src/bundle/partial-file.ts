import { open, rename, rm, stat, type FileHandle } from 'node:fs/promises';
import { CrewisoError, EXIT } from '../model/error.ts';
import type { Output } from './archive-writer.ts';
import { ENCRYPTED } from './encrypted-file.ts';

/** A file that has its name only once it is whole; until then it is called `NAME.partial`. */
export class PartialFile implements Output {
  readonly name: string;
  readonly partial: string;
  readonly #handle: FileHandle;
  #position: number;

  private constructor(name: string, handle: FileHandle, position: number) {
    this.name = name;
    this.partial = partialName(name);
    this.#handle = handle;
    this.#position = position;
  }

  /**
   * @param keep bytes of a `.partial` that is there already and is gone on with
   * @throws CrewisoError (4) where there is such a file already, or none can be made
   */
  static async open(name: string, keep?: number): Promise<PartialFile> {
    await requireAbsent(name);
    const partial = partialName(name);
    try {
      const handle = await open(partial, keep === undefined ? 'wx' : 'r+', 0o600);
      if (keep !== undefined) await handle.truncate(keep);
      return new PartialFile(name, handle, keep ?? 0);
    } catch (cause) {
      if (isCode(cause, 'EEXIST')) throw cannotWrite(partial, 'it exists already', ...wayOut(name, partial));
      throw cannotWrite(partial, messageOf(cause), 'give another name with -O');
    }
  }

  get position(): number {
    return this.#position;
  }

  async write(bytes: Buffer): Promise<void> {
    for (let at = 0; at < bytes.length;) {
      const { bytesWritten } = await this.#handle.write(bytes, at, bytes.length - at, this.#position);
      at += bytesWritten;
      this.#position += bytesWritten;
    }
  }

  /** Cuts off what was written behind a position. */
  async cut(position: number): Promise<void> {
    await this.#handle.truncate(position);
    this.#position = position;
  }

  async close(): Promise<void> {
    await this.#handle.sync();
    await this.#handle.close();
  }

  /** Gives it its name, once it is closed, with something behind it. */
  async rename(suffix: string): Promise<string> {
    const name = `${this.name}${suffix}`;
    await rename(this.partial, name);
    return name;
  }

  /** Closes it, whatever it is. */
  async abandon(): Promise<void> {
    await this.#handle.close().catch(() => undefined);
  }

  /** Leaves nothing behind. */
  async discard(): Promise<void> {
    await this.abandon();
    await rm(this.partial, { force: true });
  }
}

/** @throws CrewisoError (4) where there is such a file already */
export async function requireAbsent(name: string): Promise<void> {
  const present = await stat(name).catch(() => undefined);
  if (present) throw cannotWrite(name, 'it exists already', 'give another name with -O, or move it away');
}

const wayOut = (name: string, partial: string): readonly string[] =>
  name.endsWith(ENCRYPTED) ? ['remove it'] : [`go on with it: --resume ${partial}`, 'or remove it'];

export const partialName = (name: string): string => `${name}.partial`;

export const isCode = (error: unknown, code: string): boolean =>
  error instanceof Error && 'code' in error && error.code === code;

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

function cannotWrite(file: string, why: string, ...suggestions: readonly string[]): CrewisoError {
  return new CrewisoError(`cannot write ${file}: ${why}`, { code: 'output', exitCode: EXIT.unreachable, suggestions });
}
