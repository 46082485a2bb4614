import { open, rm } from 'node:fs/promises';

/** What the manifest takes at most: some, and more for each item. */
const BASE = 1024 * 1024;
const PER_ITEM = 300;

/** Space that is held while a bundle is written, so that its manifest fits on a disk that is full. */
export class DiskReserve {
  readonly #file: string | undefined;

  private constructor(file: string | undefined) {
    this.#file = file;
  }

  /** Where there is not even space for the reserve, there is none for a bundle: the first write tells. */
  static async open(beside: string, items: number): Promise<DiskReserve> {
    const file = `${beside}.reserve`;
    try {
      const handle = await open(file, 'w', 0o600);
      const chunk = Buffer.alloc(64 * 1024, 0x55);
      for (let left = BASE + items * PER_ITEM; left > 0; left -= chunk.length) await handle.write(chunk);
      await handle.close();
      return new DiskReserve(file);
    } catch {
      await rm(file, { force: true });
      return new DiskReserve(undefined);
    }
  }

  async release(): Promise<void> {
    if (this.#file !== undefined) await rm(this.#file, { force: true });
  }
}
